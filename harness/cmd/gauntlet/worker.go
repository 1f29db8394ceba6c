package main

import (
	"os"

	"github.com/spf13/cobra"

	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

// workerCommand is how certify starts itself again to run cases, so that none
// takes the others along; people have no use for it.
func workerCommand() *cobra.Command {
	var mode, box string
	c := &cobra.Command{
		Use:    "worker",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return certify.Work(library(), rig.Mode(mode), box, findClient, os.Stdin, os.Stdout)
		},
	}
	c.Flags().StringVar(&mode, "mode", string(rig.Virtual), "what the cases stand on")
	c.Flags().StringVar(&box, "box", "", "a real proxy in place of the forward box")
	return c
}
