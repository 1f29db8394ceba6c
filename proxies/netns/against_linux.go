package netns

import (
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// against has the router do something to what goes from one end of a connection
// to the other, until it is undone. Each such rule has a table of its own, which
// is easily taken away.
func (r *road) against(from, to netip.AddrPort, verdict []expr.Any) (undo func() error, err error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	r.disturbed++
	table := &rules{conn: r.rules.conn, chains: map[string]*nftables.Chain{}}
	table.table = table.conn.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: fmt.Sprintf("flow-%d", r.disturbed)})
	chain := table.chain(nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter)
	_, err = table.add(chain,
		within(ipSource, alone(from.Addr())), within(ipDestination, alone(to.Addr())),
		isTCP(), hasPort(tcpSource, from.Port()), hasPort(tcpDestination, to.Port()), verdict)
	return func() error {
		table.conn.DelTable(table.table)
		return table.conn.Flush()
	}, err
}

func alone(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func drop() []expr.Any { return []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}} }

// reject answers by RST.
func reject() []expr.Any {
	return []expr.Any{&expr.Reject{Type: unix.NFT_REJECT_TCP_RST}}
}

// onlyKnown has the router drop what belongs to no connection that it knows and
// does not begin one.
func (r *road) onlyKnown() error {
	if r.strict {
		return nil
	}
	for _, hook := range []*nftables.ChainHook{nftables.ChainHookForward, nftables.ChainHookInput} {
		chain := r.rules.chain(nftables.ChainTypeFilter, hook, nftables.ChainPriorityFilter)
		if _, err := r.rules.add(chain, isTCP(), isUnknown(), isNoBeginning(), drop()); err != nil {
			return err
		}
	}
	r.strict = true
	return nil
}

func isUnknown() []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: binaryutil.NativeEndian.PutUint32(expr.CtStateBitINVALID | expr.CtStateBitNEW), Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

func isNoBeginning() []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: tcpFlags, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{SYN}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0}},
	}
}
