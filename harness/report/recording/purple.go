package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
)

// A debug log of libpurple (Pidgin, Finch, Adium; Gaim before) has a line for each
// command, as in "(12:34:56) msn: C: NS 000: VER 1 MSNP18 CVR0". By HTTP a command that
// is written waits in the client until the answer before it has come, and neither
// requests nor polls have lines: of an answer the verbose log shows the head, the usual
// one nothing. So what is told is which commands the client made, and no more. What is
// copied from its window, or out of a forum, has marks of colours and of bold type.
const purpleMarks = `(?:\[/?[A-Za-z]+(?:=[^\]]*)?\]|</?[A-Za-z][^>]*>|\*\*)*`

const purpleBegins = `^` + purpleMarks + `(?:\(?(\d\d:\d\d:\d\d)\)? )?` + purpleMarks

var (
	purpleLine    = regexp.MustCompile(purpleBegins + `(msn|proxy):` + purpleMarks + ` (.*?)` + purpleMarks + `$`)
	purpleCommand = regexp.MustCompile(`^([CS]): ([A-Z]+ \d{3}): (.*)$`)
	purpleSays    = regexp.MustCompile(`(?m)` + purpleBegins + `msn:` + purpleMarks + ` [CS]: [A-Z]+ \d{3}: `)
	purplePort    = regexp.MustCompile(`^Connecting to \S+?:(\d+)\b`)
)

func isPurple(data []byte) bool { return purpleSays.Match(data) }

// purpleReader reads a log line by line.
type purpleReader struct {
	teller
	now      time.Time
	conns    map[string]int // by what the log calls a connection to a server
	ports    map[string]bool
	commands int
	heads    bool // it shows heads of answers
}

// readPurple reads a debug log. Its times are of a clock without a date.
func readPurple(data []byte) (Recording, error) {
	p := purpleReader{conns: map[string]int{}, ports: map[string]bool{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, mostBody)
	for n := 1; lines.Scan(); n++ {
		found := purpleLine.FindStringSubmatch(strings.TrimRight(lines.Text(), "\r"))
		if found == nil {
			continue
		}
		if err := p.clock(found[1]); err != nil {
			return Recording{}, fmt.Errorf("line %d: %w", n, err)
		}
		if p.line(found[2], found[3]); p.commands > mostMessages {
			return Recording{}, errTooMany("commands", mostMessages)
		}
	}
	switch {
	case lines.Err() != nil:
		return Recording{}, lines.Err()
	case p.commands == 0:
		return Recording{}, errors.New("it shows no command of the client")
	case p.ports["1863"] && !p.ports["80"]:
		return Recording{}, errors.New("the client did not use the HTTP method: it connected to port 1863")
	case !p.ports["80"]:
		p.note("the log does not say that the client used the HTTP method")
	}
	if !p.heads {
		p.note("the log shows no heads of answers; PURPLE_VERBOSE_DEBUG=1 makes the client write them")
	}
	p.note("the log has no lines for requests, polls and payloads: record packets to have those judged")
	return Recording{By: "libpurple", Events: p.history(), Notes: p.notes()}, nil
}

// clock takes a line's time, if it has one. An earlier one is of the next day.
func (p *purpleReader) clock(text string) error {
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.TimeOnly, text)
	if err != nil {
		return fmt.Errorf("%q is no time of day", text)
	}
	const day = 24 * time.Hour
	for at = at.Add(p.now.Truncate(day).Sub(at.Truncate(day))); at.Before(p.now); {
		at = at.Add(day)
	}
	p.now = at
	return nil
}

// line reads what the client's MSN part, or its dialler, has written.
func (p *purpleReader) line(category, text string) {
	if category == "proxy" {
		if found := purplePort.FindStringSubmatch(text); found != nil {
			p.ports[found[1]] = true
		}
		return
	}
	found := purpleCommand.FindStringSubmatch(text)
	switch {
	case found != nil && found[1] == "C":
		p.command(found[2], found[3])
	case strings.HasPrefix(text, "Incoming HTTP buffer (header): {"):
		p.heads = true
	case strings.Contains(strings.ToLower(text), "read error"), strings.HasPrefix(text, "Connection error"), strings.HasPrefix(text, "HTTP: Connection error"):
		p.note("the client says: " + text)
	}
}

// command tells one that the client made: a request of which nothing else is known.
func (p *purpleReader) command(server, text string) {
	if p.conns[server] == 0 {
		p.conns[server] = len(p.conns) + 1
		p.tell(p.now, p.conns[server], 0, history.Event{Kind: history.Accepted})
	}
	p.commands++
	for _, e := range []history.Event{{Kind: history.RequestBegan}, {Kind: history.RequestHead}, {Kind: history.RequestDone, Data: []byte(text + "\r\n")}} {
		p.tell(p.now, p.conns[server], p.commands, e)
	}
}
