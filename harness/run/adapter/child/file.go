package child

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/yamlfile"
)

// Mode says how a client takes part.
type Mode string

// A client file names one of these.
const (
	BlackBox Mode = "black-box" // it only connects; the server side drives
	Driven   Mode = "driven"    // it is told what to do on stdin, and tells on stdout
)

// File is a client as its YAML file describes it.
type File struct {
	Path        string
	Source      []byte
	Name        string
	Command     []string
	Environment map[string]string
	Mode        Mode
	Supports    adapter.Abilities // nil: all that its mode can, or what its hello says
	Pace        time.Duration     // its usual pause between polls; 0: to be measured
	Known       []catalogue.Known

	starts chan struct{} // has a place for each client that may start at a time
	left   census        // of what its clients have left behind
}

// document is a File as it is written.
type document struct {
	Name        string            `yaml:"name"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Mode        Mode              `yaml:"mode"`
	Supports    adapter.Abilities `yaml:"supports"`
	Pace        yamlfile.Duration `yaml:"pace"`
	Known       []catalogue.Known `yaml:"known"`
}

// Load reads a client file. Each mistake is a line with its place and what is
// allowed there; a command that is not on this machine is one.
func Load(path string) (*File, error) {
	at, err := yamlfile.Read(yamlfile.Anywhere{}, path)
	if err != nil {
		return nil, fmt.Errorf("client file: %w", err)
	}
	var d document
	flaws := at.Decode(&d)
	f := &File{
		Path: path, Source: at.Source, Name: d.Name, Command: d.Command, Environment: d.Environment,
		Mode: d.Mode, Supports: d.Supports, Pace: time.Duration(d.Pace), Known: d.Known,
		starts: make(chan struct{}, runtime.NumCPU()),
	}
	if err := errors.Join(flaws, f.check(at, flaws != nil)); err != nil {
		return nil, err
	}
	return f, nil
}

// folder is where the client's files lie and its command runs.
func (f *File) folder() string { return filepath.Dir(f.Path) }

// abilities are those of a client that has said hello. Whoever is driven is told
// when to say OUT, so that no hello names that.
func (f *File) abilities(hello adapter.Abilities) adapter.Abilities {
	if f.Supports != nil || hello == nil {
		return f.Supports
	}
	return append(slices.Clone(hello), adapter.SignOut)
}

// check finds the mistakes that the decoder cannot. In a flawed file, a missing key may be
// the one that could not be read: it is not reported again.
func (f *File) check(at yamlfile.File, flawed bool) error {
	var errs []error
	want := func(ok bool, where string, offset int, format string, args ...any) {
		if !ok {
			errs = append(errs, at.Wrong(where, offset, fmt.Sprintf(format, args...)))
		}
	}
	want(flawed || strings.TrimSpace(f.Name) != "", "$", 0, "a client needs a name")
	want(flawed && f.Mode == "" || f.Mode == BlackBox || f.Mode == Driven, "$.mode", 0, "mode %q; allowed: %s, %s", f.Mode, BlackBox, Driven)
	all := adapter.EveryAbility()
	for i, a := range f.Supports {
		want(slices.Contains(all, a), fmt.Sprintf("$.supports[%d]", i), 0, "unknown ability %q; %s", a, near.Suggest(string(a), all))
	}
	for i, k := range f.Known {
		want(k.Flaw() == "", fmt.Sprintf("$.known[%d]", i), 0, "%s", k.Flaw())
	}
	if !flawed || len(f.Command) > 0 {
		errs = append(errs, f.checkCommand(at))
	}
	return errors.Join(append(errs, f.checkPlaceholders(at))...)
}

// checkPlaceholders finds the first that there is not, in the command and in
// the environment.
func (f *File) checkPlaceholders(at yamlfile.File) error {
	var errs []error
	look := func(where, text string) {
		if offset, err := checkText(text); err != nil {
			errs = append(errs, at.Wrong(where, offset, err.Error()))
		}
	}
	for i, word := range f.Command {
		look(fmt.Sprintf("$.command[%d]", i), word)
	}
	for _, key := range sortedKeys(f.Environment) {
		look("$.environment."+key, f.Environment[key])
	}
	return errors.Join(errs...)
}

// checkCommand looks for the program: beside the file if it has a slash, else
// where a shell would.
func (f *File) checkCommand(at yamlfile.File) error {
	if len(f.Command) == 0 || f.Command[0] == "" {
		return at.Wrong("$", 0, "a client needs a command: a list, the program first")
	}
	if _, err := f.program(); err != nil {
		return at.Wrong("$.command[0]", 0, fmt.Sprintf("no program %q: %s; install it, or name it by its path from the folder of this file", f.Command[0], reasonOf(err)))
	}
	return nil
}

// program is the path of the program.
func (f *File) program() (string, error) {
	name := f.Command[0]
	if strings.ContainsRune(name, '/') && !filepath.IsAbs(name) {
		var err error // as ./mine of the folder . has no slash any more, and would be looked for elsewhere
		if name, err = filepath.Abs(filepath.Join(f.folder(), name)); err != nil {
			return "", err
		}
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(found)
}

// command is the client's process, not started, and the mark that it and its
// children carry.
func (f *File) command(s adapter.Setup) (cmd *exec.Cmd, mark string, err error) {
	program, err := f.program()
	if err != nil {
		return nil, "", err
	}
	var args []string
	for _, word := range f.Command[1:] {
		args = append(args, fill(word, s))
	}
	cmd = exec.Command(program, args...)
	cmd.Dir = f.folder()
	mark = newMark()
	cmd.Env = append(environment(os.Environ()), caseVariable+"="+s.Case, markVariable+"="+mark)
	for _, key := range sortedKeys(f.Environment) {
		cmd.Env = append(cmd.Env, key+"="+fill(f.Environment[key], s))
	}
	return cmd, mark, nil
}

// Factory makes the client that the file describes, one process for each case.
func (f *File) Factory() adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		if f.Mode == BlackBox {
			return newBlackBox(f, s), nil
		}
		return newDriven(f, s), nil
	}
}

// Kind tells the rig how far the client can be asked.
func (f *File) Kind() adapter.Kind {
	if f.Mode == BlackBox {
		return adapter.BlackBox
	}
	return adapter.Driven
}

// HearsOff reports whether the file has a place for a proxy that is switched off:
// whoever is not told of it cannot leave it alone.
func (f *File) HearsOff() bool { return f.speaksOf(off) }

// AsksForPAC reports whether the file has a place for the URL of a proxy
// auto-configuration.
func (f *File) AsksForPAC() bool { return f.speaksOf(pac + "}}") }

// speaksOf reports whether a placeholder's name begins so.
func (f *File) speaksOf(name string) bool {
	texts := slices.AppendSeq(slices.Clone(f.Command), maps.Values(f.Environment))
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, "{{."+name) })
}
