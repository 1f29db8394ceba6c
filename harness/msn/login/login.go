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
	"log/slog"
	"net/http"
	"strings"

	"gauntlet/harness/msn/messenger"
)

// Directory knows the accounts; a messenger is one.
type Directory interface {
	// Login issues a ticket for the right password.
	Login(email, password string) (messenger.Passport, error)
	// Holder is whose ticket it is; false if it is not good.
	Holder(ticket string) (email string, ok bool)
	// Person tells of an account and its lists.
	Person(email string) (messenger.Person, bool)
}

// Options are what a Handler is made of. Directory must be set.
type Options struct {
	Directory Directory
	Logger    *slog.Logger // nil = silent
}

// Handler answers on all the names of the services: clients are told names
// apart by path, not by host.
type Handler struct {
	directory Directory
	log       *slog.Logger
}

// New makes a Handler.
func New(o Options) *Handler {
	h := &Handler{o.Directory, o.Logger}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// Names are the hosts at which clients look for these services.
func Names() []string {
	return []string{
		"nexus.passport.com", "login.live.com", "login.passport.com", "loginnet.passport.com", "login.passport.net",
		"msnia.login.live.com", "contacts.msn.com", "omega.contacts.msn.com", "config.messenger.msn.com",
	}
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
		h.log.Warn("no such service: the client will do without it or give up", "host", r.Host, "path", r.URL.Path)
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
