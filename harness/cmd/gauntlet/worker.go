package main

import (
	"os"

	"github.com/spf13/cobra"

	"gauntlet/harness/rig"
	"gauntlet/harness/virtual"
)

// workerCommand is how certify starts itself again to run cases in virtual
// time; people have no use for it.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			words, err := vocabulary()
			if err != nil {
				return err
			}
			virtual.Serve(os.Stdin, os.Stdout, rig.Work(findClient, words)) // ends the process
			return nil
		},
	}
}
