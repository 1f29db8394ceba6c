//go:build unix

package specs

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// natsServer is one of the spec's own, on a port of the system's choice.
func natsServer(change func(*server.Options)) (url string) {
	GinkgoHelper()
	o := natsOptions(GinkgoT().TempDir(), server.RANDOM_PORT)
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	Expect(err).NotTo(HaveOccurred())
	s.Start()
	DeferCleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	Expect(s.ReadyForConnections(soonEnough)).To(BeTrue())
	return s.ClientURL()
}

func natsOptions(dir string, port int) *server.Options {
	return &server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir}
}

// natsProcess is a server that can be killed, and started again at the same place.
type natsProcess struct {
	url, dir, port string
	session        *gexec.Session
}

func startNATS() *natsProcess {
	GinkgoHelper()
	n := &natsProcess{dir: GinkgoT().TempDir(), port: strconv.Itoa(server.RANDOM_PORT)}
	n.start()
	DeferCleanup(func() { n.session.Kill().Wait(soonEnough) })
	return n
}

func (n *natsProcess) start() {
	GinkgoHelper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), animalVariable+"="+natsAnimal, natsVariable+"="+n.port, noteVariable+"="+n.dir)
	stdin, err := cmd.StdinPipe() // by which it knows that we live
	Expect(err).NotTo(HaveOccurred())
	n.session, err = gexec.Start(cmd, nil, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { _ = stdin.Close() }) // it is closed where the process has ended
	Eventually(n.session.Out, soonEnough).Should(gbytes.Say(`nats://.*:(\d+)\n`))
	_, err = fmt.Sscanf(string(n.session.Out.Contents()), "nats://127.0.0.1:%s", &n.port)
	Expect(err).NotTo(HaveOccurred())
	n.url = "nats://127.0.0.1:" + n.port
}

// kill ends it as a machine does whose power fails.
func (n *natsProcess) kill() {
	GinkgoHelper()
	n.session.Kill().Wait(soonEnough)
}

const (
	natsAnimal   = "nats"
	natsVariable = "GAUNTLET_NATS_PORT"
)

// serveNATS is the process, whose files are in the directory that the note names.
func serveNATS() {
	port, err := strconv.Atoi(os.Getenv(natsVariable))
	var s *server.Server
	if err == nil {
		s, err = server.NewServer(natsOptions(os.Getenv(noteVariable), port))
	}
	if err != nil {
		panic(err)
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		panic("it does not start")
	}
	fmt.Println(s.ClientURL())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the spec ends
	s.Shutdown()
}
