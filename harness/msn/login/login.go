// Package login plays the web services that real MSN clients need besides the
// notification server: Passport 1.4 (nexus and login2.srf) for MSNP8 to
// MSNP12, RST.srf and RST2.srf for MSNP15 and later, the contact services and
// the client's configuration. It answers in the form that real clients were
// seen to need, which is narrower than what the standards allow.
//
// It knows what clients ask and nothing of where they come from: whoever
// serves the Handler brings the TLS. Accounts and tickets are the Directory's.
// The lab and specs import it. It starts no goroutine.
package login

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/messenger"
)

// Directory knows the accounts; a messenger is one.
type Directory interface {
	// Login issues a ticket for the right password.
	Login(email, password string) (messenger.Passport, error)
	// Holder is whose ticket it is, bare or as t=value&p=…; false if it is not good.
	Holder(ticket string) (email string, ok bool)
	// Person tells of an account and its lists.
	Person(email string) (messenger.Person, bool)
	// Rename gives an account another nickname.
	Rename(email, nick string)
}

// Options are what a Handler is made of. Directory must be set.
type Options struct {
	Directory Directory
	// Observe hears of who logs in, who is refused, and of what there is not. Seq
	// and At are left zero. It must not block. Nil = nobody listens.
	Observe func(history.Event)
	Logger  *slog.Logger // nil = silent
}

// Handler answers on all the names of the services: clients are told names
// apart by path, not by host.
type Handler struct {
	directory Directory
	hear      func(history.Event)
	log       *slog.Logger
}

// New makes a Handler.
func New(o Options) *Handler {
	h := &Handler{o.Directory, o.Observe, o.Logger}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.hear == nil {
		h.hear = func(history.Event) {}
	}
	return h
}

func (h *Handler) observe(e history.Event) {
	e.From = history.AtLogin
	h.hear(e)
}

// lacks tells of something that a client asked for and that is not here.
func (h *Handler) lacks(what, why string) {
	h.log.Warn(why+": the client will do without it or give up", "asked", what)
	h.observe(history.Event{Kind: history.NotServed, ID: what, By: "login services", Text: why})
}

// granted and refused tell of a login.
func (h *Handler) granted(email, how string) {
	h.log.Info("logged in", "user", email, "how", how)
	h.observe(history.Event{Kind: history.LoggedIn, User: email, How: how})
}

func (h *Handler) refused(email, how, why string) {
	h.log.Warn("login refused", "user", email, "why", why)
	h.observe(history.Event{Kind: history.LoginRefused, User: email, How: how, Text: why})
}

// Names are the hosts at which clients were seen to look for these services.
func Names() []string {
	return []string{
		"nexus.passport.com", "login.live.com", "login.passport.com", "loginnet.passport.com", "login.passport.net",
		"msnia.login.live.com", "contacts.msn.com", "omega.contacts.msn.com", "local-bay.contacts.msn.com", "config.messenger.msn.com",
	}
}

// Domains are those below which any name is one of these services: their hosts
// have changed with the years.
func Domains() []string {
	return []string{"msn.com", "live.com", "passport.com", "passport.net", "hotmail.com"}
}

// ApartFromGateway are those domains in which there is no gateway: what goes by
// names alone can tell the services by them.
func ApartFromGateway() []string {
	return slices.DeleteFunc(Domains(), func(domain string) bool { return domain == "hotmail.com" })
}

// Certified are the names that a certificate has to have which fits them all,
// as far as one can: for clients that do not say whom they mean.
func Certified() []string {
	names := Names()
	for _, domain := range Domains() {
		names = append(names, domain, "*."+domain)
	}
	return names
}

// largest bounds a request's body.
const largest = 256 << 10

// ServeHTTP answers one request. Paths may begin with two slashes, as one
// client writes them, and come in any case.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := "/" + strings.ToLower(strings.TrimLeft(r.URL.Path, "/"))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		h.log.Warn("a request that did not come whole", "path", path, "error", err)
		http.Error(w, "the request is too large or did not come whole", http.StatusBadRequest)
		return
	}
	serve, known := services()[path]
	if !known {
		h.lacks(r.Host+r.URL.Path, "no such service")
		http.NotFound(w, r)
		return
	}
	serve(h, w, r, body)
}

type service func(h *Handler, w http.ResponseWriter, r *http.Request, body []byte)

func services() map[string]service {
	return map[string]service{
		"/":                              (*Handler).nothing, // clients knock here to see whether the port is open
		"/rdr/pprdr.asp":                 (*Handler).nexus,
		"/login2.srf":                    (*Handler).passport,
		"/rst.srf":                       (*Handler).tokens,
		"/rst2.srf":                      (*Handler).tokens,
		"/abservice/sharingservice.asmx": (*Handler).contacts,
		"/abservice/abservice.asmx":      (*Handler).contacts,
		"/config/msgrconfig.asmx":        (*Handler).configuration,
	}
}

func (h *Handler) nothing(w http.ResponseWriter, _ *http.Request, _ []byte) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// ErrorLog is what a server of these services reports failed handshakes to: the
// logger hears what to do about them.
func (h *Handler) ErrorLog() *log.Logger { return log.New(complaints{h}, "", 0) }

type complaints struct{ *Handler }

// Write takes one line of net/http's.
func (c complaints) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	_, why, isTLS := strings.Cut(text, "TLS handshake error from ")
	if !isTLS {
		c.log.Warn(text)
		return len(line), nil
	}
	if _, after, has := strings.Cut(why, ": "); has {
		why = after // the client's address
	}
	remedy := handshakeRemedy(why)
	c.log.Warn("a client does not agree on TLS with the login services: "+remedy, "why", why)
	c.observe(history.Event{Kind: history.HandshakeFailed, Text: why, How: remedy})
	return len(line), nil
}

func handshakeRemedy(why string) string {
	switch {
	case strings.Contains(why, "HTTP request") || strings.Contains(why, "does not look like a TLS handshake"):
		return "they are reached by https:// only"
	case strings.Contains(why, "unsupported versions") || strings.Contains(why, "no cipher suite"):
		return "it knows nothing newer than SSL 3.0, which is not spoken here"
	}
	return "have it trust the certificate" // others hang up without a word
}
