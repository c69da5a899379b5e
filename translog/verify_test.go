package translog

import (
	"fmt"
	"testing"
)

// memory is a stored-hash table for tests.
type memory struct {
	hashes  []Hash
	entries [][]byte
}

func (m *memory) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for k, i := range indexes {
		if i < 0 || i >= int64(len(m.hashes)) {
			return nil, fmt.Errorf("stored hash %d: %w", i, ErrMissing)
		}
		out[k] = m.hashes[i]
	}
	return out, nil
}

func (m *memory) append(t testing.TB, entry []byte) {
	t.Helper()
	h, err := Append(int64(len(m.entries)), entry, m)
	if err != nil {
		t.Fatal(err)
	}
	m.hashes = append(m.hashes, h...)
	m.entries = append(m.entries, entry)
}

func (m *memory) entry(i int64) ([]byte, error) {
	if i >= int64(len(m.entries)) || m.entries[i] == nil {
		return nil, fmt.Errorf("entry %d: %w", i, ErrMissing)
	}
	return m.entries[i], nil
}

func (m *memory) span(from, to int64) ([][]byte, error) { return m.entries[from:to], nil }

func (m *memory) root(t testing.TB) Hash {
	t.Helper()
	h, err := Root(int64(len(m.entries)), m)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newLog makes a log of entries that all differ.
func newLog(t testing.TB, size int) *memory {
	t.Helper()
	m := &memory{}
	for i := range size {
		m.append(t, fmt.Appendf(nil, "entry %d", i))
	}
	return m
}

func TestVerifyEntriesFindsNothingWrongInAGoodLog(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 255, 256, 257, 1000, 5000} {
		m := newLog(t, size)
		r, err := VerifyEntries(int64(size), m.root(t), m.entry, m)
		if err != nil || !r.OK() || r.Entries != int64(size) {
			t.Errorf("size %d: %v %+v", size, err, r)
		}
	}
}
