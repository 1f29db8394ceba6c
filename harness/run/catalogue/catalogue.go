// Package catalogue holds the cases: what is put between a client and the
// gateway, what goes wrong on the way, what the user does meanwhile, and which
// requirements that proves. A case is data. This package reads cases from YAML
// (a family of cases to a document, spanned by the axes of a matrix), points
// at every mistake with file, line and column, selects cases by their ids and
// checks the catalogue as a whole.
//
// It runs nothing, knows no gateway and no client, and is told by the rig
// which words may occur. The rig and the command import it. It starts no
// goroutine.
package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/workload"
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// Case is one thing to try on a client.
type Case struct {
	ID       string            // lower-case letters and digits, single hyphens between them
	Title    string            // what happens, in a few words
	Why      string            // a sentence: where this is met and what it would break
	Proves   []requirement.ID  // that are judged by it
	Level    requirement.Level // the highest at which its failures count; empty is must
	Dialect  string            // of the gateway
	Knobs    []Knob            // turned from where the dialect has them, in the order of their names
	Think    time.Duration     // how long the gateway takes over an answer
	Chain    proxies.Chain     // boxes, the nearest to the client first; none is the direct route
	Contact  proxies.Chain     // the contact's own boxes; nil: it is scripted and needs no network
	Clients  int               // of the kind under test that go the same way, the user's among them; 0 is one
	Proxy    ProxySetting      // what the client is told of proxies
	Account  Account           // who the user is
	Faults   []fault.Fault     // none makes it a control
	Workload workload.Script   // what the user does
	File     string            // where it is written
	Line     int               // of its id in File, from 1
}

// Knob is one setting of a gateway's dialect.
type Knob struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Account is who the user is, as the servers know them.
type Account struct {
	Nick        string `json:"nick,omitempty"`         // empty: as it comes
	ContactNick string `json:"contact_nick,omitempty"` // of the one with whom they chat
	Others      int    `json:"others,omitempty"`       // on the user's list beside that one; -1: not even that one
}

// ProxySetting is what a client is told of proxies.
type ProxySetting string

// The settings. The kinds of proxy are told of the chain's first box, whatever
// that really is. A file is a proxy auto-configuration, of which the client is told the
// URL and nothing else.
const (
	AsChain      ProxySetting = ""                 // what the chain's first box is
	SwitchedOff  ProxySetting = "switched off"     // a proxy is given, and its use is switched off
	NoPassword   ProxySetting = "without password" // as the chain, but not what the box wants to know of its users
	HTTPProxy    ProxySetting = "http proxy"
	ConnectProxy ProxySetting = "connect proxy" // an HTTP proxy that is asked for tunnels
	Socks4Proxy  ProxySetting = "socks4 proxy"
	Socks4aProxy ProxySetting = "socks4a proxy"
	Socks5Proxy  ProxySetting = "socks5 proxy"
	File         ProxySetting = "file"         // it names the chain's first box
	FileDirect   ProxySetting = "file direct"  // it says that there is no proxy
	FileDead     ProxySetting = "file dead"    // it names a proxy that nobody has, and then the box
	FileSlow     ProxySetting = "file slow"    // it takes a while
	FileMissing  ProxySetting = "file missing" // 404, and no way leads past the proxy
	FileAtWPAD   ProxySetting = "file at wpad" // it is where WPAD has it
)

// ProxyWord is a setting as a case has it.
type ProxyWord struct {
	Setting ProxySetting
	Doc     string
	chain   string // of the example
}

// Example is the lines of a case that say so.
func (w ProxyWord) Example() string { return "chain: [" + w.chain + "]\nproxy: " + string(w.Setting) }

// ProxyWords lists the settings that a case may have.
func ProxyWords() []ProxyWord {
	const box = "forward port 3128"
	return []ProxyWord{
		{SwitchedOff, "The client is given a proxy, and its use is switched off.", ""},
		{NoPassword, "The client is told of the chain's first box, and not of the name and password that it wants.", "forward basic alice:secret"},
		{HTTPProxy, "The client is told that the chain's first box is an HTTP proxy, whatever it is.", "socks5"},
		{ConnectProxy, "The client is told that the chain's first box makes tunnels by CONNECT, whatever it is.", box},
		{Socks4Proxy, "The client is told that the chain's first box speaks SOCKS 4, whatever it is.", box},
		{Socks4aProxy, "The client is told that the chain's first box speaks SOCKS 4A, whatever it is.", box},
		{Socks5Proxy, "The client is told that the chain's first box speaks SOCKS 5, whatever it is.", box},
		{File, "The client is told the URL of a proxy auto-configuration (PAC) and nothing else. The file names the chain's first box for the gateway, and for all else a proxy where nobody is.", box},
		{FileDirect, "As with file, but it says DIRECT for the gateway.", ""},
		{FileDead, "As with file, but before the box it names a proxy where nobody is: PROXY a; PROXY b.", box},
		{FileSlow, "As with file, but it takes 10 s to come.", box},
		{FileMissing, "As with file, but there is none: 404. The gateway is reached by way of the box alone.", box},
		{FileAtWPAD, "As with file, which is called http://wpad/wpad.dat, where a browser looks that is to find it by itself (WPAD).", box},
	}
}

// proxySettings lists the words that a case may use.
func proxySettings() (words []string) {
	for _, w := range ProxyWords() {
		words = append(words, string(w.Setting))
	}
	return words
}

// ByFile reports whether the client is told of a file that says the way.
func (s ProxySetting) ByFile() bool {
	return s == File || strings.HasPrefix(string(s), string(File)+" ")
}

// OfBox reports whether the setting says something of the chain's first box.
func (s ProxySetting) OfBox() bool { return s != AsChain && s != SwitchedOff && s != FileDirect }

// Kind is the kind of proxy that the client is told of, empty if the chain
// tells.
func (s ProxySetting) Kind() string {
	if strings.HasSuffix(string(s), " proxy") {
		return string(s)
	}
	return ""
}

// Vocabulary is what the words in a case may be.
type Vocabulary struct {
	Dialects []string // of the gateway
	Knobs    []string // of the dialects
	// Turn says what is wrong with a value for a knob; a *syntax.Error, with which of
	// its words.
	Turn   func(knob, value string) error
	Boxes  proxies.Profiles // what `profile NAME` in a chain stands for
	Faults fault.Vocabulary // Hops is ignored: the chain of each case tells
}

// What a case has if it does not say.
const (
	DefaultDialect = "documented"
	DefaultThink   = 50 * time.Millisecond
)

// Load reads the cases of all YAML files in dir and below, in the order of the
// file names, then as written. If anything is wrong with any of them there are
// no cases, and the error joins one *yamlfile.Error for each mistake.
func Load(fsys fs.FS, dir string, v Vocabulary) ([]Case, error) {
	return loadSome(fsys, dir, v, func([]byte) bool { return true })
}

// loadSome reads the files of which wanted says so.
func loadSome(fsys fs.FS, dir string, v Vocabulary, wanted func(source []byte) bool) ([]Case, error) {
	files, err := list(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("loading cases: %w", err)
	}
	var cases []Case
	var errs []error
	taken := map[string]string{} // ids and where they were given
	for _, file := range files {
		found, err := loadFile(fsys, file, v, taken, wanted)
		cases, errs = append(cases, found...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return cases, nil
}

func list(fsys fs.FS, dir string) ([]string, error) {
	var files []string
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ".yaml" {
			files = append(files, name)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no *.yaml in %s", dir)
	}
	return files, err
}

func loadFile(fsys fs.FS, name string, v Vocabulary, taken map[string]string, wanted func([]byte) bool) ([]Case, error) {
	file, err := yamlfile.Read(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("loading cases: %w", err)
	}
	if !wanted(file.Source) {
		return nil, nil
	}
	p := problems{&yamlfile.Mistakes{File: name}}
	documents := yamlfile.Documents[family](file.Source, p.Mistakes)
	if p.Count() == 0 && len(documents) == 0 {
		p.Add(yamlfile.Place{Line: 1, Column: 1}, "there is no case in this file")
	}
	var cases []Case
	for _, d := range documents {
		if p.sound(d, v) {
			cases = append(cases, p.expand(d, v, taken)...)
		}
	}
	return cases, p.Err()
}
