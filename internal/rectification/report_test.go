package rectification_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

func TestReportsReconcileByTheirRows(t *testing.T) {
	f := func(name string, rows ...id.ID) rect.Figure { return rect.Figure{Name: name, Rows: rows} }
	before := []rect.Figure{f(rect.FigureAll, "a", "b", "c"), f(rect.FigureOpen, "a", "b"), f(rect.FigureClosed, "c")}
	for _, tc := range []struct {
		what  string
		now   []rect.Figure
		want  rect.Balance
		holds bool
	}{
		{"one closed, one came, one opened again", []rect.Figure{f(rect.FigureAll, "a", "b", "c", "d"), f(rect.FigureOpen, "b", "c", "d"), f(rect.FigureClosed, "a"), f(rect.FigureReopened, "c")},
			rect.Balance{Before: 2, Came: 1, Reopened: 1, Closed: 1, Now: 3}, true},
		{"came and was closed in between", []rect.Figure{f(rect.FigureAll, "a", "b", "c", "d"), f(rect.FigureOpen, "a", "b"), f(rect.FigureClosed, "c", "d")},
			rect.Balance{Before: 2, Came: 1, Closed: 1, Now: 2}, true},
		{"a closed one is open and nobody opened it", []rect.Figure{f(rect.FigureAll, "a", "b", "c"), f(rect.FigureOpen, "a", "b", "c")},
			rect.Balance{Before: 2, Now: 3, Unexplained: []id.ID{"c"}}, false},
		{"one is gone", []rect.Figure{f(rect.FigureAll, "b", "c"), f(rect.FigureOpen, "b"), f(rect.FigureClosed, "c")},
			rect.Balance{Before: 2, Closed: 1, Now: 1, Unexplained: []id.ID{"a"}}, false},
	} {
		got := rect.Reconcile(before, tc.now)
		if got.Before != tc.want.Before || got.Came != tc.want.Came || got.Reopened != tc.want.Reopened || got.Closed != tc.want.Closed || got.Now != tc.want.Now ||
			len(got.Unexplained) != len(tc.want.Unexplained) || got.Holds() != tc.holds {
			t.Errorf("%s: %+v holds %v", tc.what, got, got.Holds())
		}
	}
}

func TestAReportIsFrozenAndFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Clock.Set(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
		i, _ := w.fedBack(t)
		site := w.Serve(t, w.s.Room())
		_, err := w.s.MakeReport(ctx, stranger, rect.ReportCmd{Round: i.Round, Unit: i.Unit, Title: "报告"})
		platformtest.WantKind(t, "another unit's report", err, fault.KindNotFound)
		_, err = w.s.MakeReport(ctx, liaison, rect.ReportCmd{Round: i.Round, Title: "报告"})
		platformtest.WantKind(t, "the unit reports for all", err, fault.KindNotFound)
		_, err = w.s.MakeReport(ctx, liaison, rect.ReportCmd{Round: i.Round, Unit: i.Unit})
		platformtest.WantKind(t, "no title", err, fault.KindInvalid)
		first, err := w.s.MakeReport(ctx, liaison, rect.ReportCmd{Round: i.Round, Unit: i.Unit, Title: "一季度整改情况报告"})
		ok(t, err)
		w.toRectifying(t, i.ID)
		e := w.toApplied(t, i.ID)
		read(t, w, reviewer, e.ID)
		ok(t, w.s.Close(ctx, reviewer, i.ID, rect.DecideCmd{Borne: w.claims(t, i.ID)}))
		as(site, liaison)
		view(t, site, "/rectify-reports", 200)
		post(t, site, "/rectify-reports", url.Values{"round": {string(i.Round)}, "unit": {string(i.Unit)}, "title": {"二季度整改情况报告"}})
		list, err := w.s.Reports(ctx, liaison)
		ok(t, err)
		if len(list) != 2 || list[0].Prior != first.ID {
			t.Fatalf("%+v", list)
		}
		v, err := w.s.ReportByID(ctx, office, list[0].ID)
		ok(t, err)
		value := map[string]rect.Figure{}
		for _, f := range v.Figures {
			value[f.Name] = f
		}
		d := w.dossier(t, i.ID)
		if all := value[rect.FigureMeasures]; len(d.Measures) == 0 || all.Value != len(d.Measures) || len(all.Rows) != all.Value {
			t.Errorf("%d measures are counted as %+v", len(d.Measures), all)
		}
		done := 0
		for _, m := range d.Measures {
			if m.State == rect.MeasureDone {
				done++
			}
		}
		if value[rect.FigureMeasuresDone].Value != done || value[rect.FigureMeasuresLate].Value != 0 {
			t.Errorf("%d done: %+v, %+v", done, value[rect.FigureMeasuresDone], value[rect.FigureMeasuresLate])
		}
		if body := view(t, site, "/rectify-reports/"+string(list[0].ID)+"?figure=measures", 200); !strings.Contains(body, d.Measures[0].Text) {
			t.Error("the figure of the measures leads to none")
		}
		if v.Balance == nil || !v.Balance.Holds() || v.Balance.Closed != 1 || v.Balance.Now != 0 {
			t.Errorf("%+v", v.Balance)
		}
		old, err := w.s.ReportByID(ctx, office, first.ID)
		ok(t, err)
		for _, f := range old.Figures {
			if f.Name == rect.FigureOpen && (f.Value != 1 || len(f.Rows) != 1 || f.Asked == "") {
				t.Errorf("a frozen figure moved: %+v", f)
			}
		}
		at := "/rectify-reports/" + string(list[0].ID)
		view(t, site, at, 200)
		view(t, site, at+"?figure=closed", 200)
		code, body := site.Get(t, at+"/docx")
		text, err := document.Read("a.docx", bytes.NewReader([]byte(body)), int64(len(body)))
		if code != 200 || err != nil || len(text.Paragraphs) < 5 {
			t.Errorf("docx: %d %v", code, err)
		}
		if code, _ := as(site, stranger).Get(t, at); code != 404 {
			t.Errorf("a stranger reads the report: %d", code)
		}
	})
}
