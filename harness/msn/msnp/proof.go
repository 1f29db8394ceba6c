package msnp

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// The proof of an SSO client: a structure with the nonce's keyed hash and the
// nonce encrypted, both by keys that are derived from the ticket's secret.
const (
	proofHead   = 28
	proofIV     = 8
	proofHash   = 20
	proofCipher = 72
	proofSize   = proofHead + proofIV + proofHash + proofCipher

	modeCBC   = 1
	tripleDES = 0x6603
	hashSHA1  = 0x8004

	forHash       = "WS-SecureConversationSESSION KEY HASH"
	forEncryption = "WS-SecureConversationSESSION KEY ENCRYPTION"
)

var errProof = errors.New("the proof does not fit the ticket")

// Proof is what a client of MSNP15 or later makes of the nonce in USR … SSO S
// and the secret, 24 bytes, that came with its ticket; iv is eight random bytes.
func Proof(secret []byte, nonce string, iv []byte) (string, error) {
	block, err := des.NewTripleDESCipher(deriveKey(secret, forEncryption))
	if err != nil {
		return "", err
	}
	text := padded(nonce)
	if len(text) != proofCipher || len(iv) != proofIV {
		return "", fmt.Errorf("%w: a nonce of %d bytes and an iv of %d", errProof, len(nonce), len(iv))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	var b []byte
	for _, field := range proofFields() {
		b = binary.LittleEndian.AppendUint32(b, field)
	}
	return base64.StdEncoding.EncodeToString(slices.Concat(b, iv, keyedHash(secret, nonce), text)), nil
}

// proofFields are what a proof begins with.
func proofFields() []uint32 {
	return []uint32{proofHead, modeCBC, tripleDES, hashSHA1, proofIV, proofHash, proofCipher}
}

func padded(nonce string) []byte { return append([]byte(nonce), bytes.Repeat([]byte{8}, 8)...) }

func keyedHash(secret []byte, nonce string) []byte {
	mac := hmac.New(sha1.New, deriveKey(secret, forHash))
	mac.Write([]byte(nonce))
	return mac.Sum(nil)
}

// CheckProof says what is wrong with what a client made of a nonce and the
// secret that came with its ticket.
func CheckProof(secret []byte, nonce, proof string) error {
	b, err := base64.StdEncoding.DecodeString(proof)
	if err != nil || len(b) != proofSize {
		return fmt.Errorf("a proof of %d bytes: want %d in base64", len(b), proofSize)
	}
	for i, w := range proofFields() {
		if got := binary.LittleEndian.Uint32(b[4*i:]); got != w {
			return fmt.Errorf("field %d of the proof is %d, not %d", i+1, got, w)
		}
	}
	iv, hash, text := b[proofHead:proofHead+proofIV], b[proofHead+proofIV:proofHead+proofIV+proofHash], b[proofSize-proofCipher:]
	if !hmac.Equal(keyedHash(secret, nonce), hash) {
		return errProof
	}
	block, err := des.NewTripleDESCipher(deriveKey(secret, forEncryption))
	if err != nil {
		return err
	}
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
	if !bytes.Equal(plain, padded(nonce)) {
		return errProof
	}
	return nil
}

// deriveKey makes 24 bytes of a secret for one purpose.
func deriveKey(secret []byte, purpose string) []byte {
	sign := func(parts ...[]byte) []byte {
		mac := hmac.New(sha1.New, secret)
		for _, p := range parts {
			mac.Write(p)
		}
		return mac.Sum(nil)
	}
	first := sign([]byte(purpose))
	second := sign(first, []byte(purpose))
	third := sign(first)
	fourth := sign(third, []byte(purpose))
	return append(second, fourth[:4]...)
}

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
