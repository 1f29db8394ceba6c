package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// SquidOptions is how Squid is run. Only Origin is required.
type SquidOptions struct {
	Origin string // 127.0.0.1:PORT to which every request goes, whatever it names
	Port   int    // where Squid listens on 127.0.0.1; 0 means a free port
	Dir    string // its folder; "" means a temporary one, removed by Stop
	Binary string // "" means squid, wherever it is installed
	// Ready is one try to get a request through the proxy at proxyAddr; it is
	// called until it returns nil. nil means a POST to http://gauntlet.invalid/
	// that the origin answers, with whatever status. Squid's first POST after
	// a start can be a 502, therefore one must have gone through.
	Ready func(ctx context.Context, proxyAddr string) error
}

// FindSquid says what is missing, and the remedy, if there is no Squid to start.
func FindSquid() error {
	_, err := find("squid", "squid")
	return err
}

// StartSquid runs a Squid with a configuration of ours: a forward proxy whose
// one parent is the origin, without cache, disk, ICP or name lookups. As root
// it runs as a user that exists for it. It lives until Stop or until ctx ends.
func StartSquid(ctx context.Context, o SquidOptions) (*Process, error) {
	for tries := 3; ; tries-- {
		p, err := startSquid(ctx, o)
		taken := errors.Is(err, errDied) && strings.Contains(err.Error(), "in use")
		if err == nil || !taken || o.Port != 0 || tries == 1 {
			return p, err
		}
	}
}

func startSquid(ctx context.Context, o SquidOptions) (*Process, error) {
	c := Command{
		Name: "squid", Binary: o.Binary, Ready: o.Ready, Dir: o.Dir,
		AccessLog: "access.log", Logs: []string{"cache.log"},
		Grace: 100 * time.Millisecond, // for its last log line; it would take two seconds with nothing to do
	}
	if c.Binary == "" {
		c.Binary = "squid"
	}
	if _, err := find(c.Name, c.Binary); err != nil {
		return nil, err
	}
	if c.Ready == nil {
		c.Ready = Probe("http://gauntlet.invalid/", squidsOwn)
	}
	if err := c.prepareSquid(o); err != nil {
		return nil, errors.Join(err, c.discard())
	}
	p, err := Start(ctx, c)
	if err != nil {
		return nil, errors.Join(err, c.discard())
	}
	return p, nil
}

// squidsOwn recognises Squid's error pages.
func squidsOwn(r *http.Response) bool { return r.Header.Get("X-Squid-Error") != "" }

// prepareSquid makes the folder and the configuration.
func (c *Command) prepareSquid(o SquidOptions) (err error) {
	if _, _, err := net.SplitHostPort(o.Origin); err != nil {
		return fmt.Errorf("squid: origin: %w", err)
	}
	if c.Addr, err = address(c.Name, o.Port); err != nil {
		return err
	}
	if err := c.folder(); err != nil {
		return err
	}
	user, err := giveToUser(c.Dir, "proxy", "squid", "_squid", "nobody")
	if err != nil {
		return fmt.Errorf("squid: %w", err)
	}
	return c.configureSquid(squidConfig(c.Addr, o.Origin, c.Dir, user))
}

// configureSquid writes the configuration and says how Squid finds it. The
// service name is that of its shared memory, and must never be the one of the
// machine's own Squid.
func (c *Command) configureSquid(text string) error {
	_, port, _ := net.SplitHostPort(c.Addr) // we made it
	service, file := "gauntlet"+port, filepath.Join(c.Dir, "squid.conf")
	c.Args = []string{"-N", "-n", service, "-f", file}
	c.Leftovers = []string{"/dev/shm/" + service + "-*.shm"}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("squid: its configuration: %w", err)
	}
	return nil
}
