package screening

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/screening/rules"
)

type dbQ = db.Q

var ctx = context.Background()

func TestFlowsAreSound(t *testing.T) {
	for _, f := range []flow.Table{MatchFlow, OutFlow, InFlow, CaseFlow, EditionFlow, DepartureFlow} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestARunFindsWhoIsMeantAndSaysWhichRuleApplies(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		run := w.standing(t)
		if run.Left != 4 || run.Right != 3 || run.Fresh != 2 {
			t.Fatalf("run: %+v", run)
		}
		reader := w.as(t, "reader")
		h := w.hit(t, reader, "欧阳振鹏")
		if h.Outcome != rules.Banned || h.Rule != "B6" || h.Until != "2028-03-10" || h.Band != "auto" || h.Firm != "河南元和律师事务所" {
			t.Errorf("written as 歐陽振鵬: %+v", h)
		}
		kin := w.hit(t, reader, "慕容雪娇")
		if kin.Subject != Kin || kin.Relation != "spouse" || kin.Outcome != rules.Recuse || kin.Rule != "B13" {
			t.Errorf("spouse who is partner: %+v", kin)
		}
		if n := len(w.all(t, w.as(t, "stranger"))); n != 0 {
			t.Errorf("another province sees %d hits", n)
		}
		for _, who := range []string{"bar", "staff"} {
			if n := len(w.all(t, w.as(t, who))); n != 0 {
				t.Errorf("%s sees %d hits", who, n)
			}
		}
		again, err := w.Run(ctx, reader)
		if err != nil || again.Fresh != 0 || again.Renewed != 0 || again.Lapsed != 0 || again.Hits != 2 {
			t.Errorf("a second run of the same registers: %+v, %v", again, err)
		}
	})
}

func TestEveryScoreCanBeMadeAgain(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		b, sd, err := w.boardFor(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range w.all(t, w.as(t, "reader")) {
			if err := w.Service.open(&h); err != nil {
				t.Fatal(err)
			}
			i := int32(slices.IndexFunc(b.ours.rows, func(x rolled) bool { return b.ours.pieces[x.piece][x.from:x.from+uint32(x.key)] == h.Left }))
			s := b.model.Score(b.record(i), lawyerRecord(h.pair.Right), len(sd.lawyers))
			if d := s.Bits - h.Score.Bits; d > 0.01 || d < -0.01 {
				t.Errorf("%s: %f bits, stored %f", h.Name, s.Bits, h.Score.Bits)
			}
		}
	})
}

func TestTwoReadersAndMemory(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, second := w.as(t, "reader"), w.as(t, "second")
		h := w.hit(t, reader, "欧阳振鹏")
		platformtest.WantKind(t, "a stranger", w.Judge(ctx, w.as(t, "stranger"), h.ID, "hit", JudgeCmd{}), fault.KindNotFound)
		platformtest.WantKind(t, "the liaison", w.Judge(ctx, w.as(t, "bar"), h.ID, "hit", JudgeCmd{}), fault.KindNotFound)
		platformtest.WantKind(t, "confirm before a first reader", w.Judge(ctx, second, h.ID, "confirm", JudgeCmd{}), fault.KindState)
		if err := w.Judge(ctx, reader, h.ID, "hit", JudgeCmd{Rev: h.Rev}); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "the first reader as second", w.Judge(ctx, reader, h.ID, "confirm", JudgeCmd{}), fault.KindState)
		platformtest.WantKind(t, "return without reason", w.Judge(ctx, second, h.ID, "return", JudgeCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "an old revision", w.Judge(ctx, second, h.ID, "confirm", JudgeCmd{Rev: h.Rev}), fault.KindConflict)
		if err := w.Judge(ctx, second, h.ID, "confirm", JudgeCmd{}); err != nil {
			t.Fatal(err)
		}
		for _, do := range []string{"renew", "lapse"} {
			if err := w.Judge(ctx, reader, h.ID, do, JudgeCmd{}); err == nil {
				t.Errorf("%s by a person", do)
			}
		}

		kin := w.hit(t, reader, "慕容雪娇")
		if err := w.Judge(ctx, reader, kin.ID, "no", JudgeCmd{Reason: "同名"}); err != nil {
			t.Fatal(err)
		}
		if run, err := w.Run(ctx, reader); err != nil || run.Renewed != 0 {
			t.Fatalf("the same facts: %+v %v", run, err)
		}
		if got := w.hit(t, reader, "慕容雪娇"); got.State != Dismissed {
			t.Errorf("a dismissal was forgotten: %s", got.State)
		}
		// She moves to another firm: a fact changed, so the pair is shown again.
		moved := slices.Clone(lawyerRows)
		moved[1] = strings.Replace(moved[1], "河南正明律师事务所", "河南新正律师事务所", 1)
		res := w.bring(t, w.as(t, "bar"), Lawyers, "司法厅", lawyerHead, moved...)
		if res.Version.Changed != 1 || res.Version.Added != 0 || res.Version.Removed != 0 || res.Same != 2 {
			t.Errorf("delta: %+v", res.Version)
		}
		if run, err := w.Run(ctx, reader); err != nil || run.Renewed != 1 {
			t.Fatalf("a fact changed: %+v %v", run, err)
		}
		if got := w.hit(t, reader, "慕容雪娇"); got.State != Open || got.Firm != "河南新正律师事务所" {
			t.Errorf("not shown again: %+v", got)
		}
		if got := w.hit(t, reader, "欧阳振鹏"); got.State != Confirmed {
			t.Errorf("a confirmed hit is %s", got.State)
		}
		var agreed, returned int
		err := w.DB.Read(ctx, func(q dbQ) (err error) { agreed, returned, err = w.pairsOfReaders(ctx, q, reader); return err })
		if err != nil || agreed != 1 || returned != 0 {
			t.Errorf("agreement %d/%d %v", agreed, returned, err)
		}
	})
}

func TestWhoIsNoLongerThereLapsesAndComesBackByUndo(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, bar := w.as(t, "reader"), w.as(t, "bar")
		res := w.bring(t, bar, Lawyers, "司法厅", lawyerHead, lawyerRows[0], lawyerRows[2])
		if res.Version.Removed != 1 {
			t.Fatalf("delta: %+v", res.Version)
		}
		if run, err := w.Run(ctx, reader); err != nil || run.Lapsed != 1 {
			t.Fatalf("%+v %v", run, err)
		}
		platformtest.WantKind(t, "undo by a stranger", w.Undo(ctx, w.as(t, "personnel"), res.Version.ID, UndoCmd{Reason: "x"}), fault.KindNotFound)
		platformtest.WantKind(t, "undo without reason", w.Undo(ctx, bar, res.Version.ID, UndoCmd{}), fault.KindInvalid)
		if err := w.Undo(ctx, bar, res.Version.ID, UndoCmd{Reason: "发错文件"}); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "undo twice", w.Undo(ctx, bar, res.Version.ID, UndoCmd{Reason: "x"}), fault.KindState)
		if run, err := w.Run(ctx, reader); err != nil || run.Renewed != 1 {
			t.Fatalf("%+v %v", run, err)
		}
		if h := w.hit(t, reader, "慕容雪娇"); h.State != Open {
			t.Errorf("state %s", h.State)
		}
	})
}

func TestPeopleOfTheSystemAreScreenedAndConcernedOnesSeeNothing(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		henan := string(w.place(t, "河南省人民检察院").Unit)
		p, err := w.people.Add(ctx, program0, person.NewPerson{StaffNo: "H1", Name: "夏侯明哲", IDNumber: citizen("410105", "1978-05-05", 71), Unit: henan, Title: "检察官", Rank: "一级检察官", From: "2010-01-01"})
		if err != nil {
			t.Fatal(err)
		}
		w.pledged(t, p.ID, rules.Resigned)
		if err := w.people.Do(ctx, w.as(t, "personnel"), p.ID, "resign", person.StatusCmd{Rev: p.Rev, On: "2025-12-31", Reason: "辞职"}); err != nil {
			t.Fatal(err)
		}
		w.bring(t, w.as(t, "bar"), Lawyers, "司法厅", lawyerHead, "夏侯明哲,男,1978-05-05,"+citizen("410105", "1978-05-05", 71)+",1,某所,郑州市,河南省,执业,")
		if _, err := w.Run(ctx, w.as(t, "reader")); err != nil {
			t.Fatal(err)
		}
		h := w.hit(t, w.as(t, "reader"), "夏侯明哲")
		if h.Person != p.ID || h.Rule != "B7" || h.Until != "2027-12-31" {
			t.Errorf("%+v", h)
		}
		relative := w.as(t, "reader")
		relative.Related = []id.ID{p.ID}
		if n := len(w.all(t, relative)); n != 0 {
			t.Errorf("his kin sees %d hits", n)
		}
		if err := w.DB.Read(ctx, func(q dbQ) error { _, err := w.load(ctx, q, relative, h.ID); return err }); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("his kin opens it: %v", err)
		}
	})
}

// Every action that the table of a state does not name is refused, and those that
// it names need their role.
func TestWhatTheTableDoesNotNameIsRefused(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.Refer = func(context.Context, *audit.Tx, actor.Actor, Referral) (string, error) { return "X1", nil }
		w.standing(t)
		reader := w.as(t, "reader")
		h := w.hit(t, reader, "欧阳振鹏")
		for _, state := range MatchFlow.States() {
			if err := w.Log.Write(ctx, program0, "screening.run", func(tx *audit.Tx) error {
				x, err := hitByID(ctx, tx, h.ID)
				if err != nil {
					return err
				}
				x.State, x.Proposed = state, "p-second"
				return updateHit(ctx, tx, x)
			}); err != nil {
				t.Fatal(err)
			}
			for _, do := range MatchFlow.Actions() {
				_, err := MatchFlow.Next(state, do)
				allowed := err == nil && do != "renew" && do != "lapse"
				got := w.Log.Write(ctx, reader, "match."+do, func(tx *audit.Tx) error {
					if err := w.judge(ctx, tx, reader, h.ID, do, JudgeCmd{Reason: "r"}); err != nil {
						return err
					}
					return errUndo
				})
				if errors.Is(got, errUndo) != allowed {
					t.Errorf("%s in %s: %v", do, state, got)
				}
			}
		}
	})
}

var errUndo = fault.Invalid("undo")

func TestAfterRemembersDismissals(t *testing.T) {
	for _, c := range []struct {
		name         string
		h            Hit
		facts, model string
		band, want   string
	}{
		{"same facts, same model", Hit{State: Dismissed, Judged: "f", Model: "m", Band: "review"}, "f", "m", "review", ""},
		{"same facts, new model, same band", Hit{State: Dismissed, Judged: "f", Model: "m", Band: "review"}, "f", "n", "review", ""},
		{"same facts, new model, nearly certain now", Hit{State: Dismissed, Judged: "f", Model: "m", Band: "review"}, "f", "n", "auto", "renew"},
		{"a fact changed", Hit{State: Dismissed, Judged: "f", Model: "m"}, "g", "m", "review", "renew"},
		{"open stays open", Hit{State: Open}, "g", "m", "review", ""},
		{"confirmed stays", Hit{State: Confirmed, Judged: "f"}, "g", "n", "auto", ""},
		{"found again", Hit{State: Lapsed}, "f", "m", "review", "renew"},
	} {
		if got := After(c.h, c.facts, c.model, c.band); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOldLawAndWhatAChangeWouldDo(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, second := w.as(t, "reader"), w.as(t, "second")
		of := func(cmd RunCmd) Found {
			list, _, err := w.Screen(ctx, reader, cmd)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(list, func(f Found) bool { return f.Name == "欧阳振鹏" })
			if i < 0 || list[i].Explanation.EN == "" {
				t.Fatalf("%+v", list)
			}
			return list[i]
		}
		if f := of(RunCmd{}); f.Rule != "B6" {
			t.Errorf("today: %s", f.Rule)
		}
		if f := of(RunCmd{Rules: "2019-10-01"}); f.Rule == "B6" || f.Outcome == rules.Banned {
			t.Errorf("under the law of 2019: %s %s", f.Rule, f.Outcome)
		}
		if f := of(RunCmd{AsOf: "2028-03-11"}); f.Outcome == rules.Banned {
			t.Errorf("the day after: %s until %s", f.Outcome, f.Until)
		}
		if _, _, err := w.Screen(ctx, reader, RunCmd{Rules: "1999"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("unknown edition: %v", err)
		}
		if _, _, err := w.Screen(ctx, w.as(t, "staff"), RunCmd{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("staff: %v", err)
		}

		raw, err := rules.Source("2021-09-30")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(strings.Replace(string(raw), `version: "2021-09-30"`, `version: "local-1"`, 1), "published: 2021-09-30", "published: 2026-03-01", 1)
		text = strings.Replace(text, "    years: 3\n", "    years: 4\n", 1)
		e, err := w.DraftEdition(ctx, reader, DraftCmd{Body: text})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.DraftEdition(ctx, reader, DraftCmd{Body: string(raw)}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a version that exists: %v", err)
		}
		next, err := rules.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		effects, n, err := w.Preview(ctx, reader, next, w.today())
		if err != nil || n != 1 || effects[0].Hit.Name != "欧阳振鹏" || effects[0].Changes[0].Will != "2029-03-10" {
			t.Fatalf("preview: %d %+v %v", n, effects, err)
		}
		platformtest.WantKind(t, "its author", w.StepEdition(ctx, reader, e.ID, "publish", 0), fault.KindState)
		platformtest.WantKind(t, "the liaison", w.StepEdition(ctx, w.as(t, "bar"), e.ID, "publish", 0), fault.KindNotFound)
		if err := w.StepEdition(ctx, second, e.ID, "publish", e.Rev); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "twice", w.StepEdition(ctx, second, e.ID, "drop", 0), fault.KindState)
		if _, err := w.Run(ctx, reader); err != nil {
			t.Fatal(err)
		}
		if h := w.hit(t, reader, "欧阳振鹏"); h.Until != "2029-03-10" || h.Edition != "local-1" {
			t.Errorf("after the change: %s by %s", h.Until, h.Edition)
		}
	})
}

func TestPolicyKnowsEveryAction(t *testing.T) {
	for _, r := range Rules() {
		if r.Role == actor.BarLiaison {
			for _, do := range r.Do {
				if strings.HasPrefix(do, "match.") || do == "screening.person" || do == "screening.run" {
					t.Errorf("the liaison may %s", do)
				}
			}
		}
	}
}
