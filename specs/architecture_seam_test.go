package specs

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// isGeneral reports whether a package knows sessions, tokens, polls and commands, of
// whatever protocol: another one fits beside harness/msn without a change there.
// What is required is told in MSN's own words, so that requirements are not.
func isGeneral(folder string) bool {
	return strings.HasPrefix(folder, "harness/run/") || strings.HasPrefix(folder, "harness/judge/") && folder != "harness/judge/requirement"
}

// ofMSN finds what only MSN over HTTP has: its commands, its script, its header,
// its arguments.
var ofMSN = regexp.MustCompile(`\b(VER|CVR|INF|USR|XFR|CHG|CHL|QRY|CAL|RNG|ANS|IRO|JOI|BYE|MSG|ACK|NAK|PNG|QNG|ILN|NLN|FLN|LST|SBS|OUT)\b|\b(NS|SB)\b|gateway\.dll|(?i:x-msn)|SessionID|GW-IP|Session=|MSNP|:1863\b`)

// literals are a file's strings, but for what it imports and the tags of fields.
func literals(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				found = append(found, n.Value)
			}
		}
		return true
	})
	return found
}

var _ = Describe("The seam", func() {
	It("lets the judge and the rig know nothing of MSN", func() {
		known := map[string][]string{}
		for _, p := range packages() {
			folder := strings.TrimPrefix(p.ImportPath, "gauntlet/")
			if !isGeneral(folder) {
				continue
			}
			for _, i := range p.Imports {
				if strings.HasPrefix(i, "gauntlet/harness/msn/") {
					known[folder] = append(known[folder], i)
				}
			}
		}
		Expect(known).To(BeEmpty())
	})

	It("leaves MSN's words to those who know MSN", func() {
		h, spoken, read := readHouse(), map[string][]string{}, 0
		for folder, files := range h.packages {
			for _, file := range files {
				if !isGeneral(folder) {
					continue
				}
				read++
				for _, text := range literals(file) {
					if ofMSN.MatchString(text) {
						spoken[h.name(file)] = append(spoken[h.name(file)], text)
					}
				}
			}
		}
		Expect(spoken).To(BeEmpty())
		Expect(read).To(BeNumerically(">", 50))
	})
})
