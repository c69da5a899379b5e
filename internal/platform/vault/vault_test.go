package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
)

func open(t *testing.T, dir string, opts ...vault.Option) *vault.Store {
	t.Helper()
	keys, err := secret.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := vault.Open(dir, keys, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *vault.Store, name string, content []byte) vault.Stored {
	t.Helper()
	out, err := s.Put(context.Background(), name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(s *vault.Store, hash string) ([]byte, error) {
	r, err := s.Open(hash)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	if err == nil {
		err = r.Close()
	}
	return b, err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func TestWhatWasPutComesBack(t *testing.T) {
	s := open(t, t.TempDir())
	content := []byte("整改佐证材料\n" + strings.Repeat("已完成。", 40_000))
	got := put(t, s, "佐证.txt", content)
	want := vault.Stored{Hash: sum(content), Name: "佐证.txt", Kind: "txt", Mime: "text/plain", Size: int64(len(content))}
	if got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	b, err := read(s, got.Hash)
	if err != nil || !bytes.Equal(b, content) {
		t.Fatalf("read %d bytes, %v", len(b), err)
	}
}
