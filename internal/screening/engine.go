package screening

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/screening/rules"
	"huikan/linkage"
	"huikan/linkage/registers"
)

// board is one state of all registers in force, made comparable. It is never
// changed; a new one takes its place.
type board struct {
	stamp    string
	versions []Version
	ours     roll
	counter  *linkage.Index // of ours, for questions of the licensing counter
	model    *linkage.Model
	at       clock.Date
	cases    []Row
	together []together // relatives who both serve
	oldest   clock.Date // of the registers of lawyers: whether they are stale
}

// sides are the two registers of a run. They are as large as the board itself and
// needed by runs only, so nobody keeps them.
type sides struct {
	oursSet *linkage.Set
	lawyers []lawyer
	index   *linkage.Index // of the lawyers
}

type lawyer struct {
	key string
	row Row
}

// boards keeps the board in force and builds a new one when registers changed.
type boards struct {
	mu    sync.Mutex
	now   *board
	large int
}

// large is how many rows make a board that takes seconds to build.
const large = 50_000

// forget lets the next question build a new board. A large one answers until the
// next stands: the work in the background makes it within its round.
func (s *Service) forget() {
	s.boards.mu.Lock()
	defer s.boards.mu.Unlock()
	s.boards.now = nil
	if b := s.live.Load(); b != nil && b.ours.size() < s.boards.large {
		s.live.Store(nil)
	}
}

// board gives the state of the registers in force. One caller builds it, the
// others wait.
func (s *Service) board(ctx context.Context) (*board, error) {
	b, _, err := s.boardFor(ctx, false)
	return b, err
}

// boardFor gives the board, and the sides of a run to who runs one.
func (s *Service) boardFor(ctx context.Context, run bool) (*board, *sides, error) {
	s.boards.mu.Lock()
	defer s.boards.mu.Unlock()
	var b *board
	var sd *sides
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		vs, err := inForce(ctx, q)
		if err != nil {
			return err
		}
		stamp, err := s.stamp(ctx, q, vs)
		if err != nil {
			return err
		}
		if s.boards.now != nil && s.boards.now.stamp == stamp {
			b = s.boards.now
			return nil
		}
		b, sd, err = s.build(ctx, q, vs, stamp)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if run && sd == nil {
		if sd, err = s.sides(b); err != nil {
			return nil, nil, err
		}
	}
	s.boards.now = b
	s.live.Store(b)
	return b, sd, nil
}

// Memory is how many bytes the index and the model take that answer the licensing
// counter, and of how many people the index is.
func (s *Service) Memory(ctx context.Context) (bytes int64, people int, err error) {
	b, err := s.board(ctx)
	if err != nil {
		return 0, 0, err
	}
	return b.counter.Memory() + b.model.Memory(), b.ours.size(), nil
}

// sides reads the lawyers, and makes both registers comparable.
func (s *Service) sides(b *board) (*sides, error) {
	sd := &sides{oursSet: linkage.NewSet(registers.Rules())}
	right := linkage.NewSet(registers.Rules())
	for _, v := range b.versions {
		if v.Kind != Lawyers {
			continue
		}
		if err := s.rows(v, func(r Row) error {
			sd.lawyers = append(sd.lawyers, lawyer{key: v.Source + ":" + keyOf(Lawyers, r), row: r})
			right.Add(lawyerRecord(r))
			return nil
		}); err != nil {
			return nil, err
		}
	}
	b.fill(sd.oursSet)
	sd.index = linkage.NewIndex(right, b.model)
	return sd, nil
}

// stamp names a state of everything that a board is made of.
func (s *Service) stamp(ctx context.Context, q db.Q, vs []Version) (string, error) {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(string(v.ID) + " ")
	}
	people, err := person.Stamp(ctx, q)
	if err != nil {
		return "", err
	}
	model, err := activeModel(ctx, q)
	if err != nil {
		return "", err
	}
	return b.String() + people + " " + string(model.ID), nil
}

func (s *Service) build(ctx context.Context, q db.Q, vs []Version, stamp string) (*board, *sides, error) {
	b := &board{stamp: stamp, versions: vs, at: s.today()}
	byNumber := map[string]int32{} // staff number → place
	if err := s.addPeople(ctx, q, b, byNumber); err != nil {
		return nil, nil, err
	}
	for _, v := range vs {
		if v.Kind == Staff {
			if err := s.addStaff(b, v, byNumber); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, v := range vs {
		if v.Kind == Relatives {
			if err := s.addRelatives(b, v, byNumber); err != nil {
				return nil, nil, err
			}
		}
	}
	b.ours.done()
	for _, v := range vs {
		switch v.Kind {
		case Lawyers:
			if b.oldest == "" || v.AsOf.Before(b.oldest) {
				b.oldest = v.AsOf
			}
		case Cases:
			if err := s.rows(v, func(r Row) error { b.cases = append(b.cases, r); return nil }); err != nil {
				return nil, nil, err
			}
		}
	}
	b.together = s.findTogether(b)
	sd, err := s.sides(b)
	if err != nil {
		return nil, nil, err
	}
	if b.model, err = s.modelFor(ctx, q, sd); err != nil {
		return nil, nil, err
	}
	sd.index = sd.index.With(b.model)
	again := linkage.NewSet(registers.Rules()) // an index may void numbers of its own set
	b.fill(again)
	b.counter = linkage.NewSmallIndex(again, b.model)
	return b, sd, nil
}

// fill makes everybody of ours comparable, in the order of the roll.
func (b *board) fill(set *linkage.Set) {
	set.Grow(b.ours.size())
	for at := range b.ours.rows {
		set.Add(b.record(int32(at)))
	}
}

// learnFrom is how large the registers must be before weights are learned from
// them; below, the starting values know more.
const learnFrom = 20_000

// defaultRate is how many of ours are expected among the lawyers before anything
// was learned.
const defaultRate = 0.01

// modelFor gives the model in force; while none was chosen, one that is learned
// from large registers, or the starting values.
func (s *Service) modelFor(ctx context.Context, q db.Q, b *sides) (*linkage.Model, error) {
	m, err := activeModel(ctx, q)
	if err != nil {
		return nil, err
	}
	if m.ID != "" {
		return s.loadModel(m)
	}
	if len(b.lawyers) < learnFrom || b.oursSet.Len() < learnFrom {
		return linkage.Default(registers.Rules(), defaultRate, b.oursSet), nil
	}
	x, err := linkage.Learn(ctx, b.index, linkage.LearnOptions{}, b.oursSet)
	if errors.Is(err, linkage.ErrEmpty) {
		return linkage.Default(registers.Rules(), defaultRate, b.oursSet), nil
	}
	return x, err
}

func (s *Service) loadModel(m Model) (*linkage.Model, error) {
	f, err := s.Files.Open(m.parts)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	x, err := linkage.Load(f)
	return x, errors.Join(err, f.Close())
}

// addPeople takes the people of the system: those who left, and those who serve.
func (s *Service) addPeople(ctx context.Context, q db.Q, b *board, byNumber map[string]int32) error {
	return s.People.Screen(ctx, q, func(p person.Screened) error {
		at := b.ours.add(left{key: personMark + string(p.ID), row: personRow(p), kind: Staff, owner: -1, unit: p.Unit, also: p.Units, within: p.Department})
		byNumber[p.StaffNo] = at
		for _, r := range p.Relatives {
			b.ours.add(left{key: "relative:" + string(r.ID), row: relativeRow(p.StaffNo, r), kind: Relatives, owner: at, unit: p.Unit})
		}
		return nil
	})
}

// rowOf fills the cells of a kind by their keys.
func rowOf(kind string, values map[string]string) Row {
	set := columnsOf(kind)
	cells := make([]string, len(set.cols))
	for k, v := range values {
		cells[set.index[k]] = tidy(v)
	}
	return pack(cells)
}

func personRow(p person.Screened) Row {
	lead := "no"
	if p.Leadership {
		lead = "yes"
	}
	return rowOf(Staff, map[string]string{"staff_id": p.StaffNo, "name": p.Name, "gender": p.Gender, "birth_date": string(p.Birth), "id_no": p.IDNumber,
		"status": p.Status, "leave_date": string(p.DepartedOn), "rank": p.Rank, "post": p.Title, "leadership": lead})
}

func relativeRow(staffNo string, r person.ScreenedRelative) Row {
	return rowOf(Relatives, map[string]string{"relative_id": string(r.ID), "staff_id": staffNo, "relation": r.Relation, "name": r.Name, "id_no": r.IDNumber, "employer": r.Employer})
}

// addStaff takes a register of staff; who is among the people already is kept as
// he stands there.
func (s *Service) addStaff(b *board, v Version, byNumber map[string]int32) error {
	return s.rows(v, func(r Row) error {
		no := r.At(Staff, "staff_id")
		if _, there := byNumber[no]; there {
			return nil
		}
		l := left{key: Staff + ":" + v.Source + ":" + no, row: r, kind: Staff, owner: -1, unit: v.Unit}
		if u := s.unitOf(r.At(Staff, "unit"), r.At(Staff, "unit_name")); u != "" {
			l.unit = u
		}
		for _, name := range splitList(r.At(Staff, "units")) {
			if u := s.unitOf(name, ""); u != "" && u != l.unit {
				l.also = append(l.also, u)
			}
		}
		byNumber[no] = b.ours.add(l)
		return nil
	})
}

func (s *Service) addRelatives(b *board, v Version, byNumber map[string]int32) error {
	return s.rows(v, func(r Row) error {
		if r.At(Relatives, "ended_on") != "" {
			return nil
		}
		l := left{key: Relatives + ":" + v.Source + ":" + keyOf(Relatives, r), row: r, kind: Relatives, owner: -1, unit: v.Unit}
		if at, ok := byNumber[r.At(Relatives, "staff_id")]; ok {
			l.owner, l.unit = at, b.ours.unit(at)
		}
		b.ours.add(l)
		return nil
	})
}

// unitOf finds one of our units by code (also the six digits of its region) or name.
func (s *Service) unitOf(code, name string) id.ID {
	for _, t := range []string{name, code} {
		if t == "" {
			continue
		}
		if u, ok := s.Dir.ByName(t); ok {
			return u.ID
		}
		if u, ok := s.Dir.ByCode(t); ok {
			return u.ID
		}
		if len(t) == 6 {
			if u, ok := s.Dir.ByCode(t + "00"); ok {
				return u.ID
			}
		}
	}
	return ""
}

// category names a kind of record as the rules of the linkage know it.
func category(l left) string {
	if l.kind == Relatives {
		return "relative/" + l.row.At(Relatives, "relation")
	}
	words := map[string]string{rules.Retired: "退休", rules.Resigned: "辞职", rules.Dismissed: "开除", rules.Removed: "辞退", rules.Transferred: "调离", "serving": "在职"}
	return "staff/" + words[meaning("status", l.row.At(Staff, "status"))]
}

// record makes one of ours comparable. It is found by its place, so that its key
// need not stand in the set once more.
func (b *board) record(at int32) *linkage.Record {
	l := b.ours.at(at)
	if l.kind == Relatives {
		rec := &linkage.Record{Name: l.row.At(Relatives, "name"), IDNo: l.row.At(Relatives, "id_no"), Birth: l.row.At(Relatives, "birth_date"),
			Sex: sexOf(l.row.At(Relatives, "gender")), Places: []string{l.row.At(Relatives, "residence")}, Orgs: []string{l.row.At(Relatives, "employer")}, Category: category(l)}
		if l.owner >= 0 {
			rec.OwnerID = b.ours.row(l.owner).At(Staff, "id_no")
		}
		return rec
	}
	unit := l.row.At(Staff, "unit_name")
	if unit == "" {
		unit = l.row.At(Staff, "unit")
	}
	return &linkage.Record{Name: l.row.At(Staff, "name"), Former: []string{l.row.At(Staff, "former_name")}, IDNo: l.row.At(Staff, "id_no"),
		Birth: l.row.At(Staff, "birth_date"), Sex: sexOf(l.row.At(Staff, "gender")), Places: []string{l.row.At(Staff, "unit")}, Orgs: []string{unit}, Category: category(l)}
}

func sexOf(s string) string {
	switch s {
	case person.Male:
		return "M"
	case person.Female:
		return "F"
	}
	return s
}

func lawyerRecord(r Row) *linkage.Record {
	return &linkage.Record{ID: keyOf(Lawyers, r), Name: r.At(Lawyers, "name"), IDNo: r.At(Lawyers, "id_no"), Birth: r.At(Lawyers, "birth_date"), Sex: sexOf(r.At(Lawyers, "gender")),
		Places: []string{r.At(Lawyers, "firm_city"), r.At(Lawyers, "province")}, Orgs: []string{r.At(Lawyers, "firm_name"), r.At(Lawyers, "former_employer")}}
}

// office makes a unit known to the rules.
func (s *Service) office(n id.ID) (rules.Office, bool) {
	u, ok := s.Dir.Unit(n)
	if !ok {
		return rules.Office{}, false
	}
	o := rules.Office{Code: u.Code, Name: u.Name, Level: u.Level, Coverage: u.Coverage}
	if u.Level == tree.LevelSPP {
		o.Coverage = []string{tree.Nation}
	}
	if above, ok := s.Dir.Unit(u.Parent); ok {
		o.Above = above.Code
	}
	return o, true
}

// subject makes a member of staff known to the rules.
func (s *Service) subject(l left) rules.Subject {
	r := l.row
	at := func(k string) string { return r.At(Staff, k) }
	out := rules.Subject{Name: at("name"), Departed: dayOf(at("leave_date")), Civil: meaning("yesno", at("civil")), Leader: meaning("yesno", at("leadership")),
		Approved: meaning("yesno", at("approved")), Rank: strings.Join(slices.DeleteFunc([]string{at("post"), at("rank")}, func(x string) bool { return x == "" }), " ")}
	switch st := meaning("status", at("status")); {
	case st == "serving" || st == "" && at("leave_date") == "":
		out.Serving = true
	case st != "serving":
		out.Leaving = st
	}
	if out.Civil == "" && rules.CivilByRank(out.Rank) {
		out.Civil = "yes"
	}
	for _, u := range append([]id.ID{l.unit}, l.also...) {
		if o, ok := s.office(u); ok {
			out.Offices = append(out.Offices, o)
		}
	}
	return out
}

// question makes a pair known to the rules.
func (s *Service) question(b *board, at int32, law Row, on clock.Date) rules.Question {
	l := b.ours.at(at)
	q := rules.Question{On: on, Work: lawyerWork(law)}
	if l.kind == Staff {
		q.Subject = s.subject(l)
		return q
	}
	if l.owner >= 0 {
		q.Subject = s.subject(b.ours.at(l.owner))
	}
	q.Kin = &rules.Kin{Name: l.row.At(Relatives, "name"), Relation: meaning("relation", l.row.At(Relatives, "relation")), Role: meaning("role", law.At(Lawyers, "role"))}
	return q
}

func lawyerWork(r Row) rules.Work {
	w := rules.Work{Kind: rules.Lawyer, Firm: r.At(Lawyers, "firm_name"), Place: regionOf(r.At(Lawyers, "province"), r.At(Lawyers, "firm_city"))}
	if meaning("gone", r.At(Lawyers, "status")) != "" {
		w.Kind = "" // he does not practise: no work to forbid
	}
	return w
}

// saveModel writes a model as the file that the vault keeps.
func saveModel(m *linkage.Model) ([]byte, error) {
	var b bytes.Buffer
	err := m.Save(&b)
	return b.Bytes(), err
}
