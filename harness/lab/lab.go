// Package lab lets a person's client take part: somebody starts a real MSN
// client, types our proxy into its dialog, and uses it, while a page shows what
// happens, arms faults and says what to do next. What comes of it is the same
// as of any run. The package knows people, pages and the rig; how results are
// stored is the command's. Its goroutines end with the context that they were
// given.
package lab

import (
	"sync"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/rig"
)

// Lab is what page and rig share: the run under way, if any, what the person is
// asked to do, and who watches. Make it with New.
type Lab struct {
	token string

	mu       sync.Mutex
	live     *rig.Live
	id       string // its id
	title    string
	prompt   string
	answers  chan struct{} // the person's word that the prompt is done; nil if none is wanted
	done     chan struct{} // closed when the person ends the run
	ended    bool          // it is closed
	outcomes []Verdict
	places   []string
	advice   []string // the newest warnings, the latest last
	watchers map[chan Note]struct{}
}

// Verdict is the outcome of one case, for the page.
type Verdict struct {
	Case   string `json:"case"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// New makes a lab without a run, whose page token guards.
func New(token string) *Lab {
	return &Lab{token: token, watchers: map[chan Note]struct{}{}}
}

// SetPlaces says what the person has to type where, a line each.
func (l *Lab) SetPlaces(places []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places = places
}

// Begin is what the rig tells when a run stands: from now on the page acts on
// it. It is meant for rig.Attended.Began.
func (l *Lab) Begin(live rig.Live) {
	l.mu.Lock()
	l.live = &live
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
}

// Next announces a case and what its end will be told by: the channel that
// rig.Attended.Done wants.
func (l *Lab) Next(id, title string) <-chan struct{} {
	l.mu.Lock()
	l.id, l.title, l.prompt, l.answers, l.live = id, title, "", nil, nil
	l.done, l.ended = make(chan struct{}), false
	done := l.done
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
	return done
}

// Finished notes how a case came out.
func (l *Lab) Finished(v Verdict) {
	l.mu.Lock()
	l.outcomes = append(l.outcomes, v)
	l.live, l.prompt, l.answers = nil, "", nil
	l.mu.Unlock()
	l.tell(Note{Kind: "state"})
}

// End lets the run come to its end, whatever is still to be done.
func (l *Lab) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil || l.ended {
		return
	}
	l.ended = true
	close(l.done)
}

// Watch hears of the run's events, for rig.Attended.Watch.
func (l *Lab) Watch(e history.Event) {
	if e.Kind == history.StepBegan {
		if words := meanwhile(e.Text); words != "" {
			l.say(words)
		}
	}
	if note, worth := noteOf(e); worth {
		l.tell(note)
	}
}

// running is the run under way.
func (l *Lab) running() (rig.Live, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live == nil {
		return rig.Live{}, false
	}
	return *l.live, true
}

// subscribe hears of notes until leave is called. Who does not keep up loses
// some: the page asks for the state again.
func (l *Lab) subscribe() (notes <-chan Note, leave func()) {
	c := make(chan Note, 256)
	l.mu.Lock()
	l.watchers[c] = struct{}{}
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		delete(l.watchers, c)
		l.mu.Unlock()
	}
}

func (l *Lab) tell(n Note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.watchers {
		select {
		case c <- n:
		default:
		}
	}
}
