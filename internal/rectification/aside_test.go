package rectification_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

// proof hands a piece of evidence in for an item that is being worked on.
func (w *world) proof(t *testing.T, n id.ID) id.ID {
	t.Helper()
	es, err := w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{Note: "批复"}, file("批复.txt", "同意撤销该机构。"+string(n)))
	ok(t, err)
	w.Clock.Advance(time.Minute)
	return es[0].ID
}

func (w *world) refused(t *testing.T, what string, err error, key string) {
	t.Helper()
	if x, _ := fault.Of(err); x == nil || x.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

// What events have overtaken is neither open nor closed, is decided by a second
// person who saw the proof, and comes back with its first clock.
func TestOvertakenByEventsCountsApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		first := w.get(t, n)
		p := w.proof(t, n)
		ask := rect.AsideCmd{Kind: rect.StateOvertaken, Ground: "unit_gone", Reason: "该派出机构已于三月撤销。", Evidence: []id.ID{p}}
		for what, change := range map[string]func(c *rect.AsideCmd){
			"no ground": func(c *rect.AsideCmd) { c.Ground = "" }, "a ground of the other kind": func(c *rect.AsideCmd) { c.Ground = "proceedings" },
			"no reason": func(c *rect.AsideCmd) { c.Reason = " " }, "no proof": func(c *rect.AsideCmd) { c.Evidence = nil },
			"proof of another item": func(c *rect.AsideCmd) { c.Evidence = []id.ID{id.New()} }, "a last day": func(c *rect.AsideCmd) { c.Until = "2027-01-01" }} {
			c := ask
			change(&c)
			if err := w.s.AskAside(ctx, liaison, n, c); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := w.s.AskAside(ctx, reviewer, n, ask); fault.KindOf(err) != fault.KindForbidden {
			t.Errorf("the reviewer asks: %v", err)
		}
		ok(t, w.s.AskAside(ctx, liaison, n, ask))
		w.refused(t, "twice", w.s.AskAside(ctx, liaison, n, ask), "aside.bad.waits")
		double := liaison
		double.Grants = append([]actor.Grant{{Role: actor.Reviewer, Unit: hq.Unit, Path: hq.Path}}, double.Grants...)
		yes := rect.JudgeAsideCmd{Grant: true, Opinion: "属实。"}
		w.refused(t, "who asked decides", w.s.JudgeAside(ctx, double, n, yes), "item.refuse.own_work")
		w.refused(t, "unseen", w.s.JudgeAside(ctx, reviewer, n, yes), "aside.bad.unread")
		_, _, err := w.s.Evidence(ctx, reviewer, p)
		ok(t, err)
		if err := w.s.JudgeAside(ctx, reviewer, n, rect.JudgeAsideCmd{Grant: true}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("without an opinion: %v", err)
		}
		ok(t, w.s.JudgeAside(ctx, reviewer, n, yes))
		w.refused(t, "again", w.s.JudgeAside(ctx, reviewer, n, yes), "aside.bad.none")
		i := w.get(t, n)
		if i.State != rect.StateOvertaken || i.ClosedOn != "" || i.Aside == "" || i.Overdue("2030-01-01") || i.Near(i.Due) {
			t.Errorf("set aside: %+v", i)
		}
		for view, want := range map[string]int{rect.ViewOpen: 0, rect.ViewUnchecked: 0, rect.ViewAside: 1, rect.ViewAll: 1} {
			if l, err := w.s.List(ctx, office, page.Query{View: view, Size: 10}); err != nil || len(l.Rows) != want {
				t.Errorf("%s: %d rows, want %d: %v", view, len(l.Rows), want, err)
			}
		}
		if err := w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "进展", On: "2026-02-01"}); !fault.Is(err, fault.KindState) {
			t.Errorf("work goes on meanwhile: %v", err)
		}
		if err := w.s.Revive(ctx, office, n, rect.ReopenCmd{}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("taken up without a reason: %v", err)
		}
		if err := w.s.Revive(ctx, liaison, n, rect.ReopenCmd{Reason: "恢复"}); fault.KindOf(err) != fault.KindForbidden {
			t.Errorf("the unit takes it up: %v", err)
		}
		ok(t, w.s.Revive(ctx, office, n, rect.ReopenCmd{Reason: "职能由新机构承接。"}))
		if i := w.get(t, n); i.State != rect.StateRectifying || i.Aside != "" || i.FedBack != first.FedBack || i.FirstDue != first.FirstDue || i.Due != first.Due || i.Reopened != 0 {
			t.Errorf("taken up again: %+v", i)
		}
	})
}

// A deviation is accepted above the unit, until a day, and is active again by
// itself on the day after.
func TestAcceptedDeviationComesBackByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		p := w.proof(t, n)
		today := w.s.Today()
		ask := rect.AsideCmd{Kind: rect.StateAccepted, Ground: "proceedings", Reason: "诉讼尚未终结。", Evidence: []id.ID{p}, Until: today.AddMonths(3)}
		for _, until := range []clock.Date{"", today, today.AddMonths(rect.AcceptedMonths).AddDays(1)} {
			c := ask
			if c.Until = until; !fault.Is(w.s.AskAside(ctx, liaison, n, c), fault.KindInvalid) {
				t.Errorf("until %q is not refused", until)
			}
		}
		ok(t, w.s.AskAside(ctx, liaison, n, ask))
		own := platformtest.As("own", actor.Leader, north)
		for _, who := range []actor.Actor{leader, own} {
			if err := w.s.JudgeAside(ctx, who, n, rect.JudgeAsideCmd{Grant: true, Opinion: "同意。"}); fault.KindOf(err) != fault.KindForbidden {
				t.Errorf("%s accepts: %v", who.Name, err)
			}
		}
		above := platformtest.As("above", actor.Leader, hq)
		_, _, err := w.s.Evidence(ctx, above, p)
		ok(t, err)
		if err := w.s.JudgeAside(ctx, above, n, rect.JudgeAsideCmd{Grant: true, Opinion: "同意。", Until: ask.Until.AddDays(1)}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("longer than asked: %v", err)
		}
		ok(t, w.s.JudgeAside(ctx, above, n, rect.JudgeAsideCmd{Grant: true, Opinion: "同意，期间逐月报告。", Until: ask.Until.AddDays(-10)}))
		before := w.get(t, n)
		if before.State != rect.StateAccepted || before.Until != ask.Until.AddDays(-10) {
			t.Fatalf("accepted: %+v", before)
		}
		w.Clock.Advance(time.Duration(before.Until.Sub(today)) * 24 * time.Hour)
		for day, want := range []int{0, 1, 0} { // the last day, the day after, once more
			if got, err := w.s.Expire(ctx); err != nil || got != want {
				t.Errorf("day %d: %d taken up, want %d: %v", day, got, want, err)
			}
			w.Clock.Advance(24 * time.Hour)
		}
		if i := w.get(t, n); i.State != rect.StateRectifying || i.Until != "" || i.Due != before.Due || i.FedBack != before.FedBack {
			t.Errorf("after the last day: %+v", i)
		}
	})
}

// Nobody accepts a deviation of his own unit, also where it inspected itself.
func TestNobodyAcceptsADeviationOfHisOwnUnit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", func(i *rect.NewItem) { i.Unit, i.By, i.State = north.Unit, north.Unit, rect.StateRectifying })
		p := w.proof(t, n)
		ok(t, w.s.AskAside(ctx, liaison, n, rect.AsideCmd{Kind: rect.StateAccepted, Ground: "other", Reason: "系统改造未完成。", Evidence: []id.ID{p}, Until: w.s.Today().AddDays(30)}))
		for _, at := range []struct {
			place access.Place
			good  bool
		}{{north, false}, {hq, true}} {
			who := platformtest.As("lead-"+string(at.place.Unit), actor.Leader, at.place)
			_, _, err := w.s.Evidence(ctx, who, p)
			ok(t, err)
			if err := w.s.JudgeAside(ctx, who, n, rect.JudgeAsideCmd{Grant: true, Opinion: "同意。"}); (err == nil) != at.good {
				t.Errorf("by %s: %v", at.place.Unit, err)
			}
		}
	})
}

// A page on which nothing can be asked or judged says why, and where it could be.
func TestThePageOfSettingAsideIsNeverEmpty(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		applied := w.item(t, "A-1", func(x *rect.NewItem) { x.State = rect.StateApplied })
		working := w.item(t, "A-2", func(x *rect.NewItem) { x.State = rect.StateRectifying })
		for _, c := range []struct {
			who  actor.Actor
			item id.ID
			says string
		}{{liaison, applied, "只有正在整改的事项"}, {liaison, working, "请在事项页选择"}, {office, working, "由整改单位申请"}} {
			if code, body := as(site, c.who).Get(t, "/items/"+string(c.item)+"/aside"); code != 200 || !strings.Contains(body, c.says) {
				t.Errorf("%s at %s: %d, without %q", c.who.Name, c.item, code, c.says)
			}
		}
	})
}

// While all that a measure serves is set aside, it is nowhere late: not in the list, on
// the board, in a report or on its item's page. Its date does not move: when the item is
// taken up again, it is late at once. A measure that also serves an item in work goes on.
func TestMeasuresRestWithTheirItem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		i, _ := w.fedBack(t)
		n, other := i.ID, w.item(t, "A-2", func(x *rect.NewItem) { x.Round, x.Unit = i.Round, i.Unit })
		w.toRectifying(t, n)
		w.toRectifying(t, other)
		both, err := w.s.AddMeasure(ctx, liaison, n, measure)
		ok(t, err)
		ok(t, w.s.LinkMeasure(ctx, liaison, other, both.ID))
		p := w.proof(t, n)
		w.Clock.Set(time.Date(2026, 8, 1, 2, 0, 0, 0, time.UTC))
		late := func(when string, want, rests int) {
			t.Helper()
			today := w.s.Today()
			l, err := w.s.List(ctx, liaison, page.Query{View: rect.ViewAll, Size: 10})
			ok(t, err)
			of, err := w.s.MeasuresOfUnits(ctx, liaison, []id.ID{i.Unit})
			ok(t, err)
			var board map[id.ID]rect.MeasureCount
			ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { board, err = rect.MeasureCounts(ctx, q, today); return err }))
			r, err := w.s.MakeReport(ctx, liaison, rect.ReportCmd{Round: i.Round, Unit: i.Unit, Title: when})
			ok(t, err)
			v, err := w.s.ReportByID(ctx, liaison, r.ID)
			ok(t, err)
			frozen := -1
			for _, f := range v.Figures {
				if f.Name == rect.FigureMeasuresLate {
					frozen = f.Value
				}
			}
			if l.Measures == nil || l.Measures.Late != want || of.Late != want || board[i.Unit].Late != want || board[i.Unit].All != 3 || frozen != want {
				t.Errorf("%s: %d late expected; list %+v, units %+v, board %+v, report %d", when, want, l.Measures, of, board, frozen)
			}
			got := 0
			for _, m := range w.dossier(t, n).Measures {
				if m.Rests {
					got++
				}
			}
			if got != rests {
				t.Errorf("%s: %d measures rest on the page, want %d", when, got, rests)
			}
		}
		late("in work", 3, 0)
		aside := func(item, proof id.ID) {
			t.Helper()
			ok(t, w.s.AskAside(ctx, liaison, item, rect.AsideCmd{Kind: rect.StateOvertaken, Ground: "unit_gone", Reason: "机构已撤销。", Evidence: []id.ID{proof}}))
			_, _, err := w.s.Evidence(ctx, reviewer, proof)
			ok(t, err)
			ok(t, w.s.JudgeAside(ctx, reviewer, item, rect.JudgeAsideCmd{Grant: true, Opinion: "属实。"}))
		}
		aside(n, p)
		late("one is set aside", 2, 1)
		aside(other, w.proof(t, other))
		late("both are set aside", 0, 2)
		ok(t, w.s.Revive(ctx, office, n, rect.ReopenCmd{Reason: "职能由新机构承接。"}))
		late("one is taken up again", 2, 0)
	})
}

// A finding that is withdrawn after an objection leaves nothing to rectify: wherever its
// item stands, it counts as set aside, for good; what is closed stays closed.
func TestAWithdrawnFindingLeavesNothingToRectify(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		withdraw := func(n id.ID) {
			t.Helper()
			ok(t, w.Log.Write(ctx, program, "finding.withdraw", func(tx *audit.Tx) error {
				tx.Touch("rectify_item", n)
				return w.s.OnWithdrawn(ctx, tx, inspection.Finding{ID: w.get(t, n).Finding, Ruling: "补充凭证属实"})
			}))
		}
		for k, state := range rect.Flow.States() {
			n := w.item(t, fmt.Sprintf("A-%d", k), func(x *rect.NewItem) {
				x.State = state
				if x.IsAside() {
					x.Aside, x.Until = "2026-02-01", map[bool]clock.Date{true: "2027-01-01"}[state == rect.StateAccepted]
				}
			})
			withdraw(n)
			withdraw(n) // once more changes nothing
			i, want := w.get(t, n), rect.StateWithdrawn
			if state == rect.StateClosed {
				want = state
			}
			if i.State != want || i.IsAside() != (state != rect.StateClosed) || i.Overdue("2030-01-01") && want == rect.StateWithdrawn {
				t.Errorf("from %s: %+v", state, i)
			}
			if want == rect.StateWithdrawn {
				if err := w.s.Revive(ctx, office, n, rect.ReopenCmd{Reason: "恢复"}); !fault.Is(err, fault.KindState) {
					t.Errorf("from %s: taken up again: %v", state, err)
				}
				if err := w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "进展", On: "2026-02-01"}); !fault.Is(err, fault.KindState) {
					t.Errorf("from %s: work goes on: %v", state, err)
				}
			}
		}
		other := w.item(t, "B-1", nil)
		ok(t, w.Log.Write(ctx, program, "finding.withdraw", func(tx *audit.Tx) error {
			tx.Touch("rectify_item", other)
			return w.s.OnWithdrawn(ctx, tx, inspection.Finding{ID: id.New()}) // was never in the ledger
		}))
		l, err := w.s.List(ctx, office, page.Query{View: rect.ViewAside, Size: 50})
		if ok(t, err); len(l.Rows) != len(rect.Flow.States())-1 {
			t.Errorf("%d set aside", len(l.Rows))
		}
	})
}
