package http1

// Every line of every head comes by here, and the functions of bytes and strings
// make a set of what is to be cut anew each time.

// isBlank is for what may stand around a name or a value.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || isEnd(c) }

// isEnd is for what ends a line.
func isEnd(c byte) bool { return c == '\r' || c == '\n' }

// trim is text without blanks around it.
func trim[T []byte | string](text T) T {
	from, to := 0, len(text)
	for from < to && isBlank(text[from]) {
		from++
	}
	for from < to && isBlank(text[to-1]) {
		to--
	}
	return text[from:to]
}

// trimEnd is text without the end of its line.
func trimEnd[T []byte | string](text T) T {
	to := len(text)
	for to > 0 && isEnd(text[to-1]) {
		to--
	}
	return text[:to]
}

// lead is how many bytes of line ends text begins with.
func lead[T []byte | string](text T) (n int) {
	for n < len(text) && isEnd(text[n]) {
		n++
	}
	return n
}
