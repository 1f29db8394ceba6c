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
		"SDG": true, "VAS": true, "SDC": true, "NOT": true,
	},
	Server: {
		"MSG": true, "NOT": true, "UBX": true, "UBN": true, "UBM": true,
		"UUX": true, "GCF": true, "IPG": true, "NFY": true, "SDG": true, "FQY": true,
	},
}

// hasPayload reports whether a command of this name, sent by side, ends its line
// with the length of a payload.
func hasPayload(side Side, name string) bool { return payloadCommands[side][name] }
