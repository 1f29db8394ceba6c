package wire

import (
	"bytes"
	"strconv"
)

// headLines are the lines of a head, each with its line end: the start line,
// the fields with the lines that continue them, and the blank line.
type headLines [][]byte

func linesOf(head []byte) (lines headLines) {
	for len(head) > 0 {
		end := bytes.IndexByte(head, '\n') + 1
		if end == 0 {
			end = len(head)
		}
		for end < len(head) && len(lines) > 0 && (head[end] == ' ' || head[end] == '\t') {
			end += bytes.IndexByte(append(head[end:len(head):len(head)], '\n'), '\n') + 1
		}
		end = min(end, len(head))
		lines, head = append(lines, head[:end:end]), head[end:]
	}
	return lines
}

// bytes puts the lines together again.
func (l headLines) bytes() []byte { return bytes.Join(l, nil) }

// fields are the lines between the first and the last.
func (l headLines) fields() headLines {
	if len(l) < 2 {
		return nil
	}
	return l[1 : len(l)-1]
}

// isNamed reports whether a line is the field of that name, in any spelling.
func isNamed(line []byte, name string) bool {
	field, _, found := bytes.Cut(line, []byte(":"))
	return found && isField(bytes.TrimSpace(field), name)
}

// eachField lets change make of each field of that name what it wants: other
// lines, more, or none.
func eachField(head []byte, name string, change func(line []byte) [][]byte) []byte {
	lines := linesOf(head)
	var out headLines
	for i, line := range lines {
		if i == 0 || i == len(lines)-1 || !isNamed(line, name) {
			out = append(out, line)
			continue
		}
		out = append(out, change(line)...)
	}
	return out.bytes()
}

func dropField(head []byte, name string) []byte {
	return eachField(head, name, func([]byte) [][]byte { return nil })
}

// addField puts a field at the end of a head.
func addField(head []byte, name, value string) []byte {
	lines := linesOf(head)
	if len(lines) < 2 {
		return head
	}
	last := len(lines) - 1
	added := []byte(name + ": " + value + "\r\n")
	return append(append(headLines{}, lines[:last]...), added, lines[last]).bytes()
}

// fieldOf is the value of the first field of that name, "" if there is none.
func fieldOf(head []byte, name string) string {
	for _, line := range linesOf(head).fields() {
		if isNamed(line, name) {
			_, value, _ := bytes.Cut(line, []byte(":"))
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

// framedBy gives a head the length of a body, in place of any framing.
func framedBy(head []byte, length int) []byte {
	head = dropField(dropField(head, "Transfer-Encoding"), "Content-Length")
	return addField(head, "Content-Length", strconv.Itoa(length))
}
