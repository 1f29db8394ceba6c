package mutants

import (
	"context"
	"net"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/network"
)

// absent signs in and is gone, without a word to anybody.
var absent = Mutant{
	Name:     "absent",
	Defect:   "connects once and exits",
	Violates: "poll.keeps-going",
	Cases:    []string{"control-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "command.carried-out", "command.not-lost"}}},
	New:      newAbsent,
}

type leaver struct{ adapter.Client }

func newAbsent(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return leaver{c}, err
}

// Do performs the sign-in, drops everything, and claims that all else went well.
func (l leaver) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb != workload.SignIn {
		return nil
	}
	err := l.Client.Do(ctx, task)
	l.Close()
	return err
}

// drags asks every quarter of a minute.
var drags = Mutant{
	Name:     "drags",
	Defect:   "polls every fifteen seconds",
	Violates: "poll.pace",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}, {thrownOut, []requirement.ID{"poll.keeps-going"}}},
	New:      paced(15 * time.Second),
}

// hammers tries again at once, as often as it takes.
var hammers = Mutant{
	Name:     "hammers",
	Defect:   "tries again at once after each error, without end",
	Violates: "connection.backs-off",
	Seen:     "papyon: an endless reconnect loop in HTTP mode, fixed in 2010",
	Needs:    NeedsFault,
	Cases:    []string{"effect-bad-gateway-for-a-while-*"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"command.carried-out"}}},
	New:      minded(backingOff(20 * time.Millisecond)),
}

// hurries asks five times a second.
var hurries = Mutant{
	Name:     "hurries",
	Defect:   "polls five times a second",
	Violates: "poll.not-too-often",
	New:      paced(200 * time.Millisecond),
}

// neverPolls waits to be told, by a server that cannot speak unless it is asked.
var neverPolls = Mutant{
	Name:     "never-polls",
	Defect:   "never polls",
	Violates: "poll.keeps-going",
	Seen:     "libpurple 2: stops polling without a word when an answer had no GW-IP",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      paced(forEver),
}

// oversleeps is so polite to a network in trouble that its user is gone.
var oversleeps = Mutant{
	Name:     "oversleeps",
	Defect:   "waits three minutes after each error",
	Violates: "connection.recovers",
	Needs:    NeedsFault,
	Cases:    []string{"refused-long-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "close.reopens-once", "connection.session-survives", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      minded(backingOff(3 * time.Minute)),
}

// waitsForever has no time-out.
var waitsForever = Mutant{
	Name:     "waits-forever",
	Defect:   "waits without end for an answer",
	Violates: "connection.recovers",
	Seen:     "aMSN: blocks on a head that does not end",
	Needs:    NeedsFault,
	Cases:    []string{"stall-poll-*"},
	Also: []Collateral{
		{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "connection.session-survives", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{neverOver, []requirement.ID{"client.leaves-nothing"}},
	},
	New: newWaitsForever,
}

func newWaitsForever(s adapter.Setup) (adapter.Client, error) {
	s.Network = patientNetwork{s.Network}
	return builtin.New()(s)
}

type patientNetwork struct{ network.Network }

// DialContext connects.
func (n patientNetwork) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := n.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	return patientConn{conn}, nil
}

type patientConn struct{ net.Conn }

// SetDeadline knows only the deadline that ends everything.
func (c patientConn) SetDeadline(t time.Time) error {
	if t.After(time.Now()) {
		t = time.Time{}
	}
	return c.Conn.SetDeadline(t)
}
