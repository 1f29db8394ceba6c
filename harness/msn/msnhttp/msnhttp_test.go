package msnhttp

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseTarget(t *testing.T) {
	cases := []struct {
		name, target, authority string
		want                    Query
		err                     error
	}{
		{"official client opens through a proxy", "http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com",
			"gateway.messenger.hotmail.com", Query{Action: "open", Server: "NS", IP: "messenger.hotmail.com"}, nil},
		{"origin form, switchboard", "/gateway/gateway.dll?Action=open&Server=SB&IP=207.46.108.13:1863",
			"", Query{Action: "open", Server: "SB", IP: "207.46.108.13:1863"}, nil},
		{"poll", "/gateway/gateway.dll?Action=poll&SessionID=954547325.13160", "", Query{Action: "poll", SessionID: "954547325.13160"}, nil},
		{"long poll", "/gateway/gateway.dll?Action=poll&Lifespan=3&SessionID=1.2", "", Query{Action: "poll", SessionID: "1.2", Lifespan: 3 * time.Second}, nil},
		{"other spelling", "/gateway/gateway.dll?LifeSpan=60&SessionID=1.2", "", Query{SessionID: "1.2", Lifespan: time.Minute}, nil},
		{"command with a bare ampersand", "/gateway/gateway.dll?SessionID=1.2&", "", Query{SessionID: "1.2"}, nil},
		{"empty SessionID with an open", "/gateway/gateway.dll?SessionID=&Action=open&Server=NS", "", Query{Action: "open", Server: "NS"}, nil},
		{"extras", "/gateway/gateway.dll?Action=open&Version=1&Protocol=mtp&Lifespan=x", "",
			Query{Action: "open", Extra: []Parameter{{"Version", "1"}, {"Protocol", "mtp"}, {"Lifespan", "x"}}}, nil},
		{"plus, semicolon and equals are literal", "/gateway/gateway.dll?SessionID=a+b;c=d", "", Query{SessionID: "a+b;c=d"}, nil},
		{"percent", "/gateway/gateway.dll?SessionID=%61%26b%2bc%", "", Query{SessionID: "a&b+c%"}, nil},
		{"repeated", "/gateway/gateway.dll?Action=poll&Action=open&SessionID=1&SessionID=1", "",
			Query{Action: "poll", SessionID: "1", Repeated: []string{"Action", "SessionID"}}, nil},
		{"names are case-sensitive", "/gateway/gateway.dll?action=poll", "", Query{Extra: []Parameter{{"action", "poll"}}}, nil},
		{"scheme in any case", "HTTP://h:80/gateway/gateway.dll", "h:80", Query{}, nil},
		{"another path", "/index.html?Action=poll", "", Query{Action: "poll"}, ErrPath},
		{"no path", "http://h", "h", Query{}, ErrPath},
		{"no authority", "http:///gateway/gateway.dll", "", Query{}, errTarget},
		{"asterisk", "*", "", Query{}, errTarget},
		{"authority form", "h:80", "", Query{}, errTarget},
		{"empty", "", "", Query{}, errTarget},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			authority, q, err := ParseTarget(c.target)
			if authority != c.authority || !reflect.DeepEqual(q, c.want) || !errors.Is(err, c.err) {
				t.Fatalf("got %q %+v %v", authority, q, err)
			}
		})
	}
}

func TestQueryString(t *testing.T) {
	cases := []struct {
		q    Query
		want string
	}{
		{Query{Action: "open", Server: "NS", IP: "messenger.hotmail.com"}, "Action=open&Server=NS&IP=messenger.hotmail.com"},
		{Query{Action: "poll", SessionID: "954547325.13160"}, "Action=poll&SessionID=954547325.13160"},
		{Query{Action: "poll", SessionID: "1.2", Lifespan: 3500 * time.Millisecond}, "Action=poll&Lifespan=3&SessionID=1.2"},
		{Query{SessionID: "954547325.13160"}, "SessionID=954547325.13160"},
		{Query{SessionID: "a&b c%d+e=f#é"}, "SessionID=a%26b%20c%25d%2Be=f%23%C3%A9"},
		{Query{Action: "open", Extra: []Parameter{{"a=b", "c=d"}}}, "Action=open&a%3Db=c=d"},
	}
	for _, c := range cases {
		if got := c.q.String(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.q, got, c.want)
		}
	}
	if got := (Query{SessionID: "1.2"}).Target("h"); got != "http://h/gateway/gateway.dll?SessionID=1.2" {
		t.Errorf("absolute: %q", got)
	}
	if got := (Query{SessionID: "1.2"}).Target(""); got != "/gateway/gateway.dll?SessionID=1.2" {
		t.Errorf("origin: %q", got)
	}
}

func TestSessionHeader(t *testing.T) {
	full := SessionHeader{SessionID: "1.2", GatewayIP: "10.0.0.1", HasSessionID: true, HasGatewayIP: true}
	closing := full
	closing.Close = true
	odd := full
	odd.SessionID = "a=b="
	cases := []struct {
		name, value string
		want        SessionHeader
		bad         bool
	}{
		{"as captured", "SessionID=1.2; GW-IP=10.0.0.1", full, false},
		{"closing", "SessionID=1.2; GW-IP=10.0.0.1; Session=close", closing, false},
		{"any order, no spaces", "Session=close;GW-IP=10.0.0.1;SessionID=1.2", closing, false},
		{"spaces and tabs", " SessionID =\t1.2 ;  GW-IP= 10.0.0.1 ; Session = close ;", closing, false},
		{"unknown element", "Action=open; SessionID=1.2; GW-IP=10.0.0.1", full, false},
		{"value with =", "SessionID=a=b=; GW-IP=10.0.0.1", odd, false},
		{"names in any case", "sessionid=1.2; gw-ip=10.0.0.1", full, false},
		{"missing GW-IP", "SessionID=1.2", SessionHeader{SessionID: "1.2", HasSessionID: true}, false},
		{"empty GW-IP", "SessionID=1.2; GW-IP=", SessionHeader{SessionID: "1.2", HasSessionID: true, HasGatewayIP: true}, false},
		{"other Session value", "Session=open", SessionHeader{}, false},
		{"twice the same", "SessionID=1.2; GW-IP=10.0.0.1; SessionID=1.2", full, false},
		{"twice, different", "SessionID=1.2; GW-IP=10.0.0.1; SessionID=1.3", full, true},
		{"no value", "SessionID; GW-IP=10.0.0.1", SessionHeader{GatewayIP: "10.0.0.1", HasGatewayIP: true}, true},
		{"empty", " ", SessionHeader{}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseSessionHeader(c.value)
			if got != c.want || errors.Is(err, errHeader) != c.bad {
				t.Fatalf("got %+v %v", got, err)
			}
		})
	}
	if got := closing.String(); got != "SessionID=1.2; GW-IP=10.0.0.1; Session=close" {
		t.Errorf("formatted %q", got)
	}
	if got := (SessionHeader{Close: true}).String(); got != "Session=close" {
		t.Errorf("formatted %q", got)
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("http://h/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com")
	f.Add("/gateway/gateway.dll?Action=poll&Lifespan=60&SessionID=a%26b%&&x")
	f.Fuzz(func(t *testing.T, target string) {
		_, q, err := ParseTarget(target)
		if err != nil {
			return
		}
		_, again, err := ParseTarget(q.Target(""))
		q.Repeated = nil
		if err != nil || !reflect.DeepEqual(q, again) {
			t.Fatalf("%q became %+v, then %+v (%v)", target, q, again, err)
		}
	})
}

func FuzzSessionHeader(f *testing.F) {
	f.Add("SessionID=1.2; GW-IP=10.0.0.1; Session=close")
	f.Add("GW-IP = h ;; SessionID=a=b;x=;Session=close")
	f.Fuzz(func(t *testing.T, value string) {
		h, err := ParseSessionHeader(value)
		if err != nil || !h.HasSessionID && !h.HasGatewayIP && !h.Close {
			return
		}
		again, err := ParseSessionHeader(h.String())
		if err != nil || h != again || strings.Contains(h.SessionID, ";") {
			t.Fatalf("%q became %+v, then %+v (%v)", value, h, again, err)
		}
	})
}

func BenchmarkParseTarget(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ParseTarget("http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=poll&SessionID=954547325.13160"); err != nil {
			b.Fatal(err)
		}
	}
}
