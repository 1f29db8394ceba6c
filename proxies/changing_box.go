package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

// changingBox is a place in a chain where boxes stand one after the other: a
// proxy that restarts, a captive portal that one has to get past, a network that
// changes its mind. When a box's time is over it is closed, with all its
// connections, and the next takes over the same port. The times count from
// Serve. While a box is `down` its listener is closed if Options.Listen can
// bind it again.
type changingBox struct {
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

func newChangingBox(s Spec, o Options) (Box, error) {
	b := &changingBox{spec: s, options: o}
	for _, phase := range s.Phases() {
		phase.Port = 0
		box, err := New(phase, o)
		if err != nil {
			return nil, errors.Join(err, b.closeBoxes())
		}
		b.boxes = append(b.boxes, box)
	}
	b.done, b.cancel = context.WithCancel(context.Background())
	return b, nil
}

// Name is the box's one-line form.
func (b *changingBox) Name() string { return b.spec.String() }

// Close ends the box that stands there, and those to come.
func (b *changingBox) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	err := b.closeBoxes()
	b.opened.Wait()
	return err
}

func (b *changingBox) closeBoxes() error {
	var errs []error
	for _, box := range b.boxes {
		errs = append(errs, box.Close())
	}
	return errors.Join(errs...)
}

// Serve lets one box after the other serve l. It can be called once.
func (b *changingBox) Serve(l net.Listener) error {
	b.mu.Lock()
	usable := !b.closed && !b.served
	b.served = true
	if usable {
		b.opened.Add(1)
	}
	b.mu.Unlock()
	if !usable {
		return errors.Join(net.ErrClosed, l.Close())
	}
	defer b.opened.Done()
	err := b.serve(l)
	if err == nil || b.done.Err() != nil {
		return nil
	}
	return fmt.Errorf("box %q: %w", b.Name(), err)
}

func (b *changingBox) serve(l net.Listener) error {
	shared := network.Lend(l)
	defer func() { shared.End() }() // the last one
	for i, phase := range b.spec.Phases() {
		away := phase.Kind == Down && b.options.Listen != nil
		if away {
			shared.End()
		} else if shared.Ended() {
			again, err := b.options.Listen()
			if err != nil {
				return fmt.Errorf("listen again: %w", err)
			}
			shared = network.Lend(again)
		}
		if err := b.stand(i, shared, away); err != nil || b.done.Err() != nil {
			return err
		}
	}
	return nil
}

// stand lets one box serve for its time.
func (b *changingBox) stand(i int, shared *network.Lendable, away bool) error {
	ctx := b.done
	if d := b.duration(i); d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	if away {
		<-ctx.Done()
		return nil
	}
	served := make(chan error, 1)
	go func() { served <- b.boxes[i].Serve(shared.Listener()) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return errors.Join(b.boxes[i].Close(), <-served)
	}
}

// duration is the time of phase i; 0 has no end.
func (b *changingBox) duration(i int) time.Duration {
	s := &b.spec
	for range i {
		s = s.Then
	}
	return s.For
}
