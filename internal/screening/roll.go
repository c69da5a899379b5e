package screening

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
)

// roll is everybody of ours. Keys and rows lie one behind the other in pieces of
// text, and what else is kept of a row has no pointer: more than a million stay
// small, and the garbage collector has nothing to look at in them.
type roll struct {
	pieces []string
	open   []byte // the piece that is being written
	rows   []rolled
	units  []id.ID          // units and departments that rows name; the first is none
	places map[id.ID]uint32 // while the roll is written
	also   []uint32         // units where somebody served before
	staff  []int32          // places of the staff in the order of their keys
	kin    []int32          // places of the relatives in the order of who declared them
}

// rolled is where a left lies in its roll.
type rolled struct {
	piece, from  uint32
	text         uint32 // length of the row
	key          uint16 // length of the key before it
	kin          bool
	before       uint8 // how many of also
	also         uint32
	owner        int32
	unit, within uint32
}

// left is a row of ours: a member of staff or a relative.
type left struct {
	key    string
	row    Row
	kind   string // Staff or Relatives
	owner  int32  // place of the declarer; -1 for staff
	unit   id.ID
	person id.ID
	also   []id.ID // units where he served before
	within id.ID   // his department
}

const (
	pieceSize  = 1 << 20
	personMark = "person:" // key of somebody who is kept among the people
	maxBefore  = 255       // units where somebody served before
)

// size is how many there are.
func (r *roll) size() int { return len(r.rows) }

// place gives the number of a unit or department.
func (r *roll) place(n id.ID) uint32 {
	if r.places == nil {
		r.units, r.places = []id.ID{""}, map[id.ID]uint32{"": 0}
	}
	at, ok := r.places[n]
	if !ok {
		at = uint32(len(r.units))
		r.units = append(r.units, n)
		r.places[n] = at
	}
	return at
}

// add takes somebody in and gives his place. Whom a key of the people names is
// read from the key, for a relative from that of his declarer.
func (r *roll) add(l left) int32 {
	if len(r.open) > 0 && len(r.open)+len(l.key)+len(l.row) > pieceSize {
		r.close()
	}
	x := rolled{piece: uint32(len(r.pieces)), from: uint32(len(r.open)), key: uint16(len(l.key)), text: uint32(len(l.row)), kin: l.kind == Relatives, owner: l.owner,
		unit: r.place(l.unit), within: r.place(l.within), also: uint32(len(r.also))}
	for _, n := range l.also[:min(len(l.also), maxBefore)] {
		r.also = append(r.also, r.place(n))
		x.before++
	}
	r.open = append(append(r.open, l.key...), l.row...)
	r.rows = append(r.rows, x)
	return int32(len(r.rows) - 1)
}

func (r *roll) close() {
	r.pieces = append(r.pieces, string(r.open))
	r.open = r.open[:0]
}

// done ends the writing: nothing spare is kept, and people are found by their keys.
func (r *roll) done() {
	r.close()
	r.open, r.places = nil, nil
	r.rows = append(make([]rolled, 0, len(r.rows)), r.rows...)
	for at := range r.rows {
		if r.rows[at].kin {
			r.kin = append(r.kin, int32(at))
		} else {
			r.staff = append(r.staff, int32(at))
		}
	}
	slices.SortFunc(r.staff, func(a, b int32) int { return strings.Compare(r.key(a), r.key(b)) })
	slices.SortStableFunc(r.kin, func(a, b int32) int { return cmp.Compare(r.rows[a].owner, r.rows[b].owner) })
}

func (r *roll) text(at int32) (key, row string) {
	x := &r.rows[at]
	end := x.from + uint32(x.key) + x.text
	var s string
	if int(x.piece) < len(r.pieces) {
		s = r.pieces[x.piece][x.from:end]
	} else {
		s = string(r.open[x.from:end])
	}
	return s[:x.key], s[x.key:]
}

func (r *roll) key(at int32) string { k, _ := r.text(at); return k }

// row is the row of somebody, without what else is known.
func (r *roll) row(at int32) Row { _, row := r.text(at); return Row(row) }

// at gives one of ours.
func (r *roll) at(at int32) left {
	x := &r.rows[at]
	key, row := r.text(at)
	l := left{key: key, row: Row(row), kind: Staff, owner: x.owner, unit: r.units[x.unit], within: r.units[x.within]}
	if x.kin {
		l.kind = Relatives
		if x.owner >= 0 {
			l.person = r.person(x.owner)
		}
		return l
	}
	l.person = r.person(at)
	for _, n := range r.also[x.also : x.also+uint32(x.before)] {
		l.also = append(l.also, r.units[n])
	}
	return l
}

// unit is where somebody serves or served last; of a relative, that of who declared him.
func (r *roll) unit(at int32) id.ID { return r.units[r.rows[at].unit] }

// person is who a member of staff is among the people of the system, if he is kept there.
func (r *roll) person(at int32) id.ID {
	if n, ok := strings.CutPrefix(r.key(at), personMark); ok {
		return id.ID(n)
	}
	return ""
}

// all gives everybody of ours.
func (r *roll) all() iter.Seq2[int32, left] {
	return func(yield func(int32, left) bool) {
		for at := range r.rows {
			if !yield(int32(at), r.at(int32(at))) {
				return
			}
		}
	}
}

// find gives the place of a member of staff.
func (r *roll) find(key string) (int32, bool) {
	i, ok := slices.BinarySearchFunc(r.staff, key, func(at int32, key string) int { return strings.Compare(r.key(at), key) })
	if !ok {
		return 0, false
	}
	return r.staff[i], true
}

// kinOf are the places of the relatives that a member of staff declared.
func (r *roll) kinOf(owner int32) []int32 {
	from, _ := slices.BinarySearchFunc(r.kin, owner, func(at, owner int32) int { return cmp.Compare(r.rows[at].owner, owner) })
	to, _ := slices.BinarySearchFunc(r.kin, owner+1, func(at, owner int32) int { return cmp.Compare(r.rows[at].owner, owner) })
	return r.kin[from:to]
}

// memory is how many bytes the roll holds.
func (r *roll) memory() int64 {
	n := int64(cap(r.rows))*36 + 4*int64(cap(r.also)+cap(r.staff)+cap(r.kin))
	for _, p := range r.pieces {
		n += int64(len(p))
	}
	return n
}
