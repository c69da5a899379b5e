package screening

import (
	"context"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// What two readers confirmed goes to the leads once, about the member of staff; the number is all that stays.
func TestAConfirmedHitBecomesALeadOnce(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, second := w.as(t, "reader"), w.as(t, "second")
		var told []Referral
		var refused error
		refer := func(_ context.Context, _ *audit.Tx, _ actor.Actor, r Referral) (string, error) {
			told = append(told, r)
			return "X2026-7", refused
		}
		h := w.hit(t, reader, "慕容雪娇")
		do := func(who actor.Actor, act string) error {
			return w.Judge(ctx, who, h.ID, act, JudgeCmd{Reason: "与本人谈话前先核实"})
		}
		w.Refer = refer
		if err := do(reader, "lead"); !fault.Is(err, fault.KindState) || len(told) > 0 {
			t.Errorf("before anybody judged it: %v", err)
		}
		if err := do(reader, "hit"); err != nil {
			t.Fatal(err)
		}
		if err := do(second, "lead"); !fault.Is(err, fault.KindState) {
			t.Errorf("before the second reader: %v", err)
		}
		if err := do(second, "confirm"); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"stranger", "bar", "personnel", "staff"} {
			if err := do(w.as(t, who), "lead"); err == nil || len(told) > 0 {
				t.Errorf("%s hands it over: %v", who, err)
			}
		}
		w.Refer = nil
		if err := do(reader, "lead"); !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("without a room of leads: %v", err)
		}
		w.Refer, refused = refer, fault.Invalid("conduct.bad.unit")
		if err := do(reader, "lead"); err == nil || w.hit(t, reader, "慕容雪娇").Lead != "" {
			t.Errorf("refused by the leads: %v", err)
		}
		told, refused = nil, nil
		if err := do(reader, "lead"); err != nil {
			t.Fatal(err)
		}
		if len(told) == 0 {
			t.Fatal("nothing was told")
		}
		if r := told[len(told)-1]; r.Name != "司徒建业" || r.Unit != h.Unit || !strings.Contains(r.Facts, "先核实") || !strings.Contains(r.Facts, "河南正明律师事务所") {
			t.Errorf("told %+v", r)
		}
		if now := w.hit(t, reader, "慕容雪娇"); now.Lead != "X2026-7" || now.State != Confirmed {
			t.Errorf("what stays: %+v", now)
		}
		var kept []Judgement
		if err := k.Log.DB().Read(ctx, func(q db.Q) (err error) { kept, err = judgementsOf(ctx, q, h.ID); return err }); err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(kept, func(j Judgement) bool { return j.Act == "lead" }); i < 0 || kept[i].Reason != "" {
			t.Errorf("the words that went over stay here: %+v", kept)
		}
		if err := do(second, "lead"); !fault.Is(err, fault.KindState) {
			t.Errorf("again: %v", err)
		}
	})
}
