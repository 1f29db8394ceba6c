package toxiproxy

import (
	"net/http"
	"slices"
)

// Entry is a proxy as it is asked for: an element of the list that populate takes.
type Entry struct {
	Name     string `json:"name" yaml:"name"`
	Listen   string `json:"listen" yaml:"listen"`
	Upstream string `json:"upstream" yaml:"upstream"`
	Enabled  *bool  `json:"enabled" yaml:"enabled"` // left out, it is enabled
}

// missing is the field without which the entry means nothing; "" if all are there.
func (e Entry) missing() string {
	switch {
	case e.Name == "":
		return "name"
	case e.Upstream == "":
		return "upstream"
	}
	return ""
}

func (e Entry) enabled(unsaid bool) bool {
	if e.Enabled == nil {
		return unsaid
	}
	return *e.Enabled
}

// proxy is one that the server has. Its box stands while it is enabled.
type proxy struct {
	Name     string   `json:"name"`
	Listen   string   `json:"listen"`
	Upstream string   `json:"upstream"`
	Enabled  bool     `json:"enabled"`
	Toxics   []*toxic `json:"toxics"`

	asked   string // where it was asked to listen, perhaps at port 0
	options Options
	box     Box
}

// is reports whether the proxy is where the entry wants it.
func (p *proxy) is(e Entry) bool {
	return (e.Listen == p.Listen || e.Listen == p.asked) && e.Upstream == p.Upstream
}

// enable starts or stops the proxy, if it is not so already.
func (p *proxy) enable(on bool) error {
	if on {
		return p.start()
	}
	return p.stop()
}

func (p *proxy) start() error {
	if p.Enabled {
		return nil
	}
	box, err := p.options.Stand(p.Name, p.Listen, p.Upstream)
	if err != nil {
		return err
	}
	p.box, p.Enabled, p.Listen = box, true, box.Address()
	for _, t := range p.Toxics {
		p.arm(t)
	}
	return nil
}

func (p *proxy) stop() error {
	if !p.Enabled {
		return nil
	}
	box := p.box
	p.box, p.Enabled = nil, false
	return box.Close()
}

// arm puts a toxic in force, if the proxy is enabled and the toxic does anything.
func (p *proxy) arm(t *toxic) {
	if p.box != nil && t.fault != nil {
		p.box.Arm(*t.fault)
	}
}

func (p *proxy) disarm(t *toxic) {
	if p.box != nil && t.fault != nil {
		p.box.Disarm(*t.fault)
	}
}

// clear takes all toxics away.
func (p *proxy) clear() {
	for _, t := range p.Toxics {
		p.disarm(t)
	}
	p.Toxics = []*toxic{}
}

// named is the place of the toxic that a path names.
func (p *proxy) named(r *http.Request) (int, error) {
	i := slices.IndexFunc(p.Toxics, func(t *toxic) bool { return t.Name == r.PathValue("toxic") })
	if i < 0 {
		return 0, toxicNotFound
	}
	return i, nil
}

func (p *proxy) list(*http.Request) (int, any, error) { return http.StatusOK, p.Toxics, nil }

func (p *proxy) add(r *http.Request) (int, any, error) {
	t, err := newToxic(r.Body, p.options.Vocabulary)
	if err != nil {
		return 0, nil, err
	}
	if slices.ContainsFunc(p.Toxics, func(other *toxic) bool { return other.Name == t.Name }) {
		return 0, nil, toxicExists
	}
	if err := p.unique(t); err != nil {
		return 0, nil, err
	}
	p.Toxics = append(p.Toxics, t)
	p.arm(t)
	return http.StatusOK, t, nil
}

// unique refuses a toxic that does what another does: its fault could not be told
// from the other's.
func (p *proxy) unique(t *toxic) error {
	for _, other := range p.Toxics {
		if other.Name != t.Name && other.fault != nil && t.fault != nil && other.fault.String() == t.fault.String() {
			return toxicExists.about(other.Name + " does the same")
		}
	}
	return nil
}

func (p *proxy) show(r *http.Request) (int, any, error) {
	i, err := p.named(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, p.Toxics[i], nil
}

func (p *proxy) change(r *http.Request) (int, any, error) {
	i, err := p.named(r)
	if err != nil {
		return 0, nil, err
	}
	next, err := p.Toxics[i].with(r.Body, p.options.Vocabulary)
	if err == nil {
		err = p.unique(next)
	}
	if err != nil {
		return 0, nil, err
	}
	p.disarm(p.Toxics[i])
	p.Toxics[i] = next
	p.arm(next)
	return http.StatusOK, next, nil
}

func (p *proxy) drop(r *http.Request) (int, any, error) {
	i, err := p.named(r)
	if err != nil {
		return 0, nil, err
	}
	p.disarm(p.Toxics[i])
	p.Toxics = slices.Delete(p.Toxics, i, i+1)
	return http.StatusNoContent, nil, nil
}
