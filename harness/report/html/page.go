package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"iter"
	"strings"

	"gauntlet/harness/report"
)

//go:embed page
var files embed.FS

// scripts are the page's own, in the order in which they run.
var scripts = []string{"dom", "data", "filter", "matrix", "answer", "swept", "overview", "bytes", "diagram", "timeline", "case", "main"}

// shell is what the template fills in. The policy lets the browser run this
// script and use this style and nothing else, wherever it might come from.
type shell struct {
	Page
	Policy string
	Style  template.CSS
	Script template.JS
}

// writePage writes the page around its data, by name. It is base64, and so
// needs no escaping; there are megabytes of it.
func writePage(out io.Writer, p Page, data iter.Seq2[string, string]) error {
	t, err := template.New("page.gohtml").Funcs(template.FuncMap{"counts": counts}).ParseFS(files, "page/page.gohtml")
	if err != nil {
		return err
	}
	s, err := newShell(p)
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(out, "top", s); err != nil {
		return err
	}
	for name, text := range data {
		if _, err := fmt.Fprintf(out, "<script type=\"text/plain\" id=\"%s\">%s</script>\n", name, text); err != nil {
			return err
		}
	}
	return t.ExecuteTemplate(out, "bottom", s)
}

func newShell(p Page) (shell, error) {
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
	return shell{Page: p, Policy: policy(string(style), script), Style: template.CSS(style), Script: template.JS(script)}, nil
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
