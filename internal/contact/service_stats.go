package contact

import (
	"context"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// StatsQuery asks for figures: of a unit with all below it, in a year, by a dimension.
type StatsQuery struct {
	Unit id.ID
	Year int
	By   string
	// Public hides small figures from everybody, for what will be published.
	Public bool
}

// Stats are the figures of a unit and a year. The sum line adds up from the
// lines, and the sum line of each unit below is the line of the table above it.
type Stats struct {
	Unit    id.ID  `json:"unit"`
	Year    int    `json:"year"`
	By      string `json:"by"`
	Lines   []Line `json:"lines"`
	Sum     Line   `json:"sum"`
	Before  Line   `json:"before"`  // the year before
	Exact   bool   `json:"exact"`   // every record counted is one that the reader's office keeps
	Small   int    `json:"small"`   // figures below are hidden
	Units   [4]int `json:"units"`   // units that closed a period of the quarter
	Without [4]int `json:"without"` // of these, without any record (无登记单位, R-20)
}

// firstYear is the first of which there are figures (R23, R10).
const firstYear = 2015

// Stats counts the records below a unit.
func (s *Service) Stats(ctx context.Context, who actor.Actor, c StatsQuery) (v Stats, err error) {
	if c.By == "" {
		c.By = Dimensions()[0]
	}
	var bad fault.Fields
	if !slices.Contains(Dimensions(), c.By) {
		bad.Add("by", "contact.bad.pick")
	}
	if c.Year < firstYear || c.Year > s.today().Year() {
		bad.Add("year", "contact.bad.range", firstYear, s.today().Year())
	}
	if err := bad.Err(); err != nil {
		return v, err
	}
	if _, ok := s.Units.Unit(c.Unit); !ok {
		return v, fault.NotFound("unit")
	}
	if err := s.policy.Can(who, "register.stats", s.place(c.Unit)); err != nil {
		return v, err
	}
	v = Stats{Unit: c.Unit, Year: c.Year, By: c.By, Small: s.Rules.SmallCell}
	years, err := s.yearsOf(ctx, c.Year, c.Year-1)
	if err != nil {
		return v, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		now, err := s.countable(ctx, q, who, years[c.Year])
		if err != nil {
			return err
		}
		last, err := s.countable(ctx, q, who, years[c.Year-1])
		if err != nil {
			return err
		}
		f, before := s.forest(now), s.forest(last)
		below := s.within(now, c.Unit)
		v.Exact = s.bare(who, c, below, f)
		// Each year by itself: who keeps every record of this year need not keep all of the last.
		s.bare(who, c, s.within(last, c.Unit), before)
		v.Sum, v.Before = f.margin(c.Unit), before.margin(c.Unit)
		v.Sum.Key, v.Sum.Of, v.Before.Key, v.Before.Of = "", "", "", ""
		v.Lines = Blank(s.statLines(c, below, f, v.Sum)...)
		v.Sum, v.Before = Blank(v.Sum)[0], Blank(v.Before)[0]
		filing, err := filingUnits(ctx, q, c.Unit, c.Year)
		for u, quarters := range filing {
			for i, yes := range quarters {
				if yes {
					v.Units[i]++
					if f.own[u][i] == 0 {
						v.Without[i]++
					}
				}
			}
		}
		return err
	})
	return v, err
}

func (s *Service) statLines(c StatsQuery, below counted, f *forest, sum Line) []Line {
	table := f.table(c.Unit)
	if c.By == "unit" {
		return table
	}
	counts := below.by(c.By)
	keys := s.statKeys(c.By, counts)
	if c.By == "level" {
		// What the unit itself recorded is its level; the other levels are below it.
		u, _ := s.Units.Unit(c.Unit)
		own, below := table[0], table[1]
		own.Key = strconv.Itoa(u.Level)
		lines := []Line{}
		for _, k := range keys {
			if k > own.Key {
				lines = append(lines, exact(k, counts[k]))
			}
		}
		out := []Line{own, below}
		for _, l := range Suppress(lines, below, f.small) {
			l.Of = KeyBelow
			out = append(out, l)
		}
		return out
	}
	if head := s.heads(c.By); head != nil {
		var parts []Part
		for _, k := range keys {
			i := slices.IndexFunc(parts, func(p Part) bool { return p.Head.Key == head(k) })
			if i < 0 {
				i, parts = len(parts), append(parts, Part{Head: Line{Key: head(k)}})
			}
			l := exact(k, counts[k])
			for j := range l.Cells {
				parts[i].Head.Cells[j].N += l.Cells[j].N
			}
			parts[i].Lines = append(parts[i].Lines, l)
		}
		return SuppressParts(parts, sum, f.small)
	}
	var lines []Line
	for _, k := range keys {
		lines = append(lines, exact(k, counts[k]))
	}
	return Suppress(lines, sum, f.small)
}

// heads gives, for the dimensions of two ranks, the head that a line belongs to.
func (s *Service) heads(by string) func(key string) string {
	switch by {
	case "class":
		return func(key string) string { c, _ := s.Rules.Category(key); return c.Group }
	case "asker":
		return func(key string) string {
			if s.Rules.Insider(key) {
				return "insider"
			}
			return "outsider"
		}
	}
	return nil
}

// countsFor are the units for which the actor counts.
func countsFor(who actor.Actor) (out []id.ID) {
	for _, g := range who.Grants {
		if (g.Role == actor.InternalSupervision || g.Role == actor.Leader) && !slices.Contains(out, g.Unit) {
			out = append(out, g.Unit)
		}
	}
	return out
}

// bare shows every figure of a year to an office that keeps every record counted.
func (s *Service) bare(who actor.Actor, c StatsQuery, below counted, f *forest) bool {
	yes := !c.Public && s.keepsAll(who, below)
	if yes {
		f.small, f.margins = 0, map[id.ID]Line{c.Unit: exact("", f.all[c.Unit])}
	}
	return yes
}

// statKeys are the lines of a dimension in the order of the rules.
func (s *Service) statKeys(by string, counts map[string]Counts) []string {
	var keys []string
	switch by {
	case "level":
		keys = []string{"1", "2", "3", "4"}
	case "class":
		for _, c := range s.Rules.Categories {
			keys = append(keys, c.Code)
		}
	case "asker":
		keys = Codes(s.Rules.Askers)
	case "area":
		keys = Codes(s.Rules.Areas)
	case "record":
		keys = []string{Interference, Guidance}
	case "outcome":
		keys = append(Outcomes(), "open")
	case "prohibited":
		for _, p := range s.Rules.Prohibited {
			keys = append(keys, p.Code)
		}
		keys = append(keys, "none")
	default:
		keys = []string{"yes", "no"}
	}
	var other []string
	for k := range counts {
		if !slices.Contains(keys, k) {
			other = append(other, k)
		}
	}
	slices.Sort(other)
	return append(keys, other...)
}

// forest counts a year over the whole tree.
func (s *Service) forest(c counted) *forest {
	f := &forest{own: map[id.ID]Counts{}, all: map[id.ID]Counts{}, margins: map[id.ID]Line{}, small: s.Rules.SmallCell,
		parent: func(n id.ID) id.ID { u, _ := s.Units.Unit(n); return u.Parent },
		children: func(n id.ID) (out []id.ID) {
			for _, u := range s.Units.Children(n) {
				out = append(out, u.ID)
			}
			return out
		}}
	for unit, c := range c.by("unit") {
		f.own[id.ID(unit)] = c
		for at := id.ID(unit); at != ""; at = f.parent(at) {
			f.all[at] = f.all[at].plus(c)
		}
	}
	return f
}
