package toxiproxy

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/proxies/fault"
)

// kind is a type of toxic: the attributes that it takes, all numbers but the line,
// and the effect that it is. "" is none.
type kind struct {
	attributes []string
	effect     func(a attributes, side string) (effect string, err error)
}

// faultType is the type whose toxics are lines of ours.
const faultType = "fault"

// kinds is the table of toxics.
func kinds() map[string]kind {
	return map[string]kind{
		"latency":   {[]string{"latency", "jitter"}, latency},
		"bandwidth": {[]string{"rate"}, bandwidth},
		"slow_close": {[]string{"delay"}, func(a attributes, side string) (string, error) {
			return timed("delay end %v to "+side, a.ms("delay")), nil
		}},
		"timeout":    {[]string{"timeout"}, timeout},
		"reset_peer": {[]string{"timeout"}, resetPeer},
		"slicer":     {[]string{"average_size", "size_variation", "delay"}, slicer},
		"limit_data": {[]string{"bytes"}, func(a attributes, side string) (string, error) {
			return fmt.Sprintf("limit %d bytes to %s", a.number("bytes"), side), nil
		}},
		faultType: {attributes: []string{"line"}},
	}
}

// timed is an effect of a time, which does nothing when there is none.
func timed(format string, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf(format, d)
}

// latency is L more or less J; below 0 it is none.
func latency(a attributes, side string) (string, error) {
	low, high := a.ms("latency")-a.ms("jitter"), a.ms("latency")+a.ms("jitter")
	low = max(low, 0)
	switch high {
	case 0:
		return "", nil
	case low:
		return fmt.Sprintf("delay %v to %s", low, side), nil
	}
	low = max(low, time.Microsecond) // an effect wants some
	return fmt.Sprintf("delay %v jitter %v to %s", low, high-low, side), nil
}

// bandwidth is in thousands of bytes a second; of none nothing flows.
func bandwidth(a attributes, side string) (string, error) {
	if a.number("rate") == 0 {
		return "delay 100000h to " + side, nil
	}
	return fmt.Sprintf("bandwidth %d to %s", a.number("rate")*1000, side), nil
}

func timeout(a attributes, side string) (string, error) {
	if d := a.ms("timeout"); d > 0 {
		return fmt.Sprintf("swallow for %v to %s", d, side), nil
	}
	return "swallow to " + side, nil
}

// resetPeer is a reset at the first bytes of the stream: before them a client would
// not even be connected.
func resetPeer(a attributes, side string) (string, error) {
	if d := a.ms("timeout"); d > 0 {
		return fmt.Sprintf("reset later %v", d), nil
	}
	return "limit 0 bytes then reset to " + side, nil
}

func slicer(a attributes, side string) (string, error) {
	size, vary := a.number("average_size"), a.number("size_variation")
	switch {
	case size == 0:
		return "", badBody.about("average_size: pieces of 0 bytes carry nothing")
	case vary >= size:
		return "", badBody.about("size_variation: has to be less than average_size")
	}
	every := max(time.Duration(a.number("delay"))*time.Microsecond, time.Microsecond)
	varying := ""
	if vary > 0 {
		varying = fmt.Sprintf(" vary %d", vary)
	}
	return fmt.Sprintf("dribble %d bytes every %v%s to %s", size, every, varying, side), nil
}

// attributes are those of a toxic: numbers, or the text of a line.
type attributes map[string]any

// number is an attribute that is one; 0 if it is none.
func (a attributes) number(name string) int64 {
	n, _ := a[name].(int64)
	return n
}

// ms is an attribute in milliseconds.
func (a attributes) ms(name string) time.Duration {
	return time.Duration(a.number(name)) * time.Millisecond
}

// mostNumber is how large a number may be: its milliseconds are some decades.
const mostNumber = 1 << 40

// read takes over what a request says of attributes, strictly.
func (a attributes) read(said map[string]json.RawMessage) error {
	for _, name := range slices.Sorted(maps.Keys(said)) {
		switch a[name].(type) {
		case nil:
			return badBody.about(fmt.Sprintf("no attribute %q; there are: %s", name, strings.Join(slices.Sorted(maps.Keys(a)), ", ")))
		case string:
			var text string
			if err := json.Unmarshal(said[name], &text); err != nil {
				return badBody.about(name + ": " + err.Error())
			}
			a[name] = text
		case int64:
			var n int64
			if err := json.Unmarshal(said[name], &n); err != nil {
				return badBody.about(name + ": " + err.Error())
			}
			if n < 0 || n > mostNumber {
				return badBody.about(fmt.Sprintf("%s: want a number from 0 to %d", name, int64(mostNumber)))
			}
			a[name] = n
		}
	}
	return nil
}

// toxic is one that a proxy has.
type toxic struct {
	Attributes attributes `json:"attributes"`
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Stream     string     `json:"stream"`
	Toxicity   float32    `json:"toxicity"`

	fault *fault.Fault // nil if it does nothing
}

// said is a toxic as a request has it.
type said struct {
	Attributes map[string]json.RawMessage `json:"attributes"`
	Name       string                     `json:"name"`
	Type       string                     `json:"type"`
	Stream     string                     `json:"stream"`
	Toxicity   *float32                   `json:"toxicity"`
}

// newToxic reads a toxic. Unless it says so it is one of what goes downstream, and
// always there.
func newToxic(body io.Reader, v fault.Vocabulary) (*toxic, error) {
	s := said{Stream: "downstream"}
	if err := read(body, &s); err != nil {
		return nil, err
	}
	t := &toxic{Name: s.Name, Type: s.Type, Stream: s.Stream, Toxicity: 1, Attributes: attributes{}}
	if _, known := sides()[t.Stream]; !known {
		return nil, wrongStream
	}
	if t.Name == "" {
		t.Name = t.Type + "_" + t.Stream
	}
	k, known := kinds()[t.Type]
	if !known {
		return nil, wrongType
	}
	for _, name := range k.attributes {
		t.Attributes[name] = int64(0)
		if t.Type == faultType {
			t.Attributes[name] = ""
		}
	}
	return t, t.take(s, v)
}

// sides are where the bytes of a stream go, in the words of faults.
func sides() map[string]string { return map[string]string{"upstream": "box", "downstream": "client"} }

// with is the toxic after an update.
func (t *toxic) with(body io.Reader, v fault.Vocabulary) (*toxic, error) {
	var s said
	if err := read(body, &s); err != nil {
		return nil, err
	}
	next := *t
	next.Attributes = maps.Clone(t.Attributes)
	return &next, next.take(s, v)
}

// take takes over attributes and toxicity, and makes the fault of them.
func (t *toxic) take(s said, v fault.Vocabulary) error {
	if s.Toxicity != nil {
		t.Toxicity = *s.Toxicity
	}
	if err := t.Attributes.read(s.Attributes); err != nil {
		return err
	}
	line, err := t.line()
	if err != nil || line == "" {
		t.fault = nil
		return err
	}
	f, err := fault.Parse(line, v)
	if err != nil {
		return badBody.about(err.Error())
	}
	t.fault = &f
	return nil
}

// line is the fault's; "" if the toxic does nothing.
func (t *toxic) line() (string, error) {
	if t.Type == faultType {
		line, _ := t.Attributes["line"].(string)
		switch {
		case line == "":
			return "", missingField.about("line")
		case t.Toxicity != 1:
			return "", badBody.about("toxicity: a fault says itself how often it strikes: with p=0.5")
		}
		return line, nil
	}
	effect, err := kinds()[t.Type].effect(t.Attributes, sides()[t.Stream])
	if err != nil || effect == "" || t.Toxicity <= 0 {
		return "", err
	}
	often := "every 1st"
	if t.Toxicity < 1 {
		often = "with p=" + strconv.FormatFloat(float64(t.Toxicity), 'g', -1, 32)
	}
	return "hop 0: on connection 1: " + effect + ", " + often, nil
}
