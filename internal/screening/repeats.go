package screening

import (
	"hash/maphash"
	"slices"
	"strings"

	"huikan/internal/platform/sheet"
)

// noteCrowded remarks that rows carry such a number.
const noteCrowded = "register.note.crowded"

// shared is how many names may stand on one ID number before it is nobody's.
const shared = 3

// counter tells quickly whether rows repeat each other.
type counter struct {
	seed maphash.Seed
	seen map[uint64]uint64 // key → content
	ids  map[uint64]holder // number → names on it
}

// holder are the first names on a number; one more is only counted.
type holder struct {
	names [shared]uint32
	n     uint8
}

func newCounter() *counter {
	return &counter{seed: maphash.MakeSeed(), seen: map[uint64]uint64{}, ids: map[uint64]holder{}}
}

func (c *counter) hash(s string) uint64 { return maphash.String(c.seed, s) }

// number counts the names that stand on one ID number; it tells when there are
// too many for it to be anybody's.
func (c *counter) number(idNo, name string) bool {
	if len(idNo) < 15 || strings.ContainsAny(idNo, "*×") {
		return false
	}
	k, n := c.hash(idNo), uint32(c.hash(name))
	p := c.ids[k]
	if p.n <= shared && !slices.Contains(p.names[:p.n], n) {
		if p.n < shared {
			p.names[p.n] = n
		}
		p.n++
		c.ids[k] = p
	}
	return p.n > shared
}

// crowded tells that a number, whose names were all counted before, is nobody's.
func (c *counter) crowded(idNo string) bool { return c.ids[c.hash(idNo)].n > shared }

// repeat judges a row by those before it: the same row again, or the same key with
// other facts, which is a fault.
func (c *counter) repeat(kind string, number int, row Row) (again bool, fault *sheet.RowError) {
	name := keyOf(kind, row)
	key, content := c.hash(name), c.hash(string(row))
	had, ok := c.seen[key]
	switch {
	case !ok:
		c.seen[key] = content
		return false, nil
	case had == content:
		return true, nil
	}
	return false, &sheet.RowError{Row: number, Column: columnsOf(kind).cols[0].Key, Value: name, Key: "register.error.twice", Args: []any{name}}
}
