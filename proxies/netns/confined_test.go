//go:build linux

package netns

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"gauntlet/proxies/confine"
)

// tries are what a program may not, wherever it runs, and what it must be able to
// do all the same, with the last line that it says.
var tries = map[string]string{
	"grep -c '^Cap[A-Z][a-z]*:.*[1-9a-f]' /proc/self/status": "0",
	"grep NoNewPrivs /proc/self/status | tr -d '\t'":         "NoNewPrivs:1",
	"ulimit -n": "4096",
	"ulimit -c": "0",
	"ulimit -f": "262144",
	"python3 -c 'x = bytearray(5<<30)' 2>&1 | tail -1": "MemoryError",
	"ulimit -R 1000 2>/dev/null || echo kept":          "kept",
	"ulimit -R 2>&1 | grep -c '^[0-9]*$'":              "1",
	"unshare -U true 2>/dev/null || echo kept":         "kept",
	// The host of a virtual machine, and the kernel's ciphers.
	"python3 -c 'import socket; socket.socket(40, 1)' 2>&1 | grep -o 'not supported'":                                         "not supported",
	"python3 -c 'import socket; socket.socket(38, 5)' 2>&1 | grep -o 'not supported'":                                         "not supported",
	"python3 -c 'import socket; socket.socket(); socket.socketpair(); print(socket.getaddrinfo(\"127.0.0.1\", 80)[0][4][1])'": "80",
	"python3 -c 'import threading; t = threading.Thread(target=print, args=(\"ran\",)); t.start(); t.join()'":                 "ran",
	syscallInC(56, "0x10000011, 0, 0, 0, 0"):                                                                                  "1", // clone into a user namespace
	syscallInC(248, "b\"user\", b\"n\", b\"v\", 1, -3"):                                                                       "1", // add_key
	syscallInC(425, "1, 0"):        "38", // io_uring_setup
	syscallInC(435, "0, 0"):        "38", // clone3
	syscallInC(0x40000000|39, "0"): "38", // getpid as x32 calls it
	// unshare as 32-bit programs call it: mov eax, 310; mov ebx, CLONE_NEWUSER; int 0x80.
	`python3 -c '
import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(b"\x53\xb8\x36\x01\0\0\xbb\0\0\0\x10\xcd\x80\x5b\xc3")
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))())'`: "-1",
}

// syscallInC is a script that makes a system call of amd64's and says the number of its error.
func syscallInC(number int, arguments string) string {
	return fmt.Sprintf("python3 -c 'import ctypes; c = ctypes.CDLL(None, use_errno=True); c.syscall(%d, %s); print(ctypes.get_errno())'", number, arguments)
}

// wants has scripts say what they have to.
func wants(t *testing.T, scripts map[string]string, say func(script string) string) {
	t.Helper()
	for script, want := range scripts {
		if strings.Contains(script, "ctypes") && runtime.GOARCH != "amd64" {
			continue
		}
		if said := strings.TrimSpace(say(script)); lastLine(said) != want {
			t.Errorf("%s\nsaid %q, not %q", script, said, want)
		}
	}
}

// TestAProgramIsConfinedOnTheMachine is the same without namespaces, where capabilities
// are handed on to us that we hand on to nobody.
func TestAProgramIsConfinedOnTheMachine(t *testing.T) {
	outside, err := os.MkdirTemp("/var", "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	defer os.RemoveAll(outside)
	t.Setenv("GAUNTLET_MARK", "machine's mark")
	abstract := "gauntlet-" + filepath.Base(outside)
	l, err := net.Listen("unix", "@"+abstract)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	leavesDumps(t)
	say := func(script string) string { return onTheMachine(t, t.TempDir(), script) }
	wants(t, tries, say)
	wants(t, map[string]string{
		"echo x > " + outside + "/file || echo kept": "kept",
		"kill -0 $PPID || echo kept":                 "kept",
		"python3 -c 'import socket; socket.socket(1).connect(\"\\0" + abstract + "\")' 2>&1 | grep -o 'not permitted'": "not permitted",
		"echo x > mine && cat mine": "x",
	}, say)
}

// What has left its parents, its session and its environment is found by its mark all the same.
func TestWhatAProgramLeavesBehindIsFound(t *testing.T) {
	const mark = "mark of one that leaves something"
	t.Setenv("GAUNTLET_MARK", mark)
	onTheMachine(t, t.TempDir(), "(ulimit -R 1000; exec setsid env -i sleep 54.321) >/dev/null 2>&1 & disown")
	left := confine.Marked(mark, "another mark")
	for _, pid := range left[mark] {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	if len(left) != 1 || len(left[mark]) != 1 {
		t.Errorf("found %v", left)
	}
}

// TestAProgramIsInItsGroup has a program say which control groups it is in.
func TestAProgramIsInItsGroup(t *testing.T) {
	name := "gauntlettest-" + rand.Text()
	group, err := confine.NewGroup(name)
	if group == nil {
		t.Skip("no control group can be had: ", err)
	}
	defer func() {
		if err := group.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Setenv(groupKey, group.Folders())
	said := onTheMachine(t, t.TempDir(), "grep -o "+name+" /proc/self/cgroup | sort -u; echo ${"+groupKey+"-untold}")
	if want := name + "\nuntold\n"; said != want {
		t.Errorf("said %q, not %q", said, want)
	}
}

// A program in a folder that is root's alone sees that and nothing around it, and is not root for it.
func TestAProgramInAFolderThatIsClosed(t *testing.T) {
	closed, err := os.MkdirTemp("/var", "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	defer os.RemoveAll(closed)
	folder := filepath.Join(closed, "folder")
	if err := errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(closed, "secret"), []byte("secret"), 0o644),
		os.WriteFile(filepath.Join(folder, "own"), []byte("own\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "cat own; cat ../secret 2>/dev/null || echo kept; test $(id -u) = 0 || echo nobody")
	var out strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &out
	if err := made(t, Options{}).Start("10.0.0.2", cmd); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if want := "own\nkept\nnobody\n"; out.String() != want {
		t.Errorf("said %q, not %q", out.String(), want)
	}
}

// TestNoNewPrivilegesWithoutLandlock has the kernel be one without it, which gives them up on its own.
func TestNoNewPrivilegesWithoutLandlock(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	said := onTheMachine(t, t.TempDir(), "grep NoNewPrivs /proc/self/status | tr -d '\t'", withoutLandlock)
	if said != "NoNewPrivs:1\n" {
		t.Errorf("said %q", said)
	}
}

// withoutLandlock has this thread, and what it starts, find none.
func withoutLandlock() error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the call
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, Jf: 2, K: unix.SYS_LANDLOCK_CREATE_RULESET},
		{Code: unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K, Jt: 1, K: unix.SYS_LANDLOCK_RESTRICT_SELF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); e != 0 {
		return e
	}
	return nil
}

// onTheMachine runs a script on a thread that hands capabilities on, and that is prepared first.
func onTheMachine(t *testing.T, folder, script string, prepare ...func() error) string {
	t.Helper()
	cmd := exec.Command("bash", "-c", script)
	var out strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &out
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: it ends with what it was given
		if err := inherit(unix.CAP_NET_RAW); err != nil {
			started <- err
			return
		}
		for _, first := range prepare {
			if err := first(); err != nil {
				started <- err
				return
			}
		}
		started <- Confined(cmd)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return out.String()
}

// inherit has what this thread starts keep a capability.
func inherit(power uint) error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var powers [2]unix.CapUserData
	if err := unix.Capget(&head, &powers[0]); err != nil {
		return err
	}
	powers[0].Inheritable |= 1 << power
	if err := unix.Capset(&head, &powers[0]); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(power), 0, 0)
}

// TestAProgramIsConfined has a program try what it must not. What it says is the
// first word of what came of it.
func TestAProgramIsConfined(t *testing.T) {
	outside, err := os.MkdirTemp("/var", "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	defer os.RemoveAll(outside)
	hiddenSockets := []string{socketIn(t, "/tmp"), socketIn(t, "/opt")}
	seen := filepath.Join(filepath.Dir(hiddenSockets[0]), "seen")
	if err := os.WriteFile(seen, []byte("seen"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SEEN", seen)
	lying := ""
	for _, folder := range []string{"/tmp", "/var/tmp", "/dev/shm", "/run"} {
		lying += " " + lies(t, folder)
	}
	inGroup(t, 4)
	leavesDumps(t)
	t.Setenv("GAUNTLET_MARK", "some mark")
	n := made(t, Options{})
	wants(t, tries, func(script string) string { return shell(t, n, script) })
	wants(t, map[string]string{
		"echo x > " + outside + "/file || echo kept":                           "kept",
		"chmod 755 /etc || echo kept":                                          "kept",
		"mount -t tmpfs x /mnt || echo kept":                                   "kept",
		"unshare -r true && unshare -rm mount -o remount,rw /etc || echo kept": "kept",
		"head -c1 /etc/shadow || echo kept":                                    "kept",
		"cat" + lying + " 2>/dev/null | wc -c":                                 "0",
		"test -S " + hiddenSockets[0] + " || echo kept":                        "kept",
		"test -S " + hiddenSockets[1] + " || echo kept":                        "kept",
		"kill -0 -- -1 2>/dev/null; kill -9 1; sleep 0.1; echo alive":          "alive",
		"stat -f -c %c /tmp":                                                   "65536",
		"echo $(( $(stat -f -c '%b*%S' /tmp) ))":                               "268435456",
		"id -G":                                                                "65534",
		"cat $SEEN":                                                            "seen",
		"echo x > /tmp/mine && cat /tmp/mine":                                  "x",
		"ulimit -u":                                                            "4096",
		"head -c 3 /proc/self/comm; cat < /dev/null; echo > /dev/null && getent hosts gateway.example | cut -d' ' -f1": "hea10.9.0.80",
	}, func(script string) string { return shell(t, n, script) })
}

// inGroup puts us into a group, which programs must not be in.
func inGroup(t *testing.T, group int) {
	t.Helper()
	before, err := os.Getgroups()
	if err == nil {
		err = syscall.Setgroups([]int{group})
	}
	if err != nil {
		t.Skip("not root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Setgroups(before) })
}

// leavesDumps has what we start leave dumps, as far as we may, which programs must not.
func leavesDumps(t *testing.T) {
	t.Helper()
	var before unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_CORE, &before)
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: before.Max, Max: before.Max})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &before) })
}

// A script's modules lie beside it, wherever that is; what lies around them in a
// folder to which everybody writes is not the program's affair.
func TestAProgramSeesWhatLiesBesideItsScript(t *testing.T) {
	folder := t.TempDir()
	other := t.TempDir()
	for path, text := range map[string]string{
		folder + "/main.sh":   ". " + folder + "/module.sh; ls " + other + "/secret || echo kept; touch " + folder + "/new || echo kept",
		folder + "/module.sh": "echo found",
		other + "/secret":     "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", folder+"/main.sh")
	cmd.Dir = "/"
	var out strings.Builder
	cmd.Stdout = &out
	if err := made(t, Options{}).Start("10.0.0.2", cmd); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if want := "found\nkept\nkept\n"; out.String() != want {
		t.Errorf("said %q, not %q", out.String(), want)
	}
}

func lastLine(text string) string { return text[strings.LastIndex(text, "\n")+1:] }

// socketIn is a socket that this machine has, where everybody may connect. The
// machine lists it in the network that we have left, so that we say its name.
func socketIn(t *testing.T, parent string) string {
	dir, err := os.MkdirTemp(parent, "gauntlet-")
	if err != nil {
		t.Skip("not root: ", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(socketsKey, os.Getenv(socketsKey)+":"+dir+"/socket")
	return dir + "/socket"
}

// lies is a file in a folder of this machine's, which everybody may read.
func lies(t *testing.T, folder string) string {
	t.Helper()
	file, err := os.CreateTemp(folder, "gauntlet-")
	if err == nil {
		t.Cleanup(func() { os.Remove(file.Name()) })
		_, err = file.WriteString("secret")
		err = errors.Join(err, file.Chmod(0o644), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

func TestTheSocketsOfTheMachineAreKnown(t *testing.T) {
	path := t.TempDir() + "/socket"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !strings.Contains(":"+sockets()+":", ":"+path+":") {
		t.Errorf("%s is not in %s", path, sockets())
	}
}
