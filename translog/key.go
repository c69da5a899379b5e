package translog

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs notes with one key.
type Signer = note.Signer

// Verifier checks the signatures of one key.
type Verifier = note.Verifier

// NewKey makes an Ed25519 key pair for a log. The name should be the log's
// origin; it must not hold spaces or plus signs. skey is the secret.
func NewKey(name string) (skey, vkey string, err error) {
	skey, vkey, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", fmt.Errorf("making a key for %q: %w", name, err)
	}
	if _, err := NewVerifier(vkey); err != nil {
		return "", "", fmt.Errorf("making a key for %q: %w", name, err)
	}
	return skey, vkey, nil
}

// NewSigner reads the secret text of NewKey.
func NewSigner(skey string) (Signer, error) {
	s, err := note.NewSigner(skey)
	if err != nil {
		// The text is a secret: it must not appear in the message.
		return nil, fmt.Errorf("reading a signing key: %w: %w", ErrFormat, err)
	}
	return s, nil
}

// NewVerifier reads the public text of a log key (NewKey) or of a witness key
// (NewCosignerKey), in its one canonical form: the identity in lower-case hex,
// the key in strict base64.
func NewVerifier(vkey string) (Verifier, error) {
	name, id, key, err := splitKey(vkey)
	if err != nil {
		return nil, err
	}
	if key[0] == typeCosignature {
		return newCosignVerifier(name, id, key)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("reading the key of %q: %w: %w", clip(name), ErrFormat, err)
	}
	return v, nil
}

// splitKey takes name+hex8+base64 apart. x/mod accepts capital hex digits, so
// that a key could be written in several ways; here there is one.
func splitKey(vkey string) (name, id string, key []byte, err error) {
	part := strings.Split(vkey, "+")
	if len(part) < 3 {
		return "", "", nil, fmt.Errorf("verifier key %q: %w", clip(vkey), ErrFormat)
	}
	// base64 may hold plus signs, names may not.
	name, id = part[0], part[1]
	b64 := strings.Join(part[2:], "+")
	key, err = decodeBase64(b64)
	if err != nil || len(key) < 2 || len(id) != 8 || id != strings.ToLower(id) {
		return "", "", nil, fmt.Errorf("verifier key %q: %w", clip(vkey), ErrFormat)
	}
	return name, id, key, nil
}

// validName is the note format's rule for key names: some text, no space, no plus.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.Contains(name, "+") &&
		strings.IndexFunc(name, unicode.IsSpace) < 0
}
