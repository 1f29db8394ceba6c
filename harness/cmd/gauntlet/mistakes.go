package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/repro"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/syntax"
)

// complain says what is wrong, each mistake on a line of its own.
func complain(errs io.Writer, err error) {
	if joined, is := err.(interface{ Unwrap() []error }); is && strings.Contains(err.Error(), "\n") {
		for _, one := range joined.Unwrap() {
			complain(errs, one)
		}
		return
	}
	for line := range strings.Lines(err.Error() + meant(err)) {
		fmt.Fprintln(errs, "gauntlet:", strings.TrimRight(line, "\n"))
	}
}

// meant is what may have been meant by a wrong word of a box or of a fault.
func meant(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		if hint := near.Hint(wrong.Word, wrong.Allowed, ""); hint != "" {
			return "; " + hint
		}
	}
	return ""
}

// noCommand refuses the first word that is no command.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	list := names(root)
	return fmt.Errorf("no command %q; %s", args[0], near.Hint(args[0], list, "there are "+strings.Join(list, ", ")))
}

// names are those of the commands that people have a use for.
func names(root *cobra.Command) []string {
	var list []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, c.Name())
		}
	}
	return list
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say what a command takes",
		RunE: func(_ *cobra.Command, args []string) error {
			c, _, err := root.Find(args)
			if c == root {
				err = noCommand(root, args)
			}
			if err != nil {
				return err
			}
			return c.Help()
		},
	}
}

// sayUsage lets a command that has too many words or too few say what it takes.
func sayUsage(root *cobra.Command) {
	for _, c := range root.Commands() {
		takes := c.Args
		if takes == nil {
			continue
		}
		c.Args = func(c *cobra.Command, args []string) error {
			if err := strayPage(c, args); err != nil {
				return err
			}
			if err := takes(c, args); err != nil {
				return fmt.Errorf("%w; it is used as: %s", err, strings.TrimSuffix(c.UseLine(), " [flags]"))
			}
			return nil
		}
	}
}

// wanted is what flags take, by their types.
func wanted(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "uint64":
		return "a whole number, 0 or above"
	case "int":
		return "a whole number"
	case "duration":
		return "a length of time such as 30s or 5m"
	case "page":
		return "a file, as --html=FILE, or --html alone for the usual place"
	}
	return "true or false"
}

// flagMistakes says what is wrong with the flags of a call, beginning with err: each
// that is told is left out, and the others are read again.
func flagMistakes(c *cobra.Command, args []string, err error) error {
	var all []error
	for err != nil {
		flag, words, told := flagMistake(c, err)
		all = append(all, told)
		at := slices.IndexFunc(args, func(arg string) bool { return arg == flag || strings.HasPrefix(arg, flag+"=") })
		if flag == "" || at < 0 {
			break
		}
		if args[at] != flag {
			words = 1 // its value is in the same word
		}
		args = slices.Delete(slices.Clone(args), at, at+words)
		err = c.Flags().Parse(args)
	}
	return errors.Join(all...)
}

// flagMistake says what is wrong with a flag, and what may have been meant; flag is
// how it was written, with words that it took if its value is not in its own. "" if it
// cannot be found again.
func flagMistake(c *cobra.Command, err error) (flag string, words int, told error) {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &value):
		name := value.GetFlag().Name
		return "--" + name, 2, fmt.Errorf("--%s %q: want %s", name, value.GetValue(), wanted(value.GetFlag()))
	case errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1:
		var flags []string
		c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
		name := unknown.GetSpecifiedName()
		return "--" + name, 1, fmt.Errorf("no flag --%s; %s", name, dashed(near.Hint(name, flags, c.CommandPath()+" -h names them")))
	}
	return "", 0, err
}

// dashed writes the words of a hint as flags.
func dashed(hint string) string {
	words, is := strings.CutPrefix(hint, "did you mean ")
	if !is {
		return hint
	}
	return "did you mean --" + strings.NewReplacer(", ", ", --", " or ", " or --").Replace(words)
}

// globsOf are the globs given, with those of a file in place of @FILE: one a line,
// and # begins a remark.
func globsOf(given []string) (globs []string, err error) {
	for _, glob := range given {
		name, is := strings.CutPrefix(glob, "@")
		if !is {
			globs = append(globs, glob)
			continue
		}
		list, err := yamlfile.Read(yamlfile.Anywhere{}, name)
		if err != nil {
			return nil, fmt.Errorf("--case @FILE: %w", err)
		}
		before := len(globs)
		for line := range strings.Lines(string(list.Source)) {
			line, _, _ = strings.Cut(line, "#")
			globs = append(globs, strings.Fields(line)...)
		}
		if len(globs) == before {
			return nil, fmt.Errorf("--case @%s: the file names no case", name)
		}
	}
	return globs, nil
}

// offerValues lets a shell complete what flags and commands take, wherever there
// are words to choose from.
func offerValues(root *cobra.Command) {
	flags := map[string]func() []string{
		"case": caseIDs, "skip": caseIDs, "client": clientNames, "mutant": mutants.Names, "box": certify.Products,
		"level":   levelNames,
		"mode":    func() []string { return []string{string(rig.Virtual), string(rig.Loopback), string(rig.Netns)} },
		"dialect": func() []string { return slices.Sorted(maps.Keys(gateway.Dialects())) },
		"knob":    gateway.Knobs,
	}
	words := map[string]cobra.CompletionFunc{
		"explain": completed(explained), "repro": completed(bugNames), "list": completed(caseIDs),
		"proxy": continued(boxMistake), "fingerprint": continued(boxMistake),
	}
	for _, c := range root.Commands() {
		c.ValidArgsFunction = words[c.Name()]
		c.Flags().VisitAll(func(f *pflag.Flag) {
			of := completed(flags[f.Name])
			switch {
			case f.Name == "fault":
				of = continued(faultMistake)
			case f.Name == "box" && c.Name() == "lab":
				of = continued(boxMistake)
			case flags[f.Name] == nil:
				return
			}
			_ = c.RegisterFlagCompletionFunc(f.Name, of) // the flag is there
		})
	}
}

func boxMistake(text string) error {
	profiles, _ := library().Profiles() // as above
	_, err := profile.Table(profiles).ParseChain(text)
	return err
}

func faultMistake(text string) error {
	_, err := fault.Parse(text, vocabularyOf(nil))
	return err
}

// continued completes a text of several words: it offers the words that the text's parser
// allows at its end.
func continued(mistake func(text string) error) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) (list []string, _ cobra.ShellCompDirective) {
		var wrong *syntax.Error
		if !errors.As(mistake(begun), &wrong) || begun[wrong.Offset:] != wrong.Word {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		before := begun[:wrong.Offset]
		if before != "" && !strings.HasSuffix(before, " ") {
			before += " "
		}
		for _, word := range wrong.Allowed {
			if strings.HasPrefix(word, wrong.Word) {
				list = append(list, before+word)
			}
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// completed offers the words; a file may be meant as well.
func completed(words func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return slices.DeleteFunc(slices.Clone(words()), func(w string) bool { return !strings.HasPrefix(w, begun) }), cobra.ShellCompDirectiveDefault
	}
}

func caseIDs() (ids []string) {
	cases, _ := library().Cases() // what is wrong with them is said when they are used
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	return ids
}

func levelNames() (names []string) {
	newest, _ := library().Newest() // as above
	for _, l := range newest.Levels {
		names = append(names, l.Name)
	}
	return names
}

// bugNames are those that can be reproduced, and the word for their list.
func bugNames() []string {
	names := []string{"list"}
	bugs, _ := repro.Load(fixtures.Files(), fixtures.Bugs) // as above
	for _, b := range bugs {
		names = append(names, b.Name)
	}
	return names
}

// explained are all words that can be explained.
func explained() (words []string) {
	known, _ := topics() // as above
	for _, t := range known {
		words = append(words, t.name)
	}
	slices.Sort(words)
	return slices.Compact(words) // several things may have one name
}
