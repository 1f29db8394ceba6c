package external

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// own is how a product is run by somebody's own configuration file: a copy of
// it, with what it includes, in which the rules put our place where the file
// says its own. All else stays as it is.
type own struct {
	Product
	files    []string // patterns of the file's name, or of its folder's and its name
	as       string   // the copy's name
	home     string   // where the product looks for files, unless they lie beside this one
	includes string   // matches a line that includes others; its one group is their pattern
	remarks  string   // matches a remark in a text whose rules do not go by lines; the group is what stands before
	rules    []rule
	// The product looks for other files beside its own: they are found beside the copy.
	neighbours bool
}

// rule changes each place in a configuration that it finds.
type rule struct {
	find   string // a regular expression
	put    string // in its place: $1 is a group, $n the number of the place, the rest a template
	first  string // in that of the first; "" means put
	refuse string // or else it has to be changed by whom it belongs to: why
	lacks  string // or else it must be there: what is wrong if it is not
	when   string // only if the file as it came matches this
	unless string // only if it does not
	edit   func(text string) string
}

// Own makes a product of its own configuration file, which its name tells: of
// the file's settings those of address, origin, logs, process file and user
// become ours. The error names each line that somebody has to change.
func Own(file string) (Product, error) {
	o, there := ownerOf(file)
	if !there {
		return Product{}, fmt.Errorf("no product has a configuration file named %s; known are: %s", filepath.Base(file), strings.Join(OwnFiles(), ", "))
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return Product{}, fmt.Errorf("%s: %w", o.Name, err)
	}
	r := reading{own: o, folder: filepath.Dir(file)}
	text, err := r.read(file, 0)
	if err != nil {
		return Product{}, fmt.Errorf("%s: its own configuration: %w", o.Name, err)
	}
	text = o.apply(&r, strings.ReplaceAll(text, "{{", `{{"{{"}}`))
	if len(r.wrong) > 0 {
		return Product{}, fmt.Errorf("%s: %s", o.Name, strings.Join(r.wrong, "; "))
	}
	return o.made(r.folder, text), nil
}

// IsOwn reports whether a file of that name is some product's own configuration.
func IsOwn(file string) bool {
	_, there := ownerOf(file)
	return there
}

// OwnFiles are the patterns of names by which Own knows whose a file is.
func OwnFiles() []string {
	var out []string
	for _, o := range owns() {
		out = append(out, o.files...)
	}
	return out
}

func ownerOf(file string) (own, bool) {
	for _, o := range owns() {
		for _, pattern := range o.files {
			name := filepath.Base(file)
			if strings.Contains(pattern, "/") {
				name = filepath.Base(filepath.Dir(file)) + "/" + name
			}
			if ok, _ := filepath.Match(pattern, name); ok { // our patterns are well formed
				return o, true
			}
		}
	}
	return own{}, false
}

// made is the product with the text as its configuration. In what it is run
// with, FOLDER is the file's.
func (o own) made(folder, text string) Product {
	put := strings.NewReplacer("FOLDER", strings.ReplaceAll(folder, "{{", `{{"{{"}}`)).Replace
	p := o.Product
	p.Command = slices.Clone(p.Command)
	for i := range p.Command {
		p.Command[i] = put(p.Command[i])
	}
	files := map[string]string{o.as: put(text)}
	for name, text := range p.Files {
		files[name] = text
	}
	p.Files = files
	if o.neighbours {
		p.Beside = folder
	}
	return p
}

// reading is a file of somebody's own while it is read.
type reading struct {
	own
	folder string
	wrong  []string // lines that must change
}

// deepest is how far files may include each other.
const deepest = 10

// read is the file's text with what it includes.
func (r *reading) read(file string, depth int) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if depth > deepest {
		return "", fmt.Errorf("%s: files include each other more than %d deep", file, deepest)
	}
	text := r.bare(string(b))
	r.refuse(file, text)
	if r.includes == "" {
		return text, nil
	}
	include := regexp.MustCompile(r.includes)
	text = include.ReplaceAllStringFunc(text, func(line string) string {
		pattern := strings.Trim(include.FindStringSubmatch(line)[1], `"'`)
		found, more := r.included(pattern, depth)
		if more != nil {
			err = cmp.Or(err, more)
		}
		if found == "" && !strings.ContainsAny(pattern, "*?[") {
			return line // the product has its own words for what is missing
		}
		return found
	})
	return text, err
}

// included are the texts of the files that the pattern means.
func (r *reading) included(pattern string, depth int) (string, error) {
	var out strings.Builder
	for _, file := range r.meant(pattern) {
		text, err := r.read(file, depth+1)
		if err != nil {
			return "", err
		}
		out.WriteString("\n" + text + "\n")
	}
	return out.String(), nil
}

// meant are the files of the pattern, in the order in which products read them.
func (r *reading) meant(pattern string) []string {
	if filepath.IsAbs(pattern) {
		files, _ := filepath.Glob(pattern) // what is no pattern means no files
		return files
	}
	for _, dir := range []string{r.folder, r.home} {
		if files, _ := filepath.Glob(filepath.Join(dir, pattern)); len(files) > 0 {
			return files
		}
	}
	return nil
}

// bare is the text without its remarks, line by line where it was.
func (o own) bare(text string) string {
	if o.remarks == "" {
		return text
	}
	remark := regexp.MustCompile(o.remarks)
	return remark.ReplaceAllStringFunc(text, func(s string) string {
		return remark.FindStringSubmatch(s)[1] + strings.Repeat("\n", strings.Count(s, "\n"))
	})
}

// refuse notes what must be changed in the file.
func (r *reading) refuse(file, text string) {
	for _, rule := range r.rules {
		if rule.refuse == "" {
			continue
		}
		for _, at := range regexp.MustCompile(rule.find).FindAllStringIndex(text, -1) {
			said := strings.TrimSpace(text[at[0]:at[1]])
			begin := at[0] + strings.Index(text[at[0]:at[1]], said)
			line := 1 + strings.Count(text[:begin], "\n")
			r.wrong = append(r.wrong, fmt.Sprintf("%s:%d: %q: %s", file, line, said, rule.refuse))
		}
	}
}

// apply makes the changes that the rules want, in their order.
func (o own) apply(r *reading, came string) string {
	text := came
	for _, rule := range o.rules {
		switch {
		case rule.refuse != "",
			rule.when != "" && !regexp.MustCompile(rule.when).MatchString(came),
			rule.unless != "" && regexp.MustCompile(rule.unless).MatchString(came):
		case rule.edit != nil:
			text = rule.edit(text)
		case rule.lacks != "":
			if !regexp.MustCompile(rule.find).MatchString(text) {
				r.wrong = append(r.wrong, rule.lacks)
			}
		default:
			text = rule.change(text)
		}
	}
	return text
}

// change puts what the rule says in each place that it finds.
func (r rule) change(text string) string {
	find, n := regexp.MustCompile(r.find), 0
	var out []byte
	end := 0
	for _, at := range find.FindAllStringSubmatchIndex(text, -1) {
		put := r.put
		if n++; n == 1 && r.first != "" {
			put = r.first
		}
		out = append(out, text[end:at[0]]...)
		out = find.ExpandString(out, strings.ReplaceAll(put, "$n", strconv.Itoa(n)), text, at)
		end = at[1]
	}
	return string(append(out, text[end:]...))
}
