package proxies

import (
	"io"
	"net"
	"testing"

	"gauntlet/proxies/network"
)

// BenchmarkPoll is one exchange through a box on the loopback interface.
func BenchmarkPoll(b *testing.B) {
	for _, spec := range []string{"relay", "forward", "forward plain"} {
		b.Run(spec, func(b *testing.B) {
			o := newOrigin(b, &network.Loopback{}, ":0", func(c net.Conn, _ request) { io.WriteString(c, oddAnswer) })
			defer o.Close()
			n := &network.Loopback{Routes: map[string]string{gateway: o.Addr().String()}}
			_, address := start(b, n, spec, Options{Upstream: gateway})
			p := dial(b, n, address)
			raw := post("http://gw.example/x", "", "Host: gw.example", "X-FOO-bar: 1", "User-Agent: MSMSGS")
			b.ReportAllocs()
			for b.Loop() {
				if got := p.ask(raw); got.err != nil {
					b.Fatal(got.err)
				}
			}
		})
	}
}
