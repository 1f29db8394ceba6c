// Package certificate writes and checks certificates: an in-toto statement with
// a test-result predicate, in a DSSE envelope that an Ed25519 key signs. It says
// how each case of a run ended and which levels of an edition are met, and holds
// the digests of what that rests on, so that anybody who has the run directory
// can judge the histories again. To trust a certificate is to trust the harness
// that recorded the histories, and therefore whoever signed it.
//
// It knows run directories and editions, and no client. The command imports it.
// It starts no goroutine and needs no network.
package certificate

import (
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// The types of the formats.
const (
	PayloadType   = "application/vnd.in-toto+json"
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// Statement is what is signed.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"` // the client
	PredicateType string     `json:"predicateType"`
	Predicate     Predicate  `json:"predicate"`
}

// Resource names something by its digest.
type Resource struct {
	Name        string            `json:"name"`
	Digest      Digest            `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Digest is a SHA-256 in hexadecimal.
type Digest struct {
	SHA256 string `json:"sha256"`
}

// The results of a predicate.
const (
	Passed = "PASSED" // every case that was judged passed
	Warned = "WARNED" // something could not be concluded, or nothing was judged
	Failed = "FAILED" // a must is broken
)

// Predicate is a test result, version 0.1. Gauntlet is our own extension.
type Predicate struct {
	Result        string     `json:"result"`
	Configuration []Resource `json:"configuration"` // the edition and the harness
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"` // neither passed nor failed
	FailedTests   []string   `json:"failedTests"`
	Gauntlet      Claim      `json:"gauntlet"`
}

// Claim is what a test result has no fields for.
type Claim struct {
	Client  string   `json:"client"`
	Mode    rig.Mode `json:"mode"`
	Seed    uint64   `json:"seed"`
	Product string   `json:"product,omitempty"`
	Edition string   `json:"edition"`
	Levels  []string `json:"levels"` // that are met
	// Earlier are the musts that the client broke in simpler worlds than those of
	// the cases that stand on them, with the worlds.
	Earlier  []string   `json:"earlier,omitempty"`
	Run      string     `json:"run"` // the run directory, as seen from the certificate's
	Cases    []Recorded `json:"cases"`
	Controls []Leaned   `json:"controls"`
}

// Leaned is a control on which verdicts lean, and the digest of its history.
type Leaned struct {
	ID      string `json:"id"`
	History string `json:"history"`
}

// Recorded is a case, how it ended, and the digest of its history.
type Recorded struct {
	ID      string        `json:"id"`
	Status  oracle.Status `json:"status"`
	History string        `json:"history"` // SHA-256 of the file
	// Unwitnessed says that the client took its process down or would not end: the
	// history alone does not show the failure.
	Unwitnessed bool `json:"unwitnessed,omitempty"`
}

// The names of the predicate's resources.
const (
	editionName = "edition"
	harnessName = "gauntlet"
)

// resource finds a part of the configuration.
func (p Predicate) resource(name string) Resource {
	for _, r := range p.Configuration {
		if r.Name == name {
			return r
		}
	}
	return Resource{}
}

// resultOf sums up how cases ended. A failure that is known is one.
func resultOf(p Predicate) string {
	switch {
	case len(p.FailedTests)+len(p.Gauntlet.Earlier) > 0:
		return Failed
	case len(p.WarnedTests) > 0 || len(p.PassedTests) == 0:
		return Warned
	}
	return Passed
}

// sort puts the cases into the lists of the predicate. What does not apply to
// the mode was not tested.
func (p *Predicate) sort() {
	p.PassedTests, p.WarnedTests, p.FailedTests = []string{}, []string{}, []string{}
	for _, c := range p.Gauntlet.Cases {
		switch c.Status {
		case oracle.Pass:
			p.PassedTests = append(p.PassedTests, c.ID)
		case oracle.Fail:
			p.FailedTests = append(p.FailedTests, c.ID)
		case oracle.NotApplicable:
		default:
			p.WarnedTests = append(p.WarnedTests, c.ID)
		}
	}
	p.Result = resultOf(*p)
}
