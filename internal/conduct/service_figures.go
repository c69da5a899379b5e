package conduct

import (
	"context"
	"slices"
	"sort"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// FormsQuery asks for the four forms.
type FormsQuery struct {
	By   string // dimension
	From clock.Date
	To   clock.Date
	Root id.ID // only this unit and those below
}

// FormsView is the four forms by one dimension, small numbers hidden.
type FormsView struct {
	By    string    `json:"by"`
	Rows  []FormRow `json:"rows"`
	Total FormRow   `json:"total"`
	Small int       `json:"small"`
}

// Forms counts outcomes by form and a dimension, as far as the actor may.
func (s *Service) Forms(ctx context.Context, who actor.Actor, fq FormsQuery) (v FormsView, err error) {
	column, ok := dimensionColumns[fq.By]
	if !ok {
		fq.By, column = "level", dimensionColumns["level"]
	}
	v.By = fq.By
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		set, err := s.setting(ctx, q, "forms.small")
		if err != nil {
			return err
		}
		v.Small = set.Value
		counts, err := countForms(ctx, q, s.policy, who, column, fq)
		if err != nil {
			return err
		}
		keys := make([]string, 0, len(counts))
		for k := range counts {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		total := FormRow{Key: "total"}
		rows := []FormRow{}
		for _, k := range keys {
			r := FormRow{Key: k}
			for f, n := range counts[k] {
				r.Forms[f].N = n
				total.Forms[f].N += n
			}
			rows = append(rows, r)
		}
		// The row of totals is part of the same puzzle.
		all := Suppress(append(rows, total), set.Value)
		v.Rows, v.Total = all[:len(rows)], all[len(rows)]
		return nil
	})
	return v, err
}

// Note takes a small matter that another room saw, once per kind and reference.
func (s *Service) Note(ctx context.Context, tx *audit.Tx, m Small) error {
	known, err := knownSmall(ctx, tx, m.Kind, m.Ref)
	if err != nil || known {
		return err
	}
	if m.Unit == "" {
		p, err := s.Person(ctx, tx, m.Person)
		if err != nil {
			return err
		}
		m.Unit, m.Department = p.Unit, p.Department
	}
	return insertSmall(ctx, tx, id.New(), m)
}

// Warnings gives persons and desks with repeated small matters.
func (s *Service) Warnings(ctx context.Context, who actor.Actor) (out []Warning, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		months, err := s.setting(ctx, q, "warn.months")
		if err != nil {
			return err
		}
		personal, err := s.setting(ctx, q, "warn.person")
		if err != nil {
			return err
		}
		desk, err := s.setting(ctx, q, "warn.desk")
		if err != nil {
			return err
		}
		list, err := matters(ctx, q, s.policy, who, "small.read", s.today().AddMonths(-months.Value))
		if err != nil {
			return err
		}
		out = Warn(list, s.rules.Small, personal.Value, desk.Value)
		return nil
	})
	return out, err
}

// Window is the broken-window view of one unit: small matters against the staff,
// now and in the time before, and heavier matters since.
type Window struct {
	Unit    id.ID `json:"unit"`
	Small   Cell  `json:"small"`
	Before  Cell  `json:"before"`
	Heavier Cell  `json:"heavier"`
	Staff   int   `json:"staff"`
}

// Windows counts small and heavier matters by unit over the last months.
func (s *Service) Windows(ctx context.Context, who actor.Actor) (out []Window, small int, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		months, err := s.setting(ctx, q, "warn.months")
		if err != nil {
			return err
		}
		set, err := s.setting(ctx, q, "forms.small")
		if err != nil {
			return err
		}
		small = set.Value
		since := s.today().AddMonths(-months.Value)
		list, err := matters(ctx, q, s.policy, who, "small.count", since.AddMonths(-months.Value))
		if err != nil {
			return err
		}
		heavy, err := heavier(ctx, q, s.policy, who, since)
		if err != nil {
			return err
		}
		var staff map[id.ID]int
		if s.Staff != nil {
			if staff, err = s.Staff(ctx, q); err != nil {
				return err
			}
		}
		rows := map[id.ID]*Window{}
		at := func(u id.ID) *Window {
			if rows[u] == nil {
				rows[u] = &Window{Unit: u, Staff: staff[u]}
			}
			return rows[u]
		}
		for _, m := range list {
			if m.on >= since {
				at(m.unit).Small.N++
			} else {
				at(m.unit).Before.N++
			}
		}
		for u, n := range heavy {
			at(u).Heavier.N = n
		}
		for _, w := range rows {
			hide := func(c *Cell) {
				if c.N > 0 && c.N < small {
					*c = Cell{Hidden: true}
				}
			}
			hide(&w.Small)
			hide(&w.Before)
			hide(&w.Heavier)
			out = append(out, *w)
		}
		slices.SortFunc(out, func(a, b Window) int {
			if a.Small.N != b.Small.N {
				return b.Small.N - a.Small.N
			}
			return cmpID(a.Unit, b.Unit)
		})
		return nil
	})
	return out, small, err
}

// Pattern is the founding text's claim held against the cases: nearly all cases
// of abuse of power show contacts that were not recorded.
type Pattern struct {
	Committee CommitteeUse `json:"committee"`
	Cases     int          `json:"cases"`   // decided cases of abuse of power
	Checked   int          `json:"checked"` // with a backward check
	Missing   int          `json:"missing"` // of these, with a contact that nobody recorded
	Low       float64      `json:"low"`
	High      float64      `json:"high"`
	Bound     int          `json:"bound"` // percent that counts as nearly all
	Claim     string       `json:"claim"` // confirmed, refuted, open, nothing
	Hidden    bool         `json:"hidden,omitempty"`
	// Quarters are the same figures by the quarter of the decision.
	Quarters []PatternQuarter `json:"quarters"`
}

// PatternQuarter is one quarter of the pattern; below the bound for small numbers
// it is hidden, and with it one more, so that no hidden one can be reckoned from
// the sum.
type PatternQuarter struct {
	Quarter string  `json:"quarter"`
	Cases   int     `json:"cases"`
	Checked int     `json:"checked"`
	Missing int     `json:"missing"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Hidden  bool    `json:"hidden,omitempty"`
}

// HideQuarters hides quarters with fewer than bound cases checked, and if that
// hides one alone, the smallest of the others too.
func HideQuarters(list []PatternQuarter, bound int) []PatternQuarter {
	out := slices.Clone(list)
	hidden, least := 0, -1
	for i := range out {
		q := &out[i]
		q.Low, q.High = Interval(q.Missing, q.Checked)
		switch {
		case q.Cases > 0 && (q.Cases < bound || q.Checked > 0 && q.Checked < bound || q.Missing > 0 && q.Missing < bound || q.Checked-q.Missing > 0 && q.Checked-q.Missing < bound || q.Cases-q.Checked > 0 && q.Cases-q.Checked < bound):
			q.Hidden = true
			hidden++
		case q.Cases > 0 && (least < 0 || q.Cases < out[least].Cases):
			least = i
		}
	}
	if hidden == 1 && least >= 0 {
		out[least].Hidden = true
	}
	for i := range out {
		if out[i].Hidden {
			out[i] = PatternQuarter{Quarter: out[i].Quarter, Hidden: true, High: 1}
		}
	}
	return out
}

// Pattern counts over all cases of the installation; below the bound for small
// numbers it gives none.
func (s *Service) Pattern(ctx context.Context, who actor.Actor) (p Pattern, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var abuse, committee []string
		for _, x := range s.rules.Conducts {
			if x.Committee {
				committee = append(committee, x.ID)
			}
			if x.Abuse {
				abuse = append(abuse, x.ID)
			}
		}
		bound, err := s.setting(ctx, q, "pattern.nearly_all")
		if err != nil {
			return err
		}
		small, err := s.setting(ctx, q, "forms.small")
		if err != nil {
			return err
		}
		p.Bound = bound.Value
		quarters, err := pattern(ctx, q, who, abuse)
		if err != nil {
			return err
		}
		for _, x := range quarters {
			p.Cases, p.Checked, p.Missing = p.Cases+x.Cases, p.Checked+x.Checked, p.Missing+x.Missing
		}
		p.Quarters = HideQuarters(quarters, small.Value)
		p.Claim = Claim(p.Missing, p.Checked, p.Bound)
		p.Low, p.High = Interval(p.Missing, p.Checked)
		if p.Checked > 0 && p.Checked < small.Value {
			p = Pattern{Bound: p.Bound, Claim: "few", Hidden: true, High: 1, Quarters: []PatternQuarter{}}
		}
		due, heard, err := committeeUse(ctx, q, who, committee)
		p.Committee = UseOf(due, heard, small.Value)
		return err
	})
	return p, err
}

// BackPart is one part of the backward check of a case.
type BackPart struct {
	Key       string     `json:"key"`
	Connected bool       `json:"connected"`
	Lines     []BackLine `json:"lines"`
}

// backward gathers what the rooms know of a person in the time of the conduct.
func (s *Service) backward(ctx context.Context, q db.Q, who actor.Actor, c Case, caseNo string) ([]BackPart, error) {
	from, to := c.ActFrom, c.ActTo
	if from == "" {
		from = to.AddYears(-3)
	}
	if to == "" {
		to = s.today()
	}
	ask := BackQuery{Who: who, Person: c.Person, From: from, To: to, CaseNo: caseNo}
	out := []BackPart{}
	at := map[string]int{}
	for i, key := range BackKeys() {
		out = append(out, BackPart{Key: key, Lines: []BackLine{}})
		at[key] = i
	}
	fill := func(key string, lines []BackLine) {
		part := &out[at[key]]
		part.Connected, part.Lines = true, append(part.Lines, lines...)
	}
	for _, src := range s.Backward {
		lines, err := src.Read(ctx, q, ask)
		if err != nil {
			return nil, err
		}
		for _, key := range src.Keys {
			fill(key, lines[key])
		}
	}
	lines, err := s.earlier(ctx, q, c)
	if err != nil {
		return nil, err
	}
	fill("earlier", lines)
	return out, nil
}

// earlier are the person's earlier outcomes.
func (s *Service) earlier(ctx context.Context, q db.Q, c Case) ([]BackLine, error) {
	list, err := outcomesOf(ctx, q, c.Person)
	if err != nil {
		return nil, err
	}
	out := []BackLine{}
	for _, o := range list {
		if o.Case != c.ID {
			out = append(out, BackLine{On: o.On, Text: o.Kind, Source: string(o.ID.Short())})
		}
	}
	return out, nil
}

// CheckBack records what the backward check of a case found.
func (s *Service) CheckBack(ctx context.Context, who actor.Actor, n id.ID, cmd CheckCmd) error {
	var bad fault.Fields
	if cmd.Contacts < 0 || cmd.Contacts > 100000 {
		bad.Add("contacts", "conduct.bad.count")
	}
	if cmd.Missing < 0 || cmd.Missing > cmd.Contacts {
		bad.Add("missing", "conduct.bad.missing")
	}
	bad.Need("note", cmd.Note)
	bad.Max("note", cmd.Note, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "conduct.check", func(tx *audit.Tx) error {
		c, err := s.load(ctx, tx, who, n, "conduct.check")
		if err != nil {
			return err
		}
		if !s.rules.conductOf(c).Abuse {
			return fault.State("conduct.refuse.no_abuse")
		}
		old, err := checksOf(ctx, tx, n)
		if err != nil {
			return err
		}
		k := Check{ID: id.New(), Case: n, Contacts: cmd.Contacts, Missing: cmd.Missing, Person: who.Person}
		if len(old) > 0 {
			k.Names = old[len(old)-1].ID
		}
		k.sealed = s.seal("conduct_check", k.ID, cmd.Note)
		return insertCheck(ctx, tx, k)
	})
}

// Protect puts a recorder or reporter under watch, in the transaction of the room
// where he recorded; watch names the unit whose office watches, the one above
// unit when empty.
func (s *Service) Protect(ctx context.Context, tx *audit.Tx, person, unit, watch id.ID, ground string) error {
	if !slices.Contains(ProtectionGrounds(), ground) {
		return fault.Invalid("conduct.bad.choice", ground)
	}
	if watch == "" {
		watch = unit
		if u, ok := s.Units.Unit(unit); ok && u.Parent != "" {
			watch = u.Parent
		}
	}
	veil := s.veil(person)
	known, err := knownProtected(ctx, tx, veil, ground, watch, s.today().AddDays(-renewAfter), s.today())
	if err != nil || known {
		return err
	}
	months, err := s.setting(ctx, tx, "watch.months")
	if err != nil {
		return err
	}
	p := Protected{ID: id.New(), Person: person, Unit: watch, Ground: ground, From: s.today(), To: s.today().AddMonths(months.Value).AddDays(renewAfter), veil: veil}
	p.sealed = s.seal("conduct_protected", p.ID, person)
	return insertProtected(ctx, tx, p)
}

// renewAfter is for how many days a protection stands for those that would follow
// it; it lasts so much longer, so that nobody's is shorter than the setting.
const renewAfter = 30

// veil is how the table of the protected knows a person.
func (s *Service) veil(person id.ID) string {
	return s.Keys.Blind(Narrative, "protected/"+string(person))[:32]
}

// unveil tells whom a protection is for.
func (s *Service) unveil(p *Protected) error {
	if len(p.sealed) == 0 {
		p.Person = id.ID(p.veil)
		return nil
	}
	return s.open("conduct_protected", p.ID, p.sealed, &p.Person)
}

// UnderWatch gives those of the persons who are protected today.
func (s *Service) UnderWatch(ctx context.Context, q db.Q, persons []id.ID) ([]id.ID, error) {
	veils := make([]string, len(persons))
	for i, p := range persons {
		veils[i] = s.veil(p)
	}
	found, err := underWatch(ctx, q, veils, s.today())
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for i, p := range persons {
		if found[veils[i]] {
			out = append(out, p)
		}
	}
	return out, nil
}

// WatchLine is a personnel action against a protected person.
type WatchLine struct {
	Protected Protected   `json:"protected"`
	Move      person.Move `json:"move"`
	Watched   []Watched   `json:"watched"`
}

// Watch lists personnel actions within the time of protection, for the level above.
func (s *Service) Watch(ctx context.Context, who actor.Actor) (out []WatchLine, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out = nil
		var veils []string
		for _, k := range who.Kin() {
			veils = append(veils, s.veil(k))
		}
		list, err := visibleProtected(ctx, q, s.policy, who, veils, s.today().AddYears(-1))
		if err != nil || len(list) == 0 || s.Moves == nil {
			return err
		}
		for i := range list {
			if err := s.unveil(&list[i]); err != nil {
				return err
			}
		}
		first := list[0].From
		var persons []id.ID
		for _, p := range list {
			if !slices.Contains(persons, p.Person) {
				persons = append(persons, p.Person)
			}
		}
		moves, err := s.Moves(ctx, q, first, persons...)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, p := range list {
			for _, m := range moves {
				if m.Person != p.Person || m.On < p.From || m.On > p.To || seen[m.Ref] {
					continue
				}
				seen[m.Ref] = true
				judged, err := watchedOf(ctx, q, p.ID)
				if err != nil {
					return err
				}
				line := WatchLine{Protected: p, Move: m}
				for _, w := range judged {
					if w.Move == m.Ref {
						if err := s.open("conduct_watch", w.ID, w.sealed, &w.Text); err != nil {
							return err
						}
						line.Watched = append(line.Watched, w)
					}
				}
				out = append(out, line)
			}
		}
		return nil
	})
	return out, err
}

// JudgeMove records what the level above thinks of a personnel action.
func (s *Service) JudgeMove(ctx context.Context, who actor.Actor, n id.ID, cmd WatchCmd) error {
	var bad fault.Fields
	if !slices.Contains(WatchVerdicts(), cmd.Verdict) {
		bad.Add("verdict", "conduct.bad.choice", cmd.Verdict)
	}
	bad.Need("move", cmd.Move)
	bad.Need("text", cmd.Text)
	bad.Max("text", cmd.Text, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "watch.judge", func(tx *audit.Tx) error {
		p, err := protectedByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.unveil(&p); err != nil {
			return err
		}
		o := access.Object{Kind: "watch", ID: p.ID, Units: []access.Place{s.Units.Place(p.Unit)}, Concerns: []id.ID{p.Person}}
		if err := s.policy.Can(who, "watch.judge", o); err != nil {
			return err
		}
		moves, err := s.Moves(ctx, tx, p.From, p.Person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(moves, func(m person.Move) bool { return m.Ref == cmd.Move }) {
			bad.Add("move", "conduct.bad.choice", cmd.Move)
			return bad.Err()
		}
		w := Watched{ID: id.New(), Protected: p.ID, Move: cmd.Move, Verdict: cmd.Verdict, By: who.Person}
		w.sealed = s.seal("conduct_watch", w.ID, cmd.Text)
		return insertWatch(ctx, tx, w)
	})
}
