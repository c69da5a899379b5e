package translog

import (
	"errors"
	"fmt"
	"io/fs"
)

// chunk is how many entries' hashes are asked for at once.
const chunk = 4096

// VerifyEntries derives the whole tree again from the entries of a live store and
// holds it against the stored hashes and the root of a checkpoint. It names every
// entry that was changed, exchanged, copied over or is missing, and every stored
// hash that is wrong.
//
// An entry or a hash that is not there is reported when the reader's error wraps
// ErrMissing or fs.ErrNotExist; every other error ends the verification.
func VerifyEntries(size int64, root Hash, entry func(i int64) ([]byte, error), stored HashReader) (Report, error) {
	if size < 0 || size > MaxSize {
		return Report{}, fmt.Errorf("verifying %d entries: %w", size, ErrRange)
	}
	s := &storeReader{reader: stored, size: size, at: -1}
	v := &verification{report: Report{Size: size, Root: root, Troubles: []Trouble{}}}
	v.engine = engine{shift: 1, stored: func(level int, n int64) (Hash, bool, error) {
		return s.get(StoredIndex(level, n))
	}}
	for i := range size {
		if err := v.entry(i, entry, s); err != nil {
			return Report{}, fmt.Errorf("verifying entry %d: %w", i, err)
		}
	}
	v.flushGap(size, "")
	found := v.engine.finish(root)
	for _, m := range v.engine.wrong {
		t := fileTrouble(WrongHash, "", "")
		t.Stored = StoredIndex(m.level, m.n)
		v.add(t)
	}
	for _, i := range s.missing {
		t := fileTrouble(WrongHash, "", "the stored hash is missing")
		t.Stored = i
		v.add(t)
	}
	content, err := v.engine.contentTroubles(size, func(int64) string { return "" }, s.leaves)
	if err != nil {
		return Report{}, fmt.Errorf("comparing stored hashes: %w", err)
	}
	v.add(content...)
	v.close(found)
	v.report.Hashes = StoredCount(size)
	return v.report, nil
}

// verification is what the two ways to verify have in common.
type verification struct {
	engine engine
	report Report
	// The run of entries that are missing up to now: from gap on, gapLen many.
	gap, gapLen int64
}

func (v *verification) add(t ...Trouble) { v.report.Troubles = append(v.report.Troubles, t...) }

func (v *verification) entry(i int64, entry func(int64) ([]byte, error), s *storeReader) error {
	var k node
	data, err := entry(i)
	switch {
	case err == nil:
		v.flushGap(i, "")
		k.derived, k.hasDerived = LeafHash(data), true
		v.report.Entries++
	case errors.Is(err, ErrMissing), errors.Is(err, fs.ErrNotExist):
		v.missing(i, 1)
	default:
		return err
	}
	k.stored, k.hasStored, err = s.get(StoredIndex(0, i))
	if err != nil {
		return err
	}
	return v.engine.push(0, k)
}

func (v *verification) missing(i, count int64) {
	if v.gapLen == 0 {
		v.gap = i
	}
	v.gapLen += count
}

// flushGap reports the run of missing entries that ends before upTo.
func (v *verification) flushGap(upTo int64, path string) {
	if v.gapLen == 0 {
		return
	}
	kind := Missing
	if upTo == v.report.Size {
		kind = Truncated
	}
	v.add(entryTrouble(kind, v.gap, v.gap+v.gapLen-1, path))
	v.gapLen = 0
}

// close adds the trouble that no place can be found for, and sorts the list.
func (v *verification) close(rootFound bool) {
	if !rootFound && len(v.report.Troubles) == 0 {
		v.add(fileTrouble(Forked, "", "entries and hashes agree with each other, but lead to another root than the checkpoint's"))
	}
	sortTroubles(v.report.Troubles)
}

// storeReader reads stored hashes in the order of their index, many at a time.
// That is the order in which the engine asks, because the storage order is the
// order in which nodes become complete.
type storeReader struct {
	reader  HashReader
	size    int64
	at      int64 // first index of the block; -1 before the first
	hashes  []Hash
	absent  map[int64]bool
	missing []int64
}

func (s *storeReader) get(index int64) (Hash, bool, error) {
	if s.at < 0 || index < s.at || index >= s.at+int64(len(s.hashes)) {
		if err := s.load(index - index%chunk); err != nil {
			return Hash{}, false, err
		}
	}
	if s.absent[index] {
		return Hash{}, false, nil
	}
	return s.hashes[index-s.at], true, nil
}

func (s *storeReader) load(from int64) error {
	to := min(from+chunk, StoredCount(s.size))
	indexes := make([]int64, 0, to-from)
	for i := from; i < to; i++ {
		indexes = append(indexes, i)
	}
	s.at, s.absent = from, nil
	hashes, err := s.reader.ReadHashes(indexes)
	if err == nil && len(hashes) != len(indexes) {
		return fmt.Errorf("reading %d stored hashes gave %d: %w", len(indexes), len(hashes), ErrRange)
	}
	if err == nil {
		s.hashes = hashes
		return nil
	}
	if !errors.Is(err, ErrMissing) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading stored hashes from %d: %w", from, err)
	}
	return s.loadSingly(indexes)
}

// loadSingly finds out which of the hashes are missing.
func (s *storeReader) loadSingly(indexes []int64) error {
	s.hashes = make([]Hash, len(indexes))
	s.absent = map[int64]bool{}
	for k, i := range indexes {
		one, err := s.reader.ReadHashes([]int64{i})
		switch {
		case err == nil && len(one) == 1:
			s.hashes[k] = one[0]
		case err == nil:
			return fmt.Errorf("reading stored hash %d gave %d: %w", i, len(one), ErrRange)
		case errors.Is(err, ErrMissing), errors.Is(err, fs.ErrNotExist):
			s.absent[i] = true
			s.missing = append(s.missing, i)
		default:
			return fmt.Errorf("reading stored hash %d: %w", i, err)
		}
	}
	return nil
}

// leaves goes through all stored leaf hashes.
func (s *storeReader) leaves(visit func(i int64, h Hash)) error {
	missing := s.missing
	defer func() { s.missing = missing }()
	for i := range s.size {
		h, ok, err := s.get(StoredIndex(0, i))
		if err != nil {
			return err
		}
		if ok {
			visit(i, h)
		}
	}
	return nil
}
