package archive_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/archive"
	"huikan/internal/platform/secret"
)

func keys(t *testing.T) *secret.Keys {
	t.Helper()
	k, err := secret.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func write(t *testing.T, k *secret.Keys, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := archive.NewWriter(&b, k)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := w.Add(name, int64(len(content)), time.Unix(0, 0), bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read gives the members of a whole archive.
func read(k *secret.Keys, raw []byte) (map[string][]byte, error) {
	r, err := archive.NewReader(bytes.NewReader(raw), k)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, r.Damaged(err)
		}
		out[h.Name] = b
	}
}

// noise does not compress, so that the archive has several pieces.
func noise(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

func TestComesBack(t *testing.T) {
	k := keys(t)
	for _, n := range []int{0, 1, 1 << 20, 3<<20 + 17} {
		got, err := read(k, write(t, k, noise(n)))
		if err != nil || len(got) != 2 || !bytes.Equal(got["a"], noise(n)) || !bytes.Equal(got["b"], noise(n)) {
			t.Errorf("%d bytes: %d members, %v", n, len(got), err)
		}
	}
}

func TestSaysNothingWithoutTheKeys(t *testing.T) {
	k := keys(t)
	raw := write(t, k, bytes.Repeat([]byte("公款吃喝"), 100))
	if bytes.Contains(raw, []byte("公款吃喝")) {
		t.Error("the text stands in the file")
	}
	_, err := read(keys(t), raw)
	if f, ok := fault.Of(err); !ok || f.Key != "error.backup_keys" {
		t.Errorf("other keys: %v", err)
	}
	for _, not := range [][]byte{nil, []byte("PK\x03\x04"), bytes.Repeat([]byte("x"), 1000)} {
		_, err := read(k, not)
		if f, ok := fault.Of(err); !ok || f.Key != "error.backup_none" {
			t.Errorf("no backup: %v", err)
		}
	}
}

// Whatever is changed, cut off, doubled or put elsewhere is noticed before the
// archive has been read to its end.
func TestNothingCanBeChanged(t *testing.T) {
	k := keys(t)
	raw := write(t, k, noise(2<<20))
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		bad := slices.Clone(raw)
		bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
		if _, err := read(k, bad); err == nil {
			t.Fatal("a changed bit is not noticed")
		}
	}
	for range 30 {
		if _, err := read(k, raw[:r.IntN(len(raw))]); err == nil {
			t.Fatal("a cut is not noticed")
		}
	}
	if _, err := read(k, append(slices.Clone(raw), 'x')); err == nil {
		t.Fatal("a tail is not noticed")
	}
	other := write(t, k, noise(2<<20))
	head := bytes.IndexByte(raw, '\n') + 1
	if _, err := read(k, append(slices.Clone(raw[:head]), other[head:]...)); err == nil {
		t.Fatal("pieces of another backup are not noticed")
	}
}
