package certify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gauntlet/harness/report"
	"gauntlet/harness/report/certificate"
)

// Certificate is what a certificate on the run is to be; none if File is empty.
type Certificate struct {
	File string
	Key  string // the file of the private key that signs it; empty: nobody does
}

// ready looks whether there can be a certificate on the cases, before anything
// runs, and returns the key. What lies in the run directory is made with it.
func (j *Job) ready() (signer *certificate.Key, err error) {
	w := j.o.Certificate
	switch {
	case w.File == "" && w.Key != "":
		return nil, errors.New("--key signs a certificate: say --certificate FILE too")
	case w.File == "":
		return nil, nil
	}
	if err := noDirectory("--certificate", w.File); err != nil {
		return nil, err
	}
	if w.Key != "" {
		if signer, err = certificate.ReadPrivate(w.Key); err != nil {
			return nil, err
		}
	}
	for _, c := range j.cases {
		altered, err := j.edition.Altered(c)
		if err != nil {
			return nil, err
		}
		if altered {
			return nil, fmt.Errorf("no certificate: case %s is no longer the one of edition %s", c.ID, j.edition.Name)
		}
	}
	if folder := filepath.Dir(w.File); !within(j.o.Out, folder) {
		return signer, os.MkdirAll(folder, 0o755)
	}
	return signer, nil
}

// certificate writes the certificate on a finished run, if one was asked for.
func (r *run) certificate(summary report.Summary) error {
	file := r.o.Certificate.File
	if file == "" {
		return nil
	}
	harness, err := os.Executable()
	if err != nil {
		return err
	}
	origin := certificate.Origin{Client: clientFile(r.o.client().Value, harness), Harness: harness, Near: filepath.Dir(file)}
	s, err := certificate.New(r.dir.Path, summary, r.edition, r.o.Library.Vocabulary(), origin)
	if err != nil {
		return err
	}
	return report.WriteFile(file, func(out io.Writer) error { return certificate.Seal(out, s, r.signer) })
}

// clientFile is the file that is the client: the one that is named, or, for one
// that is built in, the harness itself.
func clientFile(client, harness string) string {
	if i, err := os.Stat(client); err == nil && i.Mode().IsRegular() {
		return client
	}
	return harness
}
