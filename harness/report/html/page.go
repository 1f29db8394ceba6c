package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"gauntlet/harness/report"
)

//go:embed page
var files embed.FS

// scripts are the page's own, in the order in which they run.
var scripts = []string{"dom", "data", "filter", "matrix", "overview", "bytes", "diagram", "timeline", "case", "main"}

// shell is what the template fills in. The policy lets the browser run this
// script and use this style and nothing else, wherever it might come from.
type shell struct {
	Page
	Policy string
	Style  template.CSS
	Script template.JS
	Index  string
}

// writePage writes the page around its data. The chunks are base64, and so
// need no escaping; there are megabytes of them.
func writePage(out io.Writer, p Page, index string, chunks []string) error {
	t, err := template.New("page.gohtml").Funcs(template.FuncMap{"counts": counts}).ParseFS(files, "page/page.gohtml")
	if err != nil {
		return err
	}
	s, err := newShell(p, index)
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(out, "top", s); err != nil {
		return err
	}
	for i, chunk := range chunks {
		if _, err := fmt.Fprintf(out, "<script type=\"text/plain\" id=\"chunk-%d\">%s</script>\n", i, chunk); err != nil {
			return err
		}
	}
	return t.ExecuteTemplate(out, "bottom", s)
}

func newShell(p Page, index string) (shell, error) {
	p.Title = p.title()
	style, err := files.ReadFile("page/page.css")
	if err != nil {
		return shell{}, err
	}
	script := "'use strict';\n"
	for _, name := range scripts {
		text, err := files.ReadFile("page/" + name + ".js")
		if err != nil {
			return shell{}, err
		}
		script += string(text)
	}
	return shell{Page: p, Policy: policy(string(style), script), Style: template.CSS(style), Script: template.JS(script), Index: index}, nil
}

// policy is a Content-Security-Policy for exactly this style and script.
func policy(style, script string) string {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + digest(style) + "; script-src " + digest(script)
}

// counts are a run's cases by status, in words.
func counts(s report.Summary) string {
	var words []string
	for _, name := range report.ByNumber(s.Counts) {
		words = append(words, fmt.Sprintf("%d %s", s.Counts[name], name))
	}
	return strings.Join(words, ", ")
}
