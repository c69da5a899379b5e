package contact

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// figureCache keeps the records of the years that are being read, as far as the
// figures count them: each reader counts something else, so sums cannot be kept.
// What this process changes is read again before the next answer.
type figureCache struct {
	mu    sync.Mutex
	by    map[int]*yearFigures
	dirty map[id.ID]bool
}

// Limits of the cache.
const (
	figureYears = 6                // kept at once
	figureDirty = 5000             // changes from which a year is rather read anew
	figureAge   = 30 * time.Second // with PostgreSQL another replica may have changed something
)

// yearFigures are the records of a year, in the order of their ids. It is never
// changed, only replaced; what is counted of it is added to piles once.
type yearFigures struct {
	at    time.Time
	rows  []tallied
	words []string
	index map[string]uint16 // of words

	mu    sync.Mutex
	piles map[string][]pile
}

// pile are records that are alike in who counts them, in their quarter and in one
// dimension: a reader's figures are sums of piles, of which there are far fewer.
type pile struct {
	unit, office, upper, key uint16
	quarter                  uint8
	n                        int32
}

// Dimensions that only this file counts by.
const (
	byPlace = "place" // of the state: who can open it
	byMonth = "month"
)

// pileOf is the pile of a record, without its number.
func (y *yearFigures) pileOf(f tallied, dimension string) pile {
	g := pile{unit: f.unit, office: f.office, upper: f.upper, quarter: (f.month+2)/3 - 1}
	switch dimension {
	case "unit":
		g.key = f.unit
	case "level":
		g.key = f.level
	case "class":
		g.key = f.class
	case "asker":
		g.key = f.asker
	case "area":
		g.key = f.area
	case "record":
		g.key = f.record
	case "outcome":
		g.key = f.outcome
	case "prohibited":
		g.key = f.prohibited
	case "leadership":
		g.key = y.flag(f.leadership)
	case "catch_up":
		g.key = y.flag(f.catchUp)
	case byPlace:
		g.key, g.quarter = f.state, 0
	case byMonth:
		if !f.quarterly {
			g.key = uint16(f.month)
		}
	}
	return g
}

func (y *yearFigures) flag(yes bool) uint16 {
	if yes {
		return y.index["yes"]
	}
	return y.index["no"]
}

// by piles the records of the year by a dimension.
func (y *yearFigures) by(dimension string) []pile {
	y.mu.Lock()
	defer y.mu.Unlock()
	if list, ok := y.piles[dimension]; ok {
		return list
	}
	n := map[pile]int32{}
	for _, f := range y.rows {
		n[y.pileOf(f, dimension)]++
	}
	list := make([]pile, 0, len(n))
	for g, n := range n {
		g.n = n
		list = append(list, g)
	}
	if y.piles == nil {
		y.piles = map[string][]pile{}
	}
	y.piles[dimension] = list
	return list
}

// find gives the record of an id.
func (y *yearFigures) find(n id.ID) (tallied, bool) {
	i, ok := slices.BinarySearchFunc(y.rows, n, func(f tallied, n id.ID) int { return strings.Compare(string(f.id), string(n)) })
	if !ok {
		return tallied{}, false
	}
	return y.rows[i], true
}

// newYear is a year without records.
func newYear(at time.Time, size int) *yearFigures {
	y := &yearFigures{at: at, index: map[string]uint16{}, rows: make([]tallied, 0, size)}
	y.code("yes")
	y.code("no")
	return y
}

func (y *yearFigures) sort() {
	slices.SortFunc(y.rows, func(a, b tallied) int { return strings.Compare(string(a.id), string(b.id)) })
}

// tallied is one record; units and words are places in words.
type tallied struct {
	id                                         id.ID
	unit, office, upper, state                 uint16
	level, class, asker, area, record, outcome uint16
	prohibited                                 uint16
	month                                      uint8
	leadership, catchUp, quarterly             bool
}

func (y *yearFigures) code(word string) uint16 {
	n, ok := y.index[word]
	if !ok {
		n = uint16(len(y.words))
		y.words, y.index[word] = append(y.words, word), n
	}
	return n
}

func (y *yearFigures) add(r figureRow) {
	_, month := r.period.last()
	outcome := r.outcome
	if outcome == "" {
		outcome = "open"
	}
	prohibited := r.prohibited
	if prohibited == "" {
		prohibited = "none"
	}
	y.rows = append(y.rows, tallied{id: r.id, unit: y.code(string(r.unit)), office: y.code(string(r.office)), upper: y.code(string(r.upper)), state: y.code(r.state), level: y.code(string(rune('0' + r.level))),
		class: y.code(r.class), asker: y.code(r.asker), area: y.code(r.area), record: y.code(r.record), outcome: y.code(outcome), prohibited: y.code(prohibited), month: uint8(month), leadership: r.leadership, catchUp: r.catchUp, quarterly: r.period.Quarterly()})
}

// with is the year after some records were read again.
func (y *yearFigures) with(year int, ids map[id.ID]bool, list []figureRow) *yearFigures {
	next := &yearFigures{at: y.at, words: slices.Clone(y.words), index: map[string]uint16{}, rows: make([]tallied, 0, len(y.rows)+len(list))}
	for i, w := range next.words {
		next.index[w] = uint16(i)
	}
	for _, f := range y.rows {
		if !ids[f.id] {
			next.rows = append(next.rows, f)
		}
	}
	for _, r := range list {
		if of, _ := r.period.last(); of == year {
			next.add(r)
		}
	}
	next.sort()
	return next
}

// put changes a record; the figures look at it again.
func (s *Service) put(ctx context.Context, tx *audit.Tx, m Matter) error {
	tx.After(func() {
		s.figures.mu.Lock()
		defer s.figures.mu.Unlock()
		if s.figures.dirty == nil {
			s.figures.dirty = map[id.ID]bool{}
		}
		s.figures.dirty[m.ID] = true
	})
	return updateMatter(ctx, tx, m)
}

// yearsOf gives years as they stand now. What changed is marked after its commit
// and read in a transaction that begins here, so that nothing is missed.
func (s *Service) yearsOf(ctx context.Context, years ...int) (map[int]*yearFigures, error) {
	c := &s.figures
	c.mu.Lock()
	defer c.mu.Unlock()
	now := s.Clock.Now()
	if len(c.by) > figureYears || len(c.dirty) > figureDirty {
		c.by = nil
	}
	for year, y := range c.by {
		if age := now.Sub(y.at); age < 0 || age > figureAge && s.log.DB().Engine == db.Postgres {
			delete(c.by, year)
		}
	}
	if c.by == nil {
		c.by = map[int]*yearFigures{}
	}
	dirty := c.dirty
	c.dirty = nil
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		var list []figureRow
		if len(c.by) > 0 && len(dirty) > 0 {
			ids := make([]id.ID, 0, len(dirty))
			for n := range dirty {
				ids = append(ids, n)
			}
			for part := range slices.Chunk(ids, 400) {
				more, err := figuresByID(ctx, q, part)
				if err != nil {
					return err
				}
				list = append(list, more...)
			}
			for year, y := range c.by {
				c.by[year] = y.with(year, dirty, list)
			}
		}
		for _, year := range years {
			if c.by[year] != nil {
				continue
			}
			rows, err := figuresOf(ctx, q, year)
			if err != nil {
				return err
			}
			y := newYear(now, len(rows))
			for _, r := range rows {
				y.add(r)
			}
			y.sort()
			c.by[year] = y
		}
		return nil
	})
	if err != nil {
		c.by = nil // what was marked is lost with it
		return nil, err
	}
	out := map[int]*yearFigures{}
	for _, year := range years {
		out[year] = c.by[year]
	}
	return out, nil
}

// WarmFigures reads this year and the last before anybody asks.
func (s *Service) WarmFigures(ctx context.Context) error {
	_, err := s.yearsOf(ctx, s.today().Year(), s.today().Year()-1)
	return err
}

// counted are the records of a year that a reader's figures count.
type counted struct {
	*yearFigures
	sides  []side    // none: all
	under  []bool    // by unit; nil: all
	hidden []tallied // concern the reader
}

// side is a unit for which the reader counts.
type side struct {
	own   uint16
	below []bool
}

// countable leaves out what concerns the actor or his relatives, and what passed
// the units over for which he counts: a record that was routed past a unit is in
// none of its figures (see passedOver; two levels up a unit counts again).
func (s *Service) countable(ctx context.Context, q db.Q, who actor.Actor, y *yearFigures) (counted, error) {
	hidden, err := concernOf(ctx, q, s.shadow(who).Kin())
	if err != nil {
		return counted{}, err
	}
	out := counted{yearFigures: y}
	for n := range hidden {
		if f, ok := y.find(n); ok {
			out.hidden = append(out.hidden, f)
		}
	}
	for _, u := range countsFor(who) {
		own, ok := y.index[string(u)]
		if !ok {
			own = ^uint16(0)
		}
		out.sides = append(out.sides, side{own, s.below(y, u)})
	}
	return out, nil
}

// counts tells whether records of a unit, kept by two offices, are counted.
func (c counted) counts(g pile) bool {
	if c.under != nil && !c.under[g.unit] {
		return false
	}
	for _, x := range c.sides {
		if g.office == x.own || !x.below[g.unit] || x.below[g.upper] {
			return true
		}
	}
	return len(c.sides) == 0
}

// each gives the piles of a dimension that are counted, without what is hidden.
func (c counted) each(dimension string, fn func(pile)) {
	less := make(map[pile]int32, len(c.hidden))
	for _, f := range c.hidden {
		less[c.pileOf(f, dimension)]++
	}
	for _, g := range c.yearFigures.by(dimension) {
		if !c.counts(g) {
			continue
		}
		if len(less) > 0 {
			bare := g
			bare.n = 0
			g.n -= less[bare]
		}
		if g.n > 0 {
			fn(g)
		}
	}
}

// below tells of each word of a year whether it is a unit at or below another.
func (s *Service) below(y *yearFigures, root id.ID) []bool {
	out := make([]bool, len(y.words))
	path := s.Units.Place(root).Path
	for i, w := range y.words {
		if u, ok := s.Units.Unit(id.ID(w)); ok {
			out[i] = path != "" && strings.HasPrefix(u.Path, path)
		}
	}
	return out
}

// within restricts to a unit and all below it.
func (s *Service) within(c counted, root id.ID) counted {
	c.under = s.below(c.yearFigures, root)
	return c
}

// by counts by a dimension and quarter.
func (c counted) by(dimension string) map[string]Counts {
	sums := make([]Counts, len(c.words))
	c.each(dimension, func(g pile) { sums[g.key][g.quarter] += int(g.n) })
	out := map[string]Counts{}
	for i, sum := range sums {
		if sum != (Counts{}) {
			out[c.words[i]] = sum
		}
	}
	return out
}

// months counts by the months of a quarter; what was filed by quarter is in none.
func (c counted) months(list []Period) []int {
	out := make([]int, len(list))
	c.each(byMonth, func(g pile) {
		for i, p := range list {
			if _, m := p.last(); int(g.key) == m {
				out[i] += int(g.n)
			}
		}
	})
	return out
}

// keepsAll tells whether the reader's office can list every one of the records:
// then hiding small figures from it protects nobody. None of them concerns him.
func (s *Service) keepsAll(who actor.Actor, c counted) bool {
	if !s.policy.Ever(who, "matter.open") {
		return false
	}
	shadow, all := s.shadow(who), true
	known := map[pile]bool{}
	c.each(byPlace, func(g pile) {
		p := pile{office: g.office, upper: g.upper, key: g.key}
		if !all || known[p] {
			return
		}
		known[p] = true
		o := access.Object{Kind: "matter", State: c.words[g.key], Units: []access.Place{s.Units.Place(id.ID(c.words[g.office]))}}
		if c.words[g.upper] != "" {
			o.Units = append(o.Units, s.Units.Place(id.ID(c.words[g.upper])))
		}
		all = s.policy.Can(shadow, "matter.open", o) == nil
	})
	return all
}
