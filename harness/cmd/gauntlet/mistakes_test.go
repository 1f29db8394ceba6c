package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"gauntlet/harness/report"
)

// mistakes are calls that are wrong, in words that a blank parts, and what the one
// line has to say that comes of each.
var mistakes = []struct {
	call string
	says []string
}{
	{"certfy", []string{`"certfy"`, "did you mean certify"}},
	{"explian reset", []string{"did you mean explain?"}},
	{"frobnicate", []string{`"frobnicate"`, "certify, ", "list"}},
	{"help mutnats", []string{"did you mean mutants?"}},
	{"certify everything", []string{`"everything"`}},
	{"certify --moed loopback", []string{"did you mean --mode"}},
	{"certify --csae x", []string{"did you mean --case?"}},
	{"list --efects", []string{"did you mean --effects?"}},
	{"gateway --dialct x", []string{"did you mean --dialect?"}},
	{"certify --xyzzyxyzzy", []string{"no flag --xyzzyxyzzy", "gauntlet certify -h"}},
	{"--verison", []string{"did you mean --version?"}},
	{"certify --mode", []string{"--mode"}},
	{"certify --seed one", []string{`--seed "one"`, "a whole number"}},
	{"certify --seed -1", []string{`--seed "-1"`, "0 or above"}},
	{"certify --timeout soon", []string{`--timeout "soon"`, "30s"}},
	{"certify --timeout 0s", []string{"--timeout 0s", "30s"}},
	{"certify --timeout -5s", []string{"--timeout -5s"}},
	{"certify --parallel many", []string{`--parallel "many"`, "a whole number"}},
	{"certify --parallel 0", []string{"--parallel 0", "1 or more"}},
	{"certify --html=true", []string{`--html "true"`, "--html=FILE", "--html alone"}},
	{"certify --html page.html", []string{"say --html=page.html"}},
	{"report . --html page", []string{"page is no run directory", "say --html=page"}},
	{"diff . . --html page.html", []string{"say --html=page.html"}},
	{"diff . . --html=", []string{`--html ""`, "a file, as --html=FILE"}},
	{"certify --html=. --case control-direct", []string{"--html .: that is a directory", "name a file"}},
	{"certify --junit . --case control-direct", []string{"--junit .: that is a directory"}},
	{"certify --certificate . --case control-direct", []string{"--certificate .: that is a directory"}},
	{"certify --case=", []string{`--case ""`, "leave --case away"}},
	{"certify --level=", []string{`--level ""`, "leave --level away"}},
	{"certify --mode netns --no-namespace", []string{"--no-namespace", "--mode loopback"}},
	{"report program --html", []string{"program is no run directory"}},
	{"report program --open", []string{"program is no run directory"}},
	{"repro all --mode nents", []string{"did you mean netns?"}},
	{"repro all --variant any", []string{"--variant any", "one bug"}},
	{"certify --json=perhaps", []string{`--json "perhaps"`, "true or false"}},
	{"sweep --seeds 0", []string{"--seeds 0", "1 or more"}},
	{"sweep --seeds few", []string{`--seeds "few"`, "a whole number"}},
	{"sweep --client builtin", []string{"did you mean built-in?"}},
	{"sweep --case lossy-chanec-*", []string{"did you mean lossy-chance-"}},
	{"certify --client builtin", []string{`"builtin"`, "did you mean built-in?"}},
	{"certify --client somebody", []string{`"somebody"`, "built-in, mutant:NAME or FILE.yaml"}},
	{"certify --client mutant:reopen", []string{`"reopen"`, "did you mean reopens"}},
	{"certify --client mutnat:doubles", []string{"did you mean mutant:doubles?"}},
	{"certify --client mutant:xyzzyxyzzy", []string{"gauntlet list --mutants"}},
	{"certify --client ./nosuch", []string{"./nosuch", "no such file"}},
	{"certify --client here.yaml --client there.yaml", []string{"here.yaml and there.yaml", "another name"}},
	{"certify --client nosuch.yaml", []string{"nosuch.yaml", "no such file"}},
	{"certify --client device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"certify --client pipe.yaml", []string{"pipe.yaml:1:1: only a regular file is read here"}},
	{"certify --file device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"certify --file pipe.yaml", []string{"pipe.yaml:1:1: only a regular file is read here"}},
	{"certify --mode loopback --box device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"certify --known device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"certify --case @device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"proxy --config device.yaml", []string{"device.yaml:1:1: only a regular file is read here"}},
	{"certify --client ./program", []string{"./program", "FILE.yaml"}},
	{"certify --mode loopbcak", []string{`"loopbcak"`, "did you mean loopback?"}},
	{"certify --mode xyz", []string{`"xyz"`, "virtual, loopback or netns"}},
	{"certify --mode loopback --box sqiud", []string{`"sqiud"`, "did you mean squid?"}},
	{"certify --mode loopback --box nosuch.yaml", []string{"nosuch.yaml", "no such file"}},
	{"certify --case control-dircet", []string{`"control-dircet"`, "did you mean control-direct"}},
	{"certify --case control-[", []string{`"control-["`, "malformed"}},
	{"certify --case @nosuch.txt", []string{"nosuch.txt", "no such file"}},
	{"certify --case @empty.txt", []string{"empty.txt", "names no case"}},
	{"certify --case @wrong.txt", []string{`"control-dircet"`, "did you mean control-direct"}},
	{"certify --skip control-dircet", []string{"did you mean control-direct"}},
	{"certify --case control-direct --skip control-*", []string{"each of the cases is skipped"}},
	{"certify --level resilent", []string{`"resilent"`, "did you mean resilient?"}},
	{"certify --file nosuch.yaml", []string{"nosuch.yaml", "no such file"}},
	{"certify --pause-before control-dircet", []string{"did you mean control-direct"}},
	{"certify --pause-before control-direct --parallel 2", []string{"one at a time", "--parallel"}},
	{"certify --known nosuch.yaml", []string{"nosuch.yaml", "no such file"}},
	{"certify --resume nosuch", []string{"nosuch has no plan.json"}},
	{"certify --resume nosuch --out there", []string{"--out"}},
	{"mutants --mutant reopen", []string{"did you mean reopens"}},
	{"mutants --case control-dircet", []string{"did you mean control-direct"}},
	{"list contrl-*", []string{`"contrl-*"`, "did you mean control-"}},
	{"list --effects rset", []string{"did you mean reset"}},
	{"list --requirements command.carried-of", []string{"did you mean command.carried-out"}},
	{"list --levels hostil", []string{"did you mean hostile?"}},
	{"list --requirements --mutants", []string{"requirements", "mutants"}},
	{"explain", []string{"gauntlet explain WORD"}},
	{"explain rset", []string{`"rset"`, "did you mean reset"}},
	{"explain command.carried-of", []string{"did you mean command.carried-out"}},
	{"explain cut-*", []string{`"cut-*"`}},
	{"repro", []string{"gauntlet repro list | repro all | repro BUG"}},
	{"repro odd-port --stamp there.yaml", []string{"gauntlet repro all --stamp FILE"}},
	{"repro all --stamp there.yaml", []string{"version devel", "-buildvcs=true"}},
	{"repro endless-reconect", []string{"did you mean endless-reconnect?"}},
	{"repro endless-reconnect --mode nents", []string{"did you mean netns?"}},
	{"repro endless-reconnect --variant xyzzyxyzzy", []string{`"xyzzyxyzzy"`, "it has "}},
	{"gateway --dialect documentd", []string{"did you mean documented?"}},
	{"gateway --knob thnik=5s", []string{"did you mean think"}},
	{"gateway --knob think", []string{"name=value"}},
	{"gateway --log jsno", []string{"did you mean json?"}},
	{"proxy", []string{"gauntlet proxy [BOXES]"}},
	{"proxy foward", []string{"did you mean forward?"}},
	{"proxy forward --fault poll", []string{`"poll"`}},
	{"proxy forward --fault hop_0:_on_pol_3,_answer:_reset", []string{"did you mean poll"}},
	{"proxy profile_sqiud", []string{"did you mean squid?"}},
	{"lab --box foward", []string{"did you mean forward?"}},
	{"fingerprint foward", []string{"did you mean forward?"}},
	{"probe", []string{"gauntlet probe URL"}},
	{"probe https://there", []string{"http, not over https"}},
	{"judge nosuch", []string{"nosuch is no run directory"}},
	{"verify nosuch", []string{"nosuch", "no such file"}},
	{"verify empty.txt", []string{"empty.txt: no certificate"}},
	{"verify", []string{"gauntlet verify FILE"}},
	{"judge", []string{"gauntlet judge DIR|FILE"}},
	{"judge empty.txt", []string{"empty.txt: not a recording", "HAR"}},
	{"diff nosuch", []string{"gauntlet diff DIR DIR"}},
	{"diff nosuch neither", []string{"nosuch is no run directory"}},
	{"diff a b --htlm x", []string{"or --html?"}},
	{"report", []string{"gauntlet report DIR"}},
	{"report nosuch", []string{"say which report", "--html,"}},
	{"report nosuch --html=x.html", []string{"nosuch is no run directory"}},
	{"report one two --junit x.xml", []string{"one run at a time"}},
	{"keygen", []string{"gauntlet keygen FILE"}},
	{"certify --client several.yaml", []string{`unknown key "nmae"`, "did you mean name?"}},
	{"explain sqiud", []string{"did you mean squid?"}},
	{"explain Blokced", []string{"did you mean Blocked"}},
	{"explain Inconclusiv", []string{"did you mean Inconclusive?"}},
	{"explain 599", []string{`"599"`, "gauntlet list"}},
	{"explain 5002", []string{`"5002"`, "did you mean 500"}},
	{"proxy nosuch --config nosuch.json", []string{"nosuch"}},
	{"proxy --config nosuch.json", []string{"nosuch.json", "no such file"}},
	{"fingerprint forward_doulbes", []string{"did you mean doubles?"}},
	{"probe 127.0.0.1:1", []string{"nothing to probe at 127.0.0.1:1", "refused"}},
	{"mutants --mode virtual", []string{"no flag --mode"}},
	{"sweep --mode loopbcak", []string{"did you mean loopback?"}},
	{"gateway --account alice", []string{`"alice"`}},
	{"worker --parallel 3", []string{"--nats URL"}},
	{"worker --natz there", []string{"did you mean --nats"}},
	{"fingerprint", []string{"a box, --all"}},
	{"lab --bax forward", []string{"did you mean --box"}},
	{"mutants everything", []string{`"everything"`, "gauntlet mutants"}},
	{"gateway --listen nonsense", []string{"--listen nonsense", "missing port"}},
	{"list --coverage --swept nosuch", []string{"--swept nosuch", "no such file"}},
	{"list --swept nosuch", []string{"--swept nosuch belongs to --coverage"}},
	{"sweep --point nonsense", []string{`"nonsense"`, "WORKLOAD | DIALECT | BOXES | FAULT"}},
	{"sweep --shrink -1", []string{"--shrink -1", "0 or more"}},
	{"verify .", []string{"is a directory"}},
	{"certify --certificate c.json --key nosuch.key --case control-direct", []string{"nosuch.key", "no such file"}},
	{"gateway --knob think=soon", []string{"think", `"soon"`}},
	{"completion bsh", []string{`"bsh"`, "did you mean bash or zsh?"}},
}

// call is a call of the command in this process, in its own directory.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &screen{to: &stdout}, &screen{to: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestAMistakeIsOneLineWithTheWordThatWasMeant(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"program": "", "empty.txt": "# none\n\n", "several.yaml": "nmae: mine\ncommand: [sh]\nmode: driven\n",
		"wrong.txt": "control-* # sound\ncontrol-dircet\n",
		"here.yaml": "name: mine 1\ncommand: [sh]\nmode: driven\n", "there.yaml": "name: mine-1\ncommand: [sh]\nmode: driven\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(in.Close(), out.Close()) }() // nothing was written
	if err := errors.Join(os.Symlink(os.DevNull, "device.yaml"), os.Symlink(fmt.Sprintf("/dev/fd/%d", in.Fd()), "pipe.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, m := range mistakes {
		args := strings.Fields(m.call)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_", " ") // within a word
		}
		code, out, errs := call(t, args...)
		if code != report.Unusable || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "gauntlet: ") {
			t.Errorf("%s: exit code %d, said %q and complained\n%s", m.call, code, out, errs)
		}
		for _, part := range m.says {
			if !strings.Contains(errs, part) {
				t.Errorf("%s: no %q in\n%s", m.call, part, errs)
			}
		}
	}
	if left, err := filepath.Glob("out"); err != nil || left != nil {
		t.Errorf("something was run: %v %v", left, err)
	}
}

func TestAllMistakesOfACallAreToldAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, test := range []struct {
		call  string
		lines []string // what each line says, in this order
	}{
		{"certify --moed virtual --seed one --csae=x --parallel many", []string{"--mode or", `--seed "one"`, "--case?", `--parallel "many"`}},
		{"certify --seed -1 --timeout=soon --json=perhaps", []string{`--seed "-1"`, `--timeout "soon"`, `--json "perhaps"`}},
		{"certify --parallel 0 --timeout -5s --level=", []string{"--parallel 0", "--timeout -5s", `--level ""`}},
		{"certify --mode loopbcak --level resilent --case control-dircet --skip cut-pol-* --known nosuch.yaml", []string{"did you mean loopback?", "did you mean resilient?", "did you mean control-direct", "did you mean cut-poll-", "nosuch.yaml"}},
		{"certify --client builtin --client mutant:reopen", []string{"did you mean built-in?", "did you mean reopens"}},
		{"sweep --sedes 3 --seeds few", []string{"--seeds?", `--seeds "few"`}},
	} {
		code, out, errs := call(t, strings.Fields(test.call)...)
		lines := strings.Split(strings.TrimRight(errs, "\n"), "\n")
		if code != report.Unusable || out != "" || len(lines) != len(test.lines) {
			t.Errorf("%s: exit code %d, said %q and complained\n%s", test.call, code, out, errs)
			continue
		}
		for i, line := range lines {
			if !strings.HasPrefix(line, "gauntlet: ") || !strings.Contains(line, test.lines[i]) {
				t.Errorf("%s: no %q in %s", test.call, test.lines[i], line)
			}
		}
	}
}

// A signal may come before the first case.
func TestWhoIsInterruptedInTheSelfCheckIsToldSo(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("mine.yaml", []byte("name: mine\ncommand: [cat]\nmode: driven\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted{syscall.SIGINT})
	var stdout, stderr bytes.Buffer
	args := []string{"certify", "--client", "mine.yaml", "--no-namespace", "--case", "control-direct", "--out", "run"}
	code := run(ctx, args, &screen{to: &stdout}, &screen{to: &stderr})
	if want := "gauntlet: self-check of mine: interrupted; no case was run\n"; code != 128+int(syscall.SIGINT) || stderr.String() != want {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if _, err := os.Stat("run"); err == nil {
		t.Error("its directory is left behind")
	}
}

func TestABusyPortSaysWhatToDo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()                   // it only had to be there
	_, port, _ := net.SplitHostPort(l.Addr().String()) // it has one
	const zero, flag = "choose another port, or 0 for a free one", "choose another port, or give the first box a free one with --listen 127.0.0.1:0"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"proxy", "forward port " + port}, flag},
		{[]string{"proxy", "forward", "--listen", l.Addr().String()}, flag},
		{[]string{"proxy", "forward", "--listen", "127.0.0.1:0", "--control", l.Addr().String()}, zero},
		{[]string{"gateway", "--listen", l.Addr().String()}, zero},
	} {
		code, _, errs := call(t, test.args...)
		if code != report.Unusable || !strings.Contains(errs, l.Addr().String()) || !strings.Contains(errs, test.want) {
			t.Errorf("%v: exit code %d: %s", test.args, code, errs)
		}
	}
}

func TestCasesOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cases.txt")
	if err := os.WriteFile(file, []byte("# the usual ones\ncontrol-*\n\ncut-poll-* cut-open-* # and these\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := globsOf([]string{"first", "@" + file, "last"})
	if want := []string{"first", "control-*", "cut-poll-*", "cut-open-*", "last"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestListsFitTheWidth(t *testing.T) {
	for _, kind := range []string{"--knobs", "--effects", "--quirks", "--proxies"} {
		code, out, errs := call(t, "list", kind)
		if code != report.Sound || strings.Count(out, "\n") < 10 {
			t.Errorf("%s: exit code %d, %s%s", kind, code, out, errs)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 || strings.HasSuffix(line, " \n") {
				t.Errorf("%s: %d letters: %s", kind, n, line)
			}
		}
	}
}

func TestKnobsAreToldInWords(t *testing.T) {
	_, out, _ := call(t, "list", "--knobs")
	for _, part := range []string{"no value", "invalid", "parsing", `"?"`} {
		if strings.Contains(out, part) {
			t.Errorf("%q in\n%s", part, out)
		}
	}
	for _, part := range []string{"long-poll  ", "long-poll: ignore | honour", "think: DURATION"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
}

func TestTheVersion(t *testing.T) {
	code, out, errs := call(t, "--version")
	if code != report.Sound || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, part := range []string{"gauntlet ", "\nsource ", "\ngo       go1.", "\nedition  20"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
}

func TestAShellCompletesValues(t *testing.T) {
	for typed, want := range map[string]string{
		"certify --case cut-message-answer-rst-f": "cut-message-answer-rst-forward",
		"certify --skip control-d":                "control-direct",
		"certify --client mutant:dou":             "mutant:doubles",
		"certify --mode loop":                     "loopback",
		"certify --level Cor":                     "Core",
		"certify --box squ":                       "squid",
		"mutants --mutant dou":                    "doubles",
		"gateway --dialect docum":                 "documented",
		"gateway --knob thin":                     "think",
		"explain S1":                              "S17",
		"explain Block":                           "Blocked",
		"repro endless":                           "endless-reconnect",
		"list control-d":                          "control-direct",
		"fing":                                    "fingerprint",
		"explain doub":                            "doubles",
		"proxy forw":                              "forward",
		"proxy forward_port_8080_->_rel":          "forward port 8080 -> relay",
		"lab --box profile_squ":                   "profile squid",
		"fingerprint forward_doub":                "forward doubles",
		"proxy relay --fault h":                   "hop",
		"proxy relay --fault hop_0:_on_pol":       "hop 0: on poll",
		"proxy relay --fault hop_0:_on_poll_1,_answer:_res": "hop 0: on poll 1, answer: reset",
	} {
		args := strings.Fields(typed)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_", " ") // within a word
		}
		code, out, _ := call(t, append([]string{"__complete"}, args...)...)
		var words []string
		for line := range strings.Lines(out) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			words = append(words, word)
		}
		slices.Sort(words)
		if code != report.Sound || !slices.Contains(words, want) || len(words) > 40 || len(slices.Compact(slices.Clone(words))) < len(words) {
			t.Errorf("%s: exit code %d, no %s in %d words: %.300s", typed, code, want, len(words), out)
		}
	}
}

// TestAKeyIsItsOwnersAlone makes one, and then again in its place.
func TestAKeyIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes there")
	}
	name := filepath.Join(t.TempDir(), "mine")
	if err := keygen(io.Discard, name); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := keygen(io.Discard, name); err == nil {
		t.Error("the key is overwritten, and lost")
	}
}
