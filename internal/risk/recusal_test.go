package risk_test

import (
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/risk"
)

// What concerns a reader is in none of his figures: not in how often a rule was
// right, not in how often its alerts came back, not in those of the last year.
func TestFiguresLeaveOutWhatConcernsTheReader(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, person := range []string{"office", "p1"} {
			a := w.hold(t, person)
			for _, do := range []string{"verify", "correct"} {
				if _, err := w.s.Judge(ctx, w.second, a.ID, do, risk.AlertCmd{Text: "已核实"}); err != nil {
					t.Fatalf("%s: %v", do, err)
				}
			}
		}
		for name, c := range map[string]struct {
			who             actor.Actor
			right, came, in int
		}{"whom one concerns": {w.office, 1, 1, 1}, "a colleague": {w.second, 2, 2, 2}, "the office above": {w.above, 2, 2, 2}, "another province": {w.far, 2, 0, 0}} {
			list, err := w.s.Precisions(ctx, c.who)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 1 || list[0].Right.Yes != c.right {
				t.Errorf("%s: of the rule %+v, want %d right", name, list, c.right)
			}
			loop, err := w.s.Loop(ctx, c.who, page.Query{Size: 10})
			if err != nil {
				t.Fatal(err)
			}
			came := 0
			for _, l := range loop.Lines {
				came = l.Before + l.After
			}
			if came != c.came {
				t.Errorf("%s: the loop counts %d, want %d", name, came, c.came)
			}
			in, err := w.s.Judged(ctx, c.who, "spp", w.day(365), w.day(0))
			if err != nil {
				t.Fatal(err)
			}
			if in.Yes != c.in || in.N != c.in {
				t.Errorf("%s: of the last year %+v, want %d", name, in, c.in)
			}
		}
		if in, err := w.s.Judged(ctx, w.above, "hebei", w.day(365), w.day(0)); err != nil || in.N != 0 {
			t.Errorf("at another unit: %+v %v", in, err)
		}
		if in, err := w.s.Judged(ctx, w.above, "spp", w.day(365), w.day(1)); err != nil || in.N != 0 {
			t.Errorf("before they were judged: %+v %v", in, err)
		}
	})
}

// A run on history names cases to who ran it, and its opening is in the log; to who
// publishes it gives counts, because he may be concerned. Nothing of it lies open.
func TestARunOnHistoryNamesCasesToWhoRanIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.stock(t, risk.Case{No: "HIST-1", Type: "civil", Events: []risk.Event{w.ev(risk.Accept, 60, "p1"), w.ev(risk.Extend, 20, "second")}})
		v, err := w.s.WriteRule(ctx, w.office, risk.RuleCmd{Subject: risk.OfCase, Level: 3, NameZh: "延长", Text: "extensions >= 1", Document: "本省规定", Why: "基层反映"}, "en", nil)
		if err != nil {
			t.Fatal(err)
		}
		if v, err = w.s.StepRule(ctx, w.office, v.ID, "test", risk.RuleCmd{}, "en", nil); err != nil || v.Tested.Adds != 1 {
			t.Fatalf("%+v %v", v.Tested, err)
		}
		kept := ""
		if err := w.DB.Read(ctx, func(q db.Q) error {
			return q.QueryRow(ctx, "SELECT tested FROM risk_version WHERE id = $1", string(v.ID)).Scan(&kept)
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, "HIST") {
			t.Errorf("a case number lies open: %s", kept)
		}
		for _, path := range []string{"/risk/rules/" + string(v.ID), "/api/v1/risk/rules/" + string(v.ID), "/api/v1/risk/rules"} {
			for name, who := range map[string]actor.Actor{"a colleague who worked on it": w.second, "a leader": w.boss, "another province": w.far} {
				if w.site.Actor = who; strings.Contains(w.get(t, path), "HIST-1") {
					t.Errorf("%s: %s reads the case number", path, name)
				}
			}
		}
		w.site.Actor = w.office
		if !strings.Contains(w.get(t, "/risk/rules/"+string(v.ID)), "HIST-1") {
			t.Error("who ran it does not see what it found")
		}
		if again, err := w.s.StepRule(ctx, w.second, v.ID, "test", risk.RuleCmd{}, "en", nil); err != nil || again.Tested.Hits != 0 {
			t.Errorf("run by whom the case concerns: %+v %v", again.Tested, err)
		}
	})
}

func (w *world) get(t *testing.T, path string) string {
	t.Helper()
	code, body := w.site.Get(t, path)
	if code != 200 {
		t.Errorf("%s: %d %.300s", path, code, body)
	}
	return body
}
