package contact

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"huikan/internal/kernel/id"
)

// Figures are sums of piles: over random years and readers they are those of counting
// one record after the other, also after some changed.
func TestFiguresAreThoseOfCountingOneByOne(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		unit := func() id.ID { return id.ID(fmt.Sprint("u", r.IntN(6))) }
		yes := func() bool { return r.IntN(3) == 0 }
		row := func(n int) figureRow {
			p := Period(fmt.Sprintf("2026-%02d", 1+r.IntN(12)))
			if yes() {
				p = p.Quarter()
			}
			return figureRow{id: id.ID(fmt.Sprintf("m%03d", n)), unit: unit(), office: unit(), upper: []id.ID{"", unit()}[r.IntN(2)], state: []string{Submitted, Archived}[r.IntN(2)], period: p,
				level: 1 + r.IntN(4), class: []string{"C1", "C5"}[r.IntN(2)], asker: "lawyer", area: "case", record: Interference, leadership: yes(), catchUp: yes()}
		}
		y := newYear(time.Time{}, 0)
		order := r.Perm(120)
		for _, n := range order {
			y.add(row(n))
		}
		y.sort()
		y.by("unit") // what was piled up before a change is not taken for what stands after it
		changed := map[id.ID]bool{}
		var again []figureRow
		for n := range 10 {
			f := row(n * 7)
			changed[f.id], again = true, append(again, f)
		}
		y = y.with(2026, changed, again[:8])

		c := counted{yearFigures: y}
		hidden := map[id.ID]bool{}
		for _, f := range y.rows {
			if r.IntN(8) == 0 {
				found, ok := y.find(f.id)
				if !ok || found != f {
					t.Fatalf("seed %d: %s is not found", seed, f.id)
				}
				hidden[f.id], c.hidden = true, append(c.hidden, found)
			}
		}
		words := func() []bool {
			out := make([]bool, len(y.words))
			for i := range out {
				out[i] = yes()
			}
			return out
		}
		for range r.IntN(3) {
			c.sides = append(c.sides, side{own: uint16(r.IntN(len(y.words))), below: words()})
		}
		if yes() {
			c.under = words()
		}
		for _, dimension := range append(Dimensions(), byPlace) {
			want := map[string]Counts{}
			for _, f := range y.rows {
				g := y.pileOf(f, dimension)
				if hidden[f.id] || !c.counts(g) {
					continue
				}
				n := want[y.words[g.key]]
				n[g.quarter]++
				want[y.words[g.key]] = n
			}
			if got := c.by(dimension); !maps.Equal(got, want) {
				t.Fatalf("seed %d by %s: %v, one by one %v", seed, dimension, got, want)
			}
		}
		var months [12]int
		list := periodsOf(2026)[1:4]
		for _, f := range y.rows {
			if !hidden[f.id] && !f.quarterly && c.counts(y.pileOf(f, byMonth)) {
				months[f.month-1]++
			}
		}
		if got := c.months(list); got[0] != months[0] || got[1] != months[1] || got[2] != months[2] {
			t.Fatalf("seed %d: months %v of %v", seed, got, months)
		}
	}
}
