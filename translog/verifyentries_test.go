package translog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func (m *memory) clone() *memory {
	return &memory{hashes: slices.Clone(m.hashes), entries: slices.Clone(m.entries)}
}

// check verifies the store m against the root of the log that it was made from.
func check(t *testing.T, m *memory, size int, root Hash) Report {
	t.Helper()
	r, err := VerifyEntries(int64(size), root, m.entry, m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wants compares the troubles, without their wording.
func wants(t *testing.T, what string, r Report, want ...Trouble) {
	t.Helper()
	got := slices.Clone(r.Troubles)
	for i := range got {
		got[i].Detail = ""
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, r.Troubles, want)
	}
}

func wrongHash(i int64) Trouble {
	t := fileTrouble(WrongHash, "", "")
	t.Stored = i
	return t
}

func displaced(kind Kind, i, other int64, path string) Trouble {
	t := entryTrouble(kind, i, i, path)
	t.Other = other
	return t
}

func TestEveryChangeOfOneEntryIsNamed(t *testing.T) {
	for size := 1; size <= 40; size++ {
		good := newLog(t, size)
		root := good.root(t)
		for i := range int64(size) {
			m := good.clone()
			m.entries[i] = []byte("forged")
			wants(t, fmt.Sprintf("size %d, entry %d changed", size, i), check(t, m, size, root), entryTrouble(Changed, i, i, ""))

			m.entries[i] = nil
			kind := Missing
			if i == int64(size)-1 {
				kind = Truncated
			}
			wants(t, fmt.Sprintf("size %d, entry %d missing", size, i), check(t, m, size, root), entryTrouble(kind, i, i, ""))

			for j := range int64(size) {
				if i == j {
					continue
				}
				m = good.clone()
				m.entries[i] = good.entries[j]
				wants(t, fmt.Sprintf("size %d, entry %d copied over %d", size, j, i), check(t, m, size, root), displaced(Duplicated, i, j, ""))
				if i < j {
					m.entries[j] = good.entries[i]
					wants(t, fmt.Sprintf("size %d, entries %d and %d exchanged", size, i, j), check(t, m, size, root),
						displaced(Reordered, i, j, ""), displaced(Reordered, j, i, ""))
				}
			}
		}
	}
}

func TestEveryWrongStoredHashIsNamed(t *testing.T) {
	for size := 1; size <= 70; size++ {
		good := newLog(t, size)
		root := good.root(t)
		for i := range good.hashes {
			m := good.clone()
			m.hashes[i][3] ^= 4
			wants(t, fmt.Sprintf("size %d, hash %d", size, i), check(t, m, size, root), wrongHash(int64(i)))
		}
	}
}

func TestAWrongEntryAndAWrongHashAreToldApart(t *testing.T) {
	good := newLog(t, 37)
	root := good.root(t)
	for i := range int64(37) {
		for h := range int64(len(good.hashes)) {
			m := good.clone()
			m.entries[i] = []byte("forged")
			m.hashes[h][0] ^= 1
			r := check(t, m, 37, root)
			if first, ok := r.First(); !ok || first.Kind != Changed || first.Index > i || first.Last < i {
				t.Errorf("entry %d and hash %d: %v", i, h, r.Troubles)
			}
		}
	}
}

func TestAnEntryChangedWithItsHashesIsNarrowedDown(t *testing.T) {
	good := newLog(t, 64)
	root := good.root(t)
	for i := range int64(64) {
		for levels := 1; levels <= 6; levels++ {
			m := good.clone()
			m.entries[i] = []byte("forged")
			h := LeafHash(m.entries[i])
			for l := range levels {
				n := i >> l
				m.hashes[StoredIndex(l, n)] = h
				sibling := m.hashes[StoredIndex(l, n^1)]
				if n&1 == 0 {
					h = NodeHash(h, sibling)
				} else {
					h = NodeHash(sibling, h)
				}
			}
			first := i >> levels << levels
			wants(t, fmt.Sprintf("entry %d with %d levels", i, levels), check(t, m, 64, root),
				entryTrouble(Changed, first, first+1<<levels-1, ""))
		}
	}
}

func TestARewrittenLogIsAFork(t *testing.T) {
	good, m := newLog(t, 50), newLog(t, 20)
	for i := range 30 {
		m.append(t, []byte{byte(i)})
	}
	wants(t, "rewritten from entry 20 on", check(t, m, 50, good.root(t)), fileTrouble(Forked, "", ""))
	wants(t, "the empty log with a root", check(t, &memory{}, 0, good.root(t)), fileTrouble(Forked, "", ""))
}

func TestATruncatedStore(t *testing.T) {
	good := newLog(t, 5000)
	root := good.root(t)
	m := good.clone()
	m.entries = m.entries[:4990]
	wants(t, "entries cut off", check(t, m, 5000, root), entryTrouble(Truncated, 4990, 4999, ""))

	m.hashes = m.hashes[:StoredCount(4990)]
	r := check(t, m, 5000, root)
	if first, _ := r.First(); first != entryTrouble(Truncated, 4990, 4999, "") {
		t.Errorf("entries and hashes cut off: %v", first)
	}
	if n := int64(len(r.Troubles)) - 1; n != StoredCount(5000)-StoredCount(4990) {
		t.Errorf("%d missing hashes reported", n)
	}

	m = good.clone()
	m.entries[7], m.entries[8], m.entries[4999] = nil, nil, nil
	wants(t, "gap and cut", check(t, m, 5000, root), entryTrouble(Missing, 7, 8, ""), entryTrouble(Truncated, 4999, 4999, ""))
}

func TestManyWrongEntriesAreAllNamed(t *testing.T) {
	good := newLog(t, 3000)
	m := good.clone()
	var want []Trouble
	for i := int64(0); i < 3000; i += 3 {
		m.entries[i] = fmt.Appendf(nil, "forged %d", i)
		want = append(want, entryTrouble(Changed, i, i, ""))
	}
	wants(t, "every third", check(t, m, 3000, good.root(t)), want...)

	m = good.clone()
	copy(m.entries[1000:], good.entries[1001:]) // entry 1000 taken out, the rest moved up
	m.entries[2999] = nil
	r := check(t, m, 3000, good.root(t))
	if first, _ := r.First(); first != displaced(Reordered, 1000, 1001, "") || len(r.Troubles) != 2000 {
		t.Errorf("%d troubles, first %v", len(r.Troubles), first)
	}
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	m := newLog(t, 10)
	root := m.root(t)
	disk := errors.New("disk")
	_, err := VerifyEntries(10, root, func(int64) ([]byte, error) { return nil, disk }, m)
	if !errors.Is(err, disk) {
		t.Errorf("entries: %v", err)
	}
	_, err = VerifyEntries(10, root, m.entry, HashReaderFunc(func([]int64) ([]Hash, error) { return nil, disk }))
	if !errors.Is(err, disk) {
		t.Errorf("hashes: %v", err)
	}
	_, err = VerifyEntries(10, root, m.entry, HashReaderFunc(func(i []int64) ([]Hash, error) { return make([]Hash, len(i)+1), nil }))
	if !errors.Is(err, ErrRange) {
		t.Errorf("too many hashes: %v", err)
	}
	if _, err := VerifyEntries(-1, root, m.entry, m); !errors.Is(err, ErrRange) {
		t.Errorf("negative size: %v", err)
	}
}

func BenchmarkVerifyEntries(b *testing.B) {
	const size = 200_000
	m := &memory{}
	for i := range size {
		m.append(b, append(bytes.Repeat([]byte{'x'}, 290), byte(i), byte(i>>8), byte(i>>16)))
	}
	root := m.root(b)
	for b.Loop() {
		r, err := VerifyEntries(size, root, m.entry, m)
		if err != nil || !r.OK() {
			b.Fatal(err, r.Troubles)
		}
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
}
