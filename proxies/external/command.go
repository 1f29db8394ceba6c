package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"gauntlet/proxies/network"
)

// command is a product with its templates filled in, about to be run.
type command struct {
	Product
	ready     func(ctx context.Context, addr string) error // one try; called until it is nil
	dir       string                                       // its folder
	temporary bool                                         // dir is removed when the process has ended
	addr      string                                       // host:port that it will serve
	socket    *os.File                                     // that it inherits; nil if it binds addr itself
}

// outputLog is the file in the folder that gets what the program prints.
const outputLog = "output.log"

// errDied marks the errors of a program that ended before it was ready.
var errDied = errors.New("ended at start")

// errLives marks those of one that could not bind its port and did not end for that.
var errLives = errors.New("lives on without its port")

// find looks for the program where a shell would, and where system programs
// are kept that an ordinary user's shell does not see.
func find(name, binary string) (string, error) {
	if path, err := exec.LookPath(binary); err == nil {
		return path, nil
	}
	if !strings.ContainsRune(binary, filepath.Separator) {
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, binary)); err == nil {
				return path, nil
			}
		}
		return "", fmt.Errorf("%s not found: install it with: make deps", name)
	}
	return "", fmt.Errorf("%s not found at %s: install it with: make deps", name, binary)
}

// exec makes the exec.Cmd; its output goes to a file, so that no goroutine has
// to copy it and no child that lives longer holds us up.
func (c command) exec() (*exec.Cmd, error) {
	path, err := find(c.Name, c.Command[0])
	if err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(c.dir, outputLog))
	if err != nil {
		return nil, fmt.Errorf("%s: its output: %w", c.Name, err)
	}
	cmd := exec.Command(path, c.Command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, out, out
	cmd.Env = os.Environ()
	if c.temporary { // what a product or its compiler leaves there goes with it
		cmd.Env = append(cmd.Env, "TMPDIR="+c.dir)
	}
	cmd.Env = append(cmd.Env, c.Environment...)
	if c.socket != nil {
		cmd.ExtraFiles = []*os.File{c.socket}
	}
	return cmd, nil
}

// explain says in one line why the program ended, from what it printed.
func (c command) explain() string {
	var said []string
	for _, file := range append([]string{outputLog}, c.Logs...) {
		said = append(said, tail(filepath.Join(c.dir, file))...)
	}
	if len(said) == 0 {
		return "it said nothing"
	}
	return strings.Join(said, " | ")
}

// folder makes the product's folder.
func (c *command) folder() (err error) {
	if c.dir == "" {
		c.temporary = true
		c.dir, err = os.MkdirTemp("", "gauntlet-"+c.Name+"-")
	} else if c.dir, err = filepath.Abs(c.dir); err == nil {
		err = os.MkdirAll(c.dir, 0o755)
	}
	if err != nil {
		return fmt.Errorf("%s: its folder: %w", c.Name, err)
	}
	return nil
}

// discard removes the folder of a product that did not come to run.
func (c *command) discard() error {
	if !c.temporary || c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

// giveToUser hands dir to the first of names that exists, if we are root: many
// proxies give up root before they open their logs. Otherwise, or without
// names, it does nothing and names nobody.
func giveToUser(dir string, names ...string) (string, error) {
	if os.Geteuid() != 0 || len(names) == 0 {
		return "", nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers, where there is a root
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", fmt.Errorf("give its folder to user %s: %w; run as an ordinary user instead", name, err)
		}
		return name, enterable(dir, name)
	}
	return "", fmt.Errorf("runs as root, and none of the users %v exists: run as an ordinary user instead", names)
}

// enterable reports whether everybody may pass through the folders above dir:
// products say the oddest things when they may not.
func enterable(dir, name string) error {
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return fmt.Errorf("its folder: %w", err)
		}
		if info.Mode()&0o001 == 0 {
			return fmt.Errorf("it becomes user %s, who may not enter %s: choose a folder that everybody may enter", name, up)
		}
		if up == filepath.Dir(up) {
			return nil
		}
	}
}

// place is what a product's templates can speak of.
type place struct {
	Address, Host, Port            string // where it is to listen
	Origin, OriginHost, OriginPort string // where it is to send everything
	// Where it is to send a CONNECT; "" if nobody takes one. Domains are for those
	// that go by names only.
	Tunnels, TunnelsHost, TunnelsPort string
	Domains                           []string
	Dir                               string // its folder
	User                              string // whom it is to become; "" unless we are root
}

func placeOf(address, origin, dir, user string) place {
	p := place{Address: address, Origin: origin, Dir: dir, User: user}
	p.Host, p.Port, _ = net.SplitHostPort(address) // ours
	p.OriginHost, p.OriginPort, _ = net.SplitHostPort(origin)
	return p
}

// Check fills a template in for a place of no importance; the error says what
// is wrong with the text.
func Check(text string) error {
	_, err := placeOf("127.0.0.1:1", "127.0.0.1:2", os.TempDir(), "").fill(text)
	return err
}

func (p place) fill(text string) (string, error) {
	t, err := template.New("text").Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, p)
	return out.String(), err
}

// fillAll fills a list of templates in.
func (p place) fillAll(texts []string) ([]string, error) {
	out := make([]string, len(texts))
	for i, text := range texts {
		var err error
		if out[i], err = p.fill(text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fill makes what the product is to be run with out of its templates.
func (c *command) fill(p place) (err error) {
	if c.Command, err = p.fillAll(c.Command); err == nil {
		c.Environment, err = p.fillAll(c.Environment)
	}
	if err == nil {
		c.Leftovers, err = p.fillAll(c.Leftovers)
	}
	for name, text := range c.Files {
		if err == nil {
			text, err = p.fill(text)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o644)
		}
	}
	if err == nil {
		err = c.link()
	}
	if err != nil {
		return fmt.Errorf("%s: its configuration: %w", c.Name, err)
	}
	return nil
}

// link makes the files of the folder beside ours be found in it.
func (c *command) link() error {
	if c.Beside == "" {
		return nil
	}
	entries, err := os.ReadDir(c.Beside)
	for _, e := range entries {
		if _, ours := c.Files[e.Name()]; !ours && err == nil {
			err = os.Symlink(filepath.Join(c.Beside, e.Name()), filepath.Join(c.dir, e.Name()))
		}
	}
	return err
}

// place finds where the product will listen: at the port asked for, if nobody
// has it, or at a free one. release is to be called when the product is ready,
// or has failed. A product that binds its port itself may take a second for
// that; until then a free port is kept from others, unless unkept says that
// the product cannot bind one that is kept.
func (c *command) place(port int, unkept bool) (release func() error, err error) {
	switch {
	case c.Inherits:
		return c.inherit(port)
	case port == 0 && !unkept:
		c.addr, release, err = network.Reserve()
		return release, err
	}
	l, err := listen(c.Name, port)
	if err != nil {
		return nil, err
	}
	c.addr = l.Addr().String()
	return nothing, l.Close()
}

// inherit opens the socket that the product is handed.
func (c *command) inherit(port int) (release func() error, err error) {
	l, err := listen(c.Name, port)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }() // the file is a copy
	c.addr = l.Addr().String()
	if c.socket, err = l.File(); err != nil {
		return nil, fmt.Errorf("%s: its socket: %w", c.Name, err)
	}
	return nothing, nil
}

func nothing() error { return nil }

func listen(name string, port int) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%s: port %d is in use or not ours to take: choose another, or end what listens there: %w", name, port, err)
	}
	return l.(*net.TCPListener), nil
}

// prepare takes a port, makes the folder and fills the templates in.
func (c *command) prepare(o Options, unkept bool) (release func() error, err error) {
	if _, _, err := net.SplitHostPort(o.Origin); err != nil {
		return nil, fmt.Errorf("%s: origin: %w", c.Name, err)
	}
	if release, err = c.place(o.Port, unkept); err != nil {
		return nil, err
	}
	if err := c.configure(o); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

func (c *command) configure(o Options) error {
	if err := c.folder(); err != nil {
		return err
	}
	user, err := giveToUser(c.dir, c.Users...)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	place := placeOf(c.addr, o.Origin, c.dir, user)
	if place.Tunnels = o.Tunnels; o.Tunnels != "" {
		place.TunnelsHost, place.TunnelsPort, _ = net.SplitHostPort(o.Tunnels) // ours
		place.Domains = o.Domains
	}
	return c.fill(place)
}
