package contact

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// Asking says around whom, when and which case the register is asked; who is the
// reader, already judged for the case of accountability that he works.
type Asking struct {
	Who      actor.Actor
	Person   id.ID
	From, To clock.Date
	CaseNo   string
}

// Around gives what was recorded around a person, and the records that should be
// there and are not. Records that the reader's office keeps come with code and
// address, so that he can open them with a purpose; of those kept elsewhere he
// learns the number and the office to ask; of those that passed his office over,
// or that concern himself or his relatives, nothing.
func (s *Service) Around(ctx context.Context, q db.Q, a Asking) (recorded, missing []Trace, err error) {
	if !s.policy.Ever(a.Who, "matter.around") {
		return nil, nil, fault.Denied("matter", "matter.around: no role")
	}
	until := a.To.AddMonths(recordedWithin)
	mine, err := s.kept(ctx, q, a, until)
	if err != nil {
		return nil, nil, err
	}
	about := map[Period]int{}
	elsewhere := map[id.ID]int{}
	caseKey := s.caseKey(a.CaseNo)
	for _, x := range mine {
		t := Trace{Kind: TraceAbout, On: x.Recorded, Class: x.category(), Unit: x.Unit, CatchUp: x.CatchUp, Period: x.Period}
		switch {
		case x.Reporter == string(s.Ref(a.Person)):
			t.Kind = TraceOwn
		case !x.about:
			t.Kind = TraceCase
		}
		if t.Kind == TraceAbout {
			about[x.Period]++
		}
		if !x.readable {
			elsewhere[x.Office]++
			continue
		}
		if x.Hidden {
			t.Unit = "" // the office may open it with a second name; this page does not say where he works
		}
		if t.Kind != TraceOwn || !x.Hidden {
			t.Code, t.Href = x.Code, matterAddress(x.ID)
		} else {
			// Beside its reporter's name anything by which a hidden record is found in
			// a list, its code, day or class, would undo the hiding.
			t.On, t.Class = "", ""
		}
		recorded = append(recorded, t)
	}
	for office, n := range elsewhere {
		recorded = append(recorded, Trace{Kind: TraceElsewhere, Unit: office, N: n})
	}
	slices.SortFunc(recorded, func(x, y Trace) int { return cmpText(string(x.Unit), string(y.Unit)) })
	sortTraces(recorded)
	if missing, err = s.oneSided(ctx, q, a, until); err != nil {
		return nil, nil, err
	}
	more, err := s.unfiled(ctx, q, a, about)
	if err != nil {
		return nil, nil, err
	}
	missing = append(missing, more...)
	if caseKey != "" {
		if more, err = s.emptyGates(ctx, q, a, caseKey, mine); err != nil {
			return nil, nil, err
		}
		missing = append(missing, more...)
	}
	sortTraces(missing)
	return recorded, missing, nil
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// around is a record with what the look needs to know of it.
type around struct {
	Matter
	about    bool // he is the one who asked
	readable bool // an office of the reader holds a key
}

// kept lists the records around a person or case of which the reader may know.
func (s *Service) kept(ctx context.Context, q db.Q, a Asking, until clock.Date) ([]around, error) {
	shadow := s.shadow(a.Who)
	list, about, err := mattersAround(ctx, q, s.policy, shadow, s.Ref(a.Person), s.caseKey(a.CaseNo), a.From, until)
	if err != nil {
		return nil, err
	}
	var out []around
	for _, m := range list {
		x := around{Matter: m, about: about[m.ID]}
		concerns, err := access.Concerns(ctx, q, m.ID)
		if err != nil {
			return nil, err
		}
		x.readable = s.policy.Can(shadow, "matter.read", s.object(m, concerns)) == nil
		if !x.readable && slices.ContainsFunc(offices(a.Who), func(u id.ID) bool { return s.passedOver(u, m) }) {
			continue
		}
		out = append(out, x)
	}
	return out, nil
}

// oneSided are the contacts that somebody recorded about the person and that the
// comparison of the records did not find with him.
func (s *Service) oneSided(ctx context.Context, q db.Q, a Asking, until clock.Date) ([]Trace, error) {
	w := visible(s.policy, s.shadow(a.Who), "crosscheck.read", crosscheckColumns)
	w.conds = append(w.conds, "c.found = 'one_sided'")
	w.add("c.matter_id IN (SELECT k.object_id FROM access_concern k JOIN contact_matter m ON m.id = k.object_id WHERE k.person_id = $%d AND m.recorded_on >= $%d AND m.recorded_on <= $%d)",
		string(s.Ref(a.Person)), string(a.From), string(until))
	list, err := listCrosschecks(ctx, q, w, "", maxTraced)
	if err != nil {
		return nil, err
	}
	var out []Trace
	for _, c := range list {
		m, err := matterByID(ctx, q, c.Matter)
		if err != nil {
			return nil, err
		}
		t := Trace{Kind: TraceOneSided, On: m.Recorded, Code: m.Code, Class: m.category(), Unit: m.Unit, Period: m.Period, Href: "/crosschecks/" + string(c.ID), Expected: true}
		if m.Hidden {
			t.Unit = ""
		}
		out = append(out, t)
	}
	return out, nil
}

// unfiled are the person's own periods without a return, and those in which he
// attested that there was nothing although somebody recorded him.
func (s *Service) unfiled(ctx context.Context, q db.Q, a Asking, about map[Period]int) ([]Trace, error) {
	terms, err := person.Terms(ctx, q, a.Person)
	if err != nil {
		return nil, err
	}
	t, ok := belonged(terms, a.To)
	if !ok {
		return nil, nil // nothing was owed at the end of that time
	}
	set, err := s.setting(ctx, q, t.Unit, a.To)
	if err != nil {
		return nil, err
	}
	periods := set.periodsBetween(a.From, a.To)
	if len(periods) == 0 {
		return nil, nil
	}
	used, err := periodsFiled(ctx, q, t.Unit, periods)
	if err != nil {
		return nil, err
	}
	filed, err := filedFor(ctx, q, periods, a.Person)
	if err != nil {
		return nil, err
	}
	var out []Trace
	for _, p := range periods {
		line := Trace{On: set.End(p), Period: p, Unit: t.Unit, N: about[p], Expected: true}
		i := slices.IndexFunc(filed, func(r Return) bool { return r.Period == p })
		switch {
		case i >= 0 && filed[i].Attested && about[p] > 0:
			line.Kind = TraceZero
		case i < 0 && used[p] && !set.Before(p) && set.Due(p, s.Calendar) < s.today():
			if was, ok := belonged(terms, set.End(p)); !ok || was.Unit != t.Unit {
				continue
			}
			line.Kind = TraceNoReturn
		default:
			continue
		}
		out = append(out, line)
	}
	return out, nil
}

// emptyGates are the stages of the case for which the person declared that
// nobody had asked although others recorded that somebody did.
func (s *Service) emptyGates(ctx context.Context, q db.Q, a Asking, caseKey string, known []around) ([]Trace, error) {
	n := 0
	for _, x := range known {
		if x.caseKey == caseKey && x.Reporter != string(s.Ref(a.Person)) {
			n++
		}
	}
	if n == 0 {
		return nil, nil
	}
	gates, err := gatesBy(ctx, q, caseKey, a.Person)
	if err != nil {
		return nil, err
	}
	var out []Trace
	for _, g := range gates {
		if at, err := clock.ParseInstant(g.At); err == nil && g.Zero {
			out = append(out, Trace{Kind: TraceGate, On: clock.Of(at), Unit: g.Unit, Class: g.Stage, N: n, Expected: true})
		}
	}
	return out, nil
}

// Recorders gives those of the persons who recorded an inquiry or a superior's
// guidance. They are named in no circular; lawful questions of parties and
// lawyers, which everybody records, are not counted.
func (s *Service) Recorders(ctx context.Context, q db.Q, persons []id.ID) ([]id.ID, error) {
	refs := map[id.ID]id.ID{}
	for _, p := range persons {
		if p != "" {
			refs[s.Ref(p)] = p
		}
	}
	found, err := recorders(ctx, q, refs)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for _, p := range persons {
		if found[p] && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}
