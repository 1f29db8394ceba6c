package lab

import (
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

//go:embed page.html page.css page.js
var files embed.FS

// Handler is the control page. ca is the certificate that clients have to
// trust, in PEM; it alone is given to whoever asks. For all else the token is
// needed: once in the address, then as a cookie that no other site can use.
func (l *Lab) Handler(ca []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", l.page("page.html", "text/html; charset=utf-8"))
	mux.HandleFunc("GET /page.css", l.page("page.css", "text/css"))
	mux.HandleFunc("GET /page.js", l.page("page.js", "text/javascript"))
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, l.State()) })
	mux.HandleFunc("GET /notes", l.stream)
	mux.HandleFunc("POST /faults", l.act(func(live rig.Live, line string) error { return live.Arm(line) }))
	mux.HandleFunc("POST /clear", l.act(func(live rig.Live, line string) error { live.Clear(line); return nil }))
	mux.HandleFunc("POST /say", l.act(func(live rig.Live, text string) error { return live.Say(text) }))
	mux.HandleFunc("POST /call", l.act(func(live rig.Live, _ string) error { return live.Call() }))
	mux.HandleFunc("POST /answered", l.press(l.answered))
	mux.HandleFunc("POST /end", l.press(l.End))
	open := http.NewServeMux()
	open.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		_, _ = w.Write(ca) // who left needs none
	})
	open.Handle("/", l.guard(mux))
	return open
}

// cookie holds the token.
const cookie = "gauntlet-lab"

// guard lets in who has the token. A page of another site can make a browser
// send requests here, but not read the token; and what it sends names it.
func (l *Lab) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case foreign(r):
			http.Error(w, "requests of other sites are not taken", http.StatusForbidden)
		case l.knows(r.URL.Query().Get("token")) && r.Method == http.MethodGet && r.URL.Path == "/":
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: l.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case !l.knows(tokenOf(r)):
			http.Error(w, "open the address that the lab printed: it has a token behind it", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (l *Lab) knows(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(l.token)) == 1
}

func tokenOf(r *http.Request) string {
	if c, err := r.Cookie(cookie); err == nil {
		return c.Value
	}
	return ""
}

// foreign tells of a request that comes from another site's page, or whose
// Host is a name that somebody has made resolve to us.
func foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host != r.Host {
			return true
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" && r.Method != http.MethodGet {
		return true
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return net.ParseIP(host) == nil && host != "localhost"
}

func (l *Lab) page(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text, err := files.ReadFile(name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text) // who left needs none
	}
}

// longestLine bounds what the page sends.
const longestLine = 4 << 10

// act does something to the run under way, with the request's body as text.
func (l *Lab) act(do func(rig.Live, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestLine))
		if err != nil {
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		live, running := l.running()
		if !running {
			http.Error(w, "nothing is running", http.StatusConflict)
			return
		}
		if err := do(live, string(text)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		l.tell(Note{Kind: "state"})
		writeJSON(w, l.State())
	}
}

func (l *Lab) press(button func()) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		button()
		writeJSON(w, l.State())
	}
}

// stream sends notes as they come, as server-sent events.
func (l *Lab) stream(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	notes, leave := l.subscribe()
	defer leave()
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for err := control.Flush(); err == nil; err = control.Flush() {
		select {
		case n := <-notes:
			text, _ := json.Marshal(n) // strings can always be marshalled
			_, err = fmt.Fprintf(w, "data: %s\n\n", text)
		case <-beat.C:
			_, err = io.WriteString(w, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
		if errors.Is(err, http.ErrHandlerTimeout) {
			return
		}
	}
}

// State is all that the page shows beside the notes.
type State struct {
	Places   []string          `json:"places"`
	Advice   []string          `json:"advice"` // what went wrong, and what to do, the latest last
	Case     string            `json:"case"`
	Title    string            `json:"title"`
	Prompt   string            `json:"prompt"`
	Asks     bool              `json:"asks"` // the person is to say when that is done
	Running  bool              `json:"running"`
	Faults   []rig.FaultReport `json:"faults"`
	Verdicts []oracle.Verdict  `json:"verdicts"`
	Outcomes []Verdict         `json:"outcomes"`
}

// State looks at the lab; the verdicts are what they were if the run ended now.
func (l *Lab) State() State {
	l.mu.Lock()
	s := State{
		Places: l.places, Advice: append([]string{}, l.advice...), Case: l.id, Title: l.title, Prompt: l.prompt, Asks: l.answers != nil,
		Faults: []rig.FaultReport{}, Verdicts: []oracle.Verdict{}, Outcomes: append([]Verdict{}, l.outcomes...),
	}
	l.mu.Unlock()
	if live, running := l.running(); running {
		s.Running, s.Faults = true, live.Faults()
		for _, v := range live.Judge().Verdicts {
			if v.Checked > 0 {
				s.Verdicts = append(s.Verdicts, v)
			}
		}
	}
	return s
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who left is told nothing
}
