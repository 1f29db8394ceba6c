package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies/external"
)

// stranger is a real proxy that somebody else describes, as it is written.
type stranger struct {
	External struct {
		Name        string            `yaml:"name"`
		Command     []string          `yaml:"command"`
		Environment []string          `yaml:"environment"`
		Files       map[string]string `yaml:"files"`
		Ready       string            `yaml:"ready"`
		Signs       string            `yaml:"signs"`
		AccessLog   string            `yaml:"access-log"`
		Logs        []string          `yaml:"logs"`
		Stop        string            `yaml:"stop"`
		Grace       yamlfile.Duration `yaml:"grace"`
		Patience    yamlfile.Duration `yaml:"patience"`
		Inherits    bool              `yaml:"inherits-socket"`
	} `yaml:"external"`
	Known []catalogue.Known `yaml:"known"`
}

// ReadExternal reads a file that says how a proxy unknown to us is run, and
// which cases fail because of it. Mistakes are *yamlfile.Error.
func ReadExternal(file string) (external.Product, []catalogue.Known, error) {
	at, err := yamlfile.Read(yamlfile.Anywhere{}, file)
	if err != nil {
		return external.Product{}, nil, fmt.Errorf("external proxy: %w", err)
	}
	var d stranger
	if err := at.Decode(&d); err != nil {
		return external.Product{}, nil, err
	}
	e := d.External
	p := external.Product{
		Name: e.Name, Command: e.Command, Environment: e.Environment, Files: e.Files, ReadyPath: e.Ready, Signs: e.Signs,
		AccessLog: e.AccessLog, Logs: e.Logs, Stop: e.Stop, Grace: time.Duration(e.Grace), Patience: time.Duration(e.Patience), Inherits: e.Inherits,
	}
	return p, d.Known, d.check(at)
}

// check wants what the decoder cannot know.
func (d stranger) check(at yamlfile.File) error {
	var errs []error
	want := func(ok bool, path, format string, args ...any) {
		if !ok {
			errs = append(errs, at.Wrong(path, 0, fmt.Sprintf(format, args...)))
		}
	}
	e := d.External
	want(e.Name != "" && !strings.ContainsAny(e.Name, "/ "), "$.external", "a proxy needs a name, one word without a slash")
	want(len(e.Command) > 0, "$.external", "a proxy needs a command: the program and its arguments")
	for i, text := range e.Command {
		errs = append(errs, checkTemplate(at, fmt.Sprintf("$.external.command[%d]", i), text))
	}
	for i, text := range e.Environment {
		errs = append(errs, checkTemplate(at, fmt.Sprintf("$.external.environment[%d]", i), text))
	}
	for name, text := range e.Files {
		want(!strings.Contains(name, "/"), "$.external.files", "file %q: a name without a folder; all files lie in {{.Dir}}", name)
		errs = append(errs, checkTemplate(at, "$.external.files.'"+name+"'", text))
	}
	want(e.Stop == "" || slices.Contains(external.StopSignals(), e.Stop), "$.external.stop",
		"no signal %q; allowed: %s", e.Stop, strings.Join(external.StopSignals(), ", "))
	return errors.Join(append(errs, checkExpected(d.Known, at))...)
}

// checkExpected wants a case and a reason of each.
func checkExpected(known []catalogue.Known, at yamlfile.File) error {
	var errs []error
	for i, k := range known {
		if flaw := k.Flaw(); flaw != "" {
			errs = append(errs, at.Wrong(fmt.Sprintf("$.known[%d]", i), 0, flaw))
		}
	}
	return errors.Join(errs...)
}

// checkTemplate wants a text that can be filled in.
func checkTemplate(at yamlfile.File, path, text string) error {
	err := external.Check(text)
	if err == nil {
		return nil
	}
	_, problem, _ := strings.Cut(err.Error(), "text:") // the rest is the library's own
	return at.Wrong(path, 0, fmt.Sprintf("%q: %s; allowed: {{.Address}} {{.Host}} {{.Port}} {{.Origin}} {{.OriginHost}} {{.OriginPort}} {{.Dir}}", text, strings.TrimSpace(problem)))
}
