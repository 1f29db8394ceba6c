// Package yamlfile reads YAML that people write into Go types, strictly, and
// points at every mistake of a file with line and column. The decoder is
// goccy's, which stops at the first mistake: what that is about is taken out of
// the document, and the rest is decoded again. It knows nothing of what the files
// say. All that people write is read with it: cases, clients, profiles of boxes,
// bugs, editions and lists of known failures. It starts no goroutine.
package yamlfile

import (
	"bytes"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// File is a file with the name under which its mistakes are told.
type File struct {
	Name   string
	Source []byte
}

// Document is one document of a file.
type Document[T any] struct {
	Begin   Place
	Flawed  bool // keys with mistakes were left out: one of them may be what is missing
	Content T
}

// Documents decodes each document of a file that is made of plain lists, mappings
// and texts alone, and notes the mistakes. A document that decode cannot use is left out.
func Documents[T any](source []byte, m *Mistakes) []Document[T] {
	var list []Document[T]
	text := linesOf(source)
	for _, body := range parse(source, m) {
		if m.Count() >= mostMistakes {
			m.Add(Place{1, 1}, tooMany)
			return nil
		}
		d, before := Document[T]{Begin: begin(body)}, m.Count()
		ast.Walk(plainly{m}, body)
		if m.Count() == before && decode(text, body, &d.Content, m) {
			d.Flawed = m.Count() > before
			list = append(list, d)
		}
	}
	return list
}

// Decode reads the one document into what target points to, without the keys that have
// mistakes. Unknown keys and a second document are mistakes, too.
func (f File) Decode(target any) error {
	m := &Mistakes{File: f.Name}
	bodies := parse(f.Source, m)
	switch {
	case len(bodies) > 1:
		m.Add(begin(bodies[1]), "one document to a file")
	case len(bodies) == 1:
		decode(linesOf(f.Source), bodies[0], target, m)
	case m.Count() == 0:
		m.Add(Place{1, 1}, "there is nothing in this file")
	}
	return m.Err()
}

// parse returns the documents of a file that say something. It guards against the
// parser's own mistakes on broken input.
func parse(source []byte, m *Mistakes) (bodies []ast.Node) {
	if line, column, problem := excess(source); problem != "" {
		m.Add(Place{line, column}, "%s", problem)
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			m.Add(Place{1, 1}, "this is not YAML: %v", r)
		}
	}()
	parsed, err := parser.ParseBytes(source, 0)
	if err != nil {
		m.syntax(err)
		return nil
	}
	for _, d := range parsed.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) < written(source) {
		m.Add(Place{1, 1}, "a document is lost behind a comment that stands alone between two lines of ---: take one of them out")
	}
	return bodies
}

// written counts the documents that say something: the parser loses those behind
// one that has a comment alone.
func written(source []byte) (documents int) {
	says := false
	for line := range bytes.Lines(source) {
		if rest, begins := bytes.CutPrefix(line, []byte("---")); begins && len(rest) > 0 && strings.IndexByte(space, rest[0]) >= 0 {
			line, says = rest, false
		}
		line = bytes.TrimLeft(line, space)
		if !says && len(line) > 0 && line[0] != '#' && line[0] != '%' {
			says = true
			documents++
		}
	}
	return documents
}

// space is what separates words.
const space = " \t\r\n\f"

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
		at := begin(node)
		if isText, style := textStyle(node); isText && style != plain {
			offset++ // behind the quote
		}
		e.Line, e.Column = at.Line, at.Column+offset
	}
	return e
}
