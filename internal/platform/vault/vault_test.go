package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
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

func put(t interface{ Fatal(...any) }, s *vault.Store, name string, content []byte) vault.Stored {
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
	return b, errors.Join(err, r.Close())
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// stored counts the files of a store, half-written ones included.
func stored(t *testing.T, s *vault.Store) (whole, half int) {
	t.Helper()
	if err := s.Each(func(string) error { whole++; return nil }); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(s.Temp())
	if err != nil {
		t.Fatal(err)
	}
	return whole, len(left)
}

func text(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n] }

// Every size around the borders of chunks comes back, read in one go, piece by
// piece and at random places.
func TestWhatWasPutComesBack(t *testing.T) {
	s := open(t, t.TempDir())
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 3).Draw(rt, "chunks")*vault.Chunk + rapid.IntRange(-2, 2).Draw(rt, "more")
		content := text(max(1, n))
		content[len(content)/2] = byte(rapid.IntRange('A', 'Z').Draw(rt, "letter"))
		got := put(rt, s, "佐证.txt", content)
		want := vault.Stored{Hash: sum(content), Name: "佐证.txt", Kind: "txt", Mime: "text/plain", Size: int64(len(content))}
		if got != want {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
		b, err := read(s, got.Hash)
		if err != nil || !bytes.Equal(b, content) {
			rt.Fatalf("read %d of %d bytes, %v", len(b), len(content), err)
		}
		f, err := s.File(got.Hash)
		if err != nil {
			rt.Fatal(err)
		}
		defer f.Close()
		want2 := bytes.NewReader(content)
		at := rapid.Int64Range(0, int64(len(content))+2).Draw(rt, "at")
		length := rapid.IntRange(0, vault.Chunk+5).Draw(rt, "length")
		p, q := make([]byte, length), make([]byte, length)
		gn, gerr := f.ReadAt(p, at)
		wn, werr := want2.ReadAt(q, at)
		if length > 0 && (gn != wn || !errors.Is(gerr, werr) || !bytes.Equal(p, q)) {
			rt.Fatalf("ReadAt(%d, %d) = %d, %v; want %d, %v", length, at, gn, gerr, wn, werr)
		}
		if end, err := f.Seek(-1, io.SeekEnd); err != nil || end != f.Size()-1 {
			rt.Fatalf("seek to %d, %v", end, err)
		}
		if last, err := io.ReadAll(f); err != nil || !bytes.Equal(last, content[len(content)-1:]) {
			rt.Fatalf("the last byte is %q, %v", last, err)
		}
	})
}

func TestSameContentIsOneFileOfItsOwner(t *testing.T) {
	s := open(t, t.TempDir())
	a, b := put(t, s, "一.txt", []byte("同一内容")), put(t, s, "二.csv", []byte("同一内容"))
	if a.Hash != b.Hash || a.Name == b.Name {
		t.Errorf("%+v and %+v", a, b)
	}
	if whole, half := stored(t, s); whole != 1 || half != 0 {
		t.Errorf("%d files and %d half ones", whole, half)
	}
	raw, err := os.ReadFile(s.Path(a.Hash))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("同一")) {
		t.Error("the content lies on the disk in clear")
	}
	info, err := os.Stat(s.Path(a.Hash))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
}

func TestConcurrentPuts(t *testing.T) {
	s := open(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			content := text(100_000 + i%3)
			out, err := s.Put(context.Background(), "a.txt", bytes.NewReader(content), -1)
			if err != nil {
				t.Error(err)
				return
			}
			if b, err := read(s, out.Hash); err != nil || !bytes.Equal(b, content) {
				t.Errorf("file %d: %d bytes, %v", i, len(b), err)
			}
		})
	}
	wg.Wait()
	if whole, half := stored(t, s); whole != 3 || half != 0 {
		t.Errorf("%d files and %d half ones, want 3 and 0", whole, half)
	}
}

// Whatever a hand changes in a file, the reader learns it and never gets other content.
func TestDamageIsFound(t *testing.T) {
	s := open(t, t.TempDir())
	content := text(2*vault.Chunk + 100)
	one, two := put(t, s, "a.txt", content).Hash, put(t, s, "b.txt", append([]byte("B"), content[1:]...)).Hash
	good, err := os.ReadFile(s.Path(one))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(s.Path(two))
	if err != nil {
		t.Fatal(err)
	}
	const cell = vault.Chunk + vault.Tag
	at := func(n int) int { return vault.HeadSize + n*cell }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	cases := map[string][]byte{
		"nothing":           {},
		"only the head":     good[:at(0)],
		"half of the head":  good[:20],
		"without the last":  good[:at(2)],
		"one chunk only":    good[:at(1)],
		"last one cut":      good[:len(good)-1],
		"one byte more":     join(good, []byte{0}),
		"one chunk more":    join(good, good[at(1):at(2)]),
		"last chunk twice":  join(good, good[at(2):]),
		"two exchanged":     join(good[:at(0)], good[at(1):at(2)], good[at(0):at(1)], good[at(2):]),
		"the first removed": join(good[:at(0)], good[at(1):]),
		"another's chunk":   join(good[:at(1)], other[at(1):at(2)], good[at(2):]),
		"another's head":    join(other[:at(0)], good[at(0):]),
		"another file":      other,
		"in clear":          content,
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(s.Path(one), raw, 0o600); err != nil {
				t.Fatal(err)
			}
			if b, err := read(s, one); !fault.Is(err, fault.KindUnavailable) {
				t.Errorf("read %d bytes, %v", len(b), err)
			}
			if err := s.Check(context.Background(), one); !fault.Is(err, fault.KindUnavailable) {
				t.Errorf("check: %v", err)
			}
		})
	}
	put(t, s, "a.txt", content)
	if err := s.Check(context.Background(), one); err != nil {
		t.Errorf("handing the original in again does not mend the file: %v", err)
	}
	if err := s.Check(context.Background(), two); err != nil {
		t.Errorf("a good file fails: %v", err)
	}
}

// Every single byte of a small file is changed, and random bits of a large one.
func TestEveryFlippedByteIsFound(t *testing.T) {
	s := open(t, t.TempDir())
	small := put(t, s, "a.txt", []byte("整改完成情况说明")).Hash
	large := put(t, s, "b.txt", text(2*vault.Chunk+7)).Hash
	flip := func(t interface{ Fatalf(string, ...any) }, hash string, good []byte, at int, bit byte) {
		raw := bytes.Clone(good)
		raw[at] ^= bit
		if err := os.WriteFile(s.Path(hash), raw, 0o600); err != nil {
			t.Fatalf("%v", err)
		}
		if b, err := read(s, hash); !fault.Is(err, fault.KindUnavailable) {
			t.Fatalf("byte %d changed by %02x: read %d bytes, %v", at, bit, len(b), err)
		}
	}
	good, err := os.ReadFile(s.Path(small))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		flip(t, small, good, i, 1)
		flip(t, small, good, i, 0x80)
	}
	if good, err = os.ReadFile(s.Path(large)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		flip(rt, large, good, rapid.IntRange(0, len(good)-1).Draw(rt, "at"), byte(1)<<rapid.IntRange(0, 7).Draw(rt, "bit"))
	})
}

// A chunk is bound to its number and to its being the last: every other order
// and length of the chunks of one file fails at the first wrong one.
func TestChunksOnlyInTheirOrder(t *testing.T) {
	content := text(3*vault.Chunk + 9)
	raw, again, err := vault.Sealed(content)
	if err != nil {
		t.Fatal(err)
	}
	const cell = vault.Chunk + vault.Tag
	body := raw[vault.HeadSize:]
	var cells [][]byte
	for len(body) > 0 {
		n := min(cell, len(body))
		cells = append(cells, body[:n])
		body = body[n:]
	}
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 5).Draw(rt, "order")
		mixed := bytes.Clone(raw[:vault.HeadSize])
		for _, i := range order {
			mixed = append(mixed, cells[i]...)
		}
		size := int64(len(mixed)-vault.HeadSize) - int64((len(mixed)-vault.HeadSize+cell-1)/cell*vault.Tag)
		if size < 0 {
			return
		}
		b, err := io.ReadAll(again(mixed, size))
		if bytes.Equal(mixed, raw) {
			if err != nil || !bytes.Equal(b, content) {
				rt.Fatalf("the right order fails: %v", err)
			}
			return
		}
		if err == nil {
			rt.Fatalf("order %v gave %d bytes as good", order, len(b))
		}
		if !bytes.HasPrefix(content, b) {
			rt.Fatalf("order %v gave out bytes that are not the content's", order)
		}
	})
}
