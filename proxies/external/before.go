package external

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// originField is the field in which our answer to a probe names its origin.
const originField = "X-Gauntlet-Origin"

// StartBefore starts the product before the origin that listens at l. It
// answers the probes by which the product is found ready itself, and gives l
// back when one has gone through: to this very origin, whatever else the
// product's port may have been given to. Options.Origin and Ready are its own.
func (p Product) StartBefore(ctx context.Context, l *net.TCPListener, o Options) (*Process, error) {
	o.Origin = l.Addr().String()
	o.Ready = probe(p.readyURL(), func(r *http.Response) bool { return r.Header.Get(originField) != o.Origin })
	answer := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(originField, o.Origin) }
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(&lentListener{l}) }()
	process, err := p.Start(ctx, o)
	_ = server.Close() // the probes are over
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, l.SetDeadline(time.Time{})); err != nil && process != nil {
		return nil, errors.Join(err, process.Stop())
	}
	return process, err
}

// lentListener can be closed by its server without closing the socket.
type lentListener struct{ *net.TCPListener }

// Close wakes Accept.
func (l *lentListener) Close() error { return l.SetDeadline(time.Unix(1, 0)) }
