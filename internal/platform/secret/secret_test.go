package secret_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/secret"
)

func open(t *testing.T, dir string) *secret.Keys {
	t.Helper()
	v, err := secret.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	v := open(t, t.TempDir())
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(rt, "plain")
		sealed := v.Seal(secret.IDNumber, "person/1", plain)
		got, err := v.Open(secret.IDNumber, "person/1", sealed)
		if err != nil || string(got) != string(plain) {
			rt.Fatalf("not what was sealed: %v", err)
		}
		if _, err := v.Open(secret.IDNumber, "person/2", sealed); !fault.Is(err, fault.KindUnavailable) {
			rt.Fatal("a moved seal opened")
		}
		if _, err := v.Open(secret.LogBody, "person/1", sealed); err == nil {
			rt.Fatal("a seal opened for another purpose")
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(rt, "i")
		sealed[i] ^= 1
		if _, err := v.Open(secret.IDNumber, "person/1", sealed); err == nil {
			rt.Fatal("a changed seal opened")
		}
	})
}

func TestKeysLast(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	b := open(t, dir)
	if a.Blind(secret.IDNumber, "x") != b.Blind(secret.IDNumber, "x") || a.VerifierKey() != b.VerifierKey() || a.Origin() != b.Origin() {
		t.Fatal("a second start has other keys")
	}
	if a.Blind(secret.IDNumber, "x") == a.Blind(secret.SecondKey, "x") {
		t.Fatal("two purposes share an index")
	}
	if open(t, t.TempDir()).Blind(secret.IDNumber, "x") == a.Blind(secret.IDNumber, "x") {
		t.Fatal("two installations share an index")
	}
	ver, err := note.NewVerifier(a.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: "checkpoint\n"}, a.Signer())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(msg, note.VerifierList(ver)); err != nil {
		t.Fatalf("the public key does not verify: %v", err)
	}
}

func TestReadableKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if err := os.Chmod(filepath.Join(dir, "keys", "master"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Open(dir); !fault.Is(err, fault.KindUnavailable) {
		t.Fatalf("got %v", err)
	}
}
