package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gauntlet/harness/report"
	"gauntlet/harness/run/certify"
	"gauntlet/proxies/netns"
)

// restore takes what the call leaves open from the run that it goes on with.
func (f *certifyFlags) restore(cmd *cobra.Command) error {
	if f.Resume == "" {
		return nil
	}
	if f.Out != "" {
		return fmt.Errorf("--resume %s goes on in that directory: leave --out away", f.Resume)
	}
	p, err := report.ReadPlan(f.Resume)
	if err != nil {
		return err
	}
	if err := f.mayRun(cmd, p); err != nil {
		return err
	}
	f.Out = f.Resume
	for flag, take := range map[string]func(){
		"client": func() { f.clients = []string{p.Client} },
		"mode":   func() { f.mode = string(p.Mode) },
		"seed":   func() { f.Seed = p.Seed },
		"box":    func() { f.Box = p.Product },
		"file":   func() { f.File = p.File },
		"case":   func() { f.Cases = p.Select },
		"skip":   func() { f.Skip = p.Skip },
		"all":    func() { f.All = p.All },
		"known":  func() { f.KnownFile = p.Known },
		"strict": func() { f.Strict = p.Strict },
	} {
		if !cmd.Flags().Changed(flag) {
			take()
		}
	}
	return nil
}

// mayRun asks for a word before programs run that only the directory's plan
// names: whoever made the directory may have been somebody else. The call that
// has put us into namespaces has asked.
func (f *certifyFlags) mayRun(cmd *cobra.Command, p report.Plan) error {
	if netns.Inside() {
		return nil
	}
	var errs []error
	for _, program := range []struct{ flag, file string }{{"client", p.Client}, {"box", p.Product}} {
		if cmd.Flags().Changed(program.flag) || !certify.IsProgram(program.file) {
			continue
		}
		if !agreed(cmd.ErrOrStderr(), f.Resume, program.file) {
			errs = append(errs, fmt.Errorf("the plan of %s would run the program of %s: if that is meant, say --%s %s", f.Resume, program.file, program.flag, quoted(program.file)))
		}
	}
	return errors.Join(errs...)
}

// agreed asks a person; where there is none, nobody agrees.
func agreed(aside io.Writer, dir, file string) bool {
	if s, ours := aside.(*screen); !ours || !s.person() || !term.IsTerminal(int(os.Stdin.Fd())) {
		return false
	}
	fmt.Fprintf(aside, "the plan of %s runs the program of %s. Run it? [y/N] ", dir, file)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // an end is a no
	return strings.EqualFold(strings.TrimSpace(answer), "y") || strings.EqualFold(strings.TrimSpace(answer), "yes")
}
