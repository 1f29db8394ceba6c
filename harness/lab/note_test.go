package lab

import (
	"testing"

	"gauntlet/harness/judge/history"
)

// Whoever is at the client sees that it was refused something, and what.
func TestRefusalsAreShown(t *testing.T) {
	for want, e := range map[string]history.Event{
		"refused: contacts.nowhere.example:443: nobody here serves it": {Kind: history.NotServed, ID: "contacts.nowhere.example:443", Text: "nobody here serves it"},
		`refused: sign-in of "a@example.com": no version in common`:    {Kind: history.SignInRefused, User: "a@example.com", Text: "no version in common"},
		`refused: login of "a@example.com" at /RST.srf: wrong`:         {Kind: history.LoginRefused, User: "a@example.com", How: "/RST.srf", Text: "wrong"},
		"refused: TLS with the login services: unknown authority":      {Kind: history.HandshakeFailed, Text: "unknown authority"},
	} {
		if note, worth := noteOf(e); !worth || note.Text != want {
			t.Errorf("%v: %+v, want %q", worth, note, want)
		}
	}
}
