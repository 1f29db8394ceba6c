package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"

	"gauntlet/harness/report/html"
	"gauntlet/harness/run/certify"
)

// listenOn binds address for what the user calls name. The error says what to
// do about it.
func listenOn(name, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		free := "0 for a free one"
		if !strings.HasPrefix(name, "--") { // the port of a box, which cannot be 0
			free = "give the first box a free one with --listen 127.0.0.1:0"
		}
		return nil, fmt.Errorf("%s %s: something else listens there: choose another port, or %s", name, address, free)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s %s: ports below 1024 need a permission: choose another, or allow it once: sudo setcap cap_net_bind_service=+ep $(command -v gauntlet)", name, address)
	}
	return nil, fmt.Errorf("%s %s: %w", name, address, err)
}

// warnPublic says so when others can use what listens at address.
func warnPublic(out io.Writer, address, what string) {
	if isPublic(address) {
		fmt.Fprintf(out, "gauntlet: warning: %s is not on the loopback interface: others can use %s\n", address, what)
	}
}

// isPublic reports whether others can use what listens at a host, or host:port.
func isPublic(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// typed is where l listens as somebody can type it: where that is all addresses
// of this machine, one that others may reach.
func typed(l net.Listener) string {
	a, is := l.Addr().(*net.TCPAddr)
	if !is || !a.IP.IsUnspecified() {
		return l.Addr().String()
	}
	return net.JoinHostPort(outward().String(), strconv.Itoa(a.Port))
}

func outward() net.IP {
	all, _ := net.InterfaceAddrs() // without any, loopback is all that there is
	for _, a := range all {
		if n, is := a.(*net.IPNet); is && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			return n.IP
		}
	}
	return net.IPv4(127, 0, 0, 1)
}

// parseSize reads a number of bytes such as 64KiB, 10MB or 4096; "" is 0. flag
// names the place in errors.
func parseSize(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64/2 {
		return 0, fmt.Errorf("%s %q: want a number of bytes such as 65536, 256KiB or 1GiB", flag, text)
	}
	return int64(n), nil
}

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
