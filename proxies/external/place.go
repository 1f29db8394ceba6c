package external

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Place is what a product's templates can speak of.
type Place struct {
	Address, Host, Port            string // where it is to listen
	Origin, OriginHost, OriginPort string // where it is to send everything
	// Where it is to send a CONNECT; "" if nobody takes one. Domains are for those
	// that go by names only.
	Tunnels, TunnelsHost, TunnelsPort string
	Domains                           []string
	Dir                               string // its folder
	User                              string // whom it is to become; "" unless we are root
}

func placeOf(address, origin, dir, user string) Place {
	p := Place{Address: address, Origin: origin, Dir: dir, User: user}
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

func (p Place) fill(text string) (string, error) {
	t, err := template.New("text").Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, p)
	return out.String(), err
}

// fillAll fills a list of templates in.
func (p Place) fillAll(texts []string) ([]string, error) {
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
func (c *command) fill(p Place) (err error) {
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
	if err != nil {
		return fmt.Errorf("%s: its configuration: %w", c.Name, err)
	}
	return nil
}
