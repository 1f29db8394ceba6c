package child

import (
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/yamlfile"
)

// check wants what the decoder cannot know.
func (f *File) check(at yamlfile.File, d document) error {
	var errs []error
	want := func(ok bool, where string, offset int, format string, args ...any) {
		if !ok {
			errs = append(errs, at.Wrong(where, offset, fmt.Sprintf(format, args...)))
		}
	}
	want(strings.TrimSpace(f.Name) != "", "$", 0, "a client needs a name")
	want(f.Mode == BlackBox || f.Mode == Driven, "$.mode", 0, "mode %q; allowed: %s, %s", f.Mode, BlackBox, Driven)
	all := adapter.EveryAbility()
	for i, a := range f.Supports {
		want(slices.Contains(all, a), fmt.Sprintf("$.supports[%d]", i), 0, "unknown ability %q; allowed: %s", a, words(all))
	}
	for i, k := range f.Known {
		_, err := path.Match(k.Case, "")
		want(err == nil && k.Case != "" && k.Reason != "", fmt.Sprintf("$.known[%d]", i), 0, "a known failure needs a case, which may be a glob, and a reason")
	}
	if d.Pace != "" {
		var err error
		f.Pace, err = time.ParseDuration(d.Pace)
		want(err == nil && f.Pace > 0, "$.pace", 0, "%q is not a duration, such as 2s", d.Pace)
	}
	return errors.Join(append(errs, f.checkPlaceholders(at), f.checkCommand(at))...)
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

// reasonOf is why a program was not found, without its name.
func reasonOf(err error) error {
	var missing *exec.Error
	if errors.As(err, &missing) {
		return missing.Err
	}
	return err
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

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func sortedKeys(m map[string]string) []string {
	list := make([]string, 0, len(m))
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
