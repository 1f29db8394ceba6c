package specs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// What one person can hold in mind: so much is a type, a package and a file.
const (
	mostMethods      = 25
	mostFilesAType   = 3
	mostFilesAFolder = 25
	fewestLines      = 25
)

// house is the project's code as a program reads it, production and tests apart.
type house struct {
	files    *token.FileSet
	packages map[string][]*ast.File // production, by folder
	tests    map[string][]*ast.File // by folder
}

// readHouse parses every Go file of the project, for all systems.
func readHouse() house {
	GinkgoHelper()
	h := house{files: token.NewFileSet(), packages: map[string][]*ast.File{}, tests: map[string][]*ast.File{}}
	Expect(filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "bin", "out", "testdata"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(h.files, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
		// Like httptest, a folder that ends so is equipment for tests.
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(folder, "specs") || strings.HasSuffix(folder, "test") {
			h.tests[folder] = append(h.tests[folder], file)
		} else {
			h.packages[folder] = append(h.packages[folder], file)
		}
		return nil
	})).To(Succeed())
	return h
}

// lines is how long a file is.
func (h house) lines(f *ast.File) int { return h.files.File(f.Pos()).LineCount() }

// name is a file's path in the project.
func (h house) name(f *ast.File) string {
	return strings.TrimPrefix(filepath.ToSlash(h.files.File(f.Pos()).Name()), "../")
}

// extent is over how much a type's methods are spread.
type extent struct {
	methods int
	files   map[*ast.File]bool
}

// types are the extents of all types with methods, by folder and name. A
// method that several systems have a file for counts once.
func (h house) types() map[string]extent {
	found := map[string]extent{}
	for folder, files := range h.packages {
		seen := map[string]bool{}
		for _, file := range files {
			for _, d := range file.Decls {
				method, is := d.(*ast.FuncDecl)
				if !is || method.Recv == nil {
					continue
				}
				name := folder + "." + receiver(method.Recv.List[0].Type)
				e := found[name]
				if e.files == nil {
					e.files = map[*ast.File]bool{}
				}
				e.files[file] = true
				if !seen[name+"."+method.Name.Name] {
					e.methods++
				}
				seen[name+"."+method.Name.Name] = true
				found[name] = e
			}
		}
	}
	return found
}

// receiver is the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// exported are a folder's exported names of the top level, and those of them
// that another exported declaration of the folder shows.
func exported(files []*ast.File) (names, shown map[string]bool) {
	names, shown = map[string]bool{}, map[string]bool{}
	for _, file := range files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					names[d.Name.Name] = true
				}
				if d.Name.IsExported() {
					mark(shown, d.Type)
				}
			case *ast.GenDecl:
				declared(d, names, shown)
			}
		}
	}
	return names, shown
}

// declared adds the names of a type, const or var declaration. Of constants
// that belong together one use is enough: a set is not taken apart.
func declared(d *ast.GenDecl, names, shown map[string]bool) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				names[spec.Name.Name] = true
				mark(shown, spec.Type)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && (d.Tok == token.VAR || len(d.Specs) == 1) {
					names[name.Name] = true
				}
			}
			if spec.Type != nil {
				mark(shown, spec.Type)
			}
		}
	}
}

func mark(shown map[string]bool, within ast.Node) {
	ast.Inspect(within, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			shown[id.Name] = true
		}
		return true
	})
}

// imported are the names by which files use packages of the project: folder,
// dot, name.
func imported(files map[string][]*ast.File) map[string]bool {
	used := map[string]bool{}
	for _, list := range files {
		for _, file := range list {
			folders := map[string]string{}
			for _, i := range file.Imports {
				folder, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "gauntlet/")
				if !ours {
					continue
				}
				name := folder[strings.LastIndex(folder, "/")+1:]
				if i.Name != nil {
					name = i.Name.Name
				}
				folders[name] = folder
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, is := n.(*ast.SelectorExpr); is {
					if x, is := s.X.(*ast.Ident); is && folders[x.Name] != "" {
						used[folders[x.Name]+"."+s.Sel.Name] = true
					}
				}
				return true
			})
		}
	}
	return used
}

var _ = Describe("The house", Ordered, ContinueOnFailure, func() {
	var h house

	BeforeAll(func() { h = readHouse() })

	It("has no type with more than 25 methods or in more than 3 files", func() {
		large := map[string]string{}
		for name, e := range h.types() {
			if e.methods > mostMethods || len(e.files) > mostFilesAType {
				large[name] = fmt.Sprintf("%d methods in %d files", e.methods, len(e.files))
			}
		}
		Expect(keys(large)).To(ConsistOf(keys(stillLarge)), "not one more, and who is no longer on the list leaves it: %v", large)
	})

	It("has no package of more than 25 files", func() {
		full := map[string]int{}
		for folder, files := range h.packages {
			if len(files) > mostFilesAFolder {
				full[folder] = len(files)
			}
		}
		Expect(keys(full)).To(ConsistOf(keys(stillFull)), "%v", full)
	})

	It("has no file under 25 lines", func() {
		var short []string
		for _, files := range h.packages {
			for _, file := range files {
				// Where systems differ a few lines are a file of their own.
				if h.lines(file) < fewestLines && file.Name.Name != "main" && !bySystem(h.name(file)) {
					short = append(short, h.name(file))
				}
			}
		}
		Expect(short).To(ConsistOf(stillShort))
	})

	It("prints on one screen, where nothing acts that others chose", func() {
		ours := map[string][]string{ // who else has a word there, and which
			"Stdout": {"harness/cmd/gauntlet/worker.go", "harness/cmd/gauntlet/fingerprint.go"}, // what workers answer
			"Stderr": {"harness/cmd/gauntlet/display.go"},                                       // a progress bar
		}
		for folder, files := range h.packages {
			if !strings.HasPrefix(folder, "harness/cmd") && !strings.HasPrefix(folder, "harness/report") {
				continue
			}
			for _, file := range files {
				ast.Inspect(file, func(n ast.Node) bool {
					s, is := n.(*ast.SelectorExpr)
					if !is {
						return true
					}
					from, _ := s.X.(*ast.Ident)
					direct := from != nil && (from.Name == "os" && (s.Sel.Name == "Stdout" || s.Sel.Name == "Stderr") || from.Name == "fmt" && strings.HasPrefix(s.Sel.Name, "Print"))
					if direct && !slices.Contains(append(ours[s.Sel.Name], "harness/cmd/gauntlet/main.go"), h.name(file)) {
						Fail(h.name(file) + " names " + from.Name + "." + s.Sel.Name + ": print on the command's OutOrStdout")
					}
					return true
				})
			}
		}
	})

	It("exports nothing that nobody imports, and nothing for tests alone", func() {
		used, tested := imported(h.packages), imported(h.tests)
		var unused []string
		for folder, files := range h.packages {
			if slices.Contains(forOthers, folder) {
				continue
			}
			names, shown := exported(files)
			for name := range names {
				if id := folder + "." + name; !used[id] && !shown[name] {
					if tested[id] {
						id += " (tests only)"
					}
					unused = append(unused, id)
				}
			}
		}
		slices.Sort(unused)
		Expect(unused).To(ConsistOf(stillUnused))
	})
})

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// bySystem reports whether a file is for one system, or for all but some.
func bySystem(name string) bool {
	for _, system := range []string{"_linux.go", "_unix.go", "_other.go", "_windows.go", "_darwin.go"} {
		if strings.HasSuffix(name, system) {
			return true
		}
	}
	return false
}

// forOthers are the packages that other modules import, and the program in
// specs/bench, which is no test and is not read here.
var forOthers = []string{"proxies/plain", "harness", "fixtures", "harness/cmd/gauntlet"}

// What the house is still to be rid of. Nothing is ever added here.
var (
	stillLarge  = map[string]string{}
	stillFull   = map[string]int{}
	stillShort  = []string{"harness/mutants/registry.go"} // registrations
	stillUnused = []string{
		"harness/judge/oracle.AlwaysPass (tests only)",
		"harness/msn/msnp.Proof (tests only)",
		"harness/run/rig.Judge (tests only)",
		"harness/run/rig.Perform (tests only)",
		"harness/run/virtual.Bubble (tests only)",
	}
)
