package private

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/cloudflare/circl/oprf"
)

// DefaultQuota is how many values are evaluated in a day unless the key says otherwise: one exchange of the country's
// registers over all keys, and a hundredth of a per cent of the numbers that could be guessed.
const DefaultQuota = 6_000_000

const keyFormat = 1

// Key is the holder's secret. It must never leave his house.
type Key struct {
	Format  int      `json:"format"`
	ID      string   `json:"id"`
	Secret  string   `json:"secret"` // factor of the function
	Sign    string   `json:"sign"`   // seed of the signing key, which stays when the key is changed
	Holder  string   `json:"holder"`
	Quota   int      `json:"quota"`             // evaluations in a day
	Retired []string `json:"retired,omitempty"` // keys used before

	secret *oprf.PrivateKey
	sign   ed25519.PrivateKey
}

// Commitment is the public side of a key. Both sides must be sure that they have the same one: compare ID by telephone.
type Commitment struct {
	Format int    `json:"format"`
	ID     string `json:"id"`
	Holder string `json:"holder"`
	Public string `json:"public"`
	Verify string `json:"verify"`

	public *oprf.PublicKey
	verify ed25519.PublicKey
}

// NewKey makes a key for a holder.
func NewKey(holder string, quota int) (*Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return nil, err
	}
	if quota <= 0 {
		quota = DefaultQuota
	}
	k := &Key{Format: keyFormat, Holder: holder, Quota: quota, Sign: hex.EncodeToString(seed)}
	return k, k.renew()
}

// Rotate puts a new secret in the place of the old one. Offers made for the old one are refused from then on.
func (k *Key) Rotate() error {
	k.Retired = append(k.Retired, k.ID)
	return k.renew()
}

func (k *Key) renew() error {
	secret, err := oprf.GenerateKey(suite, rand.Reader)
	if err != nil {
		return err
	}
	b, err := secret.MarshalBinary()
	if err != nil {
		return err
	}
	k.Secret = hex.EncodeToString(b)
	return k.open()
}

// open derives what is derived, and the identifier.
func (k *Key) open() error {
	b, err := hex.DecodeString(k.Secret)
	if err != nil {
		return err
	}
	k.secret = new(oprf.PrivateKey)
	if err := k.secret.UnmarshalBinary(suite, b); err != nil {
		return err
	}
	seed, err := hex.DecodeString(k.Sign)
	if err != nil || len(seed) != ed25519.SeedSize {
		return errElement
	}
	k.sign = ed25519.NewKeyFromSeed(seed)
	public, err := k.secret.Public().MarshalBinary()
	if err != nil {
		return err
	}
	k.ID = keyID(public, k.sign.Public().(ed25519.PublicKey))
	return nil
}

func keyID(public, verify []byte) string {
	sum := sha256.Sum256(slices.Concat([]byte("huikan-psi-key-1"), public, verify))
	return hex.EncodeToString(sum[:8])
}

// Commitment is what the asker needs.
func (k *Key) Commitment() (*Commitment, error) {
	public, err := k.secret.Public().MarshalBinary()
	if err != nil {
		return nil, err
	}
	c := &Commitment{Format: keyFormat, Holder: k.Holder, Public: hex.EncodeToString(public), Verify: hex.EncodeToString(k.sign.Public().(ed25519.PublicKey))}
	return c, c.open()
}

func (c *Commitment) open() error {
	public, err := hex.DecodeString(c.Public)
	if err != nil {
		return err
	}
	c.public = new(oprf.PublicKey)
	if len(public) != elementSize {
		return errElement
	}
	if err := c.public.UnmarshalBinary(suite, public); err != nil {
		return err
	}
	verify, err := hex.DecodeString(c.Verify)
	if err != nil || len(verify) != ed25519.PublicKeySize {
		return errElement
	}
	c.verify = verify
	c.ID = keyID(public, verify)
	return nil
}

// readJSON reads a small file of this package.
func readJSON(file string, r io.Reader, to any) error {
	raw, err := io.ReadAll(io.LimitReader(r, maxHeader+1))
	if err != nil {
		return err
	}
	if len(raw) > maxHeader {
		return refuse(file, "byte 65536", ProblemKind, "JSON")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refuse(file, "byte 0", ProblemHeader, err.Error())
	}
	return nil
}

func writeJSON(w io.Writer, from any) error {
	b, err := json.MarshalIndent(from, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ReadKey reads a key that Write wrote.
func ReadKey(file string, r io.Reader) (*Key, error) {
	k := &Key{}
	if err := readJSON(file, r, k); err != nil {
		return nil, err
	}
	id := k.ID
	if k.Format != keyFormat || k.Quota <= 0 || k.open() != nil || k.ID != id {
		return nil, refuse(file, "key", ProblemHeader, "key")
	}
	return k, nil
}

// Write writes the key; the file is secret.
func (k *Key) Write(w io.Writer) error { return writeJSON(w, k) }

// ReadCommitment reads the public side of a key.
func ReadCommitment(file string, r io.Reader) (*Commitment, error) {
	c := &Commitment{}
	if err := readJSON(file, r, c); err != nil {
		return nil, err
	}
	id := c.ID
	if c.Format != keyFormat || len(c.Holder) > 200 || c.open() != nil || !strings.EqualFold(c.ID, id) {
		return nil, refuse(file, "key", ProblemHeader, "commitment")
	}
	return c, nil
}

// Write writes the public side of a key.
func (c *Commitment) Write(w io.Writer) error { return writeJSON(w, c) }
