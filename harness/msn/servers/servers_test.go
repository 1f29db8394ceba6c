package servers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
)

func TestHowAGatewayIsSet(t *testing.T) {
	c := catalogue.Case{Dialect: catalogue.DefaultDialect}
	c.Think = 3 * time.Second
	d, err := dialectOf(c)
	if err != nil || d.Think != c.Think || !slices.Equal(d.Addresses, []string{protocol.GatewayHost, protocol.OtherGatewayHost}) {
		t.Errorf("%+v, %v", d, err)
	}
	c.Knobs = []catalogue.Knob{{Name: "addresses", Value: switchboardHost}}
	if d, err := dialectOf(c); err != nil || !slices.Equal(d.Addresses, []string{switchboardHost}) {
		t.Errorf("a knob is turned: %v, %v", d.Addresses, err)
	}
	c.Knobs[0].Name = "no such knob"
	if _, err := dialectOf(c); err == nil {
		t.Error("a knob that there is none of is turned")
	}
	c.Knobs, c.Dialect = nil, "klingon"
	if _, err := dialectOf(c); err == nil || !strings.Contains(err.Error(), `no dialect "klingon"`) {
		t.Errorf("%v", err)
	}
}

// Who is suspended has as long for a challenge as anybody, from then on.
func TestHowLongAChallengeIsOpen(t *testing.T) {
	for script, want := range map[string]time.Duration{
		"sign in, stay 45s, sign out":                         80 * time.Second,
		"sign in, suspend 45s, stay 1s, suspend 20s, stay 9s": 145 * time.Second,
	} {
		steps, err := workload.Parse(strings.Split(script, ", "))
		if err != nil {
			t.Fatal(err)
		}
		if got := patience(catalogue.Case{Workload: steps}); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}
