package yamlfile

import "strings"

// cursor walks over a scalar in a file.
type cursor struct {
	source lines
	at     Place
	how    style
}

// peek is the character ahead by n: a line feed at the end of a line, 0 at the
// end of the file.
func (c *cursor) peek(n int) rune {
	line, column := c.at.Line-1, c.at.Column-1+n
	switch {
	case line < 0 || line >= len(c.source):
		return 0
	case column >= 0 && column < len(c.source[line]):
		return c.source[line][column]
	}
	return '\n'
}

func (c *cursor) step() {
	if c.peek(0) == '\n' {
		c.at = Place{c.at.Line + 1, 1}
		return
	}
	c.at.Column++
}

// find is the place of r, the next character of the scalar's value.
func (c *cursor) find(r rune) Place {
	if isSpace(r) {
		return c.at
	}
	c.skipSpace()
	at := c.at
	c.take(r)
	return at
}

// skipSpace goes over white space, also where it is written as an escape.
func (c *cursor) skipSpace() {
	for c.peek(0) != 0 {
		switch {
		case isSpace(c.peek(0)):
			c.step()
		case c.how == double && c.peek(0) == '\\' && strings.ContainsRune("ntr \t\n", c.peek(1)):
			c.step()
			c.step()
		default:
			return
		}
	}
}

// take goes over the spelling of r; it stays if something else stands there.
func (c *cursor) take(r rune) {
	switch {
	case c.how == double && c.peek(0) == '\\':
		for range escapeLength(c.peek(1)) {
			c.step()
		}
	case c.how == single && r == '\'':
		c.step()
		c.step()
	case c.peek(0) == r:
		c.step()
	}
}

// escapeLength is how many characters an escape has whose second one is r.
func escapeLength(r rune) int {
	switch r {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}
