//go:build unix

package specs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter/child"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/authority"
)

// signsInAs performs the short case with a real client on loopback, through a
// proxy of ours.
func signsInAs(name string) rig.Outcome {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	ours, err := authority.New()
	Expect(err).NotTo(HaveOccurred())
	ca := filepath.Join(dir, "ca.pem")
	Expect(os.WriteFile(ca, ours.PEM(), 0o600)).To(Succeed())
	f, err := child.Load(clientFile(dir, "real", `"{{.Proxy}}"`, `"{{.CA}}"`, animalVariable+": real", animalVariable+": real "+name))
	Expect(err).NotTo(HaveOccurred())
	return rig.One(context.Background(), shortCase(), rig.Options{
		Speaks: servers.MSN(),
		Mode:   rig.Loopback, Client: f.Factory(), ClientKind: f.Kind(), ClientName: f.Name, Step: 20 * time.Second, Authority: ours, CA: ca,
	})
}

var _ = Describe("A client that is refused while it signs in", waits, Label("login", "programs"), func() {
	DescribeTable("says nothing of it, so the history, the reason and the client's log do", func(name string, kind history.Kind, words string) {
		o := signsInAs(name)
		Expect(o.Result.Status).To(Equal(oracle.Fail), o.Result.Reason)
		Expect(o.Events).To(ContainElement(HaveField("Kind", kind)))
		Expect(o.Result.Reason).To(ContainSubstring("; refused: " + words))
		Expect(string(o.Log)).To(ContainSubstring(": refused: " + words))
		Expect(strings.Count(string(o.Log), words)).To(Equal(1))
	},
		Entry("a CONNECT to a name that nobody serves", "looks for its book elsewhere", history.NotServed, "contacts.nowhere.example:443: nobody here serves it"),
		Entry("a service that there is not", "logs in at no service", history.NotServed, "login.live.com//RST9.srf: no such service"),
		Entry("a sign-in with a machine that is none", "has no machine", history.SignInRefused, `sign-in of "alice@example.com": not the name of a place: here`),
	)

	It("is none that asks for another name of the services' domains", func() {
		o := signsInAs("finds a book of another name")
		Expect(o.Result.Status).To(Equal(oracle.Pass), o.Result.Reason)
		Expect(string(o.Log)).NotTo(ContainSubstring("refused"))
	})
})
