package child

import (
	"os"

	"gauntlet/harness/run/adapter"
)

// request is what a driven client is told.
type request struct {
	Type     string   `json:"type"`
	ID       int      `json:"id,omitempty"`
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"`
	Gateway  *address `json:"gateway,omitempty"`
	Proxy    *proxy   `json:"proxy,omitempty"`
	PAC      string   `json:"pac,omitempty"` // URL of the file that says which proxy there is
	Contact  string   `json:"contact,omitempty"`
	Text     *string  `json:"text,omitempty"` // of a send, and may be empty
}

type address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	CA      string `json:"ca,omitempty"` // of a gateway that is reached by https: whom to trust, PEM
}

type proxy struct {
	Kind     string `json:"kind"`
	Address  string `json:"address"`
	User     string `json:"user"`
	Password string `json:"password"`
	Enabled  bool   `json:"enabled"`
}

// message is what a driven client says.
type message struct {
	Type      string            `json:"type"`
	ID        int               `json:"id"`
	Text      string            `json:"text"`
	From      *string           `json:"from"` // nil: the client does not say
	Name      string            `json:"name"`
	Version   string            `json:"version"`
	Protocol  int               `json:"protocol"`
	Abilities adapter.Abilities `json:"abilities"`
}

// untold stands for a sender of whom the client says nothing: that is no sender
// without a name.
const untold = "(not told)"

// from is whom a message is shown as from.
func (m message) from() string {
	switch {
	case m.From != nil:
		return *m.From
	case m.Type == "received":
		return untold
	}
	return ""
}

// The version of the protocol, and its limits.
const (
	protocolVersion = 1
	longestLine     = 64 << 10 // bytes, without the end of the line
	longestTalk     = 4 << 20  // bytes that a client may say in one case
)

// connect is the first thing that a client is told. In namespaces it sees no file that
// its command does not name.
func connect(s adapter.Setup) (request, error) {
	gateway := address{Name: s.Gateway, Address: s.GatewayAddress}
	if s.Trust != nil {
		text, err := os.ReadFile(s.CA)
		if err != nil {
			return request{}, err
		}
		gateway.CA = string(text)
	}
	return request{Type: "connect", User: s.Email, Password: s.Password, Gateway: &gateway, Proxy: proxyOf(s), PAC: s.PAC}, nil
}

// proxyOf is the proxy to use or, if there is none, the one not to use.
func proxyOf(s adapter.Setup) *proxy {
	switch {
	case s.Route.Proxy != "":
		return &proxy{kindOf(s.Route), s.Route.Proxy, s.Route.User, s.Route.Password, true}
	case s.ProxyOff != "":
		return &proxy{Kind: kindOf(switchedOff(s)), Address: s.ProxyOff}
	}
	return nil
}
