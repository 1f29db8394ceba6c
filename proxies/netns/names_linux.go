package netns

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"
)

// names are what the network knows of where names are.
type names struct {
	below map[string]netip.Addr // all other names below these domains
	asked bool                  // nobody finds them in a file

	mu  sync.Mutex
	are map[string]netip.Addr
}

func newNames(o Options) *names {
	return &names{are: maps.Clone(o.Names), below: o.Below, asked: o.Asked}
}

// lead has all names that led to one address lead to another.
func (n *names) lead(from, to netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, a := range n.are {
		if a == from {
			n.are[name] = to
		}
	}
}

// resolve is what a dialled name means; ok is false for one that the network
// does not know.
func (n *names) resolve(name string) (netip.Addr, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, ok := n.are[name]; ok {
		return a, true
	}
	for _, domain, more := strings.Cut(name, "."); more; _, domain, more = strings.Cut(domain, ".") {
		if a, ok := n.below[domain]; ok {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// nameServer answers every question of where a name is: those that the network
// knows are where they are, all others elsewhere.
type nameServer struct {
	names    *names
	resolved func(Lookup) // nil: nobody wants to hear
	packets  net.PacketConn
	ended    chan error
	found    func(name string, leads []netip.Addr) Answer // nil: names lead where they do
	lookups  map[string]*lookup                           // the last of each name; of serve's goroutine alone
}

// lookup is one time that a program has looked up a name, by one question for each family.
type lookup struct {
	questions map[dnsmessage.Type]uint16 // their numbers: one that comes again is the same
	answer    Answer
	due       time.Time
}

// newNameServer starts one on a host.
func newNameServer(h *host, n *names, o Options) (*nameServer, error) {
	s := &nameServer{names: n, resolved: o.Resolved, found: o.Found, ended: make(chan error, 1), lookups: map[string]*lookup{}}
	network := netip.PrefixFrom(resolver, 24).Masked()
	err := h.namespace.owns(network, unix.RT_TABLE_LOCAL)
	if err == nil {
		err = h.namespace.do(func() (err error) {
			s.packets, err = net.ListenPacket("udp4", netip.AddrPortFrom(resolver, 53).String())
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("the name server: %w", err)
	}
	go func() { s.ended <- s.serve() }()
	return s, nil
}

func (s *nameServer) serve() error {
	packet := make([]byte, 4096)
	for {
		n, from, err := s.packets.ReadFrom(packet)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the name server: %w", err)
		}
		if answer, late := s.answer(packet[:n]); answer != nil {
			send := func() { _, _ = s.packets.WriteTo(answer, from) } // who does not hear it asks again
			if late <= 0 {
				send()
				continue
			}
			time.AfterFunc(late, send)
		}
	}
}

// answer is nil for what is no question; late is when it is due from now.
func (s *nameServer) answer(packet []byte) (answer []byte, late time.Duration) {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || m.Response || len(m.Questions) == 0 {
		return nil, 0
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.RCode = true, true, dnsmessage.RCodeSuccess
	m.Questions, m.Answers, m.Authorities, m.Additionals = m.Questions[:1], nil, nil, nil
	if q.Type == dnsmessage.TypeA || q.Type == dnsmessage.TypeAAAA {
		l := s.lookup(strings.TrimSuffix(q.Name.String(), "."), q.Type, m.ID)
		if m.Answers = l.records(q); len(l.answer.Addresses) == 0 {
			m.RCode = dnsmessage.RCodeNameError
		}
		late = time.Until(l.due)
	}
	answer, err := m.Pack()
	if err != nil {
		return nil, 0
	}
	return answer, late
}

// lookup is what a question belongs to: the last lookup of the name, unless that has
// had its question for this family.
func (s *nameServer) lookup(name string, family dnsmessage.Type, number uint16) *lookup {
	l := s.lookups[name]
	if l != nil {
		if had, asked := l.questions[family]; !asked || had == number {
			l.questions[family] = number
			return l
		}
	}
	l = &lookup{questions: map[dnsmessage.Type]uint16{family: number}, due: time.Now()}
	s.lookups[name] = l
	address, known := s.names.resolve(name)
	if s.resolved != nil {
		s.resolved(Lookup{At: l.due, Name: name, Lost: !known})
	}
	switch {
	case !known:
		l.answer.Addresses = []netip.Addr{elsewhere}
	case s.found != nil:
		l.answer = s.found(name, []netip.Addr{address})
		l.due = l.due.Add(l.answer.After)
	default:
		l.answer.Addresses = []netip.Addr{address}
	}
	return l
}

// records are the answers to a question for one family.
func (l *lookup) records(q dnsmessage.Question) (all []dnsmessage.Resource) {
	for _, a := range l.answer.Addresses {
		var body dnsmessage.ResourceBody
		switch {
		case q.Type == dnsmessage.TypeA && a.Is4():
			body = &dnsmessage.AResource{A: a.As4()}
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			body = &dnsmessage.AAAAResource{AAAA: a.As16()}
		default:
			continue
		}
		all = append(all, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: uint32(l.answer.TTL / time.Second)}, Body: body})
	}
	return all
}

func (s *nameServer) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.packets.Close(), <-s.ended)
}

// mount puts files of ours in place of those by which the machine's
// programs find names. They lie in memory that only these mounts hold: when
// the last process that sees them has ended, they are gone.
func (n *names) mount() error {
	folder := os.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("memory for its files: %w", err)
	}
	var errs []error
	for name, text := range map[string][]byte{
		"/etc/hosts":         n.hostsFile(),
		"/etc/resolv.conf":   []byte("nameserver " + resolver.String() + "\n"),
		"/etc/nsswitch.conf": []byte("passwd: files\ngroup: files\nhosts: files dns\n"),
	} {
		errs = append(errs, mountFile(filepath.Join(folder, filepath.Base(name)), text, name))
	}
	return errors.Join(append(errs, unix.Unmount(folder, unix.MNT_DETACH))...)
}

// mountFile mounts a file with that text over another; where there is none,
// nobody will miss it.
func mountFile(file string, text []byte, over string) error {
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	err := unix.Mount(file, over, "", unix.MS_BIND, "")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("names of its own at %s: %w", over, err)
	}
	return nil
}

// hostsFile names the network's hosts.
func (n *names) hostsFile() []byte {
	text := bytes.NewBufferString("127.0.0.1 localhost\n")
	if n.asked {
		return text.Bytes()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	names := make([]string, 0, len(n.are))
	for name := range n.are {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(text, "%s %s\n", n.are[name], name)
	}
	return text.Bytes()
}
