//go:build unix

package specs

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/run/rig"
	"github.com/goccy/go-yaml"
	"github.com/nats-io/nats-server/v2/server"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
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
		for _, v := range r.Verdicts {
			found[r.ID+" "+string(v.Requirement)] = fmt.Sprint(v.Status, v.Checked)
		}
	}
	return found
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
		Expect(verdicts(gauntlet(append(points, "--nats", url)...).results())).To(Equal(alone))
		first, second := startWorker(url), startWorker(url)
		both := gauntlet(append(points, "--nats", url)...)
		Expect(verdicts(both.results())).To(Equal(alone))
		Expect(performers(both)).To(BeNumerically(">", 1), both.stderr)
		first.Interrupt()
		second.Terminate()
		Eventually(first, soonEnough).Should(gexec.Exit(0))
		Eventually(second, soonEnough).Should(gexec.Exit(0))
	})

	It("loses nothing and has nothing twice when a worker, or the run itself, is killed", func() {
		alone := verdicts(gauntlet(points...).results())
		url := natsServer(nil)
		rounds, _ := strconv.Atoi(os.Getenv("GAUNTLET_KILLS")) // 1 if it is not set
		for range max(rounds, 1) {
			killAndGoOn(url, points, alone)
		}
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

// killAndGoOn shares a run with a worker, kills that, one of the run's own workers,
// and the run, each at a moment that chance takes, and goes on with it.
func killAndGoOn(url string, points []string, want map[string]string) {
	GinkgoHelper()
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
	run.Kill()
	Eventually(run, soonEnough).Should(gexec.Exit())
	if _, err := os.Stat(filepath.Join(dir, "results", "shared.id")); err != nil {
		return // it was faster than chance
	}
	again := gauntletIn(dir, "certify", "--json", "--nats", url, "--resume", "results")
	Expect(verdicts(again.results())).To(Equal(want))
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
			if err := d.Decode(&object); err == io.EOF {
				break
			} else {
				Expect(err).NotTo(HaveOccurred())
			}
			if object.Kind == "Deployment" {
				workers++
				Expect(object.Spec.Template.Spec.Containers).To(HaveLen(1))
				follows(object.Spec.Template.Spec.Containers[0])
			}
		}
		Expect(workers).To(Equal(1))
	})
})
