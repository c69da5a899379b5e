package audit

import (
	"context"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/translog"
)

// Verify reads in pages, so that its memory does not grow with the log.
const (
	entryPage = 2000
	hashPage  = 8000
)

type placed struct {
	idx  int64
	id   id.ID
	leaf []byte
}

// rebuild derives the tree again from the entries and holds it against every
// stored hash and the signed root.
func rebuild(ctx context.Context, q db.Q, cp translog.Checkpoint, rep *Report) error {
	t := &tree{stored: storedHashes{ctx: ctx, q: q}, rep: rep, cp: cp}
	for from := int64(-1); ; {
		rows, err := q.Query(ctx, "SELECT idx, id, leaf FROM audit_entry WHERE idx > $1 ORDER BY idx LIMIT $2", from, entryPage)
		page, err := db.Collect(rows, err, func(r rowScanner) (p placed, err error) { return p, r.Scan(&p.idx, &p.id, &p.leaf) })
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		for _, e := range page {
			if err := t.entry(e); err != nil {
				return err
			}
			from = e.idx
		}
		if len(page) < entryPage {
			break
		}
	}
	for n := t.size; n < cp.Size && len(rep.Troubles) < maxTroubles; n++ {
		rep.add(Trouble{Kind: "missing", Index: n, Text: "the log is shorter than its signed checkpoint"})
	}
	if t.hasRoot && t.root != cp.Root && len(rep.Troubles) == 0 {
		rep.add(Trouble{Kind: "checkpoint", Index: cp.Size, Text: "the entries do not give the signed root"})
	}
	return nil
}

// tree is built from its leaves; it keeps only the roots of the full subtrees.
type tree struct {
	stored  storedHashes
	rep     *Report
	cp      translog.Checkpoint
	size    int64
	edge    []tlog.Hash
	root    tlog.Hash // at the checkpoint's size
	hasRoot bool
}

func (t *tree) entry(e placed) error {
	for t.size < e.idx && len(t.rep.Troubles) < maxTroubles {
		t.rep.add(Trouble{Kind: "missing", Index: t.size, Text: "this entry is missing"})
		h, _, err := t.stored.at(translog.StoredIndex(0, t.size))
		if err != nil {
			return err
		}
		if err := t.append(h); err != nil {
			return err
		}
	}
	h := translog.LeafHash(e.leaf)
	signed, ok, err := t.stored.at(translog.StoredIndex(0, e.idx))
	if err != nil {
		return err
	}
	if !ok || h != signed {
		t.rep.add(Trouble{Kind: "changed", Index: e.idx, Entry: e.id, Text: "the entry is not the one that was signed here: changed or moved"})
	}
	if ok {
		h = signed // so that one changed entry is not told again for every hash above it
	}
	return t.append(h)
}

// append adds a leaf and compares the inner hashes that it completes.
func (t *tree) append(h tlog.Hash) error {
	n := t.size
	at := translog.StoredIndex(0, n)
	for range bits.TrailingZeros64(^uint64(n)) {
		h = translog.NodeHash(t.edge[len(t.edge)-1], h)
		t.edge = t.edge[:len(t.edge)-1]
		at++
		switch have, ok, err := t.stored.at(at); {
		case err != nil:
			return err
		case !ok || have != h:
			t.rep.add(Trouble{Kind: "tree", Index: n, Text: fmt.Sprintf("the stored tree hash %d over this entry and those before it is wrong", at)})
		}
	}
	t.edge = append(t.edge, h)
	t.size++
	if t.size == t.cp.Size {
		t.hasRoot, t.root = true, t.edge[len(t.edge)-1]
		for i := len(t.edge) - 2; i >= 0; i-- {
			t.root = translog.NodeHash(t.edge[i], t.root)
		}
	}
	return nil
}

// storedHashes reads the table of hashes from front to back.
type storedHashes struct {
	ctx  context.Context
	q    db.Q
	from int64
	page map[int64]tlog.Hash
}

func (s *storedHashes) at(n int64) (tlog.Hash, bool, error) {
	if s.page == nil || n < s.from || n >= s.from+hashPage {
		s.from, s.page = n, make(map[int64]tlog.Hash, hashPage)
		rows, err := s.q.Query(s.ctx, "SELECT n, hash FROM audit_hash WHERE n >= $1 AND n < $2", n, n+hashPage)
		_, err = db.Collect(rows, err, func(r rowScanner) (struct{}, error) {
			var n int64
			var b []byte
			err := r.Scan(&n, &b)
			if len(b) == len(tlog.Hash{}) {
				s.page[n] = tlog.Hash(b)
			}
			return struct{}{}, err
		})
		if err != nil {
			return tlog.Hash{}, false, fmt.Errorf("read tree hashes: %w", err)
		}
	}
	h, ok := s.page[n]
	return h, ok, nil
}
