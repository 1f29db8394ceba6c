package specs

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/gateway"
)

// player walks through a transcript and writes down what it sees.
//
// A transcript is a conversation byte for byte: what it shows, a dialect with
// knobs turned, then sections. Every line of a section stands for the line and
// CRLF, except that a last line ending in \ has neither. In what is sent, {id}
// is the newest SessionID given so far and {id 2} the second one.
//
//	--- A sends          bytes on connection A, which is dialled when first named;
//	                     A@ADDRESS is one to another address of the gateway's,
//	                     A<ADDRESS one from another address
//	--- A gets           all that comes until a second's silence; EOF if it ends
//	--- A closes
//	--- wait 2s
//	--- messenger says | hears | closes
//	--- gateway forgets  all sessions, as after a crash
//	--- gateway maintains DURATION | restarts DURATION | leaves ADDRESS
//	--- events           all that the gateway has reported
type player struct {
	*playedSite
	conns map[string]*rawClient
	ids   []string
}

// play gives the transcript as it was seen.
func play(script string) string {
	GinkgoHelper()
	head, rest, _ := strings.Cut(script, "\n---")
	_, dialect, found := strings.Cut(head, "\ndialect ")
	Expect(found).To(BeTrue(), "no dialect")
	p := &player{playedSite: newPlayedSite(dialect), conns: map[string]*rawClient{}}
	defer p.close()
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
	return strings.TrimSuffix(out.String(), "\n") + "\n"
}

// act does what a section says and returns the section's text as seen.
func (p *player) act(title []string, text string) string {
	GinkgoHelper()
	who := title[0]
	switch strings.Join(title[1:], " ") {
	case "sends":
		p.conn(who).sends(p.fill(bytesOf(text)))
	case "gets":
		got, ended := p.conn(who).hears(time.Second)
		p.learn(got)
		return pageOf(got, ended)
	case "closes":
		p.closes(who)
	case "says":
		p.say(p.fill(bytesOf(text)))
	case "hears":
		return pageOf(p.takeHeard(), false)
	case "maintains " + title[len(title)-1]:
		p.gateway.Maintain(durationOf(title[2]))
	case "restarts " + title[len(title)-1]:
		p.gateway.Restart(durationOf(title[2]))
		for name := range p.conns {
			delete(p.conns, name) // they are reset
		}
	case "leaves " + title[len(title)-1]:
		p.gateway.Leave(title[2])
	case "forgets":
		p.gateway.Forget()
	default:
		return p.pause(title, text)
	}
	return text
}

func (p *player) pause(title []string, text string) string {
	GinkgoHelper()
	if title[0] == "events" {
		return strings.TrimSuffix(p.story(), "\n")
	}
	time.Sleep(durationOf(title[1]))
	return text
}

func durationOf(text string) time.Duration {
	GinkgoHelper()
	d, err := time.ParseDuration(text)
	Expect(err).NotTo(HaveOccurred())
	return d
}

func (p *player) closes(who string) {
	if who == "messenger" {
		p.hangUp()
		return
	}
	_ = p.conn(who).Close()
	delete(p.conns, who)
}

func (p *player) conn(name string) *rawClient {
	GinkgoHelper()
	if p.conns[name] == nil {
		rest, from, _ := strings.Cut(name, "<")
		_, to, _ := strings.Cut(rest, "@")
		p.conns[name] = p.rawFrom(cmp.Or(from, rawHost), cmp.Or(to, gateway.DefaultHost)+":80")
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

// bytesOf makes bytes of a section's text, pageOf the reverse.
func bytesOf(text string) string {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	if cut, found := strings.CutSuffix(text, "\\"); found {
		return cut
	}
	return text + "\r\n"
}

func pageOf(bytes string, ended bool) string {
	text, whole := strings.CutSuffix(strings.ReplaceAll(bytes, "\r\n", "\n"), "\n")
	if !whole && text != "" {
		text += "\\"
	}
	if ended {
		text = strings.TrimPrefix(text+"\nEOF", "\n")
	}
	return text
}
