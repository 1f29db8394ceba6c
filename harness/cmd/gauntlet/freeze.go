package main

import (
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// freezeCommand is for the project's own keepers, in its top folder; people who
// certify have no use for it.
func freezeCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:    "freeze NAME",
		Short:  "Freeze the catalogue as it is into an edition, such as 2026.1",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cases, err := allCases()
			if err != nil {
				return err
			}
			e, err := edition.Freeze(args[0], slices.DeleteFunc(cases, inexpressible))
			if err != nil {
				return err
			}
			return report.WriteFile(filepath.Join(dir, e.Name+".yaml"), func(out io.Writer) error { return e.Write(out) })
		},
	}
	c.Flags().StringVar(&dir, "dir", filepath.Join("fixtures", fixtures.Editions), "directory of the editions")
	return c
}

// inexpressible tells whether a case needs a kernel of its own. A level is one
// that can be met on any machine, so it has none of these.
func inexpressible(c catalogue.Case) bool {
	return rig.Inexpressible(c, rig.Options{Mode: rig.Virtual}) != ""
}

// editions are those that are known, the oldest first.
func editions() ([]edition.Edition, error) { return edition.Load(fixtures.Files(), fixtures.Editions) }

func newestEdition() (edition.Edition, error) {
	list, err := editions()
	if err != nil {
		return edition.Edition{}, err
	}
	return edition.Newest(list), nil
}
