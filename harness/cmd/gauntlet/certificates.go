package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/certificate"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
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
// anything runs.
func (w *certificates) ready(cases []catalogue.Case, e edition.Edition) (err error) {
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
	return os.MkdirAll(filepath.Dir(w.certificate), 0o755)
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
