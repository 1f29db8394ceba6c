package netns

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Capture listens to all packets of a host.
type Capture struct {
	file  *os.File
	over  atomic.Bool
	ended chan error
}

func capture(s *namespace, each func(Packet)) (*Capture, error) {
	lo, err := s.links.LinkByName("lo")
	if err != nil {
		return nil, fmt.Errorf("%s: capture: %w", s.name, err)
	}
	c := &Capture{ended: make(chan error, 1)}
	err = s.do(func() error {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, int(hostToNetwork(unix.ETH_P_ALL)))
		if err != nil {
			return err
		}
		c.file = os.NewFile(uintptr(fd), "packets of "+s.name)
		return errors.Join(
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 16<<20)) // as much of it as the machine allows
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: capture packets: %w", s.name, err), c.file.Close())
	}
	go func() { c.ended <- c.run(lo.Attrs().Index, each) }()
	return c, nil
}

// run hands on packets until the file is closed.
func (c *Capture) run(lo int, each func(Packet)) error {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return err
	}
	data, control := make([]byte, 1<<16), make([]byte, 256)
	for {
		var n, controls int
		var from unix.Sockaddr
		var failed error
		err := raw.Read(func(fd uintptr) bool {
			n, controls, _, from, failed = unix.Recvmsg(int(fd), data, control, 0)
			return !errors.Is(failed, unix.EAGAIN)
		})
		if err != nil && c.over.Load() {
			return nil
		}
		if err := errors.Join(err, failed); err != nil {
			return fmt.Errorf("capture packets: %w", err)
		}
		ll, ok := from.(*unix.SockaddrLinklayer)
		if ok && ll.Ifindex != lo && (ll.Protocol == hostToNetwork(unix.ETH_P_IP) || ll.Protocol == hostToNetwork(unix.ETH_P_IPV6)) {
			each(Packet{At: stamp(control[:controls]), Out: ll.Pkttype == unix.PACKET_OUTGOING, Data: append([]byte(nil), data[:n]...)})
		}
	}
}

// Close ends the capture; packets that were not heard of by then are not any
// more. Packets that came too fast, and are missing, are an error.
func (c *Capture) Close() error {
	if c == nil {
		return nil
	}
	c.over.Store(true)
	err := errors.Join(c.complete(), c.file.Close())
	return errors.Join(err, <-c.ended)
}

// complete asks the kernel whether it had to drop packets.
func (c *Capture) complete() error {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return err
	}
	var lost *unix.TpacketStats
	err2 := raw.Control(func(fd uintptr) {
		lost, err = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS)
	})
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("capture packets: %w", err)
	}
	if lost.Drops > 0 {
		return fmt.Errorf("capture packets: %d came too fast and are missing", lost.Drops)
	}
	return nil
}

// stamp is when the kernel saw the packet.
func stamp(control []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Now()
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			return time.Unix((*unix.Timespec)(unsafe.Pointer(&m.Data[0])).Unix())
		}
	}
	return time.Now()
}

func hostToNetwork(n uint16) uint16 { return n<<8 | n>>8 }
