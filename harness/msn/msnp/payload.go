package msnp

// Side is one of the two ends of an MSNP connection.
type Side int

// Who sends the commands that a Decoder reads. It matters because the same
// name can carry a payload in one direction only: a client's QRY holds the
// answer to a challenge, the server's QRY is a bare line.
const (
	Client Side = iota
	Server
)

func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "client"
}

// payloadCommands are the commands whose last parameter is the length of a
// payload, by sender. MSNP8 has MSG, QRY, SDC and NOT; the others came later.
var payloadCommands = map[Side]map[string]bool{
	Client: {
		"MSG": true, "QRY": true, "UUX": true, "ADL": true, "RML": true,
		"FQY": true, "UUN": true, "UUM": true, "PUT": true, "DEL": true,
		"SDG": true, "VAS": true, "SDC": true, "NOT": true, "PAG": true, "PGD": true,
	},
	Server: {
		"MSG": true, "NOT": true, "UBX": true, "UBN": true, "UBM": true,
		"UUX": true, "GCF": true, "IPG": true, "NFY": true, "SDG": true, "FQY": true,
	},
}

// sometimes are a server's commands that have a payload if they end with a number
// behind another word: what it tells of a list has one, ADL 0 LENGTH, its answer
// to the client's own has none, ADL n OK; what was put or deleted may come back,
// PUT n OK LENGTH.
var sometimes = map[string]bool{"ADL": true, "RML": true, "PUT": true, "DEL": true}

// hasPayload reports whether a command that side has sent ends its line with the
// length of a payload. Of an error that is so in the newer versions, where it tells
// more than the number, 241 n LENGTH.
func hasPayload(side Side, c Command) bool {
	if payloadCommands[side][c.Name] {
		return true
	}
	last := len(c.Args) - 1
	return side == Server && (sometimes[c.Name] || digits(c.Name)) && last >= 1 && digits(c.Args[last])
}
