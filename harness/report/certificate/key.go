package certificate

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
)

// The PEM blocks of keys, as OpenSSL writes them: PKCS #8 and PKIX.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// Key is an Ed25519 key for signing, or only for checking.
type Key struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey // nil: it can only check
}

// NewKey makes a pair of keys, each as the text of its file.
func NewKey() (private, public []byte, err error) {
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, nil, err
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return nil, nil, err
	}
	publicDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: privateDER}), pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: publicDER}), nil
}

// ReadPrivate reads the key that signs from its file.
func ReadPrivate(name string) (*Key, error) {
	return readKey(name, privateBlock, func(der []byte) (*Key, error) {
		key, err := x509.ParsePKCS8PrivateKey(der)
		if private, ok := key.(ed25519.PrivateKey); ok {
			return &Key{private.Public().(ed25519.PublicKey), private}, nil
		}
		return nil, errors.Join(err, errors.New("no Ed25519 key"))
	})
}

// ReadPublic reads the key that checks from its file.
func ReadPublic(name string) (*Key, error) {
	return readKey(name, publicBlock, func(der []byte) (*Key, error) {
		key, err := x509.ParsePKIXPublicKey(der)
		if public, ok := key.(ed25519.PublicKey); ok {
			return &Key{public: public}, nil
		}
		return nil, errors.Join(err, errors.New("no Ed25519 key"))
	})
}

// longestKey is in bytes: many times what one has.
const longestKey = 64 << 10

func readKey(name, want string, parse func([]byte) (*Key, error)) (*Key, error) {
	file, err := os.Open(name) // also a pipe, which may lead from where keys are kept
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, longestKey))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != want {
		return nil, fmt.Errorf("key: %s holds no PEM block %q; gauntlet keygen FILE makes both, or openssl genpkey -algorithm ed25519", name, want)
	}
	key, err := parse(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key: %s: %w", name, err)
	}
	return key, nil
}

// Sign signs for DSSE.
func (k *Key) Sign(_ context.Context, data []byte) ([]byte, error) {
	if k.private == nil {
		return nil, errors.New("a public key cannot sign")
	}
	return ed25519.Sign(k.private, data), nil
}

// Verify checks a signature for DSSE.
func (k *Key) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(k.public, data, signature) {
		return errors.New("the signature is not this key's")
	}
	return nil
}

// KeyID is the SHA-256 of the public key's PKIX form, in hexadecimal.
func (k *Key) KeyID() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// Public is the public key.
func (k *Key) Public() crypto.PublicKey { return k.public }
