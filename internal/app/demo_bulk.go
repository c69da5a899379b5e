package app

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/tree"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

func bytesReader(s string) io.Reader { return strings.NewReader(s) }

// bulkSize is how much made-up content fills an installation.
type bulkSize struct {
	units         int // in all; dispatched units are made up where the tables name none
	people, items int
	titles        bool // each finding is given a title of its own
}

// sizes of made-up content: what a province and what the nation has.
var sizes = map[string]bulkSize{
	"province": {people: 10_000, items: 8_000},
	"nation":   {units: 3_600, people: 300_000, items: 200_000},
}

// bulkSeed makes the bulk the same every time, so that measurements compare.
const bulkSeed = 20220413

// bulk fills people and ledger to a size, over the real unit tree.
func (s *story) bulk(size string, say func(string, ...any)) {
	if s.err != nil {
		return
	}
	rnd := rand.New(rand.NewPCG(bulkSeed, 1))
	want := sizes[size]
	s.do("units", func() error { return s.dispatched(want.units) })
	units := s.openUnits()
	for from := 0; from < want.people && s.err == nil; from += 20_000 {
		n := min(20_000, want.people-from)
		list := make([]person.NewPerson, n)
		for i := range list {
			list[i] = person.NewPerson{StaffNo: fmt.Sprintf("P%07d", from+i), Name: madeUpName(rnd.IntN(1 << 20)), Unit: string(units[rnd.IntN(len(units))].ID),
				Gender: []string{"male", "female"}[rnd.IntN(2)], Birth: clock.Date(fmt.Sprintf("%d-%02d-%02d", 1964+rnd.IntN(38), 1+rnd.IntN(12), 1+rnd.IntN(28))), Title: "检察官", From: s.today.AddDays(-rnd.IntN(4000) - 1)}
		}
		s.do("people", func() error { return s.Person.AddMany(s.ctx, System(), list) })
		say("%d people", from+n)
	}
	s.bulkItems(want, 0, say)
}

// openUnits are those that still have people and findings.
func (s *story) openUnits() []org.Unit {
	return slices.DeleteFunc(s.Org.Directory().All(), org.Unit.Closed)
}

// bulkItems fills the ledger from one number on: a fill that was interrupted goes
// on where it stopped.
func (s *story) bulkItems(want bulkSize, first int, say func(string, ...any)) {
	rnd, units := rand.New(rand.NewPCG(bulkSeed, uint64(first)+1)), s.openUnits()
	var round inspection.Round
	var visits []inspection.Visit
	s.do("rounds", func() error {
		return s.DB.Read(s.ctx, func(q db.Q) error {
			rs, err := inspection.Rounds(s.ctx, q)
			if err != nil {
				return err
			}
			for _, r := range rs {
				if r.No == 1 {
					round = r
				}
			}
			visits, err = inspection.VisitsOf(s.ctx, q, round.ID)
			return err
		})
	})
	for from := first; from < want.items && s.err == nil; from += 10_000 {
		n := min(10_000, want.items-from)
		findings := make([]inspection.Finding, n)
		items := make([]rectification.NewItem, n)
		for i := range n {
			// Unit after unit, as ledgers are taken over: each of the many indices that
			// begin with the unit is then written in one place, not in thousands.
			k := (from + i) * (len(units) - 1) / want.items
			findings[i], items[i] = s.bulkItem(rnd, from+i, round, visits[0], units[1+k].ID, want.titles)
		}
		s.do("findings", func() error { return s.Inspection.AddMany(s.ctx, System(), findings) })
		s.do("items", func() error { return s.Rectification.AddMany(s.ctx, System(), items) })
		say("%d items", from+n)
	}
	s.do("statistics", func() error { return s.DB.Optimize(s.ctx) })
}

// dispatched makes up units below those of the prefectures until there are so many.
func (s *story) dispatched(total int) error {
	all := s.Org.Directory().All()
	var b strings.Builder
	b.WriteString("单位代码,单位名称,层级,类别,上级单位,管辖区划\n")
	n := len(all)
	for _, u := range all {
		if n < total && u.Kind == string(tree.KindPrefecture) {
			fmt.Fprintf(&b, "%s99,%s,4,派出院,%s,%s\n", u.Code[:6], strings.Replace(u.Name, "人民", "演示派出", 1), u.Code, u.Region)
			n++
		}
	}
	if n == len(all) {
		return nil
	}
	res, err := s.Org.ImportUnits(s.ctx, System(), "units.csv", strings.NewReader(b.String()), int64(b.Len()), false)
	if err == nil && !res.Applied {
		err = fmt.Errorf("made-up units were refused: %+v", res.Faults)
	}
	return err
}

func (s *story) bulkItem(rnd *rand.Rand, n int, round inspection.Round, visit inspection.Visit, unit id.ID, titles bool) (inspection.Finding, rectification.NewItem) {
	p := problems[rnd.IntN(len(problems))]
	if titles {
		p.title = benchTitle(rnd)
	}
	f := inspection.Finding{ID: id.New(), Round: round.ID, Visit: visit.ID, Unit: unit, Responsible: unit, By: round.Unit, No: fmt.Sprintf("H%d-%06d", round.No, n),
		Category: p.category, Aspect: p.aspect, Title: p.title, Fact: p.factOf(rnd.IntN(90)), Basis: p.basis, Cause: p.cause, Consequence: p.result, Severity: p.severity,
		Scope: "individual", Origin: "inspection", State: inspection.Accepted, Rev: 1}
	fed := s.today.AddDays(-30 - rnd.IntN(700))
	i := rectification.Item{ID: id.New(), Finding: f.ID, Round: round.ID, Unit: unit, By: round.Unit, No: f.No, Title: f.Title, Problem: f.Fact, Severity: f.Severity, Category: f.Category,
		FedBack: fed, FirstDue: fed.AddMonths(6), Due: fed.AddMonths(6), Lead: "分管副检察长", Department: "办公室"}
	switch k := rnd.IntN(100); {
	case k < 62:
		i.State, i.Claimed, i.ClaimedWord, i.ClosedOn = rectification.StateClosed, rectification.Done, "已完成", fed.AddDays(90+rnd.IntN(120))
		if rnd.IntN(20) == 0 {
			i.Verified, i.VerifiedOn = []string{rectification.Held, rectification.Held, rectification.Held, rectification.Paper, rectification.Partly}[rnd.IntN(5)], s.today.AddDays(-5)
		}
	case k < 70:
		i.State, i.Claimed, i.ClaimedWord = rectification.StateApplied, rectification.Done, "整改到位"
	case k < 90:
		i.State, i.Claimed, i.ClaimedWord = rectification.StateRectifying, rectification.InProgress, "正在整改"
	case k < 95:
		i.State, i.Claimed, i.ClaimedWord, i.Lasting = rectification.StateLongTerm, rectification.ClaimedLasting, "长期坚持", "long_term"
	default:
		i.State = rectification.StateToClaim
	}
	return f, rectification.NewItem{Item: i, Measures: []rectification.Measure{{Text: p.symptom, Kind: "symptom"}, {Text: p.system, Kind: "system"}, {Text: p.root, Kind: "source"}}}
}
