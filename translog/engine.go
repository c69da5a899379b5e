package translog

import (
	"slices"

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
	useStored             bool   // on the right edge: the stored hash is the right one
	marks                 []mark // differences below and here, not yet attributed
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
	at.kids = append(at.kids, e.judge(level, at.count, k))
	at.count++
	if len(at.kids) < 1<<e.shift {
		return nil
	}
	var parent node
	var err error
	parent.stored, parent.hasStored, err = e.stored(level+1, at.count>>e.shift-1)
	if err != nil {
		return err
	}
	e.settle(at.kids, &parent)
	at.kids = at.kids[:0]
	return e.push(level+1, parent)
}

// judge marks a node whose hashes differ. A node that cannot be derived, because
// something below is missing, counts as what was stored: the gap is reported,
// and everything else can still be checked.
func (e *engine) judge(level int, n int64, k node) node {
	switch {
	case k.hasDerived && k.hasStored && k.derived != k.stored:
		k.marks = append(k.marks, mark{level, n, k.derived, k.stored, len(k.marks) > 0})
	case !k.hasDerived && k.hasStored:
		k.derived, k.hasDerived = k.stored, true
		// What lies below cannot be judged by the nodes above any more.
		e.real = append(e.real, k.marks...)
		k.marks = nil
	}
	return k
}

// settle derives a parent and decides, where the parent's stored hash allows,
// which of its children are right as derived: below those, the stored hashes are
// at fault. All other differences go up with the parent.
func (e *engine) settle(kids []node, parent *node) {
	hashes := make([]Hash, len(kids))
	parent.hasDerived = true
	for i := range kids {
		hashes[i] = kids[i].derived
		parent.hasDerived = parent.hasDerived && kids[i].hasDerived
	}
	if parent.hasDerived {
		parent.derived = perfect(hashes)
		if parent.hasStored {
			e.explain(kids, parent)
		}
	}
	for i := range kids {
		parent.marks = append(parent.marks, kids[i].marks...)
	}
}

// maxTried bounds the places where derived or stored is found out by trying.
const maxTried = 8

// explain tries which children, as derived or as stored, make up the parent's
// stored hash. Mostly it is all derived (nothing is wrong, or only stored hashes
// below are) or all stored (only entries are wrong).
func (e *engine) explain(kids []node, parent *node) {
	if parent.derived == parent.stored {
		for i := range kids {
			e.wrong = append(e.wrong, kids[i].marks...)
			kids[i].marks = nil
		}
		return
	}
	differ := differing(kids)
	if len(differ) > maxTried {
		return
	}
	hashes := make([]Hash, len(kids))
	for choice := 1; choice < 1<<len(differ); choice++ {
		for i := range kids {
			hashes[i] = kids[i].derived
		}
		useStored := make(map[int]bool, len(differ))
		for bit, i := range differ {
			if choice>>bit&1 == 1 {
				hashes[i], useStored[i] = kids[i].stored, true
			}
		}
		if perfect(hashes) != parent.stored {
			continue
		}
		for i := range kids {
			if !useStored[i] {
				e.wrong = append(e.wrong, kids[i].marks...)
				kids[i].marks = nil
			}
		}
		return
	}
}

// differing lists the nodes whose two hashes differ.
func differing(kids []node) []int {
	var out []int
	for i, k := range kids {
		if k.hasDerived && k.hasStored && k.derived != k.stored {
			out = append(out, i)
		}
	}
	return out
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

// finish holds the right edge against the root. Each of its nodes is right
// either as derived or as stored; the choice that leads to the root says which.
// It reports whether there is one.
func (e *engine) finish(root Hash) bool {
	found := e.search(root)
	for _, at := range e.edge {
		for _, k := range at.kids {
			if found && !k.useStored {
				e.wrong = append(e.wrong, k.marks...)
			} else {
				e.real = append(e.real, k.marks...)
			}
		}
	}
	return found
}

// search leaves in the nodes of the right edge the choice that leads to the
// root. With too many nodes in doubt the choice is made for whole levels.
func (e *engine) search(root Hash) bool {
	var single, levels [][]*node
	for level := range e.edge {
		var together []*node
		for _, i := range differing(e.edge[level].kids) {
			k := &e.edge[level].kids[i]
			single, together = append(single, []*node{k}), append(together, k)
		}
		if together != nil {
			levels = append(levels, together)
		}
	}
	switch {
	case len(single) <= maxTried:
		return e.try(single, root)
	case len(levels) <= maxTried:
		return e.try(levels, root)
	}
	return e.try([][]*node{slices.Concat(single...)}, root)
}

func (e *engine) try(groups [][]*node, root Hash) bool {
	for choice := range 1 << len(groups) {
		for bit, group := range groups {
			for _, k := range group {
				k.useStored = choice>>bit&1 == 1
			}
		}
		if h, ok := e.edgeRoot(); ok && h == root {
			return true
		}
	}
	return false
}

// edgeRoot derives the root from the right edge: from the leaves up, what is
// left over on a level is the last, smaller child on the next.
func (e *engine) edgeRoot() (Hash, bool) {
	var tail []Hash
	for _, at := range e.edge {
		list := make([]Hash, 0, len(at.kids)+1)
		for _, k := range at.kids {
			switch {
			case k.useStored:
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
