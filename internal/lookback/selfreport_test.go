package lookback_test

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/audit"
	"huikan/internal/rectification"
)

// What a unit reported itself has no round, no visit and no finding; it is drawn,
// judged and reported on all the same, and what is found then recurs nowhere.
func TestWhatAUnitReportedItselfIsLookedAtToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own := w.items[3]
		err := w.Log.Write(ctx, system, "test.report", func(tx *audit.Tx) error {
			tx.Touch("rectify_item", own)
			_, err := tx.Exec(ctx, "UPDATE rectify_item SET kind = $1, round_id = '', finding_id = $2 WHERE id = $3", rectification.SelfReport, string(id.New()), string(own))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		l := w.plan(t, lookback.PlanCmd{Name: "只看一轮", Census: true, Rounds: []id.ID{w.earlier}})
		if c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{}); err != nil || c.Population != 11 {
			t.Errorf("of one round: %d, %v", c.Population, err)
		}
		l = w.plan(t, lookback.PlanCmd{Census: true})
		if c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{}); err != nil || c.Population != 12 {
			t.Fatalf("of all rounds: %d, %v", c.Population, err)
		}
		if _, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{}); err != nil {
			t.Fatal(err)
		}
		list := w.samples(t, l.ID)
		k := slices.IndexFunc(list, func(x lookback.Sample) bool { return x.Item == own })
		if k < 0 || list[k].Scope != "common" || list[k].Team != w.teamA || list[k].Visit != w.visit {
			t.Fatalf("%d: %+v", k, list)
		}
		x, other := list[k], list[slices.IndexFunc(list, func(x lookback.Sample) bool { return x.Item == w.items[2] })]
		for n, recurs := range map[id.ID]bool{x.ID: false, other.ID: true} {
			w.site.Actor = w.member
			code, body := w.site.Get(t, "/lookback/items/"+string(n))
			if code != 200 || !strings.Contains(body, "/findings/new?visit="+string(w.visit)) || strings.Contains(body, "recurs=") != recurs {
				t.Errorf("%d; a new finding names an earlier one: want %v", code, recurs)
			}
		}
		if err := w.s.Judge(ctx, w.member, x.ID, verdict(rectification.Paper), nil); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
			t.Fatal(err)
		}
		w.verified(t, own, rectification.Paper, rectification.StateClosed)
		r, err := w.s.MakeReport(ctx, w.office, l.ID, lookback.ReportCmd{Title: "回头看情况报告"})
		if err != nil {
			t.Fatal(err)
		}
		w.site.Actor = w.office
		base := "/lookback/" + string(l.ID)
		for _, path := range []string{base, base + "/result", base + "/lenses?lens=1", "/lookback-reports/" + string(r.ID), "/lookback?view=items"} {
			w.page(t, "zh", path, 200)
		}
	})
}
