package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/report"
	"gauntlet/harness/report/certificate"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/edition"
)

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
	folder := filepath.Dir(name)
	_, missing := os.Stat(folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if missing != nil {
		fmt.Fprintf(out, "created the folder %s\n", folder)
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
			cases, err := library().Cases()
			if err != nil {
				return err
			}
			e, err := edition.Freeze(servers.MSN(), args[0], cases)
			if err != nil {
				return err
			}
			return report.WriteFile(filepath.Join(dir, e.Name+".yaml"), func(out io.Writer) error { return e.Write(out) })
		},
	}
	c.Flags().StringVar(&dir, "dir", filepath.Join("fixtures", fixtures.Editions), "directory of the editions")
	return c
}

// verifyFlags are what verify was asked for.
type verifyFlags struct {
	key    string
	run    string
	client string
}

func verifyCommand() *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a certificate: its signature, and each history, which is judged again",
		Long: `Check a certificate: its signature, and each history, which is judged again.

Exit code 0: it is signed by the key, and what it says is what the histories
show. 1: it is refused. 2: it cannot be read, or the call was wrong. 3: what it
says is what the histories show, but nobody knows who signed it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.verify(cmd.OutOrStdout(), args[0]) },
	}
	c.Flags().StringVar(&f.key, "key", "", "public key of whom it has to be signed by")
	c.Flags().StringVar(&f.run, "run", "", "directory of the run; else the one that the certificate names")
	c.Flags().StringVar(&f.client, "client", "", "file that the client has to be")
	return c
}

func (f *verifyFlags) verify(out io.Writer, name string) error {
	s, err := f.open(name)
	if errors.Is(err, certificate.ErrSignature) {
		fmt.Fprintln(out, "refused:", inert.Line(err.Error()))
		return exit(report.Failed)
	}
	if err != nil {
		return err
	}
	refusals, err := f.refusals(s, name)
	if err != nil {
		return err
	}
	return f.tell(out, s, refusals)
}

func (f *verifyFlags) open(name string) (certificate.Statement, error) {
	var key *certificate.Key
	text, err := readCertificate(name)
	if err == nil && f.key != "" {
		key, err = certificate.ReadPublic(f.key)
	}
	if err != nil {
		return certificate.Statement{}, err
	}
	s, err := certificate.Open(text, key)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return s, err
}

// longestCertificate is in bytes: many times what one on all cases has.
const longestCertificate = 64 << 20

// readCertificate reads one that may be anybody's, and may come through a pipe.
func readCertificate(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, longestCertificate+1))
	if err == nil && len(text) > longestCertificate {
		err = fmt.Errorf("%s is no certificate: it has more than %d MiB", name, longestCertificate>>20)
	}
	return text, err
}

func (f *verifyFlags) refusals(s certificate.Statement, name string) ([]string, error) {
	named := filepath.FromSlash(s.Predicate.Gauntlet.Run)
	if !filepath.IsAbs(named) {
		named = filepath.Join(filepath.Dir(name), named)
	}
	known, err := library().Editions()
	if err != nil {
		return nil, err
	}
	return certificate.Check{Run: cmp.Or(f.run, named), Client: f.client, Editions: known, Vocabulary: library().Vocabulary()}.Refusals(s)
}

// mostRefusals is how many reasons are told; one would do.
const mostRefusals = 20

func (f *verifyFlags) tell(out io.Writer, s certificate.Statement, refusals []string) error {
	if len(refusals) > 0 {
		for _, line := range refusals[:min(mostRefusals, len(refusals))] {
			fmt.Fprintln(out, "refused:", inert.Line(line))
		}
		if more := len(refusals) - mostRefusals; more > 0 {
			fmt.Fprintf(out, "refused for %d more reasons\n", more)
		}
		return exit(report.Failed)
	}
	p := s.Predicate
	fmt.Fprintln(out, inert.Line(fmt.Sprintf("client %s, edition %s, mode %s: %s, %d cases passed, %d failed, %d open",
		p.Gauntlet.Client, p.Gauntlet.Edition, p.Gauntlet.Mode, p.Result, len(p.PassedTests), len(p.FailedTests), len(p.WarnedTests))))
	if earlier := p.Gauntlet.Earlier; len(earlier) > 0 {
		fmt.Fprintln(out, inert.Line("broken in simpler worlds: "+strings.Join(earlier, ", ")))
	}
	fmt.Fprintln(out, "levels met:", inert.Line(cmp.Or(strings.Join(p.Gauntlet.Levels, ", "), "none")))
	if f.key == "" {
		fmt.Fprintln(out, "consistent, signer unknown")
		return exit(report.Unproved)
	}
	fmt.Fprintln(out, "consistent, and signed by this key")
	return nil
}
