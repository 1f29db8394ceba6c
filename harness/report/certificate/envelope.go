package certificate

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// Seal writes a statement in its envelope. Without a key nobody signs it.
func Seal(out io.Writer, s Statement, key *Key) error {
	payload, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	envelope, err := signed(payload, key)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	if err := e.Encode(envelope); err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return nil
}

func signed(payload []byte, key *Key) (*dsse.Envelope, error) {
	if key == nil {
		return &dsse.Envelope{PayloadType: PayloadType, Payload: base64.StdEncoding.EncodeToString(payload), Signatures: []dsse.Signature{}}, nil
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, err
	}
	return signer.SignPayload(context.Background(), PayloadType, payload)
}

// ErrSignature says that a certificate is not signed by the key at hand.
var ErrSignature = errors.New("the certificate is not signed by this key")

// Open takes the statement out of its envelope. With a key it must be signed by
// it; else the error is ErrSignature.
func Open(text []byte, key *Key) (Statement, error) {
	var envelope dsse.Envelope
	if err := decode(text, &envelope); err != nil {
		return Statement{}, fmt.Errorf("no certificate: %w", err)
	}
	if envelope.PayloadType != PayloadType {
		return Statement{}, fmt.Errorf("no certificate: the payload is of type %q, not %q", envelope.PayloadType, PayloadType)
	}
	payload, err := opened(&envelope, key)
	if err != nil {
		return Statement{}, err
	}
	return statement(payload)
}

func opened(envelope *dsse.Envelope, key *Key) ([]byte, error) {
	if key == nil {
		return envelope.DecodeB64Payload()
	}
	verifier, err := dsse.NewEnvelopeVerifier(key)
	if err != nil {
		return nil, err
	}
	_, payload, err := verifier.VerifyAndDecode(context.Background(), envelope)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return payload, nil
}

func statement(payload []byte) (s Statement, err error) {
	if err := decode(payload, &s); err != nil {
		return Statement{}, fmt.Errorf("no certificate: its statement: %w", err)
	}
	if s.Type != StatementType || s.PredicateType != PredicateType {
		return Statement{}, fmt.Errorf("no certificate: a statement of type %q with a predicate of type %q", s.Type, s.PredicateType)
	}
	return s, nil
}

// decode reads one JSON value with no field but the known ones: what is not
// understood must not be believed.
func decode(text []byte, v any) error {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}
