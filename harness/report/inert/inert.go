// Package inert makes what a client or a peer chose harmless in a report: no
// control character moves a cursor, no direction mark turns a line round, and
// what is not UTF-8 is shown by its bytes. It knows no format; each writer
// quotes for its own on top of that.
package inert

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line is text on one line, without anything that acts: such characters appear
// as \n, \x1b or \u202e. Text without any comes back as it is.
func Line(text string) string { return escape(text, func(rune) bool { return false }) }

// Block is Line for a text of several lines: line ends and tabs stay.
func Block(text string) string {
	return escape(text, func(r rune) bool { return r == '\n' || r == '\t' })
}

// colours are the only marks that Screen lets through: they paint, and do nothing else.
var colours = []string{"\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[35m"}

// Screen is Block for what a command prints in colours, which stay: all words in it have
// to be inert before they are painted.
func Screen(text string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "\x1b")
		out.WriteString(Block(before))
		if !found {
			return out.String()
		}
		text = after
		mark := slices.IndexFunc(colours, func(c string) bool { return strings.HasPrefix("\x1b"+after, c) })
		if mark < 0 {
			out.WriteString(name('\x1b'))
		} else {
			out.WriteString(colours[mark])
			text = after[len(colours[mark])-1:]
		}
	}
}

// Short is Line, cut to about so many bytes.
func Short(text string, limit int) string {
	if len(text) <= limit {
		return Line(text)
	}
	cut := limit
	for cut > 0 && cut > limit-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes)", Line(text[:cut]), len(text))
}

// JSON is a JSON text in which nothing acts: encoding/json escapes the ASCII
// control characters, and this the others. It means the same.
func JSON(text []byte) []byte {
	if bytes.IndexFunc(text, acting) < 0 {
		return text
	}
	var out bytes.Buffer
	for _, r := range string(text) {
		if !acting(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}

// acting is acts outside of ASCII, where the line ends between values stand.
func acting(r rune) bool { return r >= 0x7f && acts(r) }

func escape(text string, keep func(rune) bool) string {
	if strings.IndexFunc(text, func(r rune) bool { return acts(r) && !keep(r) }) < 0 {
		return text
	}
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&out, `\x%02x`, text[i])
		case !acts(r) || keep(r):
			out.WriteRune(r)
		default:
			out.WriteString(name(r))
		}
	}
	return out.String()
}

// acts reports whether a character does something other than show itself. The
// replacement character is looked at more closely: it may stand for bytes that
// are no text.
func acts(r rune) bool {
	if 0x20 <= r && r < 0x7f {
		return false // nearly all of them
	}
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs) || r == 0xfffe || r == 0xffff
}

func name(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	switch {
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
