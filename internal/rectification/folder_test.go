package rectification_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

func TestDeadlineRules(t *testing.T) {
	graded, _ := rect.Rule("graded")
	period, _ := rect.Rule("")
	if period.ID != "period" {
		t.Fatalf("the default is %s", period.ID)
	}
	if _, ok := rect.Rule("unknown"); ok {
		t.Error("an unknown rule is found")
	}
	c, err := clock.NewCalendar(nil)
	ok(t, err)
	for _, tc := range []struct {
		rule     rect.DeadlineRule
		severity string
		end      clock.Date
		want     clock.Date
	}{
		{period, "grave", "2026-07-15", "2026-07-15"},
		{graded, "grave", "2026-07-15", "2026-02-26"}, // thirty working days after Thursday 15 January
		{graded, "minor", "2026-07-15", "2026-07-15"},
		{graded, "grave", "2026-02-01", "2026-02-01"}, // never later than the round's period
	} {
		if got := tc.rule.Due(c, "2026-01-15", tc.severity, tc.end); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.rule.ID, tc.severity, got, tc.want)
		}
	}
	for _, r := range rect.DeadlineRules() {
		if r.Source == "" || r.Name("zh") == r.Name("en") {
			t.Errorf("%+v", r)
		}
	}
}

func TestTiersClimb(t *testing.T) {
	for today, want := range map[clock.Date]string{"2026-06-24": "", "2026-06-25": rect.TierHandler, "2026-07-04": rect.TierHandler, "2026-07-05": rect.TierLine,
		"2026-07-15": rect.TierLine, "2026-07-16": rect.TierHead, "2027-01-01": rect.TierHead} {
		if got := (rect.RoundSetting{}).TierOf("2026-07-15", today); got != want {
			t.Errorf("%s: %q, want %q", today, got, want)
		}
	}
	own := rect.RoundSetting{Handler: 30, Line: 5}
	for today, want := range map[clock.Date]string{"2026-06-14": "", "2026-06-15": rect.TierHandler, "2026-07-09": rect.TierHandler, "2026-07-10": rect.TierLine, "2026-07-16": rect.TierHead} {
		if got := own.TierOf("2026-07-15", today); got != want {
			t.Errorf("a round of its own, %s: %q, want %q", today, got, want)
		}
	}
}

func TestTheFlowsOfAFolderAreSound(t *testing.T) {
	for _, f := range []flow.Table{rect.PaperFlow, rect.OrderFlow} {
		ok(t, f.Check())
	}
}

// fedBack is a finding with its folder.
func (w *world) fedBack(t *testing.T) (rect.Item, rect.Folder) {
	t.Helper()
	f := inspection.Finding{ID: id.New(), Round: "round", Visit: "visit", Unit: north.Unit, By: hq.Unit, No: "F-1", Title: "问题", Fact: "事实", Severity: "grave", Category: "theory"}
	w.feed(t, f, "2026-08-20", "subject-person")
	var i rect.Item
	var fo rect.Folder
	ok(t, w.DB.Read(ctx, func(q db.Q) (err error) {
		if i, err = rect.ItemOfFinding(ctx, q, f.ID); err != nil {
			return err
		}
		fo, err = rect.FolderOf(ctx, q, i.Round, i.Unit)
		return err
	}))
	return i, fo
}

func (w *world) papers(t *testing.T, site *platformtest.Site, f id.ID) map[string]rect.Document {
	t.Helper()
	out := map[string]rect.Document{}
	ok(t, w.DB.Read(ctx, func(q db.Q) error {
		list, err := rect.Papers(ctx, q, f)
		for _, p := range list {
			out[p.Kind] = p
		}
		return err
	}))
	return out
}

func TestAFolderIsWorkedThrough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Clock.Set(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
		i, f := w.fedBack(t)
		if f.PlanDue != "2026-03-20" || f.Report != "2026-08-20" || f.FocusEnd != "2026-08-20" || f.Evaluate != "2026-09-20" || i.Due != "2026-08-20" {
			t.Errorf("dates: %+v %s", f, i.Due)
		}
		site := w.Serve(t, w.s.Room())
		base := "/rectify/" + string(f.ID)
		view(t, as(site, liaison), "/rectify", 200)
		view(t, site, base, 200)
		if code, _ := as(site, stranger).Get(t, base); code != 404 {
			t.Errorf("a stranger reads the folder: %d", code)
		}
		// The meeting and the claims are the unit's, evaluation and interview are not.
		platformtest.WantKind(t, "the office holds the meeting", w.s.Record(ctx, office, f.ID, rect.ActMeeting, rect.ActCmd{On: "2026-02-25", Who: "班子", Text: "逐项认领"}), fault.KindForbidden)
		platformtest.WantKind(t, "the unit evaluates itself", w.s.Record(ctx, head, f.ID, rect.ActEvaluate, rect.ActCmd{Grade: "good", Text: "好"}), fault.KindForbidden)
		platformtest.WantKind(t, "a meeting in the future", w.s.Record(ctx, head, f.ID, rect.ActMeeting, rect.ActCmd{On: "2026-12-31", Who: "班子", Text: "逐项认领"}), fault.KindInvalid)
		ok(t, w.s.Record(ctx, head, f.ID, rect.ActMeeting, rect.ActCmd{On: "2026-02-25", Who: "班子成员", Text: "逐项认领"}))
		as(site, liaison)
		view(t, site, base+"/acts/member_claim", 200)
		post(t, site, base+"/acts/member_claim", url.Values{"who": {"李副检察长"}, "items": {string(i.ID)}})
		w.toRectifying(t, i.ID)
		platformtest.WantKind(t, "nothing to hand over", w.s.Record(ctx, head, f.ID, rect.ActHandOver, rect.ActCmd{Who: "无名", To: "赵某", On: "2026-03-01", Text: "交接"}), fault.KindState)
		ok(t, w.s.Record(ctx, head, f.ID, rect.ActHandOver, rect.ActCmd{Who: "李副检察长", To: "赵副检察长", On: "2026-03-01", Text: "当面交接"}))
		if got := w.get(t, i.ID); got.Lead != "赵副检察长" {
			t.Errorf("handed over to %q", got.Lead)
		}
		for _, act := range []string{"interview", "evaluate"} {
			view(t, as(site, office), base+"/acts/"+act, 200)
		}
		ok(t, w.s.Record(ctx, office, f.ID, rect.ActInterview, rect.ActCmd{Who: "赵副检察长", On: "2026-03-01", Text: "整改迟缓"}))
		ok(t, w.s.Record(ctx, reviewer, f.ID, rect.ActEvaluate, rect.ActCmd{Grade: "fair", Text: "总体较好"}))
		view(t, site, base+"/orders/new", 200)
		o, err := w.s.IssueOrder(ctx, office, f.ID, rect.OrderCmd{Item: i.ID, Demand: "限期归档", Due: "2026-03-20"})
		ok(t, err)
		view(t, as(site, liaison), "/rectify-orders/"+string(o.ID), 200)
		platformtest.WantKind(t, "the office answers itself", w.s.StepOrder(ctx, office, o.ID, "answer", rect.OrderCmd{Text: "已办"}), fault.KindForbidden)
		platformtest.WantKind(t, "settled without an answer", w.s.StepOrder(ctx, office, o.ID, "settle", rect.OrderCmd{}), fault.KindState)
		post(t, site, "/rectify-orders/"+string(o.ID)+"/answer", url.Values{"text": {"已归档"}})
		platformtest.WantKind(t, "returned without reason", w.s.StepOrder(ctx, reviewer, o.ID, "return", rect.OrderCmd{}), fault.KindInvalid)
		ok(t, w.s.StepOrder(ctx, reviewer, o.ID, "settle", rect.OrderCmd{}))
		view(t, site, base, 200)
	})
}

func TestPapersArePledgedReviewedAndPublishedAsReviewed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Clock.Set(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
		_, f := w.fedBack(t)
		site := w.Serve(t, w.s.Room())
		p := w.papers(t, site, f.ID)
		public := p[rect.PaperPublic].ID
		at := "/rectify-papers/" + string(public)
		for _, x := range []struct {
			who  actor.Actor
			do   string
			c    rect.PaperCmd
			want fault.Kind
		}{
			{head, "sign", rect.PaperCmd{Pledge: "本人承诺对内容的真实性负责"}, fault.KindInvalid}, // nothing to sign
			{office, "edit", rect.PaperCmd{Title: "标题", Body: "正文"}, fault.KindForbidden},
			{liaison, "edit", rect.PaperCmd{Title: "标题", Body: "正文"}, ""},
			{liaison, "sign", rect.PaperCmd{Pledge: "本人承诺对内容的真实性负责"}, fault.KindForbidden}, // only the principal leader
			{head, "sign", rect.PaperCmd{Pledge: "承诺"}, fault.KindInvalid},                 // a pledge is a sentence
			{head, "sign", rect.PaperCmd{Pledge: "本人承诺对内容的真实性负责"}, ""},
			{liaison, "edit", rect.PaperCmd{Title: "改动", Body: "改动"}, fault.KindState}, // what is signed stays
			{reviewer, "return", rect.PaperCmd{}, fault.KindInvalid},
			{reviewer, "return", rect.PaperCmd{Opinion: "数字与台账不符"}, ""},
			{liaison, "edit", rect.PaperCmd{Title: "标题", Body: "更正后的正文"}, ""},
			{head, "sign", rect.PaperCmd{Pledge: "本人承诺对内容的真实性负责"}, ""},
			{liaison, "publish", rect.PaperCmd{Contact: "电话"}, fault.KindState}, // not before it was reviewed
			{reviewer, "accept", rect.PaperCmd{}, ""},
			{liaison, "publish", rect.PaperCmd{}, fault.KindInvalid}, // with a contact
			{liaison, "publish", rect.PaperCmd{Contact: "010-00000000"}, ""},
			{reviewer, "accept", rect.PaperCmd{}, fault.KindState},
		} {
			view(t, as(site, x.who), at, 200)
			err := w.s.Paper(ctx, x.who, public, x.do, x.c)
			if x.want == "" {
				ok(t, err)
			} else {
				platformtest.WantKind(t, x.do+" by "+x.who.Name, err, x.want)
			}
		}
		view(t, as(site, liaison), at, 200)
		inner := p[rect.PaperInner].ID
		platformtest.WantKind(t, "withheld without ground", w.s.Paper(ctx, head, inner, "ask_withhold", rect.PaperCmd{Ground: "secret"}), fault.KindInvalid)
		ok(t, w.s.Paper(ctx, head, inner, "ask_withhold", rect.PaperCmd{Ground: "secret", Reason: "涉及未公开的部署"}))
		platformtest.WantKind(t, "the reviewer withholds", w.s.Paper(ctx, reviewer, inner, "withhold", rect.PaperCmd{}), fault.KindForbidden)
		ok(t, w.s.Paper(ctx, office, inner, "withhold", rect.PaperCmd{}))
		report := p[rect.PaperReport].ID
		ok(t, w.s.Paper(ctx, liaison, report, "edit", rect.PaperCmd{Title: "报告", Body: "正文"}))
		ok(t, w.s.Paper(ctx, head, report, "sign", rect.PaperCmd{Pledge: "本人承诺对内容的真实性负责"}))
		ok(t, w.s.Paper(ctx, reviewer, report, "accept", rect.PaperCmd{}))
		platformtest.WantKind(t, "a report is published", w.s.Paper(ctx, liaison, report, "publish", rect.PaperCmd{Contact: "电话"}), fault.KindState)
		// What the table does not have is refused, whoever asks.
		for _, x := range w.papers(t, site, f.ID) {
			for _, do := range rect.PaperFlow.Actions() {
				if _, err := rect.PaperFlow.Next(x.State, do); err == nil {
					continue
				}
				for _, who := range []actor.Actor{liaison, head, reviewer, office, program} {
					if err := w.s.Paper(ctx, who, x.ID, do, rect.PaperCmd{Title: "标", Body: "文", Pledge: "本人承诺对内容的真实性负责", Opinion: "意见", Ground: "secret", Reason: "理由", Contact: "电话"}); err == nil {
						t.Errorf("%s in %s by %s", do, x.State, who.Name)
					}
				}
			}
		}
	})
}

func TestTheRoundChoosesItsRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Clock.Set(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
		w.fedBack(t)
		platformtest.WantKind(t, "the reviewer sets the rule", w.s.SetRule(ctx, reviewer, "round", rect.RoundCmd{Rule: "graded", Source: "文件"}), fault.KindNotFound)
		platformtest.WantKind(t, "no source", w.s.SetRule(ctx, office, "round", rect.RoundCmd{Rule: "graded"}), fault.KindInvalid)
		platformtest.WantKind(t, "unknown rule", w.s.SetRule(ctx, office, "round", rect.RoundCmd{Rule: "x", Source: "文件"}), fault.KindInvalid)
		ok(t, w.s.SetRule(ctx, office, "round", rect.RoundCmd{Rule: "graded", Source: "本轮工作方案"}))
		platformtest.WantKind(t, "set on an old version", w.s.SetRule(ctx, office, "round", rect.RoundCmd{Rule: "period", Source: "本轮工作方案"}), fault.KindConflict)
	})
}

// A round sets with its document how many days ahead its own reminders climb; the items
// of other rounds keep the usual days.
func TestARoundSetsTheDaysOfItsReminders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.chained(t, "")
		own := w.item(t, "A-1", func(x *rect.NewItem) { x.State = rect.StateRectifying })
		other := w.item(t, "A-2", func(x *rect.NewItem) { x.State, x.Round = rect.StateRectifying, "other" })
		set := func(handler, line int) rect.RoundCmd {
			return rect.RoundCmd{Rule: "period", Source: "本轮工作方案", Handler: handler, Line: line, Rev: 1}
		}
		for _, c := range []rect.RoundCmd{set(91, 0), set(-1, 0), set(10, 10), set(5, 0), set(0, 20)} {
			platformtest.WantKind(t, fmt.Sprintf("%d and %d days", c.Handler, c.Line), w.s.SetRule(ctx, office, "round", c), fault.KindInvalid)
		}
		ok(t, w.s.SetRule(ctx, office, "round", set(40, 5)))
		for _, x := range []struct {
			on         time.Time
			own, other int
		}{
			{time.Date(2026, 6, 4, 2, 0, 0, 0, time.UTC), 0, 0}, {time.Date(2026, 6, 6, 2, 0, 0, 0, time.UTC), 1, 0}, {time.Date(2026, 6, 26, 2, 0, 0, 0, time.UTC), 1, 1},
			{time.Date(2026, 7, 6, 2, 0, 0, 0, time.UTC), 1, 2}, {time.Date(2026, 7, 11, 2, 0, 0, 0, time.UTC), 2, 2}, {time.Date(2026, 7, 16, 2, 0, 0, 0, time.UTC), 3, 3},
		} {
			w.Clock.Set(x.on)
			_, err := w.s.Remind(ctx)
			ok(t, err)
			if a, b := len(w.dossier(t, own).Reminders), len(w.dossier(t, other).Reminders); a != x.own || b != x.other {
				t.Errorf("%s: %d and %d reminders, want %d and %d", x.on, a, b, x.own, x.other)
			}
		}
	})
}

func TestRemindersAreWrittenOnceAndClimb(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		closed := w.item(t, "A-2", func(x *rect.NewItem) { x.State, x.ClosedOn = rect.StateClosed, "2026-05-01" })
		for _, x := range []struct {
			on   time.Time
			want int
			tier string
		}{
			{time.Date(2026, 6, 20, 2, 0, 0, 0, time.UTC), 0, ""},
			{time.Date(2026, 6, 26, 2, 0, 0, 0, time.UTC), 1, rect.TierHandler},
			{time.Date(2026, 6, 27, 2, 0, 0, 0, time.UTC), 0, rect.TierHandler},
			{time.Date(2026, 7, 6, 2, 0, 0, 0, time.UTC), 1, rect.TierLine},
			{time.Date(2026, 7, 16, 2, 0, 0, 0, time.UTC), 1, rect.TierHead},
			{time.Date(2026, 7, 17, 2, 0, 0, 0, time.UTC), 0, rect.TierHead},
		} {
			w.Clock.Set(x.on)
			got, err := w.s.Remind(ctx)
			ok(t, err)
			if got != x.want {
				t.Errorf("%s: %d reminders, want %d", x.on, got, x.want)
			}
			if x.tier == "" {
				continue
			}
			who := map[string]actor.Actor{rect.TierHandler: liaison, rect.TierLine: leader, rect.TierHead: head}[x.tier]
			todos, err := w.s.Todo(ctx, who)
			ok(t, err)
			found := false
			for _, td := range todos {
				found = found || td.Kind == "todo.remind."+x.tier && td.Href == "/items/"+string(n)
			}
			if !found {
				t.Errorf("%s: %s is not reminded: %+v", x.on, who.Name, todos)
			}
		}
		if d := w.dossier(t, closed); len(d.Reminders) != 0 {
			t.Errorf("a closed item is reminded of: %+v", d.Reminders)
		}
		if d := w.dossier(t, n); len(d.Reminders) != 3 {
			t.Errorf("%+v", d.Reminders)
		}
	})
}
