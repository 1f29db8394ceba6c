package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
)

// A history on disk is JSON Lines. The first line says what was run (Meta),
// then each event has a line of its own, and the last line counts the events
// and carries the SHA-256 of all lines before it. Heads and bodies repeat a
// thousand times in a run, so data of 64 bytes or more is written once, on a
// blob line before its first use, and events refer to it by the beginning of
// its SHA-256. Whatever reads as text is stored as text, so that the file can
// be read, searched and compared without a tool; the rest is base64. The same
// history gives the same bytes.
//
//	{"format":"gauntlet-history","version":1,"case":"cut-poll","mode":"virtual",…}
//	{"blob":"9f86d081884c7d65","raw":"POST http://gateway.messenger…\r\n\r\n"}
//	{"seq":1,"at":1000000,"from":"hop","kind":"request head","conn":1,"ref":"9f86d081884c7d65"}
//	{"events":1,"sha256":"…"}
const (
	formatName    = "gauntlet-history"
	formatVersion = 1
	blobAtLeast   = 64 // bytes; a reference costs about 30
	refDigits     = 16 // of the hexadecimal SHA-256
)

// errTampered says that the lines of a history no longer are those that were
// written: one was changed, lost, added or moved.
var errTampered = errors.New("the history was changed after it was written")

// Meta says which run a history belongs to.
type Meta struct {
	Case    string `json:"case"`
	Mode    string `json:"mode"`    // virtual, loopback, netns or attached
	Client  string `json:"client"`  // the client under test
	Harness string `json:"harness"` // the version of Gauntlet that recorded it
	Seed    uint64 `json:"seed"`
	// Definition is the case as it was run, in the catalogue's JSON: with it the
	// history can be judged again.
	Definition json.RawMessage `json:"definition,omitempty"`
}

// headLine is the first line of a file.
type headLine struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Meta
}

// payload is data that is either text or not; at most one field is set.
type payload struct {
	Raw   string `json:"raw,omitempty"`
	Raw64 []byte `json:"raw64,omitempty"`
}

// blobLine holds data that events refer to.
type blobLine struct {
	Blob string `json:"blob"`
	payload
}

// eventLine is an event whose data stands beside it or on a blob line.
type eventLine struct {
	Event
	payload
	Ref     string            `json:"ref,omitempty"`
	Bytes64 map[string][]byte `json:"bytes64,omitempty"` // text fields that are not UTF-8, by name
}

// lastLine seals a file.
type lastLine struct {
	Events int    `json:"events"`
	SHA256 string `json:"sha256"` // of all lines before, line ends included
}

// Lines are told apart by how they begin.
const (
	blobBegins  = `{"blob":`
	eventBegins = `{"seq":`
	lastBegins  = `{"events":`
)

func refOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:refDigits]
}

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
