package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/report"
	"gauntlet/harness/report/certificate"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// certificates is what certify was asked for a certificate.
type certificates struct {
	certificate string
	key         string
	levels      []string

	signer *certificate.Key
}

func (w *certificates) registerCertificate(c *cobra.Command) {
	c.Flags().StringVar(&w.certificate, "certificate", "", "write a certificate on the run to this file; gauntlet verify checks it")
	c.Flags().StringSliceVar(&w.levels, "level", nil, "run the cases of these levels (see gauntlet list --levels), beside those that --case names")
	c.Flags().StringVar(&w.key, "key", "", "sign it with this private key (see gauntlet keygen)")
}

// ready looks whether there can be a certificate on those cases, before
// anything runs. What lies in the run directory is made with it.
func (w *certificates) ready(cases []catalogue.Case, e edition.Edition, run string) (err error) {
	switch {
	case w.certificate == "" && w.key != "":
		return errors.New("--key signs a certificate: say --certificate FILE too")
	case w.certificate == "":
		return nil
	}
	if w.key != "" {
		if w.signer, err = certificate.ReadPrivate(w.key); err != nil {
			return err
		}
	}
	for _, c := range cases {
		digest, err := edition.CaseDigest(c)
		if err != nil {
			return err
		}
		if frozen := e.Case(c.ID); frozen != "" && frozen != digest {
			return fmt.Errorf("no certificate: case %s is no longer the one of edition %s", c.ID, e.Name)
		}
	}
	if folder := filepath.Dir(w.certificate); !within(run, folder) {
		return os.MkdirAll(folder, 0o755)
	}
	return nil
}

// certificate writes the certificate on a finished run.
func (c *certification) certificate(run report.Summary) error {
	f := c.flags
	if f.certificate == "" {
		return nil
	}
	words, err := vocabulary()
	if err != nil {
		return err
	}
	harness, err := os.Executable()
	if err != nil {
		return err
	}
	origin := certificate.Origin{Client: clientFile(f.subject.value, harness), Harness: harness, Near: filepath.Dir(f.certificate)}
	s, err := certificate.New(c.dir.Path, run, c.edition, words, origin)
	if err != nil {
		return err
	}
	return report.WriteFile(f.certificate, func(out io.Writer) error { return certificate.Seal(out, s, f.signer) })
}

// clientFile is the file that is the client: the one that is named, or, for one
// that is built in, the harness itself.
func clientFile(client, harness string) string {
	if i, err := os.Stat(client); err == nil && i.Mode().IsRegular() {
		return client
	}
	return harness
}

// levelLines says which levels are met, if any was run as a whole.
func levelLines(e edition.Edition, standings []edition.Standing) string {
	whole := false
	var lines strings.Builder
	fmt.Fprintf(&lines, "\nlevels of edition %s\n", e.Name)
	for _, s := range standings {
		whole = whole || s.Run == s.Of
		fmt.Fprintf(&lines, "  %s\n", s)
	}
	if !whole {
		return ""
	}
	return lines.String()
}

func keygenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keygen FILE",
		Short: "Make a key that signs certificates, in FILE, and the one that checks them, in FILE.pub",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return keygen(cmd.OutOrStdout(), args[0]) },
	}
}

func keygen(out io.Writer, name string) error {
	private, public, err := certificate.NewKey()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := writeNew(name, private, 0o600); err != nil {
		return err
	}
	if err := writeNew(name+".pub", public, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s signs, keep it; %s.pub checks, give it away\n", name, name)
	return nil
}

// writeNew writes a file that must not be there yet: a key that is overwritten
// is lost.
func writeNew(name string, text []byte, mode os.FileMode) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		_ = file.Close() // the first error counts
		return err
	}
	return file.Close()
}

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
