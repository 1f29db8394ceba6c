// Package external runs real proxies as processes of ours: products.go and its
// neighbours hold their commands and configurations as templates, the rest finds
// the program, starts it in a process group of its own, waits until it serves,
// and ends it, at the latest when we end ourselves.
//
// The products listen on the loopback interface and send everything to one
// origin, so that nothing leaves the machine. The package knows HTTP as far as
// asking whether a proxy answers; faults and recording happen in front of the
// product, in a relay (package proxies). A Process owns its program, the guardian
// of its process group, its folder if that is temporary, and one goroutine that
// waits for it. A program that leaves its process group escapes us.
package external

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Product is a real proxy and how it is run before an origin: squid.go and its
// like each have one. Command, Environment, Files and Leftovers are
// templates of package text/template over a place.
type Product struct {
	Name        string
	Command     []string          // program, by its path or to be looked up, and arguments
	Environment []string          // NAME=VALUE, beside our own
	Files       map[string]string // name in its folder, and text
	Beside      string            // a folder whose files are found in its own, unless Files has them; "" if none
	AccessLog   string            // file in its folder; "" if it keeps none
	Logs        []string          // files in its folder whose ends explain a death
	Users       []string          // if we are root, the first that exists gets the folder and is .User
	Inherits    bool              // it takes its listening socket as file descriptor 3
	Signs       string            // is in the head of each request that it forwards; "" if nothing is
	ReadyPath   string            // what is asked to see whether it serves; "" means /
	Stop        string            // the signal that asks it to end at once, one of StopSignals; "" means INT
	Grace       time.Duration     // until it is killed; 0 means 2 s
	Patience    time.Duration     // until it must be ready; 0 means 15 s
	Leftovers   []string          // patterns of files elsewhere that it leaves when it is killed
}

// StopSignals are what Stop may be.
func StopSignals() []string { return []string{"INT", "TERM", "QUIT", "USR1"} }

// Options says where a product is run. Only Origin is required.
type Options struct {
	Origin string // HOST:PORT to which every request goes, whatever it names
	// Tunnels is the HOST:PORT of a proxy that makes the tunnels that are asked
	// for; "" means that nobody does. A product that cannot tell a CONNECT from
	// other requests brings it those for names below Domains.
	Tunnels string
	Domains []string
	Port    int    // where it listens on 127.0.0.1; 0 means a free port
	Dir     string // its folder; "" means a temporary one, removed by Stop
	// Ready is one try to get a request through the proxy at address; it is
	// called until it returns nil. nil means a POST that is answered, with
	// whatever status but 5xx, which would be the product's own.
	Ready func(ctx context.Context, address string) error
}

// Find says what is missing, and the remedy, if the product cannot be started.
func (p Product) Find() error {
	_, err := find(p.Name, p.Command[0])
	return err
}

// readyURL is what a probe has to ask for. The host is no one's.
func (p Product) readyURL() string {
	return "http://gauntlet.invalid/" + strings.TrimPrefix(p.ReadyPath, "/")
}

// Start runs the product with a configuration of ours: it listens on 127.0.0.1
// and sends everything to the origin. It lives until Stop or until ctx ends,
// and does not outlive us even if we are killed. Errors are one line: what is
// missing or what the program said, and the remedy if there is one.
func (p Product) Start(ctx context.Context, o Options) (*Process, error) {
	process, err := p.start(ctx, o, false)
	for tries := 2; tries > 0 && err != nil && o.Port == 0 && portTaken(err); tries-- {
		process, err = p.start(ctx, o, true)
	}
	return process, err
}

// portTaken tells of a program that could not bind its port: it does not bind one that
// we keep for it, or somebody else was faster. Most end then, and some live on.
func portTaken(err error) bool {
	text := strings.ToLower(err.Error())
	said := func(words string) bool { return strings.Contains(text, words) }
	return errors.Is(err, errLives) || errors.Is(err, errDied) && slices.ContainsFunc([]string{"in use", "not create listening sockets", "bind to"}, said)
}

func (p Product) start(ctx context.Context, o Options, unkept bool) (*Process, error) {
	if err := p.Find(); err != nil {
		return nil, err
	}
	c := command{Product: p, ready: o.Ready, dir: o.Dir}
	if c.ready == nil {
		c.ready = probe(p.readyURL(), func(r *http.Response) bool { return r.StatusCode >= 500 })
	}
	release, err := c.prepare(o, unkept)
	if err != nil {
		return nil, errors.Join(err, c.discard())
	}
	process, err := run(ctx, c)
	if err = errors.Join(err, release()); err != nil {
		return nil, errors.Join(err, c.discard())
	}
	return process, nil
}
