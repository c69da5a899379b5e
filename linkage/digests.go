package linkage

import (
	"encoding/binary"
	"math/bits"
)

// digest is 64 bits over a text, eight bytes at a time.
func digest(s []byte) uint64 {
	const a, b = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	h := uint64(len(s)) * a
	for len(s) >= 8 {
		hi, lo := bits.Mul64(h^binary.LittleEndian.Uint64(s), b)
		h = hi ^ lo ^ a
		s = s[8:]
	}
	tail := uint64(0)
	for i, c := range s {
		tail |= uint64(c) << (8 * i)
	}
	hi, lo := bits.Mul64(h^tail, b)
	return mix(hi ^ lo)
}

// digests remembers what texts were read as, under their digests; the zero value is empty. It holds maxRemembered texts.
type digests[V any] struct {
	keys []uint64 // open addressing; 0 is free
	vals []V
	n    int
}

func (d *digests[V]) get(h uint64) (v V, ok bool) {
	if len(d.keys) == 0 {
		return v, false
	}
	h |= 1
	mask := uint64(len(d.keys) - 1)
	for p := h >> 32 & mask; d.keys[p] != 0; p = (p + 1) & mask {
		if d.keys[p] == h {
			return d.vals[p], true
		}
	}
	return v, false
}

func (d *digests[V]) put(h uint64, v V) {
	if d.n >= maxRemembered {
		return
	}
	if 2*d.n >= len(d.keys) {
		old := *d
		size := max(1024, 4*len(old.keys))
		d.keys, d.vals, d.n = make([]uint64, size), make([]V, size), 0
		for i, k := range old.keys {
			if k != 0 {
				d.put(k, old.vals[i])
			}
		}
	}
	h |= 1
	mask := uint64(len(d.keys) - 1)
	p := h >> 32 & mask
	for d.keys[p] != 0 {
		p = (p + 1) & mask
	}
	d.keys[p], d.vals[p] = h, v
	d.n++
}
