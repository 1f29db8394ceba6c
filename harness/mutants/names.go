package mutants

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
)

// believesNoName takes the first word of a name server for the last.
var believesNoName = Mutant{
	Name:     "believes-no-name",
	Defect:   "never connects again once a name was not found",
	Violates: "connection.session-survives",
	Seen:     "clients that take a failed look-up for a wrong setting",
	Needs:    NeedsFault,
	Cases:    []string{"name-gone-direct-once"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.recovers", "poll.keeps-going", "command.carried-out"}}},
	New:      tampered(believe),
}

func believe(adapter.Setup) tamper {
	var last atomic.Pointer[net.DNSError]
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if lost := last.Load(); lost != nil {
			return nil, lost
		}
		conn, err := d(ctx, address)
		if lost := new(net.DNSError); errors.As(err, &lost) {
			last.Store(lost)
		}
		return conn, err
	}}
}

// hasty takes a name server that is slow for one that knows nothing.
var hasty = Mutant{
	Name:     "hasty",
	Defect:   "waits 5 s for a look-up, and then never connects again",
	Violates: "connection.session-survives",
	Seen:     "resolvers whose 5 s for each try are less than a name server behind a VPN takes",
	Needs:    NeedsFault,
	Cases:    []string{"name-late-client-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.recovers", "poll.keeps-going", "command.carried-out"}}},
	New:      tampered(hurryLookups),
}

func hurryLookups(s adapter.Setup) tamper {
	believing := believe(s)
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		return believing.dial(ctx, func(ctx context.Context, address string) (net.Conn, error) {
			soon, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			found, err := firstBehind(soon, s, address)
			if err != nil {
				return nil, &net.DNSError{Err: err.Error(), Name: address, IsTimeout: true}
			}
			return d(ctx, found)
		}, address)
	}}
}

// keepsAddress looks each name up once.
var keepsAddress = Mutant{
	Name:     "keeps-address",
	Defect:   "looks a name up once and keeps the address",
	Violates: "command.carried-out",
	Seen:     "Vert.x and the JVM: a name is resolved once for as long as the process lives",
	Needs:    NeedsFault,
	Cases:    []string{"name-moves-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "connection.recovers"}}},
	New:      tampered(resolveOnce),
}

func resolveOnce(s adapter.Setup) tamper {
	var known sync.Map // by address, where it led at first
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		first, is := known.Load(address)
		if !is {
			found, err := firstBehind(ctx, s, address)
			if err != nil {
				return nil, err
			}
			first, _ = known.LoadOrStore(address, found)
		}
		return d(ctx, first.(string))
	}}
}

// firstBehind is an address with the first of the numeric ones in the place of its name.
func firstBehind(ctx context.Context, s adapter.Setup, address string) (string, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	all, err := s.Network.LookupHost(ctx, name)
	if err == nil && len(all) == 0 {
		err = &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(all[0], port), nil
}

// fourBytes has room for the addresses of one family.
var fourBytes = Mutant{
	Name:     "four-bytes",
	Defect:   "knows IPv4 addresses only",
	Violates: "route.without-proxy",
	Seen:     "clients that look names up by gethostbyname, or connect to a sockaddr_in",
	Needs:    NeedsSetting,
	Cases:    []string{"ipv6-only-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      tampered(takeFour),
}

func takeFour(s adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		first, err := firstBehind(ctx, s, address)
		if err == nil && strings.HasPrefix(first, "[") {
			err = &net.AddrError{Err: "address family not supported", Addr: first}
		}
		if err != nil {
			return nil, err
		}
		return d(ctx, first)
	}}
}

// oneFamily knows of one address for each name.
var oneFamily = Mutant{
	Name:     "one-family",
	Defect:   "connects to the first address of a name and to no other",
	Violates: "route.without-proxy",
	Seen:     "clients from before RFC 6555: half a minute for each connection where IPv6 leads nowhere",
	Needs:    NeedsFault,
	Cases:    []string{"ipv6-first-refused-client-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      tampered(takeFirst),
}

func takeFirst(s adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		first, err := firstBehind(ctx, s, address)
		if err != nil {
			return nil, err
		}
		return d(ctx, first)
	}}
}
