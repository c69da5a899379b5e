package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"huikan/internal/kernel/fault"
)

// Envelope is a fresh key under which one record is sealed. Each reader opens it
// with a wrap of his own; who has none cannot open the record, also not through
// this program.
type Envelope struct{ key []byte }

// NewEnvelope makes a fresh key.
func NewEnvelope() (Envelope, error) {
	k := make([]byte, 32)
	_, err := rand.Read(k)
	return Envelope{k}, err
}

// Wrap seals the envelope's key for a reader.
func (v *Keys) Wrap(e Envelope, reader Purpose, where string) []byte {
	return v.Seal(reader, where, e.key)
}

// Unwrap opens a wrap for the reader and place that it was made for.
func (v *Keys) Unwrap(wrap []byte, reader Purpose, where string) (Envelope, error) {
	k, err := v.Open(reader, where, wrap)
	if err == nil && len(k) != 32 {
		err = fault.Unavailable("error.seal")
	}
	return Envelope{k}, err
}

func (e Envelope) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(e.key)
	if err != nil {
		return nil, fault.Unavailable("error.seal").With(err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts a value of the record; where says what it belongs to.
func (e Envelope) Seal(where string, plain []byte) ([]byte, error) {
	a, err := e.aead()
	if err != nil {
		return nil, err
	}
	return a.Seal([]byte{version}, nil, plain, []byte(where)), nil
}

// Open decrypts what Seal made for the same place.
func (e Envelope) Open(where string, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != version {
		return nil, fault.Unavailable("error.seal")
	}
	a, err := e.aead()
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, nil, sealed[1:], []byte(where))
	if err != nil {
		return nil, fault.Unavailable("error.seal").With(err)
	}
	return plain, nil
}
