package msnp

const hexDigits = "0123456789ABCDEF"

// EncodeNick makes a nickname fit to be a parameter: UTF-8, with %XX for
// spaces, control bytes, the percent sign and all that is not ASCII.
func EncodeNick(nick string) string {
	var b []byte
	for i := range len(nick) {
		if c := nick[i]; c <= ' ' || c == '%' || c >= 0x7f {
			b = appendEscape(b, c)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// DecodeNick undoes EncodeNick. A percent sign that no two hexadecimal digits
// follow stands for itself, and a plus is a plus.
func DecodeNick(encoded string) string {
	var b []byte
	for i := 0; i < len(encoded); i++ {
		if i+2 < len(encoded) && encoded[i] == '%' && isHex(encoded[i+1]) && isHex(encoded[i+2]) {
			b = append(b, fromHex(encoded[i+1])<<4|fromHex(encoded[i+2]))
			i += 2
		} else {
			b = append(b, encoded[i])
		}
	}
	return string(b)
}

func appendEscape(b []byte, c byte) []byte {
	return append(b, '%', hexDigits[c>>4], hexDigits[c&15])
}

func isHex(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
