package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
)

// printVersion says what this command was made from, and the newest edition that
// it knows.
func printVersion(out io.Writer) error {
	newest, err := library().Newest()
	if err != nil {
		return err
	}
	info, known := debug.ReadBuildInfo()
	if !known {
		info = &debug.BuildInfo{}
	}
	fmt.Fprintf(out, "gauntlet %s\n", cmp.Or(info.Main.Version, "(devel)"))
	fmt.Fprintf(out, "source   %s\n", source(info.Settings))
	fmt.Fprintf(out, "go       %s\nedition  %s\n", cmp.Or(info.GoVersion, "not known"), newest.Name)
	return nil
}

// source is the state of the source in its version control.
func source(settings []debug.BuildSetting) string {
	is := map[string]string{}
	for _, s := range settings {
		is[s.Key] = s.Value
	}
	text := is["vcs.revision"]
	switch {
	case text == "":
		return "not known: it was built outside version control"
	case is["vcs.modified"] == "true":
		text += ", changed since"
	}
	return fmt.Sprintf("%s of %s (%s)", text, is["vcs.time"], is["vcs"])
}
