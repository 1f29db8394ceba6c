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
	"slices"
	"strconv"
	"strings"
	"syscall"
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
	mutant := []string{"certify", "--json", "--case", "cut-message-*", "--client", "mutant:gives-up"}

	DescribeTable("has the same verdicts with one worker, with two, and alone", func(needs string, args []string) {
		if needs != "" {
			_, err := exec.LookPath(needs)
			skipUnless(err == nil, needs+" is not here: make deps installs it")
			file, err := filepath.Abs(filepath.Join("..", "fixtures", "clients", "python", "driven.yaml"))
			Expect(err).NotTo(HaveOccurred())
			args = append(args, "--client", file)
		}
		of := func(c called) map[string]string {
			found := verdicts(c.results())
			for key, is := range found {
				if needs != "" { // how much there was to check is up to the clock
					found[key], _, _ = strings.Cut(is, " ")
				}
			}
			return found
		}
		alone := of(gauntlet(args...))
		Expect(alone).NotTo(BeEmpty())
		url := startNATS().url
		args = append(args, "--nats", url)
		first := startWorker(url)
		if needs == "" { // a program takes its time
			Expect(differing(of(gauntlet(args...)), alone)).To(BeEmpty(), "one worker")
		}
		second := startWorker(url)
		both := gauntlet(args...)
		Expect(differing(of(both), alone)).To(BeEmpty(), "two workers")
		if needs == "" { // a program's few cases may all be one process's
			Expect(performers(both)).To(BeNumerically(">", 1), both.stderr)
		}
		first.Interrupt()
		second.Terminate()
		Eventually(first, soonEnough).Should(gexec.Exit(0))
		Eventually(second, soonEnough).Should(gexec.Exit(0))
	},
		Entry("in virtual time", "", mutant),
		Entry("with a program", "python3", []string{"certify", "--json", "--no-namespace", "--case", "control-direct"}),
	)

	// Each loses something with 9 at a moment that chance takes, and says with what
	// the run came to its end.
	DescribeTable("loses nothing and has nothing twice when", func(kill func(r *sharedRun) called) {
		alone := verdicts(gauntlet(mutant...).results())
		n := startNATS()
		for range killsOfOne() {
			r := &sharedRun{nats: n, helper: startWorker(n.url), args: mutant}
			Expect(differing(verdicts(kill(r).results()), alone)).To(BeEmpty())
			r.helper.Kill().Wait(soonEnough)
		}
	},
		Entry("a worker is killed", func(r *sharedRun) called {
			r.start()
			<-chance()
			r.helper.Kill()
			if workers := childrenOf(r.cmd.Process.Pid); len(workers) > 0 { // one of the run's own as well
				_ = syscall.Kill(workers[0], syscall.SIGKILL) // it may have ended meanwhile
			}
			return r.end()
		}),
		Entry("the server is killed and is there again", func(r *sharedRun) called {
			r.start()
			<-chance()
			r.nats.kill()
			<-chance()
			r.nats.start()
			return r.end()
		}),
		Entry("the run is killed and goes on", func(r *sharedRun) called {
			r.start()
			<-chance()
			if r.session.Kill().Wait(soonEnough).ExitCode() != int(syscall.SIGKILL)+128 {
				return r.end() // it was faster than chance
			}
			return gauntletIn(r.cmd.Dir, "certify", "--json", "--nats", r.nats.url, "--resume", "results")
		}),
	)

	It("goes on with a sweep that was killed, as one does that lost a worker: each point counts once, and none is missing", func() {
		whole := sweepWithoutOne()
		url := startNATS().url
		startWorker(url)
		goesOn(killedSweep("--nats", url), whole, "--nats", url)
	})

	It("refuses in one line what cannot work", func() {
		locked := natsServer(func(o *server.Options) { o.Username, o.Password = "us", "secret" })
		bare := natsServer(func(o *server.Options) { o.JetStream = false })
		full := natsServer(func(o *server.Options) { o.JetStreamMaxStore = 100_000 })
		for _, words := range [][]string{{"certify", "--case", "control-direct"}, {"sweep"}, {"worker"}} {
			call := func(url string) string { return gauntlet(append(words, "--nats", url)...).complaint() }
			Expect(call("nats://127.0.0.1:1")).To(ContainSubstring("does not answer"))
			Expect(call(locked)).To(ContainSubstring("does not let us in"))
			Expect(call(strings.Replace(locked, "://", "://us:wrong@", 1))).To(And(ContainSubstring("does not let us in"), Not(ContainSubstring("wrong@"))))
			Expect(call(bare)).To(ContainSubstring("stores nothing"))
		}
		c := gauntlet(append(mutant, "--nats", full)...)
		Expect(c.code).To(Equal(2))
		Expect(c.stderr).To(ContainSubstring("does not store it"))
		Expect(gauntlet("worker", "--parallel", "3").complaint()).To(ContainSubstring("say --nats URL"))
	})

	It("refuses a worker of another version, and leaves the task to others", func() {
		url := natsServer(nil)
		q, err := queue.Open(context.Background(), queue.Options{URL: url})
		Expect(err).NotTo(HaveOccurred())
		defer q.Close()
		r, err := queue.Begin(context.Background(), q, "other")
		Expect(err).NotTo(HaveOccurred())
		defer r.End()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		task := []byte(`{"version": "harness of tomorrow", "mode": "virtual"}`)
		go func() { _ = r.Do(ctx, queue.Computing, [][]byte{task}, func(int, []byte) {}) }() // it ends with us
		c := gauntlet("worker", "--nats", url)
		Expect(c.code).To(Equal(2))
		Expect(c.stderr).To(MatchRegexp(`^works until Ctrl-C: .*\ngauntlet: cannot work for run other: it wants harness of tomorrow, and this is harness .*\n$`))
		left, err := q.Take(ctx, queue.Computing)
		Expect(err).NotTo(HaveOccurred())
		Expect(left.Body).To(Equal(task))
		Expect(left.GiveBack()).To(Succeed())
	})
})

// killsOfOne is how often each is killed: once, unless GAUNTLET_KILLS asks for more.
func killsOfOne() int {
	if os.Getenv("GAUNTLET_KILLS") == "" {
		return 1
	}
	return kills()
}

// chance takes a moment.
func chance() <-chan time.Time { return time.After(time.Duration(rand.IntN(600)) * time.Millisecond) }

// sharedRun is a run that a worker helps with.
type sharedRun struct {
	nats    *natsProcess
	helper  *gexec.Session
	args    []string
	cmd     *exec.Cmd
	session *gexec.Session
}

// start starts it, and waits until it shares.
func (r *sharedRun) start() {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	r.cmd = exec.Command(command, append(slices.Clone(r.args), "--nats", r.nats.url, "--out", "results")...)
	r.cmd.Dir = dir
	var err error
	r.session, err = gexec.Start(r.cmd, nil, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { r.session.Kill().Wait(soonEnough) })
	Eventually(filepath.Join(dir, "results", "shared.id"), soonEnough, "5ms").Should(BeAnExistingFile())
}

// end is how it ends by itself.
func (r *sharedRun) end() called {
	GinkgoHelper()
	Eventually(r.session, 3*time.Minute).Should(gexec.Exit(), r.stacks)
	return called{r.cmd.Dir, string(r.session.Out.Contents()), string(r.session.Err.Contents()), r.session.ExitCode()}
}

// stacks ends the run and its helper, and returns what they said: where each of their
// goroutines was.
func (r *sharedRun) stacks() (text string) {
	for _, s := range []*gexec.Session{r.session, r.helper} {
		select {
		case <-s.Signal(syscall.SIGQUIT).Exited:
		case <-time.After(10 * time.Second): // what it has said by then is better than nothing
		}
		text += fmt.Sprintf("%q:\n%s\n", s.Command.Args, s.Err.Contents())
	}
	return text
}

// sweepWithoutOne is a sweep one of whose workers is ended with 9 in the middle.
func sweepWithoutOne() called {
	GinkgoHelper()
	under, stdout, _ := sweeping()
	workers := childrenOf(under.Process.Pid)
	Expect(workers).NotTo(BeEmpty())
	Expect(syscall.Kill(workers[0], syscall.SIGKILL)).To(Succeed())
	_ = under.Wait() // 1: the client fails
	return called{dir: under.Dir, stdout: stdout.String(), code: under.ProcessState.ExitCode()}
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
