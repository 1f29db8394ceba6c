package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// path is a place in a chain where boxes stand one after the other: a proxy
// that restarts, a captive portal that one has to get past, a network that
// changes its mind. When a box's time is over it is closed, with all its
// connections, and the next takes over the same port. The times count from
// Serve. While a box is `down` its listener is closed if Options.Listen can
// bind it again.
type path struct {
	spec    Spec
	options Options
	boxes   []Box
	done    context.Context
	cancel  context.CancelFunc

	mu     sync.Mutex
	opened sync.WaitGroup
	closed bool
	served bool
}

func newPath(s Spec, o Options) (Box, error) {
	p := &path{spec: s, options: o}
	for _, phase := range s.Phases() {
		phase.Port = 0
		box, err := New(phase, o)
		if err != nil {
			return nil, errors.Join(err, p.closeBoxes())
		}
		p.boxes = append(p.boxes, box)
	}
	p.done, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// Name is the box's one-line form.
func (p *path) Name() string { return p.spec.String() }

// Close ends the box that stands there, and those to come.
func (p *path) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	err := p.closeBoxes()
	p.opened.Wait()
	return err
}

func (p *path) closeBoxes() error {
	var errs []error
	for _, b := range p.boxes {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// Serve lets one box after the other serve l. It can be called once.
func (p *path) Serve(l net.Listener) error {
	p.mu.Lock()
	usable := !p.closed && !p.served
	p.served = true
	if usable {
		p.opened.Add(1)
	}
	p.mu.Unlock()
	if !usable {
		return errors.Join(net.ErrClosed, l.Close())
	}
	defer p.opened.Done()
	err := p.serve(l)
	if err == nil || p.done.Err() != nil {
		return nil
	}
	return fmt.Errorf("box %q: %w", p.Name(), err)
}

func (p *path) serve(l net.Listener) error {
	shared := newShared(l)
	defer func() { shared.end() }() // the last one
	for i, phase := range p.spec.Phases() {
		away := phase.Kind == Down && p.options.Listen != nil
		if away {
			shared.end()
		} else if shared.ended() {
			again, err := p.options.Listen()
			if err != nil {
				return fmt.Errorf("listen again: %w", err)
			}
			shared = newShared(again)
		}
		if err := p.stand(i, shared, away); err != nil || p.done.Err() != nil {
			return err
		}
	}
	return nil
}

// stand lets one box serve for its time.
func (p *path) stand(i int, shared *shared, away bool) error {
	ctx := p.done
	if d := p.duration(i); d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	if away {
		<-ctx.Done()
		return nil
	}
	served := make(chan error, 1)
	go func() { served <- p.boxes[i].Serve(shared.lend()) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return errors.Join(p.boxes[i].Close(), <-served)
	}
}

// duration is the time of phase i; 0 has no end.
func (p *path) duration(i int) time.Duration {
	s := &p.spec
	for range i {
		s = s.Then
	}
	return s.For
}
