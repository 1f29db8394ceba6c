package msnp

import (
	"crypto/md5"
	"encoding/hex"
)

// The client id and key with which MSNP8 clients answer challenges.
const (
	ChallengeID  = "msmsgs@msnmsgr.com"
	ChallengeKey = "Q1P7W2E4J9R8U3S5"
)

// Challenge is the payload that answers CHL's code: 32 hexadecimal digits.
func Challenge(code, key string) string {
	sum := md5.Sum([]byte(code + key))
	return hex.EncodeToString(sum[:])
}

// ChallengeAnswer is the whole QRY command that answers CHL's code.
func ChallengeAnswer(trid uint32, code string) Command {
	return Numbered("QRY", trid, ChallengeID).WithPayload([]byte(Challenge(code, ChallengeKey)))
}
