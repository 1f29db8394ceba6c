package network

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// listen gives a loopback listener and the way to it.
func listen(t *testing.T) (net.Listener, func() net.Conn) {
	t.Helper()
	l, err := (&Loopback{}).Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
}

func TestOneConnIsGivenOnce(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	ended := make(chan struct{})
	l := OneConn(far, ended)
	if c, err := l.Accept(); c != far || err != nil {
		t.Fatalf("%v %v", c, err)
	}
	again := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		again <- err
	}()
	select {
	case err := <-again:
		t.Fatalf("before its end: %v", err)
	default:
	}
	close(ended)
	if err := <-again; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if l.Addr() != far.LocalAddr() || l.Close() != nil {
		t.Error("address, or an error of Close")
	}
}

func TestAListenerIsLentToOneAfterTheOther(t *testing.T) {
	l, dial := listen(t)
	lendable := Lend(l)
	first := lendable.Listener()
	dial()
	if c, err := first.Accept(); err != nil {
		t.Fatal(err)
	} else {
		c.Close()
	}
	first.Close()
	dial() // while nobody has it
	if _, err := first.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("given back, it accepts: %v", err)
	}
	second := lendable.Listener()
	if c, err := second.Accept(); err != nil {
		t.Errorf("what came between: %v", err)
	} else {
		c.Close()
	}
	waits := dial()
	if lendable.Ended() {
		t.Error("ended too early")
	}
	lendable.End()
	if _, err := waits.Read(make([]byte, 1)); err == nil {
		t.Error("nobody ended what waited")
	}
	if _, err := second.Accept(); err == nil || !lendable.Ended() {
		t.Errorf("after its end: %v, %v", err, lendable.Ended())
	}
	if _, err := net.Dial("tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("still listening: %v", err)
	}
}

func TestWrapMayRefuse(t *testing.T) {
	l, dial := listen(t)
	dial()
	w := Wrap(l, func(c net.Conn) (net.Conn, error) { return nil, errors.Join(net.ErrClosed, c.Close()) })
	if c, err := w.Accept(); c != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v %v", c, err)
	}
}

// bare is a connection that can do nothing but what net.Conn asks for.
type bare struct{ net.Conn }

// redirected was going elsewhere.
type redirected struct{ Conn }

func (redirected) OriginalDestination() string { return "gw.example:80" }

func TestAWrapperHidesNothingAndInventsNothing(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	plain := Conn{bare{near}}
	_, noFile := plain.SyscallConn()
	for _, err := range []error{plain.CloseWrite(), plain.CloseRead(), plain.SetLinger(0), noFile} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
	}
	if a, ok := OriginalDestination(Conn{Conn{redirected{plain}}}); a != "gw.example:80" || !ok {
		t.Error(a, ok)
	}
	if _, ok := OriginalDestination(plain); ok {
		t.Error("a destination out of nothing")
	}
	if err := CloseWrite(plain); err != nil {
		t.Error(err)
	}
	if _, err := near.Write([]byte("x")); err == nil {
		t.Error("a connection without half-close is still open after CloseWrite")
	}
}
