//go:build unix

package specs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nats-io/nats-server/v2/server"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
)

// natsServer is one of the spec's own, on a port of the system's choice.
func natsServer(change func(*server.Options)) (url string) {
	GinkgoHelper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: GinkgoT().TempDir()}
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

// startWorker starts a worker and waits until it works.
func startWorker(url string) *gexec.Session {
	GinkgoHelper()
	cmd := exec.Command(command, "worker", "--nats", url)
	cmd.Dir = GinkgoT().TempDir()
	w, err := gexec.Start(cmd, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { w.Kill().Wait(soonEnough) })
	Eventually(w.Err, soonEnough).Should(gbytes.Say("works until Ctrl-C"))
	return w
}

// verdicts are what a run came to, by case and requirement.
func verdicts(list []rig.Result) map[string]string {
	GinkgoHelper()
	found := map[string]string{}
	for _, r := range list {
		Expect(found).NotTo(HaveKey(r.ID), "judged twice")
		found[r.ID] = r.Status.String()
		if r.Status == oracle.Broken {
			found[r.ID] += ": " + r.Reason
		}
		for _, v := range r.Verdicts {
			found[r.ID+" "+string(v.Requirement)] = fmt.Sprint(v.Status, v.Checked)
		}
	}
	return found
}

// differing are the verdicts of which one run has another than the other, or none.
func differing(got, want map[string]string) (list []string) {
	for key, is := range got {
		if want[key] != is {
			list = append(list, fmt.Sprintf("%s: %s, alone %q", key, is, want[key]))
		}
	}
	for key, was := range want {
		if _, known := got[key]; !known {
			list = append(list, key+": none, alone "+was)
		}
	}
	return list
}

// performers are how many processes performed something.
func performers(c called) int { return strings.Count(c.stderr, " performed ") }

var _ = Describe("A run that is shared", func() {
	few := []string{"--json", "--case", "cut-message-*", "--client", "mutant:gives-up"}
	points := append([]string{"certify"}, few...)

	It("has the same verdicts with one worker, with two, and alone", func() {
		alone := verdicts(gauntlet(points...).results())
		Expect(alone).NotTo(BeEmpty())
		url := natsServer(nil)
		Expect(differing(verdicts(gauntlet(append(points, "--nats", url)...).results()), alone)).To(BeEmpty())
		first, second := startWorker(url), startWorker(url)
		both := gauntlet(append(points, "--nats", url)...)
		Expect(differing(verdicts(both.results()), alone)).To(BeEmpty())
		Expect(performers(both)).To(BeNumerically(">", 1), both.stderr)
		first.Interrupt()
		second.Terminate()
		Eventually(first, soonEnough).Should(gexec.Exit(0))
		Eventually(second, soonEnough).Should(gexec.Exit(0))
	})

	It("loses nothing and has nothing twice when a worker, the server, and the run itself are killed", func() {
		alone := verdicts(gauntlet(points...).results())
		server := startServer()
		rounds, _ := strconv.Atoi(os.Getenv("GAUNTLET_KILLS")) // 1 if it is not set
		for range max(rounds, 1) {
			killAndGoOn(server, points, alone)
		}
	})

	It("is not worked for by who is of another version, and the task is left to others", func(ctx SpecContext) {
		url := natsServer(nil)
		q, err := queue.Open(ctx, queue.Options{URL: url})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(q.Close)
		r, err := queue.Begin(ctx, q, "other")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(r.End)
		task := `{"version":"harness of tomorrow","mode":"virtual"}`
		handing, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- r.Do(handing, queue.Computing, [][]byte{[]byte(task)}, func(int, []byte) {}) }()
		DeferCleanup(func() { stop(); <-ended })
		worker := gauntlet("worker", "--nats", url)
		Expect(worker.code).To(Equal(2))
		Expect(worker.stderr).To(ContainSubstring("cannot work for run other: it wants harness of tomorrow, and this is harness "))
		left, err := q.Take(ctx, queue.Computing)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(left.Body)).To(Equal(task))
		Expect(left.GiveBack()).To(Succeed())
	})

	It("refuses in one line what cannot work", func() {
		locked := natsServer(func(o *server.Options) { o.Username, o.Password = "us", "secret" })
		bare := natsServer(func(o *server.Options) { o.JetStream = false })
		full := natsServer(func(o *server.Options) { o.JetStreamMaxStore = 100_000 })
		for _, words := range [][]string{{"certify", "--case", "control-direct"}, {"worker"}} {
			call := func(url string) string { return gauntlet(append(words, "--nats", url)...).complaint() }
			Expect(call("nats://127.0.0.1:1")).To(ContainSubstring("does not answer"))
			Expect(call(locked)).To(ContainSubstring("does not let us in"))
			Expect(call(bare)).To(ContainSubstring("stores nothing"))
		}
		c := gauntlet(append(points, "--nats", full)...)
		Expect(c.code).To(Equal(2))
		Expect(c.stderr).To(ContainSubstring("does not store it"))
		Expect(gauntlet("worker", "--parallel", "3").complaint()).To(ContainSubstring("say --nats URL"))
	})
})

// serverProcess is a server as people run it, which can be killed.
type serverProcess struct {
	program, dir, port string
	running            *gexec.Session
}

func startServer() *serverProcess {
	GinkgoHelper()
	program, err := gexec.Build("github.com/nats-io/nats-server/v2")
	Expect(err).NotTo(HaveOccurred())
	s := &serverProcess{program: program, dir: GinkgoT().TempDir(), port: "-1"}
	s.start()
	DeferCleanup(func() { s.running.Kill().Wait(soonEnough) })
	return s
}

func (s *serverProcess) start() {
	GinkgoHelper()
	var err error
	s.running, err = gexec.Start(exec.Command(s.program, "-js", "-sd", s.dir, "-a", "127.0.0.1", "-p", s.port), nil, nil)
	Expect(err).NotTo(HaveOccurred())
	Eventually(s.running.Err, soonEnough).Should(gbytes.Say(`Listening for client connections on 127\.0\.0\.1:\d+`))
	s.port = regexp.MustCompile(`client connections on 127\.0\.0\.1:(\d+)`).FindStringSubmatch(string(s.running.Err.Contents()))[1]
	Eventually(s.running.Err, soonEnough).Should(gbytes.Say("Server is ready"))
}

// kill ends it with 9, and starts it again where it was.
func (s *serverProcess) kill() {
	GinkgoHelper()
	s.running.Kill().Wait(soonEnough)
	s.start()
}

func (s *serverProcess) url() string { return "nats://127.0.0.1:" + s.port }

// killAndGoOn shares a run with a worker, kills that, one of the run's own workers,
// the server, and the run, each at a moment that chance takes, and goes on with it.
func killAndGoOn(server *serverProcess, points []string, want map[string]string) {
	GinkgoHelper()
	url := server.url()
	helper := startWorker(url)
	dir := GinkgoT().TempDir()
	cmd := exec.Command(command, append(points, "--nats", url, "--out", filepath.Join(dir, "results"))...)
	cmd.Dir = dir
	run, err := gexec.Start(cmd, io.Discard, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	Eventually(filepath.Join(dir, "results", "shared.id"), soonEnough, "5ms").Should(BeAnExistingFile())
	chance := func() <-chan time.Time { return time.After(time.Duration(rand.IntN(300)) * time.Millisecond) }
	<-chance()
	helper.Kill()
	for _, pid := range childrenOf(cmd.Process.Pid) {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill() // it may have ended meanwhile
			break
		}
	}
	<-chance()
	server.kill()
	<-chance()
	run.Kill()
	Eventually(run, soonEnough).Should(gexec.Exit())
	if _, err := os.Stat(filepath.Join(dir, "results", "shared.id")); err != nil {
		return // it was faster than chance
	}
	again := gauntletIn(dir, "certify", "--json", "--nats", url, "--resume", "results")
	Expect(differing(verdicts(again.results()), want)).To(BeEmpty(), again.stderr)
}

// childrenOf are the processes that a process has started and that live.
func childrenOf(pid int) (list []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := bytes.Cut(text, []byte(") "))
		fields := strings.Fields(string(rest))
		if child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file))); fields[0] != "Z" && fields[1] == strconv.Itoa(pid) {
			list = append(list, child)
		}
	}
	return list
}

var _ = Describe("What starts workers elsewhere", func() {
	deploy := filepath.Join("..", "harness", "run", "deploy")
	type container struct {
		Image         string
		Command, Args []string
	}
	follows := func(c container) {
		GinkgoHelper()
		Expect(c.Image).To(Equal("gauntlet"))
		words := append(c.Command, c.Args...)
		Expect(words).NotTo(BeEmpty())
		help := gauntlet(words[0], "--help")
		Expect(help.code).To(Equal(0), help.stderr)
		Expect(words[1:]).To(ContainElement(HavePrefix("--")))
		for _, word := range words[1:] {
			if strings.HasPrefix(word, "--") {
				Expect(help.stdout).To(ContainSubstring(word+" "), "no such flag")
			}
		}
	}

	It("is a compose file whose words the command knows", func() {
		var file struct{ Services map[string]container }
		text, err := os.ReadFile(filepath.Join(deploy, "compose.yaml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.Unmarshal(text, &file)).To(Succeed())
		follows(file.Services["worker"])
		Expect(file.Services["queue"].Command).To(ContainElement("-js"))
	})

	It("is a manifest for Kubernetes whose words the command knows", func() {
		text, err := os.Open(filepath.Join(deploy, "workers.yaml"))
		Expect(err).NotTo(HaveOccurred())
		defer text.Close()
		workers := 0
		for d := yaml.NewDecoder(text); ; {
			var object struct {
				Kind string
				Spec struct {
					Template struct {
						Spec struct{ Containers []container }
					}
				}
			}
			err := d.Decode(&object)
			if err == io.EOF {
				break
			}
			Expect(err).NotTo(HaveOccurred())
			if object.Kind == "Deployment" {
				workers++
				Expect(object.Spec.Template.Spec.Containers).To(HaveLen(1))
				follows(object.Spec.Template.Spec.Containers[0])
			}
		}
		Expect(workers).To(Equal(1))
	})
})
