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
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		f, err := s.forest(ctx, q, who, c.Year)
		if err != nil {
			return err
		}
		before, err := s.forest(ctx, q, who, c.Year-1)
		if err != nil {
			return err
		}
		if v.Exact, err = s.bare(ctx, q, who, c, f); err != nil {
			return err
		}
		// Each year by itself: who keeps every record of this year need not keep all of the last.
		last := c
		last.Year--
		if _, err = s.bare(ctx, q, who, last, before); err != nil {
			return err
		}
		v.Sum, v.Before = f.margin(c.Unit), before.margin(c.Unit)
		v.Sum.Key, v.Sum.Of, v.Before.Key, v.Before.Of = "", "", "", ""
		if v.Lines, err = s.statLines(ctx, q, who, c, f, v.Sum); err != nil {
			return err
		}
		v.Lines = Blank(v.Lines...)
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

func (s *Service) statLines(ctx context.Context, q db.Q, who actor.Actor, c StatsQuery, f *forest, sum Line) ([]Line, error) {
	table := f.table(c.Unit)
	if c.By == "unit" {
		return table, nil
	}
	counts, err := countRecords(ctx, q, s.counted(who, c), statColumns[c.By])
	if err != nil {
		return nil, err
	}
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
		return out, nil
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
		return SuppressParts(parts, sum, f.small), nil
	}
	var lines []Line
	for _, k := range keys {
		lines = append(lines, exact(k, counts[k]))
	}
	return Suppress(lines, sum, f.small), nil
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

// counted restricts to the records that the figures of a query count. The unit
// was judged before.
func (s *Service) counted(who actor.Actor, c StatsQuery) where {
	w := apart(s.shadow(who), countsFor(who), c.Year)
	w.add("m.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(c.Unit))
	return w
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
func (s *Service) bare(ctx context.Context, q db.Q, who actor.Actor, c StatsQuery, f *forest) (bool, error) {
	yes, err := s.keepsAll(ctx, q, who, c, f.all[c.Unit].year())
	if yes {
		f.small, f.margins = 0, map[id.ID]Line{c.Unit: exact("", f.all[c.Unit])}
	}
	return yes, err
}

// keepsAll tells whether the reader's office can list every record that is
// counted: then hiding small figures from it protects nobody.
func (s *Service) keepsAll(ctx context.Context, q db.Q, who actor.Actor, c StatsQuery, all int) (bool, error) {
	if c.Public || !s.policy.Ever(who, "matter.open") {
		return false, nil
	}
	w := visible(s.policy, s.shadow(who), "matter.open", matterColumns)
	w.conds = append(w.conds, "m.period IN ("+marks(&w.args, periodsOf(c.Year))+")")
	w.add("m.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(c.Unit))
	kept, err := countRecords(ctx, q, w, "m.unit_id")
	n := 0
	for _, c := range kept {
		n += c.year()
	}
	return n == all, err
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

// forest counts a year over the whole tree, without what concerns the reader.
func (s *Service) forest(ctx context.Context, q db.Q, who actor.Actor, year int) (*forest, error) {
	counts, err := countRecords(ctx, q, apart(s.shadow(who), countsFor(who), year), "m.unit_id")
	if err != nil {
		return nil, err
	}
	f := &forest{own: map[id.ID]Counts{}, all: map[id.ID]Counts{}, margins: map[id.ID]Line{}, small: s.Rules.SmallCell,
		parent: func(n id.ID) id.ID { u, _ := s.Units.Unit(n); return u.Parent },
		children: func(n id.ID) (out []id.ID) {
			for _, u := range s.Units.Children(n) {
				out = append(out, u.ID)
			}
			return out
		}}
	for unit, c := range counts {
		f.own[id.ID(unit)] = c
		for at := id.ID(unit); at != ""; at = f.parent(at) {
			f.all[at] = f.all[at].plus(c)
		}
	}
	return f, nil
}
