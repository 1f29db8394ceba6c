package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"gauntlet/harness/report/html"
	"gauntlet/harness/run/certify"
)

// shownPage is a page that a browser of this machine is shown, with the files of
// its cases. Those hold passwords: whoever does not know the word in the address
// gets nothing, nor does a page from elsewhere under another host's name.
type shownPage struct {
	word  string
	host  string
	page  []byte
	files map[string]string // paths on the disk, by address
}

// showPage serves a page on the loopback interface and opens it in the browser,
// until the context ends.
func showPage(ctx context.Context, out io.Writer, page html.Page) error {
	l, err := listenOn("--open", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &shownPage{word: rand.Text(), host: l.Addr().String(), files: map[string]string{}}
	certify.Link(page, s.file)
	var text bytes.Buffer
	if err := html.Write(&text, page); err != nil {
		return errors.Join(err, l.Close())
	}
	s.page = text.Bytes()
	address := "http://" + s.host + "/" + s.word + "/"
	fmt.Fprintf(out, "the report is at %s until Ctrl-C\n", address)
	browse(ctx, address)
	return s.serve(ctx, l)
}

// file gives a file an address below the page's.
func (s *shownPage) file(path string) (address string, ok bool) {
	address = fmt.Sprintf("files/%d/%s", len(s.files), filepath.Base(path))
	s.files["/"+s.word+"/"+address] = path
	return (&url.URL{Path: address}).String(), true
}

func (s *shownPage) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // nothing is under way that matters
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP gives the page and its files.
func (s *shownPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, known := s.files[r.URL.Path]
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	switch {
	case r.Host != s.host:
		http.Error(w, "another host is meant", http.StatusMisdirectedRequest)
	case known:
		if filepath.Ext(path) == ".jsonl" || filepath.Ext(path) == ".log" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		http.ServeFile(w, r, path)
	case r.URL.Path == "/"+s.word+"/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(s.page) // a browser may turn away
	default:
		http.NotFound(w, r)
	}
}

// browsers are the programs that open an address in the user's browser.
var browsers = map[string][]string{
	"darwin":  {"open"},
	"windows": {"rundll32", "url.dll,FileProtocolHandler"},
}

// browse opens an address, in a browser that outlives us. Where there is none, the
// address was printed.
func browse(ctx context.Context, address string) {
	words, known := browsers[runtime.GOOS]
	if !known {
		words = []string{"xdg-open"}
	}
	opener := exec.CommandContext(context.WithoutCancel(ctx), words[0], append(words[1:], address)...)
	if opener.Start() == nil {
		go func() { _ = opener.Wait() }()
	}
}
