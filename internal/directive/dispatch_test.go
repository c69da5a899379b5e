package directive_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

// Why a task stands on a sheet follows from its state and dates alone.
func TestWhyATaskStandsOnASheet(t *testing.T) {
	const today, ahead = clock.Date("2026-05-20"), clock.Date("2026-05-27")
	for _, x := range []struct {
		state        string
		due, done    clock.Date
		contradicted bool
		want         string
	}{
		{directive.TaskWorking, "2026-05-19", "", false, "late"},
		{directive.TaskToSign, "2026-05-20", "", false, "due"},
		{directive.TaskWorking, "2026-05-27", "", false, "due"},
		{directive.TaskWorking, "2026-05-28", "", false, ""},
		{directive.TaskWorking, "", "", false, ""},
		{directive.TaskRedo, "2026-05-19", "", false, "late returned"},
		{directive.TaskRedo, "2026-06-19", "", true, "returned contradicted"},
		{directive.TaskReported, "2026-05-01", "", false, "waiting"},
		{directive.TaskDone, "2026-05-19", "2026-05-19", false, "verified on_time"},
		{directive.TaskDone, "2026-05-19", "2026-05-20", true, "contradicted verified"},
		{directive.TaskWithdrawn, "2026-05-01", "", true, ""},
	} {
		got := strings.Join(directive.MarksOf(directive.Task{State: x.state, Due: x.due, DoneOn: x.done}, today, ahead, x.contradicted), " ")
		if got != x.want {
			t.Errorf("%s due %s done %s contradicted %t: %q, want %q", x.state, x.due, x.done, x.contradicted, got, x.want)
		}
	}
	for d, want := range map[clock.Date]string{"2026-05-20": "2026W21", "2027-01-01": "2026W53", "2024-12-30": "2025W01"} {
		if got := directive.Week(d); got != want {
			t.Errorf("%s is in %s, want %s", d, got, want)
		}
	}
	if p := directive.Supervision().Dispatch; p.Weekday < 1 || p.Weekday > 7 || p.MonthDay < 1 || p.AheadDays < 1 {
		t.Errorf("%+v", p)
	}
}

// A sheet is frozen: its figures are its rows, its parts add up to it, and what is
// done later changes neither. Nobody sees a part before it is sent, nobody another's.
func dispatching(t *testing.T, w *world) {
	v := w.confirmed(t)
	assign := func(due clock.Date) []directive.Task {
		c := two(v)
		c.Due = due
		list, err := w.s.Assign(ctx, w.boss, v.Directive.ID, c)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(list, func(a, b directive.Task) int { // Henan first
			return map[bool]int{true: -1, false: 1}[w.dir.Name(a.Unit) == henan]
		})
		return list
	}
	step := func(who actor.Actor, n id.ID, do, text string) {
		t.Helper()
		if err := w.s.Step(ctx, who, n, do, directive.StepCmd{Text: text}, nil); err != nil {
			t.Fatal(do, err)
		}
	}
	first, second, third := assign("2026-04-10"), assign("2026-04-24"), assign("2026-06-30")
	step(w.unit, first[0].ID, "sign", "")
	below, err := w.s.BreakDown(ctx, w.unit, first[0].ID, directive.AssignCmd{Title: "选取部分事项核对", Measure: "清单", Due: "2026-04-09", Kind: directive.KindLead, To: "children"})
	if err != nil {
		t.Fatal(err)
	}
	step(w.unit, first[0].ID, "report", "已办")
	step(w.boss, first[0].ID, "return", "缺佐证")
	step(w.unit, second[0].ID, "sign", "")
	step(w.unit, second[0].ID, "report", "已办")
	if _, err := w.s.IssueStep(ctx, w.boss, below[0].Issue, "judge", directive.IssueCmd{Reading: directive.ReadingContradicts, Text: "少了“逐项”"}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(clock.Date("2026-04-20").Time()) // a Monday
	platformtest.WantKind(t, "a unit makes one", failed(w.s.MakeDispatch(ctx, w.unit, directive.DispatchCmd{Directive: v.Directive.ID})), fault.KindNotFound)
	made, err := w.s.Dispatches(ctx)
	if err != nil || made < 1 {
		t.Fatal(made, err)
	}
	if again, err := w.s.Dispatches(ctx); err != nil || again != 0 {
		t.Errorf("made twice: %d %v", again, err)
	}
	platformtest.WantKind(t, "by hand as well", failed(w.s.MakeDispatch(ctx, w.boss, directive.DispatchCmd{Directive: v.Directive.ID})), fault.KindState)
	l, err := w.s.DispatchList(ctx, w.boss, page.Query{Size: 20, Filter: map[string][]string{"directive": {string(v.Directive.ID)}}})
	if err != nil || len(l.Rows) != 1 {
		t.Fatalf("%+v %v", l.Rows, err)
	}
	n := l.Rows[0].ID
	read := func(mark string) directive.DispatchView {
		t.Helper()
		x, err := w.s.DispatchOf(ctx, w.boss, n, page.Query{Size: 50, Filter: map[string][]string{"mark": {mark}}})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	want := map[string]int{"late": 2, "returned": 1, "contradicted": 1, "due": 1, "waiting": 1}
	adds := func() {
		t.Helper()
		for _, m := range directive.AllMarks[:5] {
			x, parts := read(m), 0
			for _, p := range x.Parts {
				parts += p.Counts[m]
			}
			if x.Dispatch.Counts[m] != want[m] || x.Next.Count != want[m] || len(x.Lines) != want[m] || parts != want[m] || !x.Whole {
				t.Errorf("%s: sheet %d, rows %d, offices %d, want %d; whole %t", m, x.Dispatch.Counts[m], x.Next.Count, parts, want[m], x.Whole)
			}
		}
	}
	adds()
	if x := read(""); x.Dispatch.Counts.All() != 6 || x.Dispatch.Lines != 4 || len(x.Parts) != 2 || x.Parts[0].Leader != "head-"+x.Parts[0].Unit {
		t.Errorf("%+v %+v", x.Dispatch, x.Parts)
	}
	if got := w.kinds(t, w.unit); strings.Contains(got, "dispatch_part") {
		t.Errorf("told before it is sent: %s", got)
	}
	part := read("").Parts[0]
	if part.Unit != w.unit.Unit {
		part = read("").Parts[1]
	}
	_, err = w.s.PartOf(ctx, w.unit, part.ID)
	platformtest.WantKind(t, "read before it is sent", err, fault.KindNotFound)
	platformtest.WantKind(t, "dropped without a reason", w.s.DispatchStep(ctx, w.boss, n, "drop", directive.StepCmd{}), fault.KindInvalid)
	platformtest.WantKind(t, "a unit sends", w.s.DispatchStep(ctx, w.unit, n, "send", directive.StepCmd{}), fault.KindNotFound)
	if err := w.s.DispatchStep(ctx, w.boss, n, "send", directive.StepCmd{Text: "请说明"}); err != nil {
		t.Fatal(err)
	}
	platformtest.WantKind(t, "sent twice", w.s.DispatchStep(ctx, w.boss, n, "send", directive.StepCmd{}), fault.KindState)
	if got := w.kinds(t, w.unit); !strings.Contains(got, "dispatch_part.todo.answer") {
		t.Errorf("the unit is asked for %s", got)
	}
	platformtest.WantKind(t, "without words", w.s.PartStep(ctx, w.unit, part.ID, "answer", directive.StepCmd{}), fault.KindInvalid)
	platformtest.WantKind(t, "a stranger", w.s.PartStep(ctx, w.city, part.ID, "answer", directive.StepCmd{Text: "x"}), fault.KindNotFound)
	platformtest.WantKind(t, "who asks answers", w.s.PartStep(ctx, w.boss, part.ID, "answer", directive.StepCmd{Text: "x"}), fault.KindNotFound)
	if err := w.s.PartStep(ctx, w.unit, part.ID, "answer", directive.StepCmd{Text: "月底补齐"}); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.DispatchOf(ctx, w.unit, n, page.Query{Size: 20})
	platformtest.WantKind(t, "a unit reads the whole sheet", err, fault.KindNotFound)

	// What happens afterwards changes no figure of the sheet.
	step(w.boss, second[0].ID, "accept", "属实")
	step(w.unit, third[0].ID, "sign", "")
	adds()

	// Of the month everything that fell due stands on the sheet, once the month is over.
	w.Clock.Set(clock.Date("2026-05-01").Time())
	if _, err := w.s.Dispatches(ctx); err != nil {
		t.Fatal(err)
	}
	l, err = w.s.DispatchList(ctx, w.boss, page.Query{Size: 20, View: directive.DispatchMonth, Filter: map[string][]string{"period": {"2026-04"}}})
	if err != nil || len(l.Rows) != 1 {
		t.Fatalf("%+v %v", l.Rows, err)
	}
	month := l.Rows[0]
	if c := month.Counts; c.All() != month.Lines || c["verified"] < 1 || c["on_time"] > c["verified"] || c["due"] != 0 {
		t.Errorf("%+v", c)
	}
	_, err = w.s.MakeDispatch(ctx, w.boss, directive.DispatchCmd{Month: "2031-01"})
	platformtest.WantKind(t, "a month to come", err, fault.KindInvalid)
	compose := func(x directive.DispatchView) (string, string, string) { return "通报", "清单", x.Dispatch.Period }
	_, err = w.s.Circulate(ctx, w.boss, month.ID, 0, compose)
	platformtest.WantKind(t, "a circular of an unsent sheet", err, fault.KindState)
	if err := w.s.DispatchStep(ctx, w.boss, month.ID, "send", directive.StepCmd{}); err != nil {
		t.Fatal(err)
	}
	sheetPages(t, w, n, month.ID, part.ID)
	_, err = w.s.Circulate(ctx, w.boss, month.ID, 0, compose)
	platformtest.WantKind(t, "a second circular", err, fault.KindState)

	// Whom one of its tasks concerns finds no sheet.
	if err := w.Log.Write(ctx, w.boss, "test.concern", func(tx *audit.Tx) error {
		return access.Concern(ctx, tx, first[0].ID, w.other.Person, access.Subject)
	}); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.DispatchOf(ctx, w.other, n, page.Query{Size: 20})
	platformtest.WantKind(t, "whom a row concerns", err, fault.KindNotFound)
	_, err = w.s.PartOf(ctx, w.other, part.ID)
	platformtest.WantKind(t, "whom a row of an office concerns", err, fault.KindNotFound)
	if l, err := w.s.DispatchList(ctx, w.other, page.Query{Size: 20, Filter: map[string][]string{"directive": {string(v.Directive.ID)}}}); err != nil || len(l.Rows) != 0 {
		t.Errorf("%d sheets, %v", len(l.Rows), err)
	}
}

func failed[T any](_ T, err error) error { return err }

// sheetPages walks the pages of sheets in both languages and drafts the circular.
func sheetPages(t *testing.T, w *world, week, month, part id.ID) {
	var title, body string
	w.s.Circular = func(_ context.Context, _ actor.Actor, a, _, b string) (id.ID, error) {
		title, body = a, b
		return id.New(), nil
	}
	site := w.Serve(t, w.s.Room())
	sheet, own := "/dispatches/"+string(week), "/dispatch-parts/"+string(part)
	for _, x := range []struct {
		who  actor.Actor
		path string
		want int
		has  string
	}{
		{w.boss, "/dispatches", 200, "生成月度清单"}, {w.boss, "/dispatches?view=week", 200, "2026W17"}, {w.boss, sheet, 200, "逐项清单"}, {w.boss, sheet + "?mark=late", 200, "核对未销号事项"}, {w.boss, "/dispatches/" + string(month), 200, "起草通报"},
		{w.boss, own, 200, "月底补齐"}, {w.unit, "/dispatch-parts", 200, "2026W17"}, {w.unit, own, 200, "已说明"}, {w.city, own, 404, ""}, {w.unit, sheet, 404, ""}, {w.unit, "/dispatches", 404, ""},
	} {
		site.Actor = x.who
		for _, lang := range []string{"zh", "en"} {
			r := httptest.NewRequest(http.MethodGet, x.path, nil)
			r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
			code, text := site.Send(t, r)
			if code != x.want || lang == "zh" && !strings.Contains(text, x.has) {
				t.Errorf("%s %s: %d, want %d with %q: %.300s", x.who.Name, x.path, code, x.want, x.has, text)
			}
			if code == 200 {
				for _, wrong := range uitest.Check(text) {
					t.Errorf("%s %s: %s", x.path, lang, wrong)
				}
			}
		}
	}
	site.Actor = w.boss
	for _, kind := range []string{"/docx", "/xlsx"} {
		if code, text := site.Send(t, httptest.NewRequest(http.MethodGet, sheet+kind, nil)); code != 200 || !strings.HasPrefix(text, "PK") {
			t.Errorf("%s: %d %.100s", kind, code, text)
		}
	}
	if code, text := site.Post(t, "/dispatches", map[string][]string{"month": {"五月"}}); code != 422 || !strings.Contains(text, "五月") {
		t.Errorf("a wrong month: %d %.200s", code, text)
	}
	if code, to := site.Post(t, "/dispatches/"+string(month)+"/circular", nil); code != 303 || !strings.HasPrefix(to, "/notices/") {
		t.Errorf("circular: %d %.200s", code, to)
	}
	x, err := w.s.DispatchOf(ctx, w.boss, month, page.Query{Size: 20})
	if err != nil || x.Dispatch.Notice == "" || !strings.Contains(title, "2026年4月") || !strings.Contains(body, x.Dispatch.Digest[:12]) || !strings.Contains(body, "到期任务"+strconv.Itoa(x.Dispatch.Counts.All())+"项") {
		t.Errorf("%s\n%s\n%+v %v", title, body, x.Dispatch, err)
	}
}
