package certify

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies/authority"
)

// Worker is a process that performs cases for another, which it is told on a pipe.
type Worker struct {
	Library   *Library
	InProcess func(name string) (adapter.Factory, error) // clients that live in this process
	Mode      rig.Mode
	Box       string // a real proxy in place of the forward box
	Client    string // the file of a program; empty: there is none
	Scratch   string // a directory for files that a program has to read
}

// Work serves until in ends; in virtual time it ends the process.
func (w Worker) Work(in io.Reader, out io.Writer) error {
	equip, err := w.equip()
	if err != nil {
		return err
	}
	work := rig.Work(equip, w.Library.Vocabulary())
	if w.Mode != rig.Virtual {
		return virtual.ServeReal(in, out, work, rig.LeakedGoroutines)
	}
	virtual.Serve(in, out, work)
	return nil
}

// equip knows the program, and the clients of this process in the same world.
func (w Worker) equip() (rig.Equip, error) {
	real, err := w.Library.box(w.Box)
	if err != nil {
		return nil, err
	}
	base := rig.Options{Speaks: w.Library.speaks, Mode: w.Mode, Product: real.product}
	if w.Client == "" {
		return func(name string, _ adapter.Kind) (with rig.Options, err error) {
			with = base
			with.Client, err = w.InProcess(name)
			return with, err
		}, nil
	}
	program, err := findClient(w.Client, w.InProcess)
	if err == nil {
		base, err = w.trusted(base)
	}
	return func(name string, kind adapter.Kind) (with rig.Options, err error) {
		if kind != adapter.InProcess {
			o := Options{Library: w.Library, Clients: []Client{program}, Mode: w.Mode}
			with = o.rig(real)
			with.Authority, with.CA = base.Authority, base.CA
			return with, nil
		}
		with = base
		with.Client, err = w.InProcess(name)
		return with, err
	}, err
}

// trusted makes an authority of the worker's own, which the client trusts by a file.
func (w Worker) trusted(o rig.Options) (rig.Options, error) {
	var err error
	if o.Authority, err = authority.New(); err != nil {
		return o, err
	}
	o.CA = filepath.Join(w.Scratch, fmt.Sprintf("ca-%d.pem", os.Getpid()))
	return o, os.WriteFile(o.CA, o.Authority.PEM(), 0o644)
}
