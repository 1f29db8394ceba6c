package profile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"gauntlet/proxies"
)

// places finds the line and column of things in a file.
type places struct {
	file   string
	source []byte
}

// wrong is an error at a path, some characters behind its beginning.
func (at places) wrong(path string, offset int, message string) error {
	e := &Error{at.file, 1, 1, message}
	parsed, err := parser.ParseBytes(at.source, 0)
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

// box shows the word that is wrong in the box's line.
func (at places) box(err error) error {
	var wrong *proxies.SpecError
	if !errors.As(err, &wrong) {
		return at.wrong("$.box", 0, err.Error())
	}
	text := fmt.Sprintf("box word %q: %s", wrong.Word, wrong.Problem)
	if len(wrong.Allowed) > 0 {
		text += "; allowed: " + strings.Join(wrong.Allowed, ", ")
	}
	return at.wrong("$.box", wrong.Offset, text)
}

// syntax gives the decoder's errors their place.
func syntax(file string, err error) error {
	var wrong yaml.Error
	if errors.As(err, &wrong) && wrong.GetToken() != nil {
		p := wrong.GetToken().Position
		return &Error{file, p.Line, p.Column, wrong.GetMessage()}
	}
	return &Error{file, 1, 1, strings.ReplaceAll(err.Error(), "\n", " ")}
}
