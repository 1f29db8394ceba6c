package specs

import (
	"encoding/json"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/proxies/external"
	"gauntlet/proxies/fingerprint"
)

// comparison is what fingerprint --real says of a product.
type comparison struct {
	ID, Status, Reason string
	Differences        []fingerprint.Difference
	Fingerprint        []fingerprint.Trait
}

var _ = Describe("A real product", waits, long, Label("products", "fingerprint"), func() {
	It("is as our profile of it says, trait by trait", func() {
		for _, p := range external.Products() {
			needs(p)
		}
		call := gauntlet("fingerprint", "--all", "--real", "--json")
		var list []comparison
		Expect(json.Unmarshal([]byte(call.stdout), &list)).To(Succeed(), call.stderr)
		Expect(list).To(HaveLen(len(external.Products())))
		for _, c := range list {
			var differences []string
			for _, d := range c.Differences {
				differences = append(differences, d.String())
			}
			Expect(c.Status).To(Equal("Pass"), c.ID+": "+c.Reason+"\n"+strings.Join(differences, "\n"))
			Expect(c.Fingerprint).To(HaveLen(traits), c.ID)
		}
		Expect(call.code).To(Equal(0))
	})
})

// traits is how many the suite looks at.
const traits = 59
