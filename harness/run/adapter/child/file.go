package child

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/yamlfile"
)

// Mode says how a client takes part.
type Mode string

// The modes.
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
	Known       []Known

	starts chan struct{} // has a place for each client that may start at a time
}

// Known is a failure that is known of the client, as in a list of --known.
type Known struct {
	Case   string `yaml:"case"`
	Reason string `yaml:"reason"`
	Flaky  bool   `yaml:"flaky"`
}

// document is a File as it is written.
type document struct {
	Name        string            `yaml:"name"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Mode        Mode              `yaml:"mode"`
	Supports    adapter.Abilities `yaml:"supports"`
	Pace        string            `yaml:"pace"`
	Known       []Known           `yaml:"known"`
}

// keys are those of a client file, for messages.
var keys = []string{"name", "command", "environment", "mode", "supports", "pace", "known"}

// Load reads a client file. Each mistake is a line with its place and what is
// allowed there; a command that is not on this machine is one.
func Load(path string) (*File, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("client file: %w", err)
	}
	var d document
	at := yamlfile.File{Name: path, Source: source}
	if err := at.Decode(&d); err != nil {
		return nil, withKeys(err)
	}
	f := &File{
		Path: path, Source: source, Name: d.Name, Command: d.Command, Environment: d.Environment,
		Mode: d.Mode, Supports: d.Supports, Known: d.Known,
		starts: make(chan struct{}, runtime.NumCPU()),
	}
	return f, f.check(at, d)
}

// withKeys adds what keys there are to the message on one that there is not.
func withKeys(err error) error {
	var wrong *yamlfile.Error
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Message, "unknown field") {
		wrong.Message += "; allowed: " + strings.Join(keys, ", ") + " (in known: case, reason, flaky)"
	}
	return err
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
