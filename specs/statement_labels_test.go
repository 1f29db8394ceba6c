package specs

import (
	"path/filepath"
	"runtime"
	"slices"

	. "github.com/onsi/ginkgo/v2"

	"gauntlet/harness/judge/requirement"
)

// proofs are the files with specs that prove a statement of the source. It is
// filled while the tree of specs is built, and read when they run.
var proofs = map[requirement.Statement][]string{}

// proves labels a spec with the statements of the source that it proves of the
// gateway or of a box: S9, S11. Each is noted with the file of the caller.
func proves(statements ...requirement.Statement) Labels {
	_, file, _, _ := runtime.Caller(1)
	var labels Labels
	for _, s := range statements {
		labels = append(labels, s.String())
		if place := "specs/" + filepath.Base(file); !slices.Contains(proofs[s], place) {
			proofs[s] = append(proofs[s], place)
		}
	}
	return labels
}
