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

// yearFigures are the records of a year. It is never changed, only replaced.
type yearFigures struct {
	at    time.Time
	rows  []tallied
	words []string
	index map[string]uint16 // of words
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
			y := &yearFigures{at: now, index: map[string]uint16{}, rows: make([]tallied, 0, len(rows))}
			for _, r := range rows {
				y.add(r)
			}
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
	rows []tallied
}

// countable leaves out what concerns the actor or his relatives, and what passed
// the units over for which he counts: a record that was routed past a unit is in
// none of its figures (see passedOver; two levels up a unit counts again).
func (s *Service) countable(ctx context.Context, q db.Q, who actor.Actor, y *yearFigures) (counted, error) {
	hidden, err := concernOf(ctx, q, s.shadow(who).Kin())
	if err != nil {
		return counted{}, err
	}
	out := counted{y, make([]tallied, 0, len(y.rows))}
	type side struct {
		own   uint16
		below []bool
	}
	var sides []side
	for _, u := range countsFor(who) {
		own, ok := y.index[string(u)]
		if !ok {
			own = ^uint16(0)
		}
		sides = append(sides, side{own, s.below(y, u)})
	}
	for _, f := range y.rows {
		if hidden[f.id] {
			continue
		}
		yes := len(sides) == 0
		for _, x := range sides {
			if f.office == x.own || !x.below[f.unit] || x.below[f.upper] {
				yes = true
				break
			}
		}
		if yes {
			out.rows = append(out.rows, f)
		}
	}
	return out, nil
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

// under restricts to a unit and all below it.
func (s *Service) under(c counted, root id.ID) counted {
	below := s.below(c.yearFigures, root)
	rows := make([]tallied, 0, len(c.rows))
	for _, f := range c.rows {
		if below[f.unit] {
			rows = append(rows, f)
		}
	}
	return counted{c.yearFigures, rows}
}

// by counts by a dimension and quarter.
func (c counted) by(dimension string) map[string]Counts {
	out := map[string]Counts{}
	sums := make([]Counts, len(c.words))
	flag := func(yes func(tallied) bool) {
		var y, n Counts
		for _, f := range c.rows {
			if yes(f) {
				y[(f.month+2)/3-1]++
			} else {
				n[(f.month+2)/3-1]++
			}
		}
		for key, sum := range map[string]Counts{"yes": y, "no": n} {
			if sum != (Counts{}) {
				out[key] = sum
			}
		}
	}
	word := map[string]func(tallied) uint16{
		"unit": func(f tallied) uint16 { return f.unit }, "level": func(f tallied) uint16 { return f.level }, "class": func(f tallied) uint16 { return f.class },
		"asker": func(f tallied) uint16 { return f.asker }, "area": func(f tallied) uint16 { return f.area }, "record": func(f tallied) uint16 { return f.record },
		"outcome": func(f tallied) uint16 { return f.outcome }, "prohibited": func(f tallied) uint16 { return f.prohibited },
	}[dimension]
	switch {
	case word != nil:
		for _, f := range c.rows {
			sums[word(f)][(f.month+2)/3-1]++
		}
		for i, sum := range sums {
			if sum != (Counts{}) {
				out[c.words[i]] = sum
			}
		}
	case dimension == "leadership":
		flag(func(f tallied) bool { return f.leadership })
	case dimension == "catch_up":
		flag(func(f tallied) bool { return f.catchUp })
	}
	return out
}

// months counts by the months of a quarter; what was filed by quarter is in none.
func (c counted) months(list []Period) []int {
	out := make([]int, len(list))
	for _, f := range c.rows {
		for i, p := range list {
			if _, m := p.last(); int(f.month) == m && !f.quarterly {
				out[i]++
			}
		}
	}
	return out
}

// keepsAll tells whether the reader's office can list every one of the records:
// then hiding small figures from it protects nobody. None of them concerns him.
func (s *Service) keepsAll(who actor.Actor, c counted) bool {
	if !s.policy.Ever(who, "matter.open") {
		return false
	}
	shadow := s.shadow(who)
	type place struct{ office, upper, state uint16 }
	known := map[place]bool{}
	for _, f := range c.rows {
		p := place{f.office, f.upper, f.state}
		if known[p] {
			continue
		}
		o := access.Object{Kind: "matter", State: c.words[f.state], Units: []access.Place{s.Units.Place(id.ID(c.words[f.office]))}}
		if c.words[f.upper] != "" {
			o.Units = append(o.Units, s.Units.Place(id.ID(c.words[f.upper])))
		}
		if s.policy.Can(shadow, "matter.open", o) != nil {
			return false
		}
		known[p] = true
	}
	return true
}
