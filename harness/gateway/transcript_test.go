package gateway

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "write what was seen into the transcripts")

// A transcript is a conversation byte for byte: a dialect with knobs turned,
// then sections. Every line of a section stands for the line and CRLF, except
// that a last line ending in \ has neither. In what is sent, {id} is the newest
// SessionID given so far and {id 2} the second one.
//
//	--- A sends        bytes on connection A, which is dialled when first named
//	--- A gets         all that comes until a second's silence; EOF if it ends
//	--- A closes
//	--- wait 2s
//	--- messenger says | hears | closes
//	--- events         all that the gateway has reported
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var seen string
			synctest.Test(t, func(t *testing.T) { seen = play(t, string(script)) })
			if *update {
				err = os.WriteFile(file, []byte(seen), 0o644)
			} else if seen != string(script) {
				err = fmt.Errorf("differs; what was seen:\n%s", seen)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// player walks through a script and writes down what it sees.
type player struct {
	*stage
	conns map[string]net.Conn
	ids   []string
}

func play(t *testing.T, script string) (seen string) {
	head, rest, _ := strings.Cut(script, "\n---")
	p := &player{conns: map[string]net.Conn{}}
	p.stage = newStage(t, dialectOf(t, head))
	defer p.stage.close()
	var out strings.Builder
	out.WriteString(head)
	for section := range strings.SplitSeq(rest, "\n---") {
		title, text, _ := strings.Cut(section, "\n")
		out.WriteString("\n---" + title)
		if text = p.act(strings.Fields(title), text); text != "" {
			out.WriteString("\n" + text)
		}
		synctest.Wait()
	}
	for _, c := range p.conns {
		_ = c.Close()
	}
	return strings.TrimSuffix(out.String(), "\n") + "\n"
}

// dialectOf reads "dialect NAME knob=value …" in the line that says so.
func dialectOf(t *testing.T, head string) Dialect {
	for line := range strings.SplitSeq(head, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "dialect" {
			continue
		}
		d := Dialects()[words[1]]
		for _, turn := range words[2:] {
			knob, value, _ := strings.Cut(turn, "=")
			var err error
			if d, err = d.With(knob, value); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	t.Fatal("no dialect")
	return Dialect{}
}

// act does what a section says and returns the section's text as seen.
func (p *player) act(title []string, text string) string {
	switch strings.Join(title[1:], " ") {
	case "sends":
		if _, err := p.conn(title[0]).Write([]byte(p.fill(wire(text)))); err != nil {
			p.t.Errorf("%v: %v", title, err)
		}
	case "gets":
		got, ended := readQuiet(p.conn(title[0]))
		p.learn(got)
		return page(got, ended)
	case "closes":
		p.closes(title[0])
	case "says":
		p.say(p.fill(wire(text)))
	case "hears":
		return page(p.takeHeard(), false)
	default:
		return p.pause(title, text)
	}
	return text
}

func (p *player) pause(title []string, text string) string {
	if title[0] == "events" {
		return strings.TrimSuffix(p.story(), "\n")
	}
	d, err := time.ParseDuration(title[1])
	if err != nil {
		p.t.Fatalf("%v: %v", title, err)
	}
	time.Sleep(d)
	return text
}

func (p *player) closes(who string) {
	if who == "messenger" {
		p.hangUp()
		return
	}
	_ = p.conn(who).Close()
	delete(p.conns, who)
}

func (p *player) conn(name string) net.Conn {
	if p.conns[name] == nil {
		p.conns[name] = p.client()
	}
	return p.conns[name]
}

// learn collects the ids in what was received.
func (p *player) learn(got string) {
	for _, m := range regexp.MustCompile(`X-MSN-Messenger: .*SessionID *= *([^ ;\r]+)`).FindAllStringSubmatch(got, -1) {
		p.ids = append(p.ids, m[1])
	}
}

// fill puts ids in their places.
func (p *player) fill(text string) string {
	for i, id := range p.ids {
		text = strings.ReplaceAll(text, fmt.Sprintf("{id %d}", i+1), id)
		if i == len(p.ids)-1 {
			text = strings.ReplaceAll(text, "{id}", id)
		}
	}
	return text
}

// wire makes bytes of a section's text, page the reverse.
func wire(text string) string {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	if cut, found := strings.CutSuffix(text, "\\"); found {
		return cut
	}
	return text + "\r\n"
}

func page(bytes string, ended bool) string {
	text, whole := strings.CutSuffix(strings.ReplaceAll(bytes, "\r\n", "\n"), "\n")
	if !whole && text != "" {
		text += "\\"
	}
	if ended {
		text = strings.TrimPrefix(text+"\nEOF", "\n")
	}
	return text
}
