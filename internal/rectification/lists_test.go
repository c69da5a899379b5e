package rectification_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	rect "huikan/internal/rectification"
)

// The three lists of a rectification plan (domain I-13) are three workbooks: a
// line for a problem, for a measure, and for a duty.
func TestThreeListsAreThreeWorkbooks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		i, _ := w.fedBack(t)
		w.toRectifying(t, i.ID)
		site := as(w.Serve(t, w.s.Room()), liaison)
		var measures []rect.Measure
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { measures, err = rect.Measures(ctx, q, i.ID); return err }))
		for _, tc := range []struct {
			list  string
			lines int
			says  string
		}{{"problems", 1, "具体情况"}, {"tasks", len(measures), measures[0].Text}, {"duties", 1, measures[0].Responsible}, {"effects", 1, "尚未填报成效"}} {
			code, body := site.Get(t, "/ledger/export?format=csv&view=all&list="+tc.list)
			if n := strings.Count(body, string(i.ID)); code != 200 || n != tc.lines {
				t.Errorf("%s: %d, %d lines, want %d: %.300s", tc.list, code, n, tc.lines, body)
			}
			if tc.list != "problems" && !strings.Contains(body, tc.says) {
				t.Errorf("%s does not say %q: %s", tc.list, tc.says, body)
			}
			if code, body := site.Get(t, "/ledger/export?format=xlsx&view=all&list="+tc.list); code != 200 || !strings.HasPrefix(body, "PK") {
				t.Errorf("%s as a workbook: %d", tc.list, code)
			}
		}
		if code, _ := site.Get(t, "/ledger/export?format=csv&view=all&list=other"); code != 422 {
			t.Errorf("an unknown list: %d", code)
		}
	})
}

// Measures are counted apart from problems at the head of the ledger, by the
// filter in force, each once however many items it serves; nobody counts others'.
func TestTheLedgerCountsItsMeasures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		i, _ := w.fedBack(t)
		w.toRectifying(t, i.ID)
		var measures []rect.Measure
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { measures, err = rect.Measures(ctx, q, i.ID); return err }))
		list := func(who actor.Actor, filter string) *rect.MeasureCount {
			p, err := page.Parse(url.Values{"view": {"all"}, "state": {filter}})
			ok(t, err)
			out, err := w.s.List(ctx, who, p)
			ok(t, err)
			return out.Measures
		}
		if m := list(liaison, ""); len(measures) == 0 || m == nil || m.All != len(measures) || m.Done != 0 || m.Late != 0 {
			t.Errorf("%+v, want %d", m, len(measures))
		}
		w.Clock.Advance(5 * 365 * 24 * time.Hour)
		if m := list(liaison, ""); m == nil || m.Late == 0 {
			t.Errorf("no measure is late after five years: %+v", m)
		}
		if m := list(liaison, rect.StateClosed); m != nil {
			t.Errorf("a list without items has measures: %+v", m)
		}
		if m := list(stranger, ""); m != nil {
			t.Errorf("somebody of another unit counts them: %+v", m)
		}
		site := as(w.Serve(t, w.s.Room()), liaison)
		if _, body := site.Get(t, "/ledger?view=all"); !strings.Contains(body, fmt.Sprintf("0/%d", len(measures))) || !strings.Contains(body, "list=tasks") {
			t.Error("the page does not show them with a way to their list")
		}
	})
}

// The ledger is filtered by the kind of work, which the visit may have of its own: an
// audit within a round of inspections is an audit.
func TestTheLedgerIsFilteredByTheKindOfWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		i, _ := w.fedBack(t)
		w.item(t, "A-2", func(x *rect.NewItem) { x.Round = i.Round }) // of no finding: of no kind
		change := func(text string, args ...any) {
			t.Helper()
			ok(t, w.Log.Write(ctx, program, "kind", func(tx *audit.Tx) error {
				tx.Touch("inspection_visit", "visit")
				tx.Touch("inspection_finding", i.Finding)
				_, err := tx.Exec(ctx, text, args...)
				return err
			}))
		}
		change(`INSERT INTO inspection_finding (id, round_id, visit_id, unit_id, responsible_id, by_id, no, seq, category, aspect, title, fact, basis, cause, consequence, severity, scope, origin, state, higher_cause, amount,
			response, response_reason, ruling, stated_no, stated_status, stated_due_on, stated_due, stated_lead, stated_department, stated_measures, rev)
			VALUES ($1, 'round', 'visit', $2, $2, $3, 'F-1', 1, 'theory', '', '问题', '事实', '', '', '', 'grave', 'individual', 'inspection', 'fed_back', FALSE, 0, '', '', '', '', '', '', '', '', '', '', 1)`, string(i.Finding), string(i.Unit), string(i.By))
		for _, own := range []string{"", inspection.KindAudit} {
			change("UPDATE inspection_visit SET kind = $1 WHERE id = 'visit'", own)
			for _, kind := range inspection.RoundKinds() {
				l, err := w.s.List(ctx, office, page.Query{View: rect.ViewAll, Size: 10, Filter: url.Values{"work": {kind}}})
				ok(t, err)
				want := kind == own || own == "" && kind == inspection.KindRegular
				if (len(l.Rows) == 1) != want || len(l.Rows) > 1 {
					t.Errorf("%s in a visit of %q: %d rows", kind, own, len(l.Rows))
				}
			}
		}
	})
}

// A list of several states is in the order of dates over all of them, and read page by
// page, forwards and back, it names each item once; a view that asks for states of its
// own shows those of them that are asked for.
func TestSeveralStatesAreOneListInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		states := []string{rect.StateClosed, rect.StateApplied, rect.StateToClaim}
		asked := map[string]bool{}
		for k := range 12 {
			no := fmt.Sprintf("S-%02d", k)
			asked[no] = k%3 != 0
			w.item(t, no, func(x *rect.NewItem) {
				x.State, x.Due = states[k%3], w.today().AddDays(7*k%30)
				if x.State == rect.StateClosed {
					x.ClosedOn = w.today()
				}
			})
		}
		read := func(size int, v url.Values) (nos []string, next page.Next) {
			p, err := page.Parse(v)
			ok(t, err)
			p.Size = size
			l, err := w.s.List(ctx, office, p)
			ok(t, err)
			for _, x := range l.Rows {
				nos = append(nos, x.No)
			}
			return nos, l.Next
		}
		two := []string{rect.StateApplied, rect.StateToClaim}
		for _, sort := range []string{"due", "-due"} {
			want, _ := read(50, url.Values{"view": {rect.ViewAll}, "sort": {sort}})
			want = slices.DeleteFunc(want, func(no string) bool { return !asked[no] })
			var got []string
			var next page.Next
			for range 3 {
				v := url.Values{"view": {rect.ViewAll}, "sort": {sort}, "state": two}
				if next.After != "" {
					v.Set("after", next.After)
				}
				var nos []string
				nos, next = read(3, v)
				got = append(got, nos...)
			}
			if !slices.Equal(got, want) || len(want) != 8 || next.After != "" {
				t.Fatalf("by %s: %v, want %v", sort, got, want)
			}
			if back, _ := read(3, url.Values{"view": {rect.ViewAll}, "sort": {sort}, "state": two, "before": {next.Before}}); !slices.Equal(back, want[3:6]) {
				t.Errorf("back by %s: %v, want %v", sort, back, want[3:6])
			}
		}
		if got, _ := read(50, url.Values{"view": {rect.ViewReview}, "state": two}); len(got) != 4 {
			t.Errorf("of what waits for review: %v", got)
		}
	})
}

// A completion rate never stands alone: the half-life that a look-back lends
// stands beside it, and a report freezes both.
func TestTheHalfLifeStandsBesideTheRate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Clock.Set(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
		i, _ := w.fedBack(t)
		half := rect.HalfLife{N: 9, Events: 4, Days: 321, Low: 200, High: 0, Longest: 700, Holds: .4}
		w.s.OnLasting(func(_ context.Context, _ db.Q, _ actor.Actor, unit id.ID) (rect.HalfLife, []id.ID, error) {
			if unit != "" && unit != i.Unit {
				return rect.HalfLife{}, nil, fault.NotFound("unit")
			}
			return half, []id.ID{i.ID}, nil
		})
		r, err := w.s.MakeReport(ctx, liaison, rect.ReportCmd{Round: i.Round, Unit: i.Unit, Title: "报告"})
		ok(t, err)
		half.Days = 1
		site := as(w.Serve(t, w.s.Room()), liaison)
		if _, body := site.Get(t, "/rectify-reports/"+string(r.ID)); !strings.Contains(body, "321") {
			t.Error("the report does not show the half-life of its day")
		}
		v, err := w.s.ReportByID(ctx, liaison, r.ID)
		ok(t, err)
		for _, f := range v.Figures {
			if f.Name == rect.FigureHalf && (f.Value != 321 || len(f.Rows) != 1 || !strings.Contains(f.Asked, "relapsed=4")) {
				t.Errorf("%+v", f)
			}
		}
	})
}

// The list of effects (成效清单) has a line for each fact of effect with its figure,
// its proof and the reviewer's word; dropped claims are none.
func TestTheListOfEffectsHasALineForEachFact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		ok(t, second(w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{}, file("缴款凭证.txt", "缴款三万五千元"))))
		w.Clock.Advance(time.Minute)
		c := w.applyCmd(t, n)
		c.Statement = "追缴违规发放资金 35000 元。修订财务报销办法。"
		ok(t, w.s.Apply(ctx, liaison, n, c))
		site := as(w.Serve(t, w.s.Room()), office)
		code, body := site.Get(t, "/ledger/export?format=csv&view=all&list=effects")
		if code != 200 || strings.Count(body, string(n)) != 2 {
			t.Fatalf("%d: %s", code, body)
		}
		for _, say := range []string{"追缴违规发放资金 35000 元", "35000", "缴款凭证.txt", "修订财务报销办法", "资金追缴", "建章立制", "未核对"} {
			if !strings.Contains(body, say) {
				t.Errorf("without %q: %s", say, body)
			}
		}
		if code, page := site.Get(t, "/ledger?view=all&list=effects"); code != 200 || !strings.Contains(page, "缴款凭证.txt") {
			t.Errorf("the page: %d", code)
		}
		for _, x := range w.dossier(t, n).Claims {
			if x.Kind == "rule" {
				ok(t, w.Log.Write(ctx, program, "test", func(tx *audit.Tx) error {
					tx.Touch("rectify_claim", x.ID)
					_, err := tx.Exec(ctx, "UPDATE rectify_claim SET dropped = 1 WHERE id = $1", string(x.ID))
					return err
				}))
			}
		}
		if _, body := site.Get(t, "/ledger/export?format=csv&view=all&list=effects"); strings.Count(body, string(n)) != 1 {
			t.Errorf("a dropped claim is listed: %s", body)
		}
	})
}
