//go:build unix

package proxies

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/elazarl/goproxy"

	"gauntlet/proxies/network"
)

// BenchmarkRatios compares what stands between a client and an origin, all in
// one run and by turns, because the machine's mood changes: directly, our
// forward box, a plain goproxy; our relay, a plain io.Copy. The metrics are
// medians over the turns: requests a second, CPU time a request (client,
// origin and box together), and the ratios that count.
func BenchmarkRatios(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			g := newGround(b)
			rate, cpu := map[string][]float64{}, map[string][]float64{}
			for b.Loop() {
				for _, way := range g.ways {
					r, c := g.burst(b, way, clients, 1000)
					rate[way.name], cpu[way.name] = append(rate[way.name], r), append(cpu[way.name], c)
				}
			}
			for _, way := range g.ways {
				b.ReportMetric(median(rate[way.name]), way.name+"-req/s")
				b.ReportMetric(median(cpu[way.name]), way.name+"-cpu-us/req")
			}
			b.ReportMetric(ratio(rate["forward"], rate["goproxy"]), "forward/goproxy")
			b.ReportMetric(ratio(rate["relay"], rate["copy"]), "relay/copy")
		})
	}
}

// ratio is the median of the ratios of turns, each with its own neighbour.
func ratio(a, b []float64) float64 {
	var all []float64
	for i := range a {
		all = append(all, a[i]/b[i])
	}
	return median(all)
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

type way struct {
	name, address, target string
}

type proving struct{ ways []way }

func newGround(b *testing.B) *proving {
	origin := fastOrigin(b)
	n := &network.Loopback{Routes: map[string]string{gateway: origin}}
	g := &proving{ways: []way{{"direct", origin, "/x"}}}
	_, forward := start(b, n, "forward", Options{})
	_, relay := start(b, n, "relay", Options{Upstream: gateway})
	g.ways = append(g.ways, way{"forward", forward, "http://gw.example/x"}, way{"goproxy", plainProxy(b, n), "http://gw.example/x"},
		way{"relay", relay, "/x"}, way{"copy", plainCopy(b, origin), "/x"})
	return g
}

// burst sends requests over as many connections as there are clients.
func (g *proving) burst(b *testing.B, w way, clients, requests int) (rate, cpu float64) {
	raw := post(w.target, "hello", "Host: gw.example", "X-MSN-odd: 1", "User-Agent: MSMSGS", "Proxy-Connection: Keep-Alive")
	var all sync.WaitGroup
	before, began := spent(), time.Now()
	for range clients {
		all.Go(func() {
			p, err := net.Dial("tcp", w.address)
			if err != nil {
				b.Error(err)
				return
			}
			defer p.Close()
			in := bufio.NewReader(p)
			for range requests / clients {
				io.WriteString(p, raw)
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	return float64(requests) / took.Seconds(), float64((spent() - before).Microseconds()) / float64(requests)
}

// spent is the CPU time of this process.
func spent() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// fastOrigin answers whatever comes in one write with 64 bytes.
func fastOrigin(b *testing.B) string {
	answer := []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.2; GW-IP=gw\r\nContent-Length: 5\r\n\r\nhello")
	return serveEach(b, func(c net.Conn) {
		defer c.Close()
		in := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
}

// plainProxy is goproxy as one would set it up.
func plainProxy(b *testing.B, n network.Network) string {
	p := goproxy.NewProxyHttpServer()
	p.Tr = &http.Transport{DialContext: n.DialContext, MaxIdleConnsPerHost: 100}
	l, err := n.Listen(":0")
	if err != nil {
		b.Fatal(err)
	}
	s := &http.Server{Handler: p}
	go s.Serve(l)
	b.Cleanup(func() { s.Close(); p.Tr.CloseIdleConnections() })
	return l.Addr().String()
}

// plainCopy is a relay of a few lines, which the kernel can splice.
func plainCopy(b *testing.B, to string) string {
	return serveEach(b, func(c net.Conn) {
		defer c.Close()
		s, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer s.Close()
		go func() { io.Copy(s, c); s.(*net.TCPConn).CloseWrite() }()
		io.Copy(c, s)
	})
}

func serveEach(b *testing.B, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}
