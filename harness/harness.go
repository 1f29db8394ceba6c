// Package harness certifies a client of the MSN Messenger HTTP gateway from
// that client's own Go tests: Certify makes a subtest of each case. What it
// runs and how it judges is what the command `gauntlet certify` does. It knows
// no cases: the caller brings them, usually fixtures.Files(), since fixtures is
// data for those who run something and no package here reads it.
//
// Tests import it; specs/certification puts Ginkgo in front of the same Plan.
// A case in virtual time runs in the goroutine of its subtest; on real sockets
// each case has a goroutine that ends with the case.
package harness

import (
	"cmp"
	"io/fs"
	"os"

	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

// Options says what is certified, and by what. Client and Catalogue must be
// set.
type Options struct {
	// Client makes the client under test, once for each case and each control.
	Client adapter.Factory
	// Name is the client's, for results; "client" if empty.
	Name string
	// Catalogue holds the cases and the boxes, as fixtures.Files() does.
	Catalogue fs.FS
	// Cases are globs over the cases' ids. Empty means all of them in virtual
	// time, and in real time one of each class, as the command has it.
	Cases []string
	// Known are failures that are known: such a case may fail, and has to.
	Known report.KnownFailures
	// Mode is rig.Virtual, the zero value, for a client that dials through the
	// Setup's Network only and waits with package time; it is rig.Loopback, in
	// real time, for one that needs real sockets.
	Mode rig.Mode
	// Seed is that of all which is drawn by chance; 1 if zero.
	Seed uint64
	// Files are case files of your own, whose cases run beside those.
	Files []string
	// Out is a directory, new or empty, in which Certify leaves the run as the
	// command does. Empty: none.
	Out string
	// JUnit and Summary are files that Certify writes: JUnit XML, and Markdown that
	// is added to what is there; $GITHUB_STEP_SUMMARY if none is named and that is
	// set.
	JUnit, Summary string
	// HTML asks for a page for a browser, in Out.
	HTML bool
}

// certify are the same options for the service behind this door. Whether a
// catalogue can be passed at all, nobody here knows.
func (o Options) certify() certify.Options {
	name := cmp.Or(o.Name, "client")
	return certify.Options{
		Library: certify.Open(o.Catalogue, servers.MSN()), Clients: []certify.Client{{Value: name, Name: name, New: o.Client}},
		Reference: builtin.New(), Cases: o.Cases, Known: o.Known, Mode: o.Mode, Seed: cmp.Or(o.Seed, 1), Parallel: atOnce,
		Beside: o.Files, Out: o.Out, Reports: o.reports(),
	}
}

// reports are those that are written when all cases have had their turn.
func (o Options) reports() certify.Reports {
	return certify.Reports{JUnit: o.JUnit, Summary: cmp.Or(o.Summary, os.Getenv("GITHUB_STEP_SUMMARY")), HTML: o.HTML}
}

// atOnce is how many cases run at a time on real sockets: they mostly wait.
const atOnce = 32
