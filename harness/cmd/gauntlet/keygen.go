package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gauntlet/harness/report/certificate"
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
