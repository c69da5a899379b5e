package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"huikan/internal/kernel/fault"
)

// Argon2id parameters: 19 MiB and two passes (the minimum set of the OWASP
// cheat sheet). Two cores compute about 44 a second, so hashing has its own
// bounded pool: a flood of sign-ins must not starve everything else.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashBytes  = 32
)

type hasher struct {
	slots chan struct{}
	queue chan struct{}
}

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, max(1, runtime.NumCPU()/2)), queue: make(chan struct{}, 2000)}
}

// run waits for a free slot; a full queue is refused at once.
func (h *hasher) run(ctx context.Context, fn func()) error {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return fault.Unavailable("account.busy")
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	fn()
	return nil
}

func (h *hasher) hash(ctx context.Context, password string) (out string, err error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	err = h.run(ctx, func() {
		sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashBytes)
		enc := base64.RawStdEncoding
		out = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
			enc.EncodeToString(salt), enc.EncodeToString(sum))
	})
	return out, err
}

// nobody is compared against when a name is unknown, so that the answer takes as long.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (h *hasher) verify(ctx context.Context, stored, password string) (ok bool, err error) {
	if len(password) > maxPasswordSize {
		return false, nil
	}
	var version int
	var memory, passes uint32
	var lanes uint8
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("the stored password hash is damaged")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version {
		return false, errors.New("the stored password hash is damaged")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2); err != nil {
		return false, fmt.Errorf("the stored password hash is damaged: %w", err)
	}
	err = h.run(ctx, func() {
		got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
		ok = subtle.ConstantTimeCompare(got, want) == 1
	})
	return ok, err
}

// oneTime makes a first password that a person can type from paper: 20
// characters of base32 in groups, 100 bits.
func oneTime() (string, error) {
	b := make([]byte, 13)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("make password: %w", err)
	}
	s := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))[:20]
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:], nil
}

func newToken() (token, stored string, err error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", "", fmt.Errorf("make session: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, tokenHash(token), nil
}

// tokenHash is what the database keeps: a stolen copy of it signs nobody in.
func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
