package recording

import (
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
)

// debugLog is what a client of libpurple writes who signs in around midnight and
// loses the connection.
const debugLog = `(23:59:58) account: Connecting to account alice@example.com
(23:59:58) msn: new httpconn (0x55d0c8)
(23:59:58) proxy: Connecting to gateway.messenger.hotmail.com:80 via 127.0.0.1:3128 using HTTP
(23:59:58) msn: C: NS 000: VER 1 MSNP18 CVR0
(23:59:59) msn: S: NS 000: VER 1 MSNP18
(23:59:59) msn: C: NS 000: CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.5.1302 BC01 alice@example.com
(00:00:04) msn: HTTP: servconn 000 read error, len: 0, errno: 0, error: Success
(00:00:04) msn: Connection error from Notification server (gateway.messenger.hotmail.com): Reading error
(00:00:04) msn: C: NS 000: OUT
`

func TestDebugLog(t *testing.T) {
	r := read(t, debugLog)
	list := history.Exchanges(r.Events, 0)
	if r.Format != "debug log" || r.By != "libpurple" || len(list) != 3 || r.Requests() != 3 {
		t.Fatalf("%s by %s, %d commands: %+v", r.Format, r.By, len(list), r.Events)
	}
	if r.Sight != (Sight{}) {
		t.Errorf("it is thought to show more than commands: %+v", r.Sight)
	}
	if string(list[0].Body) != "VER 1 MSNP18 CVR0\r\n" || len(list[0].Head) > 0 || list[0].Answered {
		t.Errorf("the first is %+v", list[0])
	}
	if string(list[2].Body) != "OUT\r\n" || list[2].Began != 6*time.Second || list[2].Conn != 1 {
		t.Errorf("the last is %+v, %s after the first", list[2], list[2].Began)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"servconn 000 read error, len: 0", "Reading error", "PURPLE_VERBOSE_DEBUG", "no lines for requests"} {
		if !strings.Contains(notes, want) {
			t.Errorf("nobody is told %q in\n%s", want, notes)
		}
	}
}

func TestDebugLogsOfOthers(t *testing.T) {
	for _, test := range []struct{ name, old, new, note string }{
		{"without times", "(23:59:58) ", "", ""},
		{"with the ends of lines of Windows", "\n", "\r\n", ""},
		{"verbose", "(23:59:59) msn: S:", "(23:59:59) msn: Incoming HTTP buffer (header): {HTTP/1.1 200 OK\r\n\r\n}\n(23:59:59) msn: S:", ""},
		{"that begins in a chat, of which another server is asked", "msn: C: NS 000: CVR", "proxy: Connecting to 127.0.0.2:80 with no proxy\n(23:59:59) msn: C: SB 004: USR", ""},
		{"from a forum, with colours", "(23:59:59) msn:", "[/COLOR][COLOR=#666666](23:59:59) **msn:**", ""},
		{"as a page", " msn: C: NS 000: CVR", " <b>msn:</b> C: NS 000: CVR", ""},
		{"that begins late", "proxy: Connecting", "proxy: connecting", "does not say that the client used the HTTP method"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(t, strings.ReplaceAll(debugLog, test.old, test.new))
			notes := strings.Join(r.Notes, "\n")
			if r.Requests() != 3 || !strings.Contains(notes, test.note) || strings.Contains(notes, "VERBOSE") == (test.name == "verbose") {
				t.Errorf("%d commands, %q", r.Requests(), notes)
			}
		})
	}
}

func TestWhatIsNoLogOfHTTP(t *testing.T) {
	for _, test := range []struct{ name, old, new, says string }{
		{"another port", ":80 ", ":1863 ", "debug log: the client did not use the HTTP method"},
		{"no commands", "msn: C:", "msn: S:", "debug log: it shows no command"},
		{"no time", "(23:59:58)", "(29:59:58)", `debug log: line 2: "29:59:58" is no time of day`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read([]byte(strings.ReplaceAll(debugLog, test.old, test.new))); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}
