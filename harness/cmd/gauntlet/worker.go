package main

import (
	"os"

	"github.com/spf13/cobra"

	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
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
			words, err := vocabulary()
			if err != nil {
				return err
			}
			real, err := findBox(box)
			if err != nil {
				return err
			}
			work := rig.Work(rig.Options{Speaks: servers.MSN(), Mode: rig.Mode(mode), Product: real.product}, findClient, words)
			if rig.Mode(mode) != rig.Virtual {
				return virtual.ServeReal(os.Stdin, os.Stdout, work, rig.LeakedGoroutines)
			}
			virtual.Serve(os.Stdin, os.Stdout, work) // ends the process
			return nil
		},
	}
	c.Flags().StringVar(&mode, "mode", string(rig.Virtual), "what the cases stand on")
	c.Flags().StringVar(&box, "box", "", "a real proxy in place of the forward box")
	return c
}
