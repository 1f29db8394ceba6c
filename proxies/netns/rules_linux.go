package netns

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// rules is the packet filter of one namespace.
type rules struct {
	conn   *nftables.Conn
	table  *nftables.Table
	chains map[string]*nftables.Chain
}

// newRules opens the packet filter of a namespace.
func newRules(s *namespace) (*rules, error) {
	c, err := nftables.New(nftables.WithNetNSFd(int(s.handle)), nftables.AsLasting())
	if err != nil {
		return nil, fmt.Errorf("%s: nftables: %w", s.name, err)
	}
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "gauntlet"})
	return &rules{c, table, map[string]*nftables.Chain{}}, nil
}

func (r *rules) close() error {
	if r == nil {
		return nil
	}
	return r.conn.CloseLasting()
}

// chain is the chain at a hook, made at its first use.
func (r *rules) chain(kind nftables.ChainType, hook *nftables.ChainHook, priority *nftables.ChainPriority) *nftables.Chain {
	name := fmt.Sprintf("%s-%d", kind, *hook)
	if r.chains[name] == nil {
		r.chains[name] = r.conn.AddChain(&nftables.Chain{Name: name, Table: r.table, Type: kind, Hooknum: hook, Priority: priority})
	}
	return r.chains[name]
}

// add puts rules into effect.
func (r *rules) add(chain *nftables.Chain, parts ...[]expr.Any) (*nftables.Rule, error) {
	var all []expr.Any
	for _, p := range parts {
		all = append(all, p...)
	}
	rule := r.conn.AddRule(&nftables.Rule{Table: r.table, Chain: chain, Exprs: all})
	if err := r.conn.Flush(); err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	return rule, nil
}

// redirect brings what comes from these addresses for a port to a listener of
// the host's.
func (h *host) redirect(from netip.Prefix, port uint16, to netip.AddrPort) (err error) {
	if h.rules == nil {
		if h.rules, err = newRules(h.namespace); err != nil {
			return err
		}
	}
	chain := h.rules.chain(nftables.ChainTypeNAT, nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest)
	own := h.network
	if from.Addr().Is6() {
		own = sixBeside(own)
	}
	_, err = h.rules.add(chain,
		within(source, from), without(destination, own), isTCP(), hasPort(tcpDestination, port), translated(to))
	return err
}

// translate hides what comes from below behind the router's upper address.
func (r *router) translate() error {
	if err := r.open(); err != nil {
		return err
	}
	_, err := r.rules.add(r.leaving(), r.upwards(), []expr.Any{&expr.Masq{}})
	return err
}

// leaving is the chain in which the router changes where packets come from.
func (r *router) leaving() *nftables.Chain {
	return r.rules.chain(nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource)
}

// upwards is what leaves by the router's upper interface.
func (r *router) upwards() []expr.Any {
	name := append([]byte(r.up.ether), make([]byte, unix.IFNAMSIZ-len(r.up.ether))...)
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyOIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: name},
	}
}

// open makes the router's packet filter.
func (r *router) open() (err error) {
	if r.rules == nil {
		r.rules, err = newRules(r.namespace)
	}
	return err
}

// side is an end of a packet: the addresses of IPv4 stand at 12 and 16, those of IPv6 at 8
// and 24.
type side struct{ four, six uint32 }

var source, destination = side{12, 8}, side{16, 24}

// Where ports and flags stand in a segment.
const (
	tcpSource, tcpDestination = 0, 2
	tcpFlags                  = 13
)

func within(s side, p netip.Prefix) []expr.Any { return compare(expr.CmpOpEq, s, p) }

func without(s side, p netip.Prefix) []expr.Any { return compare(expr.CmpOpNeq, s, p) }

// compare looks at packets of p's family only.
func compare(op expr.CmpOp, s side, p netip.Prefix) []expr.Any {
	mask, offset := ipNet(p).Mask, s.four
	if p.Addr().Is6() {
		offset = s.six
	}
	size := uint32(len(mask))
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{byte(family(p.Addr()))}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: size},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: size, Mask: mask, Xor: make([]byte, size)},
		&expr.Cmp{Op: op, Register: 1, Data: p.Masked().Addr().AsSlice()},
	}
}

// family is the number of an address's family, for the kernel's filters as for sockets.
func family(a netip.Addr) uint32 {
	if a.Is6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

func isTCP() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
	}
}

func hasPort(offset uint32, port uint16) []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.BigEndian.AppendUint16(nil, port)},
	}
}

// translated changes where a packet goes.
func translated(to netip.AddrPort) []expr.Any {
	return []expr.Any{
		&expr.Immediate{Register: 1, Data: to.Addr().AsSlice()},
		&expr.Immediate{Register: 2, Data: binary.BigEndian.AppendUint16(nil, to.Port())},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: family(to.Addr()), RegAddrMin: 1, RegAddrMax: 1, RegProtoMin: 2, RegProtoMax: 2},
	}
}

// addFlowRule applies a verdict to the packets from one end of a connection to
// the other, until undo is called.
func (r *router) addFlowRule(from, to netip.AddrPort, verdict []expr.Any) (undo func() error, err error) {
	return r.addRuleOfItsOwn(
		within(source, alone(from.Addr())), within(destination, alone(to.Addr())),
		isTCP(), hasPort(tcpSource, from.Port()), hasPort(tcpDestination, to.Port()), verdict)
}

// addRuleOfItsOwn applies a rule to what the router forwards, until undo is called.
// It has a table of its own, which is easily taken away.
func (r *router) addRuleOfItsOwn(parts ...[]expr.Any) (undo func() error, err error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	r.disturbed++
	table := &rules{conn: r.rules.conn, chains: map[string]*nftables.Chain{}}
	table.table = table.conn.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: fmt.Sprintf("flow-%d", r.disturbed)})
	chain := table.chain(nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter)
	_, err = table.add(chain, parts...)
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
func (r *router) onlyKnown() error {
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

// losesAttempts has the router drop what would begin a connection that goes up, and
// which matches, until undo is called.
func (r *router) losesAttempts(matching ...[]expr.Any) (undo func() error, err error) {
	beginning := []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: tcpFlags, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{SYN | ACK}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{SYN}},
	}
	return r.addRuleOfItsOwn(append(append([][]expr.Any{isTCP(), beginning}, matching...), drop())...)
}

func isNoBeginning() []expr.Any {
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: tcpFlags, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{SYN}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0}},
	}
}
