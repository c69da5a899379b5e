package translog

import (
	"math"

	"golang.org/x/mod/sumdb/tlog"
)

// engine compares two trees while both stream by: the one derived from the
// entries and the one that was stored. It keeps only the open right edge, and
// places where the two differ.
//
// Why a difference can be attributed: a node's hash fixes everything below it.
// Where a derived node equals the stored one, all that was derived below is
// right, and a stored hash below that differs is itself the fault. Where the
// nodes differ all the way up to a root that the stored tree leads to, the
// content is the fault; the lowest place where they differ names it.
//
// A level of the engine is shift levels of the binary tree: 1 for a store that
// keeps every node, 8 for tiles.
type engine struct {
	shift  int
	stored func(level int, n int64) (Hash, bool, error)
	edge   []edgeLevel
	wrong  []mark // stored hashes that are at fault
	real   []mark // places where the content is at fault
}

type edgeLevel struct {
	kids  []node
	count int64 // nodes pushed so far on this level
}

type node struct {
	derived, stored       Hash
	hasDerived, hasStored bool
	marks                 []mark
}

// mark is a place where derived and stored hash differ.
type mark struct {
	level     int
	n         int64
	got, want Hash
	below     bool // differences lie below it, too
}

// push adds the next node of a level and closes the parents that it completes.
func (e *engine) push(level int, k node) error {
	for len(e.edge) <= level {
		e.edge = append(e.edge, edgeLevel{kids: make([]node, 0, 1<<e.shift)})
	}
	at := &e.edge[level]
	k = judge(level, at.count, k)
	at.kids = append(at.kids, k)
	at.count++
	if len(at.kids) < 1<<e.shift {
		return nil
	}
	parent := node{derived: Hash{}, hasDerived: true}
	hashes := make([]Hash, len(at.kids))
	for i := range at.kids {
		hashes[i] = at.kids[i].derived
		parent.hasDerived = parent.hasDerived && at.kids[i].hasDerived
		parent.marks = append(parent.marks, at.kids[i].marks...)
	}
	at.kids = at.kids[:0]
	if parent.hasDerived {
		parent.derived = perfect(hashes)
	}
	var err error
	n := at.count>>e.shift - 1
	parent.stored, parent.hasStored, err = e.stored(level+1, n)
	if err != nil {
		return err
	}
	parent = e.settle(parent)
	return e.push(level+1, parent)
}

// settle drops the differences below a node whose two hashes agree: there the
// stored hashes are at fault.
func (e *engine) settle(k node) node {
	if k.hasDerived && k.hasStored && k.derived == k.stored {
		e.wrong = append(e.wrong, k.marks...)
		k.marks = nil
	}
	return k
}

// judge marks a node whose hashes differ. A node that cannot be derived, because
// something below is missing, counts as what was stored: the gap is reported,
// and everything else can still be checked.
func judge(level int, n int64, k node) node {
	switch {
	case k.hasDerived && k.hasStored && k.derived != k.stored:
		k.marks = append(k.marks, mark{level, n, k.derived, k.stored, len(k.marks) > 0})
	case !k.hasDerived && k.hasStored:
		k.derived, k.hasDerived = k.stored, true
	}
	return k
}

// perfect hashes a power of two of neighbours; it uses up the slice.
func perfect(h []Hash) Hash {
	for n := len(h); n > 1; n /= 2 {
		for i := range n / 2 {
			h[i] = tlog.NodeHash(h[2*i], h[2*i+1])
		}
	}
	return h[0]
}

// maxTried bounds the levels of the right edge whose fault is searched by trying.
const maxTried = 12

// finish holds the right edge against the root. Each of its levels is right
// either as derived or as stored; the choice that leads to the root says which.
// It reports whether there is one.
func (e *engine) finish(root Hash) bool {
	var differ []int
	for level, at := range e.edge {
		for _, k := range at.kids {
			if k.hasDerived && k.hasStored && k.derived != k.stored {
				differ = append(differ, level)
				break
			}
		}
	}
	useStored := make([]bool, len(e.edge))
	found := e.search(differ, useStored, root)
	for level, at := range e.edge {
		for _, k := range at.kids {
			if found && !useStored[level] {
				e.wrong = append(e.wrong, k.marks...)
			} else {
				e.real = append(e.real, k.marks...)
			}
		}
	}
	return found
}

// search leaves in useStored the choice that leads to the root. With more levels
// in doubt than can be tried, it is all derived or all stored.
func (e *engine) search(differ []int, useStored []bool, root Hash) bool {
	try := func(choice uint64) bool {
		for i, level := range differ {
			useStored[level] = choice>>i&1 == 1
		}
		h, ok := e.edgeRoot(useStored)
		return ok && h == root
	}
	if len(differ) > maxTried {
		return try(0) || try(math.MaxUint64)
	}
	for choice := range uint64(1) << len(differ) {
		if try(choice) {
			return true
		}
	}
	return false
}

// edgeRoot derives the root from the right edge: from the leaves up, what is
// left over on a level is the last, smaller child on the next.
func (e *engine) edgeRoot(useStored []bool) (Hash, bool) {
	var tail []Hash
	for level, at := range e.edge {
		list := make([]Hash, 0, len(at.kids)+1)
		for _, k := range at.kids {
			switch {
			case useStored[level] && k.hasStored:
				list = append(list, k.stored)
			case k.hasDerived:
				list = append(list, k.derived)
			default:
				return Hash{}, false
			}
		}
		if list = append(list, tail...); len(list) > 0 {
			tail = []Hash{mth(list)}
		}
	}
	if len(tail) == 0 {
		return EmptyRoot(), true
	}
	return tail[0], true
}

// mth is the Merkle tree hash of RFC 6962 §2.1 over the hashes of subtrees.
func mth(list []Hash) Hash {
	if len(list) == 1 {
		return list[0]
	}
	k := 1
	for 2*k < len(list) {
		k *= 2
	}
	return tlog.NodeHash(mth(list[:k]), mth(list[k:]))
}

// contentTroubles turns the content faults into troubles. path names the file of an
// entry (empty in a live store); scan goes through all stored leaf hashes.
func (e *engine) contentTroubles(size int64, path func(i int64) string, scan func(func(i int64, h Hash)) error) ([]Trouble, error) {
	var out []Trouble
	belongs := map[Hash]int64{}
	for _, m := range e.real {
		if m.level == 0 {
			belongs[m.want] = m.n
		}
	}
	unknown := map[Hash]int64{}
	for _, m := range e.real {
		if m.level == 0 {
			if _, ok := belongs[m.got]; !ok {
				unknown[m.got] = -1
			}
		}
	}
	if len(unknown) > 0 {
		err := scan(func(i int64, h Hash) {
			if at, ok := unknown[h]; ok && at < 0 {
				unknown[h] = i
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for _, m := range e.real {
		if m.below {
			continue
		}
		first := m.n << (e.shift * m.level)
		last := min(first+1<<(e.shift*m.level), size) - 1
		t := entryTrouble(Changed, first, last, path(first))
		if m.level > 0 {
			t.Detail = "entries and their hashes were changed together; one or more of these entries"
		} else if j, ok := belongs[m.got]; ok {
			t.Kind, t.Other = Reordered, j
		} else if j := unknown[m.got]; j >= 0 {
			t.Kind, t.Other = Duplicated, j
		}
		out = append(out, t)
	}
	return out, nil
}
