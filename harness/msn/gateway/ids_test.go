package gateway

import (
	"bytes"
	"strings"
	"testing"

	"gauntlet/harness/msn/msnhttp"
)

func TestIDs(t *testing.T) {
	for _, shape := range []IDShape{Dotted, NoDot, Hex, UUID, Long, Unreserved, Dots, Reserved} {
		for _, change := range []IDChange{ChangesLast, ChangesFirst, ChangesNever} {
			t.Run(string(shape)+"/"+string(change), func(t *testing.T) { checkIDs(t, shape, change) })
		}
	}
}

func checkIDs(t *testing.T, shape IDShape, change IDChange) {
	issuer := newIssuer(7, nil, Dialect{IDShape: shape, IDChange: change})
	seen := map[string]bool{}
	for session := 1; session <= 20; session++ {
		for seq := uint64(1); seq <= 20; seq++ {
			id := issuer.id(session, seq)
			if seen[id] != (change == ChangesNever && seq > 1) {
				t.Fatalf("%q: issued before: %v", id, seen[id])
			}
			seen[id] = true
			checkRead(t, issuer, id, session, seq)
		}
	}
}

func checkRead(t *testing.T, issuer issuer, id string, session int, seq uint64) {
	s, q, wrap, ok := issuer.read(id)
	if !ok || s != session || issuer.change != ChangesNever && q != seq%wrap {
		t.Fatalf("%q reads as %d, %d, %v", id, s, q, ok)
	}
	header := msnhttp.SessionHeader{SessionID: id, GatewayIP: "h"}
	if h, err := msnhttp.ParseSessionHeader(header.String()); err != nil || h.SessionID != id {
		t.Fatalf("%q does not fit into the header: %+v %v", id, h, err)
	}
	for _, bad := range []string{id + "0", "0" + id, id[1:], id[:len(id)-1], strings.ToUpper(id) + "!"} {
		// It may read as an id; it must not read as one that was issued.
		if s, q, _, ok := issuer.read(bad); ok && s <= 20 && q <= 20 {
			t.Fatalf("%q passes for an id", bad)
		}
	}
}

func TestIDLooks(t *testing.T) {
	want := map[IDShape]string{
		Dotted: "954547325.13160", NoDot: "5", Hex: "0123456789abcdef", UUID: "-0123456789abcdef",
		Long: "0123456789abcdef.", Unreserved: "-_~.gW0123456789", Dots: ".", Reserved: "&x=+%/?#[]0123456789",
	}
	for shape, alphabet := range want {
		id := newIssuer(7, nil, Dialect{IDShape: shape}).id(1, 1)
		if rest := strings.Trim(id, alphabet+"0123456789"); rest != "" {
			t.Errorf("%s: %q has %q", shape, id, rest)
		}
	}
	if n := len(newIssuer(7, nil, Dialect{IDShape: Long}).id(1, 1)); n != 2000 {
		t.Errorf("long: %d characters", n)
	}
}

// A seed's ids stay what they are: whoever repeats a run by another version meets the same.
func TestIDsOfASeed(t *testing.T) {
	type looks struct {
		shape  IDShape
		change IDChange
	}
	for d, want := range map[looks]string{
		{}:                     "520551168.9803341 1113796154.7027749",
		{shape: NoDot}:         "52055116809803341 111379615407027749",
		{shape: Hex}:           "19111a0095964d 3c6d4d3a6b3c25",
		{shape: UUID}:          "19111a00-8134-4508-a924-3853c895964d 3c6d4d3a-12a4-4df5-ae54-51f7dc6b3c25",
		{shape: Reserved}:      "520551168&x=9803341+%/?#[] 1113796154&x=7027749+%/?#[]",
		{shape: Dots}:          ".520551168..9803341. .1113796154..7027749.",
		{shape: Unreserved}:    "520551168-_~.gW9803341 1113796154-_~.gW7027749",
		{change: ChangesFirst}: "559660863.3663470 434553470.15383135",
		{change: ChangesNever}: "520551168.10098969 1113796154.13768384",
	} {
		if i := newIssuer(7, nil, Dialect{IDShape: d.shape, IDChange: d.change}); i.id(1, 1)+" "+i.id(2, 3) != want {
			t.Errorf("%s %s: %s %s", d.shape, d.change, i.id(1, 1), i.id(2, 3))
		}
	}
}

// Small numbers are written as long as large ones.
func TestIDsOfSmallNumbers(t *testing.T) {
	for s, want := range map[IDShape]string{
		NoDot: "10000000100000002", Hex: "00000001000002", UUID: "00000001-a105-4813-af66-5f8ae2000002",
	} {
		id := shapes(s).write(1, 2)
		if major, minor := shapes(s).read(id); id != want || major != 1 || minor != 2 {
			t.Errorf("%s: %s is read as %d and %d", s, id, major, minor)
		}
	}
}

func TestManyIDsOfOneSessionDiffer(t *testing.T) {
	issuer, seen := newIssuer(1, nil, Dialect{}), map[string]bool{}
	for seq := uint64(1); seq <= 50_000; seq++ {
		seen[issuer.id(1, seq)] = true
	}
	if len(seen) != 50_000 {
		t.Fatalf("%d ids", len(seen))
	}
}

func TestKnobs(t *testing.T) {
	for name, d := range Dialects() {
		if err := d.Check(); err != nil || d.Name != name || d.Doc == "" {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
	d := Dialect{}
	var err error
	for _, turn := range [][2]string{{"id", "uuid"}, {"think", "50ms"}, {"addresses", "a b"}, {"move-every", "3"}, {"binding", "connection"}} {
		if d, err = d.With(turn[0], turn[1]); err != nil {
			t.Fatal(err)
		}
	}
	if d.IDShape != UUID || d.Think != 50e6 || len(d.Addresses) != 2 || d.MoveEvery != 3 || d.Binding != Bound {
		t.Fatalf("%+v", d)
	}
	for _, turn := range [][2]string{{"id", "round"}, {"think", "-1s"}, {"move-every", "0"}, {"colour", "red"}} {
		if _, err := d.With(turn[0], turn[1]); err == nil {
			t.Errorf("%v accepted", turn)
		}
	}
	if err := (Dialect{PNG: "eat"}).Check(); err == nil {
		t.Error("an unknown word passes")
	}
}

// What a public gateway issues cannot be computed from its seed, nor from what
// another one issued.
func TestSecretIDs(t *testing.T) {
	secret := func(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
	one, other := newIssuer(1, secret(1), Dialect{}), newIssuer(1, secret(2), Dialect{})
	seen := map[string]bool{}
	for session := 1; session <= 50; session++ {
		for seq := uint64(1); seq <= 20; seq++ {
			id := one.id(session, seq)
			if seen[id] || id == newIssuer(1, nil, Dialect{}).id(session, seq) || id == other.id(session, seq) {
				t.Fatalf("%s of session %d, answer %d can be foreseen, or came before", id, session, seq)
			}
			seen[id] = true
			if s, n, _, ok := one.read(id); !ok || s != session || n != seq {
				t.Fatalf("%s is read as session %d, answer %d", id, s, n)
			}
		}
	}
}
