package secret

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// publicKey derives the verifier key from a signer key of the form
// PRIVATE+KEY+<name>+<hash>+<base64 of algorithm byte and seed> (C2SP signed-note).
func publicKey(skey string) (string, error) {
	parts := strings.Split(strings.TrimPrefix(skey, "PRIVATE+KEY+"), "+")
	if len(parts) < 3 {
		return "", errors.New("not a signer key")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(parts[2:], "+"))
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("not an Ed25519 signer key")
	}
	pub, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("not an Ed25519 signer key")
	}
	return note.NewEd25519VerifierKey(parts[0], pub)
}
