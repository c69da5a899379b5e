package translog

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// typeCosignature marks a key that makes timestamped cosignatures (C2SP signed-note, type 0x04).
const typeCosignature = 0x04

// Cosigner is the key of a witness. It signs checkpoints of other logs together
// with a time, which its caller states.
type Cosigner struct {
	name string
	id   uint32
	key  ed25519.PrivateKey
}

// NewCosignerKey makes the key pair of a witness.
func NewCosignerKey(name string) (skey, vkey string, err error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("making a witness key for %q: %w", name, err)
	}
	public := append([]byte{typeCosignature}, pub...)
	secret := append([]byte{typeCosignature}, priv.Seed()...)
	id := keyID(name, public)
	vkey = fmt.Sprintf("%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(public))
	if _, err := NewVerifier(vkey); err != nil {
		return "", "", fmt.Errorf("making a witness key for %q: %w", name, err)
	}
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(secret))
	return skey, vkey, nil
}

// NewCosigner reads the secret text of NewCosignerKey.
func NewCosigner(skey string) (*Cosigner, error) {
	// The text is a secret: it must not appear in a message.
	bad := fmt.Errorf("reading a witness key: %w", ErrFormat)
	body, ok := strings.CutPrefix(skey, "PRIVATE+KEY+")
	if !ok {
		return nil, bad
	}
	name, id, key, err := splitKey(body)
	if err != nil || key[0] != typeCosignature || len(key) != 1+ed25519.SeedSize || !validName(name) {
		return nil, bad
	}
	c := &Cosigner{name: name, key: ed25519.NewKeyFromSeed(key[1:])}
	c.id = keyID(name, append([]byte{typeCosignature}, c.key.Public().(ed25519.PublicKey)...))
	if id != fmt.Sprintf("%08x", c.id) {
		return nil, bad
	}
	return c, nil
}

// Name is the witness's name.
func (c *Cosigner) Name() string { return c.name }

// At gives the signer that states the time t.
func (c *Cosigner) At(t time.Time) Signer { return cosignerAt{c, t} }

type cosignerAt struct {
	*Cosigner
	time time.Time
}

func (c cosignerAt) KeyHash() uint32 { return c.id }

// Sign makes time ‖ signature; see cosignedText for what is signed.
func (c cosignerAt) Sign(msg []byte) ([]byte, error) {
	unix := c.time.Unix()
	if unix <= 0 {
		return nil, fmt.Errorf("cosigning at %v: %w", c.time, ErrRange)
	}
	sig := binary.BigEndian.AppendUint64(nil, uint64(unix))
	return append(sig, ed25519.Sign(c.key, cosignedText(uint64(unix), msg))...), nil
}

// cosignedText is what a witness really signs: that at this time this was the
// largest consistent tree that it had seen (C2SP tlog-cosignature).
func cosignedText(unix uint64, msg []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", unix), msg...)
}

type cosignVerifier struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newCosignVerifier(name, id string, key []byte) (Verifier, error) {
	sum := fmt.Sprintf("%08x", keyID(name, key))
	if !validName(name) || len(key) != 1+ed25519.PublicKeySize || id != sum {
		return nil, fmt.Errorf("reading the key of %q: %w", clip(name), ErrFormat)
	}
	raw, err := hex.DecodeString(id)
	if err != nil {
		return nil, fmt.Errorf("reading the key of %q: %w", clip(name), ErrFormat)
	}
	return &cosignVerifier{name, binary.BigEndian.Uint32(raw), ed25519.PublicKey(key[1:])}, nil
}

func (v *cosignVerifier) Name() string    { return v.name }
func (v *cosignVerifier) KeyHash() uint32 { return v.id }

func (v *cosignVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(v.key, cosignedText(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

// CosignatureTime tells when the witness signed the note. The note must open
// with the witness's key.
func CosignatureTime(signed []byte, witness Verifier) (time.Time, error) {
	ok, err := SignedBy(signed, witness)
	if err != nil {
		return time.Time{}, err
	}
	_, lines, err := splitNote(signed)
	if err != nil {
		return time.Time{}, err
	}
	for _, line := range lines {
		name, id, _ := keyOfLine(line)
		if !ok[0] || name != witness.Name() || binary.BigEndian.Uint32(id[:]) != witness.KeyHash() {
			continue
		}
		sig, err := decodeBase64(line[strings.LastIndexByte(line, ' ')+1:])
		if err != nil || len(sig) != 4+8+ed25519.SignatureSize {
			break
		}
		return time.Unix(int64(binary.BigEndian.Uint64(sig[4:])), 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("no cosignature by %s: %w", witness.Name(), ErrSignature)
}

// keyID is the four-byte identity of a key within a name (C2SP signed-note).
func keyID(name string, typed []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(typed)
	return binary.BigEndian.Uint32(h.Sum(nil))
}
