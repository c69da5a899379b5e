package contact

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// GroupSilenceView are the runs of zero returns of the departments of a unit, or of
// the unit and those directly below it.
type GroupSilenceView struct {
	Unit    id.ID            `json:"unit"`
	By      string           `json:"by"`
	Periods []Period         `json:"periods"`
	Lines   []GroupSilence   `json:"lines"`
	Names   map[id.ID]string `json:"names"` // of departments
	Bounds  SilenceBounds    `json:"bounds"`
}

// maxGroups bounds the units of one page.
const maxGroups = 400

// Silence by what.
const (
	ByPerson     = "person"
	ByDepartment = "department"
	ByUnit       = "unit"
)

// GroupSilence reckons the runs of whole departments or units. What the reader and
// his relatives filed is in none of the lines.
func (s *Service) GroupSilence(ctx context.Context, who actor.Actor, unit id.ID, by string) (v GroupSilenceView, err error) {
	if err := s.policy.Can(who, "silence.read", s.place(unit)); err != nil {
		return v, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		v, err = s.groupSilence(ctx, q, who, unit, by)
		return err
	})
	return v, err
}

func (s *Service) groupSilence(ctx context.Context, q db.Q, who actor.Actor, unit id.ID, by string) (v GroupSilenceView, err error) {
	v = GroupSilenceView{Unit: unit, By: by, Bounds: s.silenceBounds()}
	units := []id.ID{unit}
	if by == ByUnit {
		for _, u := range s.Units.Children(unit) {
			if !u.Closed() && len(units) < maxGroups {
				units = append(units, u.ID)
			}
		}
	}
	if v.Periods, err = s.silencePeriods(ctx, q, unit); err != nil {
		return v, err
	}
	departments := by == ByDepartment
	months, err := filedByGroup(ctx, q, units, departments, v.Periods, who.Kin())
	if err != nil {
		return v, err
	}
	loads, err := loadsByGroup(ctx, q, units, departments, v.Periods, who.Kin())
	if err != nil {
		return v, err
	}
	people, err := peopleByGroup(ctx, q, units, departments, v.Periods, who.Kin())
	if err != nil {
		return v, err
	}
	type place struct {
		level int
		root  id.ID
	}
	sums := map[place]map[string]peerSum{}
	of := func(n id.ID) place {
		u, _ := s.Units.Unit(n)
		return place{u.Level, s.peerRoot(u)}
	}
	for _, n := range units {
		at := of(n)
		if _, ok := sums[at]; ok {
			continue
		}
		if sums[at], err = s.peers(ctx, q, at.level, at.root, v.Periods); err != nil {
			return v, err
		}
	}
	b := s.Rules.Silence
	v.Lines = groupSilences(months, loads, people, func(n id.ID) map[string]peerSum { return sums[of(n)] }, b.Periods, b.Expected, b.Peers)
	if err := s.withTalks(ctx, q, who, v.Lines); err != nil {
		return v, err
	}
	var ids []id.ID
	for _, l := range v.Lines {
		if l.Department != "" {
			ids = append(ids, l.Department)
		}
	}
	v.Names = map[id.ID]string{}
	if len(ids) > 0 {
		v.Names, err = org.DepartmentNames(ctx, q, ids...)
	}
	return v, err
}

// withTalks puts the newest talk that the reader may see beside each line.
func (s *Service) withTalks(ctx context.Context, q db.Q, who actor.Actor, lines []GroupSilence) error {
	w := visible(s.policy, who, "talk.read", talkAccess)
	var units []id.ID
	for _, l := range lines {
		units = append(units, l.Unit)
	}
	w.conds = append(w.conds, "k.state <> 'cancelled' AND k.unit_id IN ("+marks(&w.args, append(slices.Compact(slices.Sorted(slices.Values(units))), "-"))+")")
	list, err := listTalks(ctx, q, w, "", maxGroups)
	if err != nil {
		return err
	}
	for i, l := range lines {
		if n := slices.IndexFunc(list, func(k Talk) bool { return k.Unit == l.Unit && k.Department == l.Department }); n >= 0 {
			lines[i].Talk = &list[n]
		}
	}
	return nil
}

// TalkCmd arranges a talk.
type TalkCmd struct {
	Unit       string     `json:"unit"`
	Department string     `json:"department"` // its id; empty: the whole unit
	Person     string     `json:"person"`     // staff number
	Kind       string     `json:"kind"`
	Due        clock.Date `json:"due"`
	Text       string     `json:"text"`
}

// ArrangeTalk notes that somebody of a silent department or unit is to be talked
// with. There must be a run of so many periods as the rules say.
func (s *Service) ArrangeTalk(ctx context.Context, who actor.Actor, c TalkCmd) (k Talk, err error) {
	if !s.policy.Ever(who, "talk.arrange") {
		return k, fault.Denied("talk", "talk.arrange: no role")
	}
	var bad fault.Fields
	bad.Need("person", c.Person)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	if !slices.Contains(TalkKinds(), c.Kind) {
		bad.Add("kind", "contact.bad.pick")
	}
	switch {
	case !c.Due.Valid():
		bad.Add("due", "error.date", c.Due)
	case c.Due < s.today():
		bad.Add("due", "talk.past")
	}
	u, ok := s.Units.Resolve(c.Unit)
	if !ok || s.policy.Can(who, "talk.arrange", s.place(u.ID)) != nil {
		bad.Add("unit", "published.unit", c.Unit)
	}
	err = s.log.Write(ctx, who, "talk.arrange", func(tx *audit.Tx) error {
		bad := slices.Clone(bad)
		by := ByUnit
		if c.Department != "" {
			by = ByDepartment
			list, err := org.Departments(ctx, tx, u.ID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(list, func(d org.Department) bool { return string(d.ID) == c.Department }) {
				bad.Add("department", "contact.bad.pick")
			}
		}
		p, err := s.colleague(ctx, tx, c.Person)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		// Who is not there, serves elsewhere, is the actor himself or related answers alike.
		place := s.place(u.ID)
		place.Concerns = []id.ID{p.ID}
		if c.Person != "" && (err != nil || p.Unit != u.ID || by == ByDepartment && string(p.Department) != c.Department || s.policy.Can(who, "talk.arrange", place) != nil) {
			bad.Add("person", "talk.person", c.Person)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		v, err := s.groupSilence(ctx, tx, who, u.ID, by)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Lines, func(l GroupSilence) bool { return l.Unit == u.ID && string(l.Department) == c.Department })
		if i < 0 || v.Lines[i].Run < s.Rules.Silence.Talk {
			return fault.State("talk.no_run", s.Rules.Silence.Talk)
		}
		k = Talk{ID: id.New(), Unit: u.ID, Department: id.ID(c.Department), Person: p.ID, Kind: c.Kind, Run: v.Lines[i].Run, State: TalkArranged, Due: c.Due, Rev: 1}
		k.Office, k.Upper = s.officeAbove(who, u.ID)
		wrote, err := insertTalk(ctx, tx, k)
		if err != nil {
			return err
		}
		if !wrote {
			return fault.State("talk.waits")
		}
		if err := access.Concern(ctx, tx, k.ID, p.ID, access.Subject); err != nil {
			return err
		}
		return s.noteStep(ctx, tx, talkSteps, k.ID, k.Office, OfficeEntry{Do: "arrange", To: TalkArranged, Person: who.Person}, c.Text)
	})
	return k, err
}

// TalkView is a talk with what was written.
type TalkView struct {
	Talk       Talk             `json:"talk"`
	Department string           `json:"department,omitempty"`
	Entries    []OfficeEntry    `json:"entries"`
	Names      map[id.ID]string `json:"names"`
	Steps      []string         `json:"steps"`
}

func (s *Service) loadTalk(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (k Talk, x access.Object, err error) {
	if k, err = talkByID(ctx, q, n); err != nil {
		return k, x, err
	}
	x = access.Object{Kind: "talk", ID: k.ID, State: k.State, Units: []access.Place{s.Units.Place(k.Office)}}
	if k.Upper != "" {
		x.Units = append(x.Units, s.Units.Place(k.Upper))
	}
	if x.Concerns, err = access.Concerns(ctx, q, k.ID); err != nil {
		return k, x, err
	}
	return k, x, s.policy.Can(who, "talk.read", x)
}

// ReadTalk gives a talk to its office and the one above.
func (s *Service) ReadTalk(ctx context.Context, who actor.Actor, n id.ID) (v TalkView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var x access.Object
		if v.Talk, x, err = s.loadTalk(ctx, q, who, n); err != nil {
			return err
		}
		if v.Entries, err = s.steps(ctx, q, talkSteps, n, v.Talk.Office); err != nil {
			return err
		}
		ids := []id.ID{v.Talk.Person}
		for _, e := range v.Entries {
			ids = append(ids, e.Person)
		}
		v.Steps = nil
		for _, st := range TalkFlow.From(v.Talk.State) {
			if s.policy.Can(who, "talk."+st.Do, x) == nil {
				v.Steps = append(v.Steps, st.Do)
			}
		}
		if v.Talk.Department != "" {
			d, err := org.DepartmentNames(ctx, q, v.Talk.Department)
			if err != nil {
				return err
			}
			v.Department = d[v.Talk.Department]
		}
		v.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return v, err
}

// HoldCmd is one step on a talk.
type HoldCmd struct {
	On      clock.Date `json:"on"`      // hold
	Outcome string     `json:"outcome"` // hold
	Text    string     `json:"text"`
	Rev     int64      `json:"rev"`
}

// WorkTalk takes one step on a talk.
func (s *Service) WorkTalk(ctx context.Context, who actor.Actor, n id.ID, do string, c HoldCmd) (k Talk, err error) {
	if !slices.Contains(TalkFlow.Actions(), do) {
		return k, fault.NotFound("talk")
	}
	err = s.log.Write(ctx, who, "talk."+do, func(tx *audit.Tx) error {
		var x access.Object
		if k, x, err = s.loadTalk(ctx, tx, who, n); err != nil {
			return err
		}
		to, err := TalkFlow.Next(k.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "talk."+do, x); err != nil {
			return err
		}
		var bad fault.Fields
		bad.Need("text", c.Text)
		bad.Max("text", c.Text, maxText)
		if do == "hold" {
			at, err := clock.ParseInstant(k.At)
			if err != nil {
				return err
			}
			arranged := clock.Of(at)
			switch {
			case !c.On.Valid():
				bad.Add("on", "error.date", c.On)
			case c.On > s.today():
				bad.Add("on", "contact.bad.future")
			case c.On < arranged:
				bad.Add("on", "talk.before", arranged)
			}
			if !slices.Contains(TalkOutcomes(), c.Outcome) {
				bad.Add("outcome", "contact.bad.pick")
			}
			k.Held, k.Outcome = c.On, c.Outcome
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != k.Rev {
			return fault.Conflict("talk")
		}
		e := OfficeEntry{Do: do, From: k.State, To: to, Person: who.Person, Detail: k.Outcome}
		k.State, k.Due = to, ""
		if err := updateTalk(ctx, tx, k); err != nil {
			return err
		}
		k.Rev++
		return s.noteStep(ctx, tx, talkSteps, k.ID, k.Office, e, c.Text)
	})
	return k, err
}

// Talks lists the talks of the actor's offices, the newest first.
func (s *Service) Talks(ctx context.Context, who actor.Actor, state, after string, limit int) (out []Talk, names map[id.ID]string, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := visible(s.policy, who, "talk.read", talkAccess)
		if state != "" {
			w.add("k.state = $%d", state)
		}
		if out, err = listTalks(ctx, q, w, after, limit); err != nil {
			return err
		}
		var people, departments []id.ID
		for _, k := range out {
			people = append(people, k.Person)
			if k.Department != "" {
				departments = append(departments, k.Department)
			}
		}
		if names, err = s.names(ctx, q, people...); err != nil || len(departments) == 0 {
			return err
		}
		d, err := org.DepartmentNames(ctx, q, departments...)
		for n, name := range d {
			names[n] = name
		}
		return err
	})
	return out, names, err
}

// talkTodo are the talks that wait for the office.
func (s *Service) talkTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	w := visible(s.policy, who, "talk.read", talkAccess)
	w.conds = append(w.conds, "k.state = 'arranged' AND k.office_id IN ("+marks(&w.args, append(offices(who), "-"))+")")
	list, err := listTalks(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, k := range list {
		*out = append(*out, web.Todo{Kind: "todo.talk", Title: s.Units.Short(k.Unit), Unit: s.Units.Short(k.Unit), Due: k.Due, Href: "/register/talks/" + string(k.ID), Verb: "talk.do.hold"})
	}
	return nil
}
