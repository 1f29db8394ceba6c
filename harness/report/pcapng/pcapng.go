// Package pcapng writes a run as a packet capture that Wireshark and its like
// read: an interface for each hop, TCP and IP made up around the bytes that the
// history recorded, and each fault as a comment on the packet with which it
// showed. Nothing was captured, so nobody needs to be root.
//
// What is true in it are the bytes of the messages, their order, their times
// (from the year 2000, where the run's clock begins) and who closed how. Chunk
// framing is not recorded; such a body is one chunk here. Bytes that were handed
// on and not kept, as of an answer that was cut, are packets of which only the
// head was captured.
package pcapng

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// Write writes an outcome, which had its secrets masked, as one section.
func Write(out io.Writer, o rig.Outcome) error {
	events, err := o.Recorded()
	if err == nil {
		err = write(out, o, events)
	}
	if err != nil {
		return fmt.Errorf("pcapng: %w", err)
	}
	return nil
}

func write(out io.Writer, o rig.Outcome, events []history.Event) error {
	hops := max(1, history.Hops(events))
	w, err := pcapgo.NewNgWriterInterface(out, hopInterface(o, 0, hops), pcapgo.NgWriterOptions{SectionInfo: section(o)})
	for hop := 1; hop < hops && err == nil; hop++ {
		_, err = w.AddInterface(hopInterface(o, hop, hops))
	}
	if err != nil {
		return err
	}
	c := capture{out: w, o: o, hops: hops, flows: map[flowID]*flow{}}
	for i := range events {
		if e := &events[i]; e.From == history.AtHop {
			c.event(e)
		}
	}
	c.end()
	if c.err != nil {
		return c.err
	}
	return w.Flush()
}

func section(o rig.Outcome) pcapgo.NgSectionInfo {
	text := fmt.Sprintf("case %s: %s; client %s; %s", o.Result.ID, o.Result.Title, o.Result.Client, o.Result.Status)
	if o.Result.Reason != "" {
		text += ": " + o.Result.Reason
	}
	// What made the packets is the run's mode: in virtual time their times are exact.
	return pcapgo.NgSectionInfo{Hardware: string(o.Result.Mode), Application: "gauntlet " + rig.Version(), Comment: commentText(text)}
}

func hopInterface(o rig.Outcome, hop, hops int) pcapgo.NgInterface {
	side := func(i int) string {
		switch {
		case i == 0:
			return "the client"
		case i == hops:
			return "the gateway"
		case i <= len(o.Case.Chain):
			return o.Case.Chain[i-1].String()
		}
		return "box " + fmt.Sprint(i)
	}
	return pcapgo.NgInterface{
		Name: fmt.Sprintf("hop %d", hop), Description: commentText(side(hop) + " to " + side(hop+1)),
		LinkType: layers.LinkTypeRaw, TimestampResolution: 9,
	}
}

// longest is the room for a comment; an option's length has 16 bits.
const longest = 4096

func commentText(text string) string { return inert.Short(text, longest) }

// capture turns events into packets, and keeps the first error of its writer.
type capture struct {
	out   *pcapgo.NgWriter
	o     rig.Outcome
	hops  int
	flows map[flowID]*flow
	order []*flow
	err   error
}

// flowID is a connection at a hop.
type flowID struct{ hop, conn int }

// event adds the packets of one event.
func (c *capture) event(e *history.Event) {
	f := c.flow(e)
	switch e.Kind {
	case history.Accepted:
		f.open(e)
	case history.Refused:
		f.refuse(e)
	case history.Fired:
		f.say(e.At, "fault: "+e.Fault)
	case history.Edited:
		f.say(e.At, "the head of this message was edited on the way: "+e.Fault)
	case history.RequestHead:
		f.send(e.At, up, e.Data)
	case history.RequestCut:
		f.send(e.At, up, e.Data)
	case history.Interim:
		f.send(e.At, down, e.Data)
	case history.RequestDone:
		f.send(e.At, up, framed(f.last[up], e.Data))
	case history.AnswerHead:
		f.given = len(e.Data)
		f.send(e.At, down, e.Data)
	case history.AnswerDone:
		f.given = 0
		f.send(e.At, down, framed(f.last[down], e.Data))
	case history.Opaque, history.OpaqueRest:
		f.send(e.At, sideOf(e.By), e.Data)
	case history.Closed:
		f.close(e)
	}
}

// end lets go of the comments that no packet came for.
func (c *capture) end() {
	for _, f := range c.order {
		if len(f.comments) > 0 {
			f.packet(f.saidAt, down, flags{ack: true}, nil, 0)
		}
	}
}

// framed is a body as it follows that head on the wire.
func framed(head, body []byte) []byte {
	if !chunked(head) {
		return body
	}
	if len(body) == 0 {
		return []byte("0\r\n\r\n")
	}
	return fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

// chunked reports whether a head announces a body in chunks.
func chunked(head []byte) bool {
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(bytes.ToLower(line), []byte(":"))
		if string(bytes.TrimSpace(name)) == "transfer-encoding" && bytes.Contains(value, []byte("chunked")) {
			return true
		}
	}
	return false
}
