//go:build unix

package specs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter/child"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
)

// noteVariable names a file in which an animal leaves a note.
const noteVariable = "GAUNTLET_NOTE"

const hello = `{"type":"hello","name":"odd","version":"1","protocol":1,"abilities":["chat","invited","reopen"]}`

// wild are the clients that no harness should fall over.
var wild = map[string]func(){
	natsAnimal: serveNATS,
	"mute":     func() { select {} },
	"hangs":    func() { fmt.Println(hello); forever() },
	"crashes":  func() { fmt.Println(hello); fmt.Fprintln(os.Stderr, "all is lost"); os.Exit(3) },
	"killed": func() {
		fmt.Println(hello)
		fmt.Fprintln(os.Stderr, "out of memory")
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		forever()
	},
	"leaves":   func() { fmt.Println(hello) },
	"garbage":  func() { fmt.Println("Hello, I am a client."); forever() },
	"half":     func() { fmt.Print(hello[:20]); forever() },
	"long":     func() { fmt.Println(hello); fmt.Print(strings.Repeat("x", 100_000)); forever() },
	"floods":   floods,
	"early":    func() { fmt.Println(`{"type":"done","id":1}`); forever() },
	"wrong-id": func() { fmt.Println(hello); fmt.Println(`{"type":"done","id":7}`); forever() },
	"greets":   func() { fmt.Println(hello); fmt.Println(hello); forever() },
	"strange":  func() { fmt.Println(hello); fmt.Println(`{"type":"dance"}`); forever() },
	"old":      func() { fmt.Println(strings.Replace(hello, `:1,`, `:2,`, 1)); forever() },
	"cannot":   func() { os.Exit(89) },
	"stubborn": func() { signal.Ignore(syscall.SIGTERM); tame(os.Stdout); forever() },
	"stays":    func() { signal.Ignore(syscall.SIGTERM); resigns() },
	"forks":    func() { daemon("sleeper", os.Environ()); tame(os.Stdout) },
	"forgets":  func() { daemon("sleeper", []string{noteVariable + "=" + os.Getenv(noteVariable)}); tame(os.Stdout) },
	"listens":  func() { daemon("listener", os.Environ()); tame(os.Stdout) },
	"resigns":  resigns,
	"quits":    quits,

	"signs in":      onlySignsIn(false),
	"signs in once": onlySignsIn(true),
	"texts":         texts(false),
	"texts mum":     texts(true),

	"past":     func() { greetAt("10.9.0.80:1863", "VER 1 MSNP8\r\n"); tame(os.Stdout) },
	"socks":    func() { greetAt(os.Args[1], "\x05\x01\x00"); tame(os.Stdout) },
	"sleeper":  forever,
	"listener": listener,
}

func forever() { time.Sleep(time.Hour) }

// resigns only signs in, and ends with status 2 when its session is over.
func resigns() {
	over := make(chan struct{})
	user := client.NewUser(client.Options{
		Network: &plainly{}, Route: proxies.Route{Kind: proxies.HTTPProxy, Proxy: os.Args[1]},
		Gateway: "gateway.messenger.hotmail.com", Email: rig.UserEmail, Password: "secret",
		Report: func(r client.Report) {
			if r.Kind == client.Closed {
				close(over)
			}
		},
	})
	if err := user.SignIn(context.Background()); err != nil {
		panic(err)
	}
	<-over
	fmt.Fprintln(os.Stderr, "signed out by the server")
	os.Exit(2)
}

// quits is tame, and ends with status 2 when its session is over.
func quits() {
	say := speaker(os.Stdout)
	t := &tamed{say: func(v any) {
		say(v)
		if v.(map[string]any)["type"] == "closed" {
			os.Exit(2)
		}
	}}
	obeys(say, "quits", t.obey)
}

// greetAt says something on a connection of its own, wherever that leads.
func greetAt(address, greeting string) {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(greeting))
}

func floods() {
	fmt.Println(hello)
	for {
		fmt.Println(`{"type":"error","text":"` + strings.Repeat("x", 1000) + `"}`)
	}
}

// daemon starts another animal in a session of its own, and waits until it is
// at work.
func daemon(kind string, env []string) {
	if kind == "listener" {
		_ = os.Remove(os.Getenv(noteVariable)) // of the run before
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(env, animalVariable+"="+kind)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	for kind == "listener" {
		if _, err := os.Stat(os.Getenv(noteVariable)); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// listener listens at an address of its own, made of its process id: a port that it leaves
// at 127.0.0.1 may soon be another's.
func listener() {
	pid := os.Getpid()
	l, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.1:0", 1+(pid>>8)&0x7f, pid&0xff))
	if err == nil {
		err = os.WriteFile(os.Getenv(noteVariable)+".part", []byte(l.Addr().String()), 0o600)
	}
	if err == nil {
		err = os.Rename(os.Getenv(noteVariable)+".part", os.Getenv(noteVariable))
	}
	if err != nil {
		panic(err)
	}
	forever()
	runtime.KeepAlive(l) // nobody may collect it, which would close it
}

// shortCase is one in which there is little to do.
func shortCase(steps ...string) catalogue.Case {
	GinkgoHelper()
	chain, err := proxies.Profiles(nil).ParseChain("forward port 8080")
	Expect(err).NotTo(HaveOccurred())
	if len(steps) == 0 {
		steps = []string{"sign in", "stay 1s", "sign out"}
	}
	script, err := workload.Parse(steps)
	Expect(err).NotTo(HaveOccurred())
	return catalogue.Case{ID: "short", Title: "short", Dialect: catalogue.DefaultDialect, Chain: chain, Workload: script, Proves: []requirement.ID{"command.carried-out"}}
}

// meet performs the short case with an animal.
func meet(dir, kind string, mode child.Mode, step time.Duration, steps ...string) rig.Outcome {
	GinkgoHelper()
	file := clientFile(dir, kind, "mode: driven", "mode: "+string(mode), "environment: {", "environment: {"+noteVariable+": "+filepath.Join(dir, kind+".note")+", ")
	f, err := child.Load(file)
	Expect(err).NotTo(HaveOccurred())
	return rig.One(context.Background(), shortCase(steps...), rig.Options{
		Speaks: servers.MSN(),
		Mode:   rig.Loopback, Client: f.Factory(), ClientKind: f.Kind(), ClientName: f.Name, Step: step,
	})
}

// atLarge are the processes that a folder's animals have left.
func atLarge(dir string) (list []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		if env, err := os.ReadFile(file); err == nil && strings.Contains(string(env), noteVariable+"="+dir) {
			list = append(list, file)
		}
	}
	return list
}

var _ = Describe("A client that behaves like an animal", waits, func() {
	type expectation struct {
		kind   string
		mode   child.Mode
		status oracle.Status
		reason string
	}
	zoo := []expectation{
		{"mute", child.Driven, oracle.Inconclusive, "the client was never ready: no hello on stdout: not done after "},
		{"mute", child.BlackBox, oracle.Fail, "the contacts do not see the user: not done after "},
		{"hangs", child.Driven, oracle.Fail, "no done for id 1 (connect): not done after "},
		{"crashes", child.Driven, oracle.Fail, "the client ended by itself, status 3; its last words: all is lost"},
		{"crashes", child.BlackBox, oracle.Fail, "the client ended by itself, status 3; its last words: all is lost"},
		{"leaves", child.Driven, oracle.Fail, "the client ended by itself, status 0; it said nothing on stderr"},
		{"killed", child.Driven, oracle.Fail, "the client was ended, and not by us: signal: killed; its last words: out of memory"},
		{"garbage", child.Driven, oracle.Fail, `a line on stdout is not a JSON object of the protocol: "Hello, I am a client."`},
		{"half", child.Driven, oracle.Fail, `it has written half a line: "{\"type\":\"hello\",\"nam"`},
		{"long", child.Driven, oracle.Fail, "a line on stdout is longer than 65536 bytes"},
		{"floods", child.Driven, oracle.Fail, "it floods stdout: more than 4194304 bytes in one case"},
		{"early", child.Driven, oracle.Fail, `the first line on stdout must be hello, not "done"`},
		{"wrong-id", child.Driven, oracle.Fail, "it answers id 7, and "},
		{"greets", child.Driven, oracle.Fail, "it says hello twice"},
		{"strange", child.Driven, oracle.Fail, `unknown type "dance" on stdout; allowed: hello, done, `},
		{"old", child.Driven, oracle.Inconclusive, "the client was never ready: its hello names protocol 2; there is 1"},
		{"cannot", child.Driven, oracle.Unsupported, "the client ended with status 89"},
		{"cannot", child.BlackBox, oracle.Unsupported, "the client ended with status 89"},
		{"stubborn", child.Driven, oracle.Fail, "it did not end within 30s of SIGTERM, and was killed"},
		{"stays", child.BlackBox, oracle.Fail, "close.says-out: NS session 1 got no OUT; "},
		{"forks", child.Driven, oracle.Fail, "close: it left behind "},
		{"forgets", child.Driven, oracle.Fail, "close: it left behind "},
		{"listens", child.Driven, oracle.Fail, ", which listens on port "},
	}

	It("gets a verdict and a reason, and leaves no process, no port and no goroutine", func() {
		_, err := os.Stat("/proc/self/environ")
		skipUnless(err == nil, "needs Linux: only there it can be seen what a process has left behind")
		before := gleak.Goroutines()
		dir := GinkgoT().TempDir()
		outcomes := make([]rig.Outcome, len(zoo))
		var all sync.WaitGroup
		for i, e := range zoo {
			home := filepath.Join(dir, string(e.mode))
			Expect(os.MkdirAll(home, 0o700)).To(Succeed())
			all.Go(func() {
				defer GinkgoRecover()
				step := soonEnough
				switch e.kind {
				case "mute", "hangs", "half":
					step = 20 * time.Second // all of them start at once
				case "stays":
					step = 2 * requirement.EndsBy
				}
				outcomes[i] = meet(home, e.kind, e.mode, step)
			})
		}
		all.Wait()
		for i, e := range zoo {
			r := outcomes[i].Result
			Expect(r.Status).To(Equal(e.status), "%s, %s: %s", e.kind, e.mode, r.Reason)
			Expect(r.Reason).To(ContainSubstring(e.reason), "%s, %s", e.kind, e.mode)
			Expect(r.Reason).NotTo(ContainSubstring("\n"), e.kind)
			if e.kind == "stays" {
				Expect(r.Verdicts).To(ContainElement(HaveField("Reason", "close: it did not end within 30s of SIGTERM, and was killed")), "its time is that, and not a step's")
			}
		}
		Expect(atLarge(dir)).To(BeEmpty())
		address, err := os.ReadFile(filepath.Join(dir, "driven", "listens.note"))
		Expect(err).NotTo(HaveOccurred())
		_, err = net.Dial("tcp", string(address))
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
		Eventually(gleak.Goroutines, soonEnough).ShouldNot(gleak.HaveLeaked(before))
	})

	DescribeTable("may end when its session is over, with any status", func(kind string, mode child.Mode, words string) {
		out := meet(GinkgoT().TempDir(), kind, mode, soonEnough, "sign in", "signed in elsewhere", "stay 6s")
		Expect(out.Result.Status).To(Equal(oracle.Pass), out.Result.Reason)
		Expect(out.Events).To(ContainElement(And(HaveField("Kind", history.Quit), HaveField("Text", "ended by itself, status 2; "+words))))
		Expect(out.Events).NotTo(ContainElement(HaveField("Kind", Or(Equal(history.Crashed), Equal(history.ClientGone)))))
	},
		Entry("a black-box client", "resigns", child.BlackBox, "its last words: signed out by the server"),
		Entry("a driven client", "quits", child.Driven, "it said nothing on stderr"),
	)

	It("keeps what the process printed, with a cap", func() {
		out := meet(GinkgoT().TempDir(), "crashes", child.Driven, soonEnough)
		Expect(string(out.Log)).To(Equal("all is lost\n"))
	})
})
