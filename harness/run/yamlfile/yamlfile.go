// Package yamlfile reads small YAML documents that people write, and points at
// every mistake with file, line and column. It knows nothing of what they say.
// The profiles of boxes and the files of clients are read with it. It starts no
// goroutine.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// File is a document with the name under which its mistakes are told.
type File struct {
	Name   string
	Source []byte
}

// Error is a mistake in a file.
type Error struct {
	File         string
	Line, Column int
	Message      string
}

// Error has the form that editors turn into a link.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Decode reads the one document into what target points to. Unknown keys and a
// second document are mistakes.
func (f File) Decode(target any) error {
	if line, column, problem := Excess(f.Source); problem != "" {
		return &Error{f.Name, line, column, problem}
	}
	in := yaml.NewDecoder(bytes.NewReader(f.Source), yaml.Strict())
	if err := in.Decode(target); err != nil {
		return f.syntax(err)
	}
	var more any
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		return &Error{f.Name, 1, 1, "one document to a file"}
	}
	return nil
}

// syntax gives the decoder's errors their place.
func (f File) syntax(err error) error {
	var wrong yaml.Error
	if errors.As(err, &wrong) && wrong.GetToken() != nil {
		p := wrong.GetToken().Position
		return &Error{f.Name, p.Line, p.Column, wrong.GetMessage()}
	}
	return &Error{f.Name, 1, 1, strings.ReplaceAll(err.Error(), "\n", " ")}
}

// Wrong is a mistake at a path such as $.command[0], some characters behind
// the beginning of what stands there.
func (f File) Wrong(path string, offset int, message string) error {
	e := &Error{f.Name, 1, 1, message}
	parsed, err := parser.ParseBytes(f.Source, 0)
	if err != nil {
		return e
	}
	where, err := yaml.PathString(path)
	if err != nil {
		return e
	}
	if node, err := where.FilterFile(parsed); err == nil {
		t := node.GetToken()
		if strings.ContainsAny(strings.TrimSpace(t.Origin)[:min(1, len(strings.TrimSpace(t.Origin)))], `"'`) {
			offset++
		}
		e.Line, e.Column = t.Position.Line, t.Position.Column+offset
	}
	return e
}
