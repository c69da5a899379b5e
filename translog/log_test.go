package translog

import (
	"crypto/sha256"
	"errors"
	"testing"
)

// plainRoot is RFC 6962 §2.1 word for word, over the entries themselves: the
// yardstick that shares no code with what is tested.
func plainRoot(entries [][]byte) [32]byte {
	switch len(entries) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	}
	k := 1
	for k*2 < len(entries) {
		k *= 2
	}
	left, right := plainRoot(entries[:k]), plainRoot(entries[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

const exhaustive = 100

func TestRootIsThatOfTheRFCForEverySizeUpTo100(t *testing.T) {
	m := newLog(t, exhaustive)
	for size := range int64(exhaustive + 1) {
		got, err := Root(size, m)
		if err != nil || got != plainRoot(m.entries[:size]) {
			t.Errorf("size %d: %v %v", size, got, err)
		}
	}
}

func TestEveryInclusionProofHoldsOnlyForItsPlace(t *testing.T) {
	m := newLog(t, exhaustive)
	for size := int64(1); size <= exhaustive; size++ {
		root := plainRoot(m.entries[:size])
		for index := range size {
			p, err := ProveInclusion(size, index, m)
			if err != nil {
				t.Fatal(err)
			}
			for other := range size {
				err := CheckInclusion(p, size, root, other, LeafHash(m.entries[index]))
				if (err == nil) != (other == index) {
					t.Fatalf("size %d: proof of %d checked at %d: %v", size, index, other, err)
				}
			}
			if CheckInclusion(append(p, Hash{}), size, root, index, LeafHash(m.entries[index])) == nil {
				t.Fatalf("size %d: proof of %d with one hash too many accepted", size, index)
			}
			if len(p) > 0 && CheckInclusion(p[1:], size, root, index, LeafHash(m.entries[index])) == nil {
				t.Fatalf("size %d: proof of %d with one hash too few accepted", size, index)
			}
		}
	}
}

func TestEveryConsistencyProofHoldsOnlyForItsPair(t *testing.T) {
	m := newLog(t, exhaustive)
	roots := make([]Hash, exhaustive+1)
	for size := range roots {
		roots[size] = plainRoot(m.entries[:size])
	}
	for size := int64(0); size <= exhaustive; size++ {
		for old := int64(0); old <= size; old++ {
			p, err := ProveConsistency(old, size, m)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckConsistency(p, old, roots[old], size, roots[size]); err != nil {
				t.Fatalf("%d within %d: %v", old, size, err)
			}
			if CheckConsistency(p, old, Hash{1}, size, roots[size]) == nil {
				t.Fatalf("%d within %d: wrong old root accepted", old, size)
			}
			if old > 0 && CheckConsistency(p, old, roots[old], size, Hash{1}) == nil {
				t.Fatalf("%d within %d: wrong root accepted", old, size)
			}
			for k := range p {
				p[k][k%HashSize] ^= 1
				if CheckConsistency(p, old, roots[old], size, roots[size]) == nil {
					t.Fatalf("%d within %d: changed hash %d accepted", old, size, k)
				}
				p[k][k%HashSize] ^= 1
			}
		}
	}
}

func TestAForkIsDetected(t *testing.T) {
	honest, forked := newLog(t, 40), newLog(t, 30)
	for i := 30; i < 60; i++ {
		forked.append(t, []byte{byte(i)})
	}
	for old := int64(31); old <= 40; old++ {
		oldRoot, err := Root(old, honest)
		if err != nil {
			t.Fatal(err)
		}
		for size := old; size <= 60; size++ {
			root, err := Root(size, forked)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ProveConsistency(old, size, forked)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckConsistency(p, old, oldRoot, size, root); !errors.Is(err, ErrProof) {
				t.Errorf("honest %d, forked %d: %v", old, size, err)
			}
		}
	}
}

func TestNumbersOutsideTheTreeAreRefused(t *testing.T) {
	m := newLog(t, 10)
	var h Hash
	calls := map[string]func() error{
		"append before the start":   func() error { _, err := Append(-1, nil, m); return err },
		"append beyond all bounds":  func() error { _, err := Append(MaxSize, nil, m); return err },
		"root of a negative size":   func() error { _, err := Root(-1, m); return err },
		"root beyond all bounds":    func() error { _, err := Root(1<<62+1, m); return err },
		"proof of the entry after":  func() error { _, err := ProveInclusion(10, 10, m); return err },
		"proof in a huge tree":      func() error { _, err := ProveInclusion(1<<62+1, 0, m); return err },
		"check of a negative index": func() error { return CheckInclusion(nil, 10, h, -1, h) },
		"check in a huge tree":      func() error { return CheckInclusion(nil, 1<<62+1, h, 1, h) },
		"old tree greater than new": func() error { _, err := ProveConsistency(6, 5, m); return err },
		"check old greater":         func() error { return CheckConsistency(nil, 6, h, 5, h) },
		"check of a huge tree":      func() error { return CheckConsistency(nil, 6, h, 1<<62+1, h) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAReaderThatFailsIsNotHidden(t *testing.T) {
	m := newLog(t, 10)
	m.hashes = m.hashes[:5]
	if _, err := Root(10, m); !errors.Is(err, ErrMissing) {
		t.Errorf("root: %v", err)
	}
	if _, err := ProveInclusion(10, 9, m); !errors.Is(err, ErrMissing) {
		t.Errorf("inclusion: %v", err)
	}
	if _, err := ProveConsistency(7, 10, m); !errors.Is(err, ErrMissing) {
		t.Errorf("consistency: %v", err)
	}
	if _, err := ReadTile(0, 0, 10, m); !errors.Is(err, ErrMissing) {
		t.Errorf("tile: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	m := &memory{}
	entry := make([]byte, 300)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h, err := Append(int64(i), entry, m)
		if err != nil {
			b.Fatal(err)
		}
		m.hashes = append(m.hashes, h...)
	}
}
