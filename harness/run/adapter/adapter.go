// Package adapter is the door between the rig and a client under test,
// whatever the client is written in. It knows what a client is asked to do and
// what it may say of itself; it knows nothing of networks, faults or verdicts.
package adapter

import (
	"context"
	"crypto/x509"
	"errors"
	"os/exec"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// Client is a client under test for the length of one case. The rig calls Do
// for one step at a time and Close once, in the end.
type Client interface {
	// Do performs one step of the user's and returns when it is done as far as
	// the client can tell. An error is the client's own word that it failed.
	Do(ctx context.Context, task Task) error
	// Close ends everything that the client has started. It must return.
	Close()
}

// ByText is a Client, too, that can say that it calls a contact only by the first
// message. A call is done at once then, and the message brings the contact.
type ByText interface {
	CallsByText() bool
}

// Suspended is a Client, too, that can be stopped from outside, as a laptop's lid
// stops all that runs.
type Suspended interface {
	// Suspend stops it, until resume is called.
	Suspend() (resume func(), err error)
}

// ErrEnough is why the context of a step ends that the client's user has given up. It may
// go on with the step, and say later what came of it: no answer is awaited any more.
var ErrEnough = errors.New("the user has waited long enough")

// What the error of a step, or of Gone, can be besides a failure.
var (
	// ErrUnsupported says that the client cannot do what the case asks.
	ErrUnsupported = errors.New("the client does not support this case")
	// ErrEnded says that the client's program ended by itself, whatever its exit
	// status. One that a signal ended is not among them.
	ErrEnded = errors.New("ended by itself")
	// ErrCrashed says that a fault of its own ended the client's program: a signal such
	// as SIGSEGV.
	ErrCrashed = errors.New(string(history.Crashed))
	// ErrNotReady says that the client's program was started and has shown nothing
	// yet of how it does: a machine with too much to do explains it, or a hello
	// that nobody understands.
	ErrNotReady = errors.New("the client was never ready")
)

// Kind says how far a client can be asked.
type Kind string

// The kinds of clients.
const (
	InProcess Kind = ""          // Go code in this process, which dials through Setup.Network
	Driven    Kind = "driven"    // a process that does what it is told
	BlackBox  Kind = "black-box" // a process that only connects
)

// Task is one step with what it needs.
type Task struct {
	Step  workload.Step
	Texts []string // the messages of a Send, in order
}

// Setup is what a client is told before a case.
type Setup struct {
	Network        network.Network // all that it may dial through
	Route          proxies.Route
	ProxyOff       string // a proxy that is given too, but switched off
	PAC            string // URL of the file that tells of the route, of which Route has nothing if the case wants it so; "" if there is none
	Gateway        string // the gateway's host, a protocol address
	GatewayAddress string // host:port to which that name leads
	// Trust is whose certificate the gateway has to show, which is reached by https
	// then; nil: it is reached by http. Programs find the same in the file CA.
	Trust           *x509.CertPool
	Email, Password string
	Contact         string
	Case            string          // its id
	Script          workload.Script // all that the user will do
	CA              string          // file of the CA to trust, PEM; "" if there is none
	// Start starts a program where the client's host lives; nil: plainly, by its
	// own Start.
	Start func(*exec.Cmd) error
	// Report takes what the client says of itself: the history's client kinds, with
	// the fields that gauntlet explain KIND tells of. A run with anything else is
	// Broken. It must not be called after Close has returned.
	Report func(history.Event)
	// Gone is told that the client is of no use any more before it was closed. It must
	// not wait for the step under way, which fails only after it. Nil if nobody cares.
	Gone func(error)
	// Left is told, before Close returns, each thing that went wrong as the client was
	// closed: what it would not do, or has left behind, or how it ended if it
	// should have ended otherwise: ErrCrashed, or ErrEnded with its exit status. Nil if nobody cares.
	Left func(error)
	// Log takes what the client's process printed, once, before Close returns. Nil
	// if nobody cares.
	Log func([]byte)
}

// Factory makes one client for one case.
type Factory func(Setup) (Client, error)
