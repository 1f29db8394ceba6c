package streams

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"gauntlet/proxies/heads"
)

type carrierKey struct{}

// stream is one of HTTP/2 as whoever serves HTTP/1 has it.
type stream struct {
	net.Conn
	carrier net.Conn // which carries it, among others
	reset   atomic.Bool
}

// Is reports whether a connection is a stream of HTTP/2.
func Is(c net.Conn) bool {
	_, is := c.(*stream)
	return is
}

// NetConn is the connection that carries the stream.
func (s *stream) NetConn() net.Conn { return s.carrier }

// LocalAddr is that of the connection that carries it.
func (s *stream) LocalAddr() net.Addr { return s.carrier.LocalAddr() }

// RemoteAddr is too.
func (s *stream) RemoteAddr() net.Addr { return s.carrier.RemoteAddr() }

// Read tells of a reset, where the peer did not go in peace.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err != nil && s.reset.Load() {
		err = syscall.ECONNRESET
	}
	return n, err
}

// ServeHTTP makes a stream a connection, and of what is answered there frames again.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.begin() {
		panic(http.ErrAbortHandler)
	}
	defer l.work.Done()
	carrier, _ := r.Context().Value(carrierKey{}).(net.Conn)
	near, far := net.Pipe()
	s := &stream{Conn: far, carrier: carrier}
	written := make(chan struct{})
	undoReset := context.AfterFunc(r.Context(), func() {
		s.reset.Store(true)
		_ = near.Close()
	})
	defer func() {
		undoReset()
		_ = near.Close()
		_ = r.Body.Close()
		<-written
	}()
	go func() {
		defer close(written)
		_ = write(near, r, l.absolute) // who answers knows what is missing
	}()
	if !l.ready.put(s) {
		panic(http.ErrAbortHandler)
	}
	resp, err := read(near, r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if framed := resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0; framed && resp.Close {
		w.Header()["Connection"] = []string{"close"} // which net/http makes a GOAWAY
	}
	Answer(w, resp)
}

// write writes a request as one of HTTP/1.1. Its fields have the order of their
// names: net/http does not tell in which they came.
func write(to io.Writer, r *http.Request, absolute bool) error {
	target, h := r.RequestURI, r.Header.Clone()
	if absolute {
		target = "http://" + r.Host + target
	}
	_, sized := h["Content-Length"]
	h.Del("Content-Length")
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nhost: %s\r\n", r.Method, target, r.Host)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			head += strings.ToLower(name) + ": " + value + "\r\n"
		}
	}
	switch {
	case r.ContentLength < 0:
		head += "transfer-encoding: chunked\r\n"
	case sized || r.ContentLength > 0:
		head += fmt.Sprintf("content-length: %d\r\n", r.ContentLength)
	}
	if _, err := io.WriteString(to, head+"\r\n"); err != nil {
		return err
	}
	if r.ContentLength >= 0 {
		_, err := io.Copy(to, r.Body)
		return err
	}
	chunks := httputil.NewChunkedWriter(to)
	if _, err := io.Copy(chunks, r.Body); err != nil {
		return err
	}
	_ = chunks.Close() // the line after it tells
	_, err := io.WriteString(to, "\r\n")
	return err
}

// read reads the answer's head, past those that another follows.
func read(from io.Reader, r *http.Request) (*http.Response, error) {
	in := bufio.NewReader(from)
	resp, err := http.ReadResponse(in, r)
	for err == nil && resp.StatusCode < 200 {
		if resp.StatusCode == http.StatusSwitchingProtocols {
			return nil, http.ErrNotSupported
		}
		resp, err = http.ReadResponse(in, r)
	}
	return resp, err
}

// Answer has a server of HTTP/2 give resp, and each piece of its body as it comes.
// What breaks off ends the stream by a reset.
func Answer(w http.ResponseWriter, resp *http.Response) {
	defer resp.Body.Close()
	heads.RemoveHopByHop(resp.Header)
	maps.Copy(w.Header(), resp.Header)
	heads.InventNothing(w.Header())
	w.WriteHeader(resp.StatusCode)
	if resp.ContentLength != 0 {
		passBody(w, resp.Body)
	}
	for name, values := range resp.Trailer {
		w.Header()[http.TrailerPrefix+name] = values
	}
}

func passBody(w http.ResponseWriter, body io.Reader) {
	out, piece := http.NewResponseController(w), make([]byte, 32<<10)
	for err := out.Flush(); err == nil; err = out.Flush() {
		n, over := body.Read(piece)
		_, _ = w.Write(piece[:n]) // Flush tells what went wrong
		if over == io.EOF {
			return
		}
		if over != nil {
			_ = out.Flush()
			break
		}
	}
	panic(http.ErrAbortHandler)
}
