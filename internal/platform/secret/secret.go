// Package secret keeps the installation's secrets: it seals values at rest,
// makes blind indexes by which sealed values can still be found, pseudonyms for
// the log, and holds the key that signs the log. The master key lies in a file
// of the data folder that only its owner may read.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"huikan/internal/kernel/fault"
)

// Purpose separates keys: what is sealed for one purpose cannot be opened for another.
type Purpose string

// The purposes.
const (
	LogBody   Purpose = "log-body"   // bodies of log entries
	Pseudonym Purpose = "pseudonym"  // who and what in a leaf
	IDNumber  Purpose = "id-number"  // 公民身份号码
	SecondKey Purpose = "second-key" // TOTP secrets
	Evidence  Purpose = "evidence"   // files
	FieldText Purpose = "field-text" // working papers, reports, clues
	Contact   Purpose = "contact"    // pseudonyms and blind indexes of the register of inquiries
)

const version = 1 // first byte of a sealed value

// Keys holds the keys in memory.
type Keys struct {
	dir    string
	master []byte
	signer note.Signer
	verify string
	origin string
	mu     sync.Mutex
	aead   map[Purpose]cipher.AEAD
}

// Open reads the keys of a data folder and makes them on first use. A key file
// that others may read is refused (a stolen copy would open every seal).
func Open(dir string) (*Keys, error) {
	dir = filepath.Join(dir, "keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	master, err := readOrMake(filepath.Join(dir, "master"), func() (string, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return hex.EncodeToString(b), err
	})
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(master)
	if err != nil || len(raw) != 32 {
		return nil, fault.Unavailable("error.key_damaged", "keys/master")
	}
	v := &Keys{dir: dir, master: raw, aead: map[Purpose]cipher.AEAD{}}
	site := hex.EncodeToString(v.mac("site", nil))[:16]
	v.origin = "huikan.invalid/" + site + "/audit/1"
	skey, err := readOrMake(filepath.Join(dir, "log"), func() (string, error) {
		s, _, err := note.GenerateKey(rand.Reader, v.origin)
		return s, err
	})
	if err != nil {
		return nil, err
	}
	if v.signer, err = note.NewSigner(skey); err != nil {
		return nil, fault.Unavailable("error.key_damaged", "keys/log").With(err)
	}
	if v.verify, err = publicKey(skey); err != nil {
		return nil, fault.Unavailable("error.key_damaged", "keys/log").With(err)
	}
	// The public half lies beside it, for whoever verifies a copy elsewhere.
	pub, err := readOrMake(filepath.Join(dir, "log.pub"), func() (string, error) { return v.verify, nil })
	if err != nil {
		return nil, err
	}
	if pub != v.verify {
		return nil, fault.Unavailable("error.key_damaged", "keys/log.pub") // whoever checks a copy by it would trust another key
	}
	return v, nil
}

func readOrMake(path string, fresh func() (string, error)) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		s, err := fresh()
		if err != nil {
			return "", fmt.Errorf("make key: %w", err)
		}
		err = keep(path, s)
		if errors.Is(err, fs.ErrExist) {
			return readOrMake(path, fresh) // another replica made it meanwhile
		}
		if err != nil {
			return "", fmt.Errorf("make key: %w", err)
		}
		return s, nil
	}
	if err != nil {
		return "", fmt.Errorf("read key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && !strings.HasSuffix(path, ".pub") {
		return "", fault.Unavailable("error.key_readable", filepath.Base(path))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read key: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// keep writes a new key so that it is there as a whole or not at all, also after
// a power failure: what is sealed under a key that is lost is lost too. It never
// replaces a key.
func keep(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the second name of the key, or half of one
	_, err = f.WriteString(text + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (v *Keys) mac(label string, data []byte) []byte {
	k, err := hkdf.Key(sha256.New, v.master, nil, "huikan/"+label, 32)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	h := hmac.New(sha256.New, k)
	h.Write(data)
	return h.Sum(nil)
}

func (v *Keys) cipher(p Purpose) cipher.AEAD {
	v.mu.Lock()
	defer v.mu.Unlock()
	if a, ok := v.aead[p]; ok {
		return a
	}
	k, err := hkdf.Key(sha256.New, v.master, nil, "huikan/seal/"+string(p), 32)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	v.aead[p] = a
	return a
}

// Seal encrypts a value; where says what it belongs to (table, column, row), so
// that a sealed value moved elsewhere cannot be opened there.
func (v *Keys) Seal(p Purpose, where string, plain []byte) []byte {
	return v.cipher(p).Seal([]byte{version}, nil, plain, []byte(where))
}

// Open decrypts what Seal made for the same purpose and place.
func (v *Keys) Open(p Purpose, where string, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != version {
		return nil, fault.Unavailable("error.seal")
	}
	plain, err := v.cipher(p).Open(nil, nil, sealed[1:], []byte(where))
	if err != nil {
		return nil, fault.Unavailable("error.seal").With(err)
	}
	return plain, nil
}

// Blind gives the index value by which an equal value is found without opening
// any seal. Different purposes give different values, so two registers cannot
// be joined by the index alone.
func (v *Keys) Blind(p Purpose, value string) string {
	return hex.EncodeToString(v.mac("blind/"+string(p), []byte(value)))
}

// Ref is the pseudonym of a person or record in a leaf of the log.
func (v *Keys) Ref(value string) string {
	if value == "" {
		return ""
	}
	return hex.EncodeToString(v.mac("ref", []byte(value))[:12])
}

// Origin names this installation's log in checkpoints.
func (v *Keys) Origin() string { return v.origin }

// Signer signs checkpoints.
func (v *Keys) Signer() note.Signer { return v.signer }

// VerifierKey is the public key in note form.
func (v *Keys) VerifierKey() string { return v.verify }
