package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// stored is a case as JSON, with the text forms that people know from the
// case files.
type stored struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Why      string            `json:"why"`
	Proves   []requirement.ID  `json:"proves"`
	Level    requirement.Level `json:"level,omitempty"`
	Dialect  string            `json:"dialect"`
	Knobs    []Knob            `json:"knobs,omitempty"`
	Proxy    ProxySetting      `json:"proxy,omitempty"`
	Account  *Account          `json:"account,omitempty"`
	Think    string            `json:"think"`
	Chain    []string          `json:"chain"`
	Contact  []string          `json:"contact"` // null if it has no way of its own
	Clients  int               `json:"clients,omitempty"`
	Faults   []string          `json:"faults"`
	Workload []string          `json:"workload"`
	File     string            `json:"file,omitempty"`
	Line     int               `json:"line,omitempty"`
}

// Encode is a case as one line of JSON; Decode reads it back.
func Encode(c Case) ([]byte, error) {
	s := stored{
		ID: c.ID, Title: c.Title, Why: c.Why, Proves: c.Proves, Dialect: c.Dialect, Think: c.Think.String(),
		Level: c.Level, Knobs: c.Knobs, Proxy: c.Proxy, Clients: c.Clients,
		Chain: []string{}, Faults: []string{}, Workload: c.Workload.Lines(), File: c.File, Line: c.Line,
	}
	if c.Account != (Account{}) {
		s.Account = &c.Account
	}
	for _, box := range c.Chain {
		s.Chain = append(s.Chain, box.String())
	}
	if c.Contact != nil {
		s.Contact = []string{}
	}
	for _, box := range c.Contact {
		s.Contact = append(s.Contact, box.String())
	}
	for _, f := range c.Faults {
		s.Faults = append(s.Faults, f.String())
	}
	return json.Marshal(s)
}

// Decode reads what Encode wrote. It checks the words as Load does.
func Decode(data []byte, v Vocabulary) (Case, error) {
	var s stored
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&s); err != nil {
		return Case{}, fmt.Errorf("decoding a case: %w", err)
	}
	c, err := s.restore(v)
	if err != nil {
		return Case{}, fmt.Errorf("decoding case %q: %w", s.ID, err)
	}
	return c, nil
}

func (s stored) restore(v Vocabulary) (c Case, err error) {
	c = Case{
		ID: s.ID, Title: s.Title, Why: s.Why, Proves: s.Proves, Level: s.Level,
		Dialect: s.Dialect, Knobs: s.Knobs, Proxy: s.Proxy, Clients: s.Clients, File: s.File, Line: s.Line,
	}
	if s.Account != nil {
		c.Account = *s.Account
	}
	if c.Think, err = time.ParseDuration(s.Think); err != nil {
		return c, err
	}
	if c.Workload, err = workload.Parse(s.Workload); err != nil {
		return c, err
	}
	if c.Chain, err = chainOf(s.Chain, v.Boxes); err != nil {
		return c, err
	}
	if c.Contact, err = chainOf(s.Contact, v.Boxes); err != nil {
		return c, err
	}
	if s.Contact != nil && c.Contact == nil {
		c.Contact = proxies.Chain{}
	}
	v.Faults.Hops, v.Faults.Streams = len(c.Chain)+1, c.Chain.Streams()
	c.Faults, err = s.faults(v.Faults)
	return c, err
}

func chainOf(texts []string, profiles proxies.Profiles) (proxies.Chain, error) {
	var chain proxies.Chain
	for _, text := range texts {
		box, err := profiles.ParseSpec(text)
		if err != nil {
			return nil, err
		}
		chain = append(chain, box)
	}
	return chain, nil
}

func (s stored) faults(v fault.Vocabulary) ([]fault.Fault, error) {
	var faults []fault.Fault
	for _, text := range s.Faults {
		f, err := fault.Parse(text, v)
		if err != nil {
			return nil, err
		}
		faults = append(faults, f)
	}
	return faults, nil
}
