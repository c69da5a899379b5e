package lookback_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/document"
	"huikan/internal/platform/platformtest"
	"huikan/internal/rectification"
)

func TestReportsOfALookbackReconcileByTheirRows(t *testing.T) {
	f := func(name string, rows ...id.ID) rectification.Figure {
		return rectification.Figure{Name: name, Value: len(rows), Rows: rows}
	}
	before := []rectification.Figure{f("sampled", "a", "b", "c"), f("verdict_held", "a"), f("verdict_paper", "b")}
	for _, tc := range []struct {
		what  string
		now   []rectification.Figure
		want  lookback.Bridge
		holds bool
	}{
		{"nothing happened", before, lookback.Bridge{Before: 3, Now: 3}, true},
		{"one verdict came, one gave way to another, one was added", []rectification.Figure{f("sampled", "a", "b", "c", "d"), f("verdict_held", "a", "c"), f("verdict_false", "b")},
			lookback.Bridge{Before: 3, Added: 1, Now: 4, Came: []id.ID{"c"}, Changed: []id.ID{"b"}}, true},
		{"a verdict was withdrawn for correction", []rectification.Figure{f("sampled", "a", "b", "c"), f("verdict_held", "a")},
			lookback.Bridge{Before: 3, Now: 3, Withdrawn: []id.ID{"b"}}, true},
		{"an item is gone", []rectification.Figure{f("sampled", "a", "c"), f("verdict_held", "a")}, lookback.Bridge{Before: 3, Now: 2, Lost: []id.ID{"b"}}, false},
	} {
		got := lookback.BridgeOf(before, tc.now)
		if got.Before != tc.want.Before || got.Added != tc.want.Added || got.Now != tc.want.Now || !slices.Equal(got.Came, tc.want.Came) || !slices.Equal(got.Withdrawn, tc.want.Withdrawn) ||
			!slices.Equal(got.Changed, tc.want.Changed) || !slices.Equal(got.Lost, tc.want.Lost) || got.Holds() != tc.holds {
			t.Errorf("%s: %+v holds %v", tc.what, got, got.Holds())
		}
	}
}

// claim puts a claim to an item as a close-out leaves it behind.
func (w *world) claim(t *testing.T, item id.ID, no int, text string) id.ID {
	t.Helper()
	n := id.New()
	err := w.Log.Write(ctx, system, "test.claim", func(tx *audit.Tx) error {
		tx.Touch("rectify_claim", n)
		_, err := tx.Exec(ctx, `INSERT INTO rectify_claim (id, item_id, no, kind, body, cents, evidence, test, machine, application, checked, remark, checked_at, person_id, at, dropped, rev)
			VALUES ($1, $2, $3, 'rule', $4, 0, '', '', 0, 1, '', '', '', 'worker', $5, 0, 1)`, string(n), string(item), no, text, tx.At)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAVerdictAnswersEveryClaimFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, list := w.drawn(t)
		x := list[0]
		if err := w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}); err != nil {
			t.Fatal(err)
		}
		first, second := w.claim(t, x.Item, 1, "已修订办法"), w.claim(t, x.Item, 2, "已追缴三万元")
		platformtest.WantKind(t, "no claim answered", w.s.Judge(ctx, w.member, x.ID, verdict("held"), nil), fault.KindInvalid)
		if err := w.s.RunTest(ctx, w.member, x.ID, lookback.TestCmd{Claim: first, Result: lookback.TestTrue}); err != nil {
			t.Fatal(err)
		}
		err := w.s.Judge(ctx, w.member, x.ID, verdict("held"), nil)
		platformtest.WantKind(t, "one claim left", err, fault.KindInvalid)
		if err := w.s.RunTest(ctx, w.member, x.ID, lookback.TestCmd{Claim: second, Result: lookback.TestUntrue, Note: "没有票据"}); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Judge(ctx, w.member, x.ID, verdict("held"), nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestALookbackReportIsFrozenAndFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		planned := w.plan(t, lookback.PlanCmd{Size: 3})
		_, err := w.s.MakeReport(ctx, w.office, planned.ID, lookback.ReportCmd{Title: "报告"})
		platformtest.WantKind(t, "before the draw", err, fault.KindState)
		_, err = w.s.MakeReport(ctx, w.leader, l.ID, lookback.ReportCmd{Title: "报告"})
		platformtest.WantKind(t, "a leader makes none", err, fault.KindNotFound)
		_, err = w.s.MakeReport(ctx, w.office, l.ID, lookback.ReportCmd{})
		platformtest.WantKind(t, "no title", err, fault.KindInvalid)
		judge := func(x lookback.Sample, v string) {
			t.Helper()
			for _, step := range []func() error{
				func() error { return w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}) },
				func() error { return w.s.Judge(ctx, w.member, x.ID, verdict(v), nil) },
				func() error { return w.s.Confirm(ctx, w.lead, x.ID, 0) },
			} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
		}
		judge(list[0], "held")
		first, err := w.s.MakeReport(ctx, w.office, l.ID, lookback.ReportCmd{Title: "第一次报告", Opinion: "继续整改。\n加强督办。"})
		if err != nil {
			t.Fatal(err)
		}
		judge(list[1], "false")
		w.site.Actor = w.office
		at := "/lookback/" + string(l.ID)
		w.page(t, "zh", at+"/reports", 200)
		if code, _ := w.site.Post(t, at+"/reports", url.Values{"title": {"第二次报告"}}); code != 303 {
			t.Fatalf("make a report on the page: %d", code)
		}
		_, reports, err := w.s.Reports(ctx, w.office, l.ID)
		if err != nil || len(reports) != 2 || reports[0].Prior != first.ID {
			t.Fatalf("%+v %v", reports, err)
		}
		if _, err := w.s.ReportByID(ctx, w.leader, first.ID); err != nil {
			t.Fatal(err)
		}
		old, err := w.s.ReportByID(ctx, w.office, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		now, err := w.s.ReportByID(ctx, w.office, reports[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][2]int{"population": {12, 12}, "sampled": {6, 6}, "verified": {1, 2}, "verdict_held": {1, 1}, "verdict_false": {0, 1}, "untrue": {0, 1}, "effect_some": {1, 2}, "pending": {5, 4}, "followed": {1, 1}}
		for k, v := range []lookback.ReportView{old, now} {
			for _, f := range v.Figures {
				if n, ok := want[f.Name]; ok && (f.Value != n[k] || f.Asked == "") {
					t.Errorf("report %d: %s is %d, want %d", k, f.Name, f.Value, n[k])
				}
				if f.Name != "population" && !strings.HasPrefix(f.Name, "half_") && len(f.Rows) != f.Value {
					t.Errorf("%s counts %d and lists %d", f.Name, f.Value, len(f.Rows))
				}
			}
		}
		if len(old.Moved) == 0 || len(now.Moved) != 0 {
			t.Errorf("moved since: %v, %v", old.Moved, now.Moved)
		}
		if now.Bridge == nil || !now.Bridge.Holds() || len(now.Bridge.Came) != 1 || now.Bridge.Came[0] != list[1].ID {
			t.Errorf("%+v", now.Bridge)
		}
		res, err := w.s.Result(ctx, w.office, l.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range now.Figures {
			if f.Name == "untrue" && f.Value != res.Total.Untrue() || f.Name == "verified" && f.Value != res.Total.Verified() || f.Name == "sampled" && f.Value != res.Total.Sampled {
				t.Errorf("the report says %s = %d, the result page %+v", f.Name, f.Value, res.Total.Tally)
			}
		}
		page := "/lookback-reports/" + string(reports[0].ID)
		for _, lang := range []string{"zh", "en"} {
			w.page(t, lang, page, 200)
			w.page(t, lang, page+"?figure=verdict_false", 200)
		}
		code, body := w.site.Get(t, "/lookback-reports/"+string(first.ID)+"/docx")
		text, err := document.Read("a.docx", bytes.NewReader([]byte(body)), int64(len(body)))
		if code != 200 || err != nil {
			t.Fatalf("docx: %d %v", code, err)
		}
		all := ""
		for _, p := range text.Paragraphs {
			all += p + "\n"
		}
		for _, part := range []string{"第一次报告", "加强督办。", l.Digest, list[0].No} {
			if !strings.Contains(all, part) {
				t.Errorf("the document does not say %q", part)
			}
		}
		w.site.Actor = w.head
		w.page(t, "zh", page, 404)
		w.page(t, "zh", at+"/reports", 404)
	})
}
