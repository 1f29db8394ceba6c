package servers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
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
