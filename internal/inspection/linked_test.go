package inspection

import (
	"context"
	"fmt"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// Five to seven seats are the rule; a round that sets other bounds names its source.
func TestSeatsOfATeam(t *testing.T) {
	team := func(n int) []Team {
		x := Team{ID: "t", Name: "组"}
		for i := range n {
			x.Members = append(x.Members, Member{Post: map[bool]string{true: PostLeader, false: PostMember}[i == 0]})
		}
		x.Members = append(x.Members, Member{To: "2026-01-01"}) // a seat that has ended counts no more
		return []Team{x}
	}
	visits := []Visit{{Team: "t"}}
	for n, good := range map[int]bool{1: false, 4: false, 5: true, 7: true, 8: false} {
		if err := (Round{}).Ready(team(n), visits); (err == nil) != good {
			t.Errorf("%d seats by the rule: %v", n, err)
		}
	}
	if err := (Round{SeatsMin: 2, SeatsMax: 3}).Ready(team(3), visits); err != nil {
		t.Errorf("three seats where the round says so: %v", err)
	}
	good := RoundCmd{Term: "t", No: 1, Name: "n", Kind: KindRegular, Start: "2026-01-01", RectifyMonths: 6, RectifySource: "s"}
	for what, c := range map[string]struct {
		low, high int
		source    string
		good      bool
	}{"the rule unsaid": {0, 0, "", true}, "the rule": {5, 7, "", true}, "without a source": {3, 7, "", false}, "with a source": {3, 9, "方案", true}, "none": {0, 7, "方案", false}, "turned round": {7, 5, "方案", false}} {
		x := good
		x.SeatsMin, x.SeatsMax, x.SeatsSource = c.low, c.high, c.source
		if err := x.validate(); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestNoEntryAndNoSeatBeyondTheBounds(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		c := cmdOfRound(w.round)
		c.SeatsMin, c.SeatsMax, c.SeatsSource = 2, 2, "方案"
		w.round = must(w.s.EditRound(ctx, w.office, w.round.ID, c))(t)
		find := func(no string) (p id.ID) {
			check(t, w.DB.Read(ctx, func(q db.Q) error {
				x, err := person.ByStaffNo(ctx, q, no)
				p = x.ID
				return err
			}))
			return p
		}
		must(w.s.Seat(ctx, w.office, w.team.ID, SeatCmd{Person: find("A1"), Post: PostLeader}))(t)
		_, err := w.s.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev)
		if x, _ := fault.Of(err); x == nil || len(x.Fields) != 1 || x.Fields[0].Key != "round.lacks.seats" {
			t.Errorf("entry with one of two: %v", err)
		}
		must(w.s.Seat(ctx, w.office, w.team.ID, SeatCmd{Person: find("A2"), Post: PostMember}))(t)
		_, err = w.s.Seat(ctx, w.office, w.team.ID, SeatCmd{Person: find("A4"), Post: PostMember})
		if x, _ := fault.Of(err); x == nil || len(x.Fields) != 1 || x.Fields[0].Key != "team.bad.full" {
			t.Errorf("a third of two: %v", err)
		}
		must(w.s.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev))(t)
	})
}

// The team above sees what the leader below shared, and nothing else; the lower
// unit's finding stays as it is.
func TestALinkedRoundSharesWhatItsLeaderTicks(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		lowOffice := platformtest.As("low", actor.Office, w.henan)
		term := must(w.s.CreateTerm(ctx, lowOffice, CreateTermCmd{No: 1, Name: "河南第一届", Unit: "河南省人民检察院", Start: "2022-10-01"}))(t)
		c := RoundCmd{Term: term.ID, No: 1, Name: "联动巡察", Kind: KindLinked, Start: "2026-01-05", RectifyMonths: 6, RectifySource: "方案", SeatsMin: 1, SeatsMax: 9, SeatsSource: "方案", Upper: w.round.ID}
		_, err := w.s.CreateRound(ctx, lowOffice, c)
		platformtest.WantKind(t, "a round above that is not linked", err, fault.KindInvalid)
		up := cmdOfRound(w.round)
		up.Kind = KindLinked
		w.round = must(w.s.EditRound(ctx, w.office, w.round.ID, up))(t)
		x := c
		x.Kind = KindRegular
		_, err = w.s.CreateRound(ctx, lowOffice, x)
		platformtest.WantKind(t, "a regular round with one above", err, fault.KindInvalid)
		low := must(w.s.CreateRound(ctx, lowOffice, c))(t)
		y := up
		y.Upper, y.Rev = low.ID, w.round.Rev
		_, err = w.s.EditRound(ctx, w.office, w.round.ID, y)
		platformtest.WantKind(t, "a round below as the one above", err, fault.KindInvalid)

		team := must(w.s.AddTeam(ctx, lowOffice, low.ID, "巡察组"))(t)
		visit := must(w.s.AddVisit(ctx, lowOffice, low.ID, VisitCmd{Unit: "新乡市人民检察院", Team: team.ID}))(t)
		leader := platformtest.As("lowleader", actor.Staff, w.henan)
		leader.Teams = []actor.Membership{{Team: team.ID, Round: low.ID, Role: actor.TeamLeader}}
		visit = must(w.s.MoveVisit(ctx, leader, visit.ID, "enter", MoveVisitCmd{On: "2026-01-05", Rev: visit.Rev}))(t)
		var fs []Finding
		for i := range 3 {
			f := must(w.s.AddFinding(ctx, leader, cmd(visit.ID, fmt.Sprintf("问题%d", i))))(t)
			f = must(w.s.Decide(ctx, leader, f.ID, "submit", DecideCmd{}))(t)
			fs = append(fs, must(w.s.Decide(ctx, leader, f.ID, "confirm", DecideCmd{}))(t))
		}
		draft := must(w.s.AddFinding(ctx, leader, cmd(visit.ID, "草稿")))(t)
		platformtest.WantKind(t, "a draft is shared", w.s.Share(ctx, leader, draft.ID, ShareCmd{Share: true}), fault.KindNotFound)
		platformtest.WantKind(t, "the office shares", w.s.Share(ctx, lowOffice, fs[0].ID, ShareCmd{Share: true}), fault.KindNotFound)
		for _, f := range fs[:2] {
			check(t, w.s.Share(ctx, leader, f.ID, ShareCmd{Share: true}))
		}
		platformtest.WantKind(t, "twice", w.s.Share(ctx, leader, fs[0].ID, ShareCmd{Share: true}), fault.KindState)
		check(t, w.Log.Write(ctx, program, "test", func(tx *audit.Tx) error { return access.Concern(ctx, tx, fs[1].ID, w.leader.Person, access.Subject) }))

		for _, at := range []struct {
			who  actor.Actor
			rows []id.ID
		}{{w.inspector, []id.ID{fs[1].ID, fs[0].ID}}, {w.leader, []id.ID{fs[0].ID}}, {w.office, []id.ID{fs[1].ID, fs[0].ID}}} {
			l := must(w.s.Linked(ctx, at.who, w.round.ID, page.Query{Size: 10}))(t)
			if len(l.Rounds) != 1 || l.Rounds[0].Shared != len(at.rows) || len(l.Findings) != len(at.rows) {
				t.Fatalf("%s sees %+v", at.who.Name, l)
			}
			for i, f := range l.Findings {
				if f.ID != at.rows[i] {
					t.Errorf("%s: row %d is %s", at.who.Name, i, f.Title)
				}
			}
		}
		one := must(w.s.Linked(ctx, w.inspector, w.round.ID, page.Query{Size: 1}))(t)
		if len(one.Findings) != 1 || one.Next.After == "" {
			t.Errorf("one a page: %+v", one.Next)
		}
		if f, err := w.s.Finding(ctx, w.inspector, fs[0].ID); err != nil || f.Shared == "" {
			t.Errorf("the team above opens it: %v", err)
		}
		for what, n := range map[string]id.ID{"not shared": fs[2].ID, "a draft": draft.ID} {
			_, err := w.s.Finding(ctx, w.inspector, n)
			platformtest.WantKind(t, what, err, fault.KindNotFound)
		}
		_, err = w.s.Finding(ctx, w.leader, fs[1].ID)
		platformtest.WantKind(t, "whom it concerns", err, fault.KindNotFound)
		_, err = w.s.Linked(ctx, w.stranger, w.round.ID, page.Query{Size: 10})
		platformtest.WantKind(t, "a stranger", err, fault.KindNotFound)
		_, err = w.s.Decide(ctx, w.inspector, fs[0].ID, "withdraw", DecideCmd{Reason: "x"})
		if err == nil {
			t.Error("the team above changes it")
		}

		check(t, w.s.Share(ctx, leader, fs[0].ID, ShareCmd{}))
		_, err = w.s.Finding(ctx, w.inspector, fs[0].ID)
		platformtest.WantKind(t, "taken back", err, fault.KindNotFound)
		alone := cmdOfRound(low)
		alone.Upper, alone.Rev = "", low.Rev
		must(w.s.EditRound(ctx, lowOffice, low.ID, alone))(t)
		if l := must(w.s.Linked(ctx, w.inspector, w.round.ID, page.Query{Size: 10}))(t); len(l.Rounds)+len(l.Findings) != 0 {
			t.Errorf("no longer linked: %+v", l)
		}
		_, err = w.s.Finding(ctx, w.inspector, fs[1].ID)
		platformtest.WantKind(t, "no longer linked", err, fault.KindNotFound)
	})
}
