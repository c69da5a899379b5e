package linkage

import "slices"

// batch gathers the candidates of many records way by way, so that the memory each way needs stays at hand. It is used
// again and again by one goroutine at a time.
type batch struct {
	probes []probe
	pairs  []uint64 // record << 32 | row
	rows   []uint32 // candidates of all records, each once
	ends   []uint32 // where those of each record end
	far    []int    // namesakes of each record left out because born in another time
	seen   []uint32 // open addressing, row+1
	used   []uint32 // places of seen to clear
	hits   []hit
	sink   uint64
	memo   memo
}

type probe struct {
	rec      uint32
	tag      uint32
	year     uint8
	from, to uint32
	hash     uint64
}

// of gives the candidates of a record of the batch.
func (b *batch) of(i int) []uint32 {
	if i == 0 {
		return b.rows[:b.ends[0]]
	}
	return b.rows[b.ends[i-1]:b.ends[i]]
}

// gap of years above which two records under one name, sound or tail are not compared.
const yearsApart = 3

// candidates gathers the rows worth comparing with each record. A record equal to the one before it gets none: the caller
// takes the earlier answer.
func (x *Index) candidates(fs []facts, b *batch) {
	b.pairs, b.rows, b.ends, b.far = b.pairs[:0], b.rows[:0], b.ends[:0], b.far[:0]
	for range fs {
		b.far = append(b.far, 0)
	}
	var ks [4]key
	for way := range ways {
		t := &x.tables[way]
		if len(t.list) == 0 {
			continue
		}
		b.probes = slices.Grow(b.probes[:0], 4*len(fs))
		for i := range fs {
			if i > 0 && fs[i] == fs[i-1] {
				continue
			}
			n := fs[i].keys(way, &ks)
			for _, k := range ks[:n] {
				b.probes = append(b.probes, probe{rec: uint32(i), tag: uint32(k.hash & 0xFFFFFF), year: k.year, hash: k.hash})
			}
		}
		kept := 0
		for i := range b.probes { // without a branch, so that the processor waits for many places of the sieve at once
			p := b.probes[i]
			b.probes[kept] = p
			kept += t.may(p.hash)
		}
		b.probes = b.probes[:kept]
		for i := range b.probes {
			p := &b.probes[i]
			p.from, p.to = t.bucket(p.hash)
			if p.to-p.from > maxScan {
				p.to = p.from + maxScan
				x.capped.Add(1)
			}
			if p.from < p.to { // bring the entries near
				b.sink += t.list[p.from]
			}
		}
		sieved := way == byName || way == byFamilyTail
		for i := range b.probes {
			p := &b.probes[i]
			for _, e := range t.list[p.from:p.to] {
				if uint32(e>>8)&0xFFFFFF != p.tag {
					continue
				}
				if sieved && p.year != 0 {
					if y := int(e & 0xFF); y != 0 && (y-int(p.year) > yearsApart || int(p.year)-y > yearsApart) {
						if way == byName {
							b.far[p.rec]++
						}
						continue
					}
				}
				b.pairs = append(b.pairs, uint64(p.rec)<<32|e>>32)
			}
		}
	}
	b.group(x, len(fs))
}

// group orders the pairs by record and drops the doubled ones.
func (b *batch) group(x *Index, n int) {
	if b.seen == nil {
		b.seen = make([]uint32, 16384)
	}
	for range n {
		b.ends = append(b.ends, 0)
	}
	for _, p := range b.pairs {
		b.ends[p>>32]++
	}
	sum := uint32(0)
	for i, c := range b.ends {
		b.ends[i] = sum
		sum += c
	}
	if cap(b.rows) < int(sum) {
		b.rows = make([]uint32, sum, sum+sum/2)
	}
	b.rows = b.rows[:sum]
	for _, p := range b.pairs {
		b.rows[b.ends[p>>32]] = uint32(p)
		b.ends[p>>32]++
	}
	out, from := uint32(0), uint32(0)
	for i := range n {
		to := b.ends[i]
		list := b.rows[from:to]
		from = to
		if len(list) > 1 {
			for _, row := range list {
				if len(b.used) >= maxCandidates {
					x.capped.Add(1)
					break
				}
				if b.first(row) {
					b.rows[out] = row
					out++
				}
			}
			for _, p := range b.used {
				b.seen[p] = 0
			}
			b.used = b.used[:0]
		} else if len(list) == 1 {
			b.rows[out] = list[0]
			out++
		}
		b.ends[i] = out
	}
	b.rows = b.rows[:out]
	fs := x.set.facts
	for _, row := range b.rows { // bring the records near, many at a time
		b.sink += fs[row].id.head
	}
}

// first says whether a row is new to the record at hand.
func (b *batch) first(row uint32) bool {
	mask := uint32(len(b.seen) - 1)
	p := row * 2654435761 >> 16 & mask
	for b.seen[p] != 0 {
		if b.seen[p] == row+1 {
			return false
		}
		p = (p + 1) & mask
	}
	b.seen[p] = row + 1
	b.used = append(b.used, p)
	return true
}
