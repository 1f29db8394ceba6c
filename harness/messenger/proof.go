package messenger

import (
	"bytes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // what real clients use
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // likewise
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
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
)

var errProof = errors.New("the proof does not fit the ticket")

// checkProof says what is wrong with what a client made of a nonce and the
// secret that came with its ticket.
func checkProof(secret []byte, nonce, proof string) error {
	b, err := base64.StdEncoding.DecodeString(proof)
	if err != nil || len(b) != proofSize {
		return fmt.Errorf("a proof of %d bytes: want %d in base64", len(b), proofSize)
	}
	want := []uint32{proofHead, modeCBC, tripleDES, hashSHA1, proofIV, proofHash, proofCipher}
	for i, w := range want {
		if got := binary.LittleEndian.Uint32(b[4*i:]); got != w {
			return fmt.Errorf("field %d of the proof is %d, not %d", i+1, got, w)
		}
	}
	iv, hash, text := b[proofHead:proofHead+proofIV], b[proofHead+proofIV:proofHead+proofIV+proofHash], b[proofSize-proofCipher:]
	mac := hmac.New(sha1.New, deriveKey(secret, "WS-SecureConversationSESSION KEY HASH"))
	mac.Write([]byte(nonce))
	if !hmac.Equal(mac.Sum(nil), hash) {
		return errProof
	}
	block, err := des.NewTripleDESCipher(deriveKey(secret, "WS-SecureConversationSESSION KEY ENCRYPTION"))
	if err != nil {
		return err
	}
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
	if !bytes.Equal(plain, append([]byte(nonce), bytes.Repeat([]byte{8}, 8)...)) {
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
