package rectification_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

// What a unit reports itself stands in the ledger with the milder date of the
// sweep, marked, without a round; the unit's own word stays apart from what others
// find, and it is put right by the same steps.
func TestASelfReportedProblemStandsInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		found := w.item(t, "F-1", nil)
		x := inspection.Reported{No: "ZC-41-001", Category: "discipline", Severity: "general",
			Check: inspection.SelfCheck{ID: id.New(), Unit: north.Unit, By: hq.Unit, Note: "两次用车无记录", AnsweredOn: "2026-03-01", RectifyOn: "2026-08-28", Author: "head"},
			Sweep: inspection.Sweep{ID: id.New(), Title: "公务用车管理不规范", RectifyDays: 180}}
		report := func() error {
			return w.Log.Write(ctx, program, "selfcheck.report", func(tx *audit.Tx) error { return w.s.OnReported(ctx, tx, x) })
		}
		ok(t, report())
		platformtest.WantKind(t, "one report becomes two items", report(), fault.KindConflict)
		of := func(who actor.Actor, kind string) (nos []string) {
			l, err := w.s.List(ctx, who, page.Query{View: rect.ViewAll, Size: 20, Filter: url.Values{"kind": {kind}}})
			ok(t, err)
			for _, r := range l.Rows {
				nos = append(nos, r.No)
			}
			return nos
		}
		for kind, want := range map[string]string{"": "F-1 ZC-41-001", "finding": "F-1", rect.SelfReport: "ZC-41-001", "other": "F-1 ZC-41-001"} {
			if got := strings.Join(of(office, kind), " "); got != want {
				t.Errorf("%q lists %s, want %s", kind, got, want)
			}
		}
		if got := of(platformtest.As("south", actor.UnitHead, south), rect.SelfReport); len(got) != 0 {
			t.Errorf("another unit sees %v", got)
		}
		var n id.ID
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { n, err = rect.Filed(ctx, q, x.Check.ID); return err }))
		i := w.get(t, n)
		if i.State != rect.StateToClaim || i.Due != "2026-08-28" || i.FirstDue != i.Due || i.Round != "" || i.Problem != "两次用车无记录" || i.Claimed != rect.NotStarted {
			t.Errorf("%+v", i)
		}
		ok(t, w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{n}}))
		ok(t, w.Log.Write(ctx, program, "lookback.verdict", func(tx *audit.Tx) error { return w.s.SetVerified(ctx, tx, n, rect.Partly, "2026-09-01") }))
		if i = w.get(t, n); i.Claimed != rect.NotStarted || i.Verified != rect.Partly {
			t.Errorf("claimed and verified: %+v", i)
		}
		site := w.Serve(t, w.s.Room())
		site.Actor = office
		for path, want := range map[string]string{"/ledger?view=all&kind=self_report": "自查自报", "/items/" + string(n): "自报日期", "/items/" + string(n) + "?a=1": "/self-checks/" + string(x.Check.ID), "/items/" + string(found): "/findings/"} {
			if code, body := site.Get(t, path); code != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d, without %q", path, code, want)
			}
		}
	})
}
