package lookback_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/rectification"
)

func TestCommitThenRevealThenAnybodyRepeats(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.plan(t, lookback.PlanCmd{Size: 5, RiskShare: 40})
		_, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		platformtest.WantKind(t, "reveal before commitment", err, fault.KindState)
		c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		if err != nil || c.Population != 12 || c.Seed != "" || len(c.Commitment) != 64 || len(w.samples(t, l.ID)) != 0 {
			t.Fatalf("%+v: %v", c, err)
		}
		w.site.Actor = w.office
		code, list := w.site.Get(t, "/lookback/"+string(l.ID)+"/population")
		if code != 200 || strings.Count(list, "\n") != 12 {
			t.Fatalf("published list: %d %q", code, list)
		}
		r, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		if err != nil || lookback.Commitment(r.Seed, r.Salt) != c.Commitment {
			t.Fatalf("revealed %+v: %v", r, err)
		}
		again, err := lookback.Redraw(r.Seed, []byte(list), c.Digest, l.Size, l.Options)
		if err != nil {
			t.Fatal(err)
		}
		got := map[id.ID]string{}
		for _, x := range w.samples(t, l.ID) {
			got[x.Item] = x.Part
		}
		if len(got) != len(again) || len(again) != 5 {
			t.Fatalf("%d in the system, %d repeated", len(got), len(again))
		}
		for _, d := range again {
			if got[d.Item] != d.Part {
				t.Errorf("%s: %q in the system, %q repeated", d.Item, got[d.Item], d.Part)
			}
		}
		_, err = w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		platformtest.WantKind(t, "reveal twice", err, fault.KindState)
	})
}

func TestRevealRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.plan(t, lookback.PlanCmd{Size: 5})
		_, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{Commitment: "abc"})
		platformtest.WantKind(t, "no hash", err, fault.KindInvalid)
		if _, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{Commitment: lookback.Commitment("mine", "salt")}); err != nil {
			t.Fatal(err)
		}
		for _, cmd := range []lookback.RevealCmd{{}, {Seed: "mine"}, {Seed: "other", Salt: "salt"}, {Seed: "salt", Salt: "mine"}} {
			_, err := w.s.Reveal(ctx, w.office, l.ID, cmd)
			platformtest.WantKind(t, fmt.Sprintf("seed %+v", cmd), err, fault.KindInvalid)
		}
		rectify := rectification.New(rectification.Deps{Log: w.Log, Policy: w.Policy, Clock: w.Clock, Units: tree{}})
		if err := w.Log.Write(ctx, system, "test.reopen", func(tx *audit.Tx) error { return rectify.Reopen(ctx, tx, w.items[2], "office", "又发生") }); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{Seed: "mine", Salt: "salt"})
		platformtest.WantKind(t, "a changed population", err, fault.KindState)
		platformtest.WantKind(t, "withdraw without reason", w.s.Withdraw(ctx, w.office, l.ID, lookback.ReasonCmd{}), fault.KindInvalid)
		if err := w.s.Withdraw(ctx, w.office, l.ID, lookback.ReasonCmd{Reason: "总体变化"}); err != nil {
			t.Fatal(err)
		}
		c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		if err != nil || c.Population != 11 || c.Attempt != 2 {
			t.Fatalf("%+v: %v", c, err)
		}
		if _, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPlanRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := lookback.PlanCmd{Round: w.round, Name: "x", Size: 3, To: "2026-01-01"}
		for name, c := range map[string]struct {
			change func(*lookback.PlanCmd)
			kind   fault.Kind
		}{
			"another kind of round": {func(c *lookback.PlanCmd) { c.Round = w.earlier }, fault.KindInvalid},
			"closed until today":    {func(c *lookback.PlanCmd) { c.To = clock.Of(platformtest.Start) }, fault.KindInvalid},
			"no size":               {func(c *lookback.PlanCmd) { c.Size = 0 }, fault.KindInvalid},
			"unknown unit":          {func(c *lookback.PlanCmd) { c.Units = "nowhere" }, fault.KindInvalid},
			"no such round":         {func(c *lookback.PlanCmd) { c.Round = id.New() }, fault.KindNotFound},
		} {
			cmd := good
			c.change(&cmd)
			_, err := w.s.Plan(ctx, w.office, cmd)
			platformtest.WantKind(t, name, err, c.kind)
		}
		_, err := w.s.Plan(ctx, w.leader, good)
		platformtest.WantKind(t, "a leader plans", err, fault.KindNotFound)
		l := w.plan(t, lookback.PlanCmd{Size: 3, From: "2025-06-01"})
		_, err = w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		platformtest.WantKind(t, "nothing to draw", err, fault.KindState)
		l = w.plan(t, lookback.PlanCmd{Census: true, Units: "hebei", Rounds: []id.ID{w.earlier}})
		if c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{}); err != nil || c.Population != 4 {
			t.Errorf("one unit: %d %v", c.Population, err)
		}
	})
}

func TestVerdictObjectionSecondOpinionReopening(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		x := list[0]
		if x.Unit != "henan" || x.Team != w.teamA {
			t.Fatalf("%+v", x)
		}
		bare := verdict("paper")
		bare.Asked, bare.Note = "", ""
		platformtest.WantKind(t, "no evidence", w.s.Judge(ctx, w.member, x.ID, bare, nil), fault.KindInvalid)
		platformtest.WantKind(t, "the office judges", w.s.Judge(ctx, w.office, x.ID, verdict("paper"), nil), fault.KindNotFound)
		closer := w.member
		closer.Person = "closer"
		platformtest.WantKind(t, "the closer judges", w.s.Judge(ctx, closer, x.ID, verdict("held"), nil), fault.KindForbidden)
		must := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		must("judge", w.s.Judge(ctx, w.member, x.ID, verdict("held"), nil))
		platformtest.WantKind(t, "stale", w.s.Correct(ctx, w.lead, x.ID, lookback.JudgeCmd{Rev: 1, Verdict: "held"}, nil), fault.KindConflict)
		platformtest.WantKind(t, "a correction that names nothing", w.s.Correct(ctx, w.lead, x.ID, verdict("paper"), nil), fault.KindInvalid)
		platformtest.WantKind(t, "the unit sees it early", w.s.Object(ctx, w.head, x.ID, lookback.ReasonCmd{Reason: "不对"}), fault.KindNotFound)
		must("return", w.s.Return(ctx, w.lead, x.ID, lookback.ReasonCmd{Reason: "再看"}))
		must("judge again", w.s.Judge(ctx, w.member, x.ID, verdict("paper"), nil))
		platformtest.WantKind(t, "confirm his own", w.s.Confirm(ctx, w.member, x.ID, 0), fault.KindNotFound)
		platformtest.WantKind(t, "the office confirms for the leader", w.s.Confirm(ctx, w.office, x.ID, 0), fault.KindForbidden)
		must("confirm", w.s.Confirm(ctx, w.lead, x.ID, 0))
		w.verified(t, x.Item, "paper", "closed")
		platformtest.WantKind(t, "a stranger objects", w.s.Object(ctx, w.stranger, x.ID, lookback.ReasonCmd{Reason: "不对"}), fault.KindNotFound)
		must("object", w.s.Object(ctx, w.head, x.ID, lookback.ReasonCmd{Reason: "已经改了"}))
		platformtest.WantKind(t, "reopen during an objection", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "纸面"}), fault.KindState)
		platformtest.WantKind(t, "the judge reviews", w.s.Review(ctx, w.member, x.ID, verdict("paper"), nil), fault.KindForbidden)
		must("second opinion", w.s.Review(ctx, w.office, x.ID, verdict("false"), nil))
		w.verified(t, x.Item, "false", "closed")
		platformtest.WantKind(t, "finish with an open proposal", w.s.Finish(ctx, w.office, l.ID, 0), fault.KindState)
		platformtest.WantKind(t, "the leader reopens", w.s.Reopen(ctx, w.leader, x.ID, lookback.ReasonCmd{Reason: "x"}), fault.KindNotFound)
		must("reopen", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "虚假整改"}))
		w.verified(t, x.Item, "false", "reopened")
		platformtest.WantKind(t, "reopen twice", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "x"}), fault.KindState)
	})
}

func TestTeamWithAHandIsRefusedAndNobodySeesAboutHimself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		x := list[len(list)-1] // of the unit that no team visits
		if x.Team != "" {
			t.Fatalf("given to %s", x.Team)
		}
		platformtest.WantKind(t, "the closer's team", w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamB}), fault.KindState)
		platformtest.WantKind(t, "no team of the round", w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: "x"}), fault.KindInvalid)
		if err := w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}); err != nil {
			t.Fatal(err)
		}
		before, err := w.s.Result(ctx, w.leader, l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Write(ctx, system, "test.concern", func(tx *audit.Tx) error { return access.Concern(ctx, tx, x.Item, "boss", access.Subject) }); err != nil {
			t.Fatal(err)
		}
		after, err := w.s.Result(ctx, w.leader, l.ID)
		if err != nil || after.Total.Sampled != before.Total.Sampled-1 || after.Total.Closed != before.Total.Closed-1 {
			t.Errorf("the subject counts: %d of %d, before %d of %d: %v", after.Total.Sampled, after.Total.Closed, before.Total.Sampled, before.Total.Closed, err)
		}
		w.site.Actor = w.leader
		for _, path := range []string{"/lookback/items/" + string(x.ID), "/lookback/" + string(l.ID) + "/population"} {
			if code, _ := w.site.Get(t, path); code != http.StatusNotFound {
				t.Errorf("%s: %d", path, code)
			}
		}
	})
}

func TestResultAndFinish(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		for i, x := range list {
			if x.Team == "" {
				if err := w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}); err != nil {
					t.Fatal(err)
				}
			}
			v := rectification.Held
			if i == 0 {
				v = rectification.Paper
			}
			if err := w.s.Judge(ctx, w.member, x.ID, verdict(v), nil); err != nil {
				t.Fatal(err)
			}
			if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.s.Keep(ctx, w.office, list[0].ID, lookback.ReasonCmd{Reason: "另案处理"}); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "finished with consequences open", w.s.Finish(ctx, w.office, l.ID, 0), fault.KindState)
		then := w.then(t, list[0].ID)
		if len(then) != 2 {
			t.Fatalf("a perfunctory close-out is followed by %+v", then)
		}
		for _, c := range then {
			platformtest.WantKind(t, "the team carries out", w.s.CarryOut(ctx, w.member, c.ID, "carry_out", lookback.ReasonCmd{}), fault.KindNotFound)
			platformtest.WantKind(t, "waived without a reason", w.s.CarryOut(ctx, w.office, c.ID, "waive", lookback.ReasonCmd{}), fault.KindInvalid)
			if err := w.s.CarryOut(ctx, w.office, c.ID, "carry_out", lookback.ReasonCmd{}); err != nil {
				t.Fatal(err)
			}
			for _, do := range lookback.ConsequenceFlow.Actions() {
				platformtest.WantKind(t, do+" twice", w.s.CarryOut(ctx, w.office, c.ID, do, lookback.ReasonCmd{Reason: "x"}), fault.KindState)
			}
		}
		for _, c := range w.then(t, list[0].ID) {
			if (c.Kind == lookback.ConsequenceLead) != (c.No == "WZ2026-0001") {
				t.Errorf("%+v", c)
			}
		}
		r, err := w.s.Result(ctx, w.office, l.ID)
		if err != nil || r.Total.Sampled != len(list) || r.Total.Closed != 12 || r.Total.Untrue() != 1 || r.Total.Held() != len(list)-1 || len(r.Units) != 2 || len(r.Reviewers) != 1 || len(r.Found) != 1 {
			t.Fatalf("%+v: %v", r, err)
		}
		_, err = w.s.Result(ctx, w.member, l.ID)
		platformtest.WantKind(t, "the team reads a result", err, fault.KindNotFound)
		if err := w.s.Finish(ctx, w.office, l.ID, 0); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "after the end", w.s.Correct(ctx, w.lead, list[0].ID, verdict("held"), nil), fault.KindState)
		platformtest.WantKind(t, "a note after the end", w.s.AddNote(ctx, w.office, l.ID, lookback.NoteCmd{Lens: 2, Text: "x"}), fault.KindState)
	})
}

func (w *world) then(t *testing.T, sample id.ID) (out []lookback.Consequence) {
	t.Helper()
	if err := w.DB.Read(ctx, func(q db.Q) (err error) { out, err = lookback.ConsequencesOf(ctx, q, sample); return err }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACorrectedVerdictTakesItsConsequencesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, list := w.drawn(t)
		x := list[0]
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if x.Team == "" {
			must(w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}))
		}
		late := verdict("held")
		late.Since = "2026-01-20"
		platformtest.WantKind(t, "a date of relapse for what held", w.s.Judge(ctx, w.member, x.ID, late, nil), fault.KindInvalid)
		early := verdict("relapsed")
		early.Since = "2001-01-01"
		platformtest.WantKind(t, "a relapse before the close-out", w.s.Judge(ctx, w.member, x.ID, early, nil), fault.KindInvalid)
		must(w.s.Judge(ctx, w.member, x.ID, verdict("false"), nil))
		if n := len(w.then(t, x.ID)); n != 0 {
			t.Errorf("%d consequences before the verdict is in force", n)
		}
		must(w.s.Confirm(ctx, w.lead, x.ID, 0))
		if n := len(w.then(t, x.ID)); n != 2 {
			t.Errorf("%d consequences", n)
		}
		must(w.s.Object(ctx, w.head, x.ID, lookback.ReasonCmd{Reason: "有新材料"}))
		platformtest.WantKind(t, "carried out while objected to", w.s.CarryOut(ctx, w.office, w.then(t, x.ID)[0].ID, "carry_out", lookback.ReasonCmd{}), fault.KindState)
		must(w.s.Review(ctx, w.office, x.ID, verdict("basic"), nil))
		states := map[string]string{}
		for _, c := range w.then(t, x.ID) {
			states[c.Kind] = c.State
		}
		if states["lead"] != lookback.ConsequenceDropped || states["circular"] != lookback.ConsequenceDropped || states["recheck"] != lookback.ConsequenceProposed {
			t.Errorf("%v", states)
		}
		d, err := w.s.HalfLife(ctx, w.office)
		must(err)
		if d.All.N != 1 || d.All.Events != 0 || !d.All.Few {
			t.Errorf("%+v", d.All)
		}
		w.page(t, "zh", "/lookback/half-life", 0)
	})
}
