package netns

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// rules is the packet filter of one namespace.
type rules struct {
	conn   *nftables.Conn
	table  *nftables.Table
	chains map[string]*nftables.Chain
}

// filter opens the packet filter of a namespace.
func (s *space) filter() (*rules, error) {
	c, err := nftables.New(nftables.WithNetNSFd(int(s.handle)), nftables.AsLasting())
	if err != nil {
		return nil, fmt.Errorf("%s: nftables: %w", s.name, err)
	}
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "gauntlet"})
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

// Redirect brings what is dialled at a port, from the host with address from,
// to a listener on a place further up its arm, as the redirect rule of an
// intercepting proxy does. The listener's own addresses are left alone.
func (n *Net) Redirect(from string, port int, to string) error {
	source, err := netip.ParseAddr(from)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	target, err := netip.ParseAddrPort(to)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	box := n.find(target.Addr())
	if box.rules == nil {
		if box.rules, err = box.space.filter(); err != nil {
			return err
		}
	}
	chain := box.rules.chain(nftables.ChainTypeNAT, nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest)
	_, err = box.rules.add(chain,
		within(ipSource, n.find(source).seen), without(ipDestination, box.network), isTCP(), hasPort(tcpDestination, uint16(port)),
		translated(target))
	if err != nil {
		return fmt.Errorf("redirect port %d to %s: %w", port, to, err)
	}
	return nil
}

// translate hides what comes from below behind the road's upper address.
func (r *road) translate() error {
	if err := r.open(); err != nil {
		return err
	}
	chain := r.rules.chain(nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource)
	name := append([]byte(r.up.ether), make([]byte, unix.IFNAMSIZ-len(r.up.ether))...)
	_, err := r.rules.add(chain, []expr.Any{
		&expr.Meta{Key: expr.MetaKeyOIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: name},
		&expr.Masq{},
	})
	return err
}

// open makes the road's packet filter.
func (r *road) open() (err error) {
	if r.rules == nil {
		r.rules, err = r.space.filter()
	}
	return err
}

// Where the addresses and ports stand in a packet.
const (
	ipSource, ipDestination   = 12, 16
	tcpSource, tcpDestination = 0, 2
	tcpFlags                  = 13
)

func loadAddress(offset uint32) *expr.Payload {
	return &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4}
}

func maskOf(p netip.Prefix) []byte { return ipNet(p).Mask }

func within(offset uint32, p netip.Prefix) []expr.Any { return compare(expr.CmpOpEq, offset, p) }

func without(offset uint32, p netip.Prefix) []expr.Any { return compare(expr.CmpOpNeq, offset, p) }

func compare(op expr.CmpOp, offset uint32, p netip.Prefix) []expr.Any {
	return []expr.Any{
		loadAddress(offset),
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: maskOf(p), Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: 1, Data: p.Masked().Addr().AsSlice()},
	}
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
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1, RegAddrMax: 1, RegProtoMin: 2, RegProtoMax: 2},
	}
}
