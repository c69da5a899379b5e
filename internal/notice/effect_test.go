package notice_test

import (
	"context"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/notice"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// Small numbers are neither shown nor compared, and an interval that holds 1 is no
// difference.
func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		before, after notice.Tally
		verdict       string
		hidden        [2]bool
		ratio         bool
	}{
		"fewer":                 {notice.Tally{N: 40, Of: 20}, notice.Tally{N: 10, Of: 20}, notice.EffectFewer, [2]bool{}, true},
		"more":                  {notice.Tally{N: 10, Of: 20}, notice.Tally{N: 40, Of: 20}, notice.EffectMore, [2]bool{}, true},
		"as many, twice looked": {notice.Tally{N: 10, Of: 10}, notice.Tally{N: 20, Of: 20}, notice.EffectSame, [2]bool{}, true},
		"half, by chance":       {notice.Tally{N: 12, Of: 10}, notice.Tally{N: 6, Of: 10}, notice.EffectSame, [2]bool{}, true},
		"a small one":           {notice.Tally{N: 40, Of: 20}, notice.Tally{N: 4, Of: 20}, notice.EffectSmall, [2]bool{false, true}, false},
		"two small ones":        {notice.Tally{N: 1, Of: 20}, notice.Tally{N: 4, Of: 20}, notice.EffectSmall, [2]bool{true, true}, false},
		"none after many":       {notice.Tally{N: 40, Of: 20}, notice.Tally{Of: 20}, notice.EffectFewer, [2]bool{}, true},
		"many after none":       {notice.Tally{Of: 20}, notice.Tally{N: 40, Of: 20}, notice.EffectMore, [2]bool{}, true},
		"none at all":           {notice.Tally{Of: 20}, notice.Tally{Of: 20}, notice.EffectSmall, [2]bool{}, false},
		"nobody looked after":   {notice.Tally{N: 40, Of: 20}, notice.Tally{}, notice.EffectBlind, [2]bool{}, false},
	} {
		g := notice.Compare(3, c.before, c.after)
		if g.Verdict != c.verdict || g.Before.Hidden != c.hidden[0] || g.After.Hidden != c.hidden[1] || (g.Ratio != nil) != c.ratio {
			t.Errorf("%s: %+v", name, g)
		}
		if g.Before.Hidden && g.Before.N != 0 || g.After.Hidden && g.After.N != 0 {
			t.Errorf("%s: a hidden number is sent: %+v", name, g)
		}
	}
}

// A campaign is compared by the kind that it named before it began, in equal times
// around it, in the units that reported and in the others of their level; whoever may
// not see the source gets no figure, and before three months nobody does.
func TestTheEffectOfACampaign(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var asked []string
		henan, _ := w.dir.ByName("河南省人民检察院")
		hebei, _ := w.dir.ByName("河北省人民检察院")
		city, _ := w.dir.ByName("新乡市人民检察院")
		w.s.Later = []notice.Later{{Key: "finding", Words: "campaign.kind.", Kinds: notice.CampaignKinds, Ever: func(a actor.Actor) bool { return a.Person != "leader" },
			Read: func(_ context.Context, _ db.Q, _ actor.Actor, kind string, s notice.Span, known clock.Date) (map[id.ID]notice.Tally, error) {
				asked = append(asked, kind+" "+string(s.From)+" "+string(s.To)+" "+string(known))
				n := map[bool]int{true: 40, false: 10}[s.To < "2026-03-02"]
				return map[id.ID]notice.Tally{henan.ID: {N: n, Of: 20}, hebei.ID: {N: 3, Of: 20}, city.ID: {N: 100, Of: 100}}, nil
			}}}
		plan := notice.CampaignCmd{Kind: "warning", Title: "警示教育", Goal: "以案为鉴", Aim: "finding:none", Stages: "学习，2026-03-02，2026-03-10\n自查，2026-03-11，2026-04-10"}
		_, err := w.s.Plan(ctx, w.office, plan)
		platformtest.WantKind(t, "a kind that is none", err, fault.KindInvalid)
		plan.Aim = "finding:theme"
		c, err := w.s.Plan(ctx, w.office, plan)
		must(t, err)
		_, err = w.s.Effect(ctx, w.office, c.ID, "")
		platformtest.WantKind(t, "before it begins", err, fault.KindState)
		must(t, second(w.s.Start(ctx, w.office, c.ID, notice.IssueCmd{To: "provincial"})))
		must(t, w.s.Report(ctx, w.unit, c.ID, notice.Report{Stage: 1, Sessions: 1, Expected: 30, Attended: 28, Text: "研讨"}))
		begun := clock.Today(w.Clock)
		w.Clock.Advance(clock.Date("2026-06-30").Time().Sub(begun.Time()))
		if e, err := w.s.Effect(ctx, w.office, c.ID, ""); err != nil || e.Early != "2026-07-09" || len(asked) > 0 {
			t.Errorf("too early: %+v %v, asked %v", e, err, asked)
		}
		w.Clock.Advance(clock.Date("2026-07-20").Time().Sub(clock.Date("2026-06-30").Time()))
		e, err := w.s.Effect(ctx, w.office, c.ID, "")
		if err != nil || e.Before.Days() != e.After.Days() || e.After.From != "2026-04-11" || e.After.To != "2026-07-20" || e.Before.To != "2026-03-01" || !e.Named {
			t.Errorf("%+v %v", e, err)
		}
		if e.Took.Units != 1 || e.Took.Before.N != 40 || e.Took.After.N != 10 || e.Took.Verdict != notice.EffectFewer || e.Others.Units != 31 || e.Others.Verdict != notice.EffectSmall {
			t.Errorf("took %+v, others %+v", e.Took, e.Others)
		}
		if e, err := w.s.Effect(ctx, w.office, c.ID, "finding:warning"); err != nil || e.Named || !strings.HasPrefix(asked[len(asked)-1], "warning ") {
			t.Errorf("another kind: %+v %v, asked %v", e, err, asked)
		}
		asked = nil
		if e, err := w.s.Effect(ctx, w.leader, c.ID, ""); err != nil || e.Source != "" || len(asked) > 0 {
			t.Errorf("who sees no findings: %+v %v", e, err)
		}
		for name, who := range map[string]actor.Actor{"a unit": w.unit, "staff": w.staff, "an auditor": w.cleaner} {
			_, err := w.s.Effect(ctx, who, c.ID, "")
			platformtest.WantKind(t, name, err, fault.KindNotFound)
		}
		site := w.Serve(t, w.s.Room())
		base := "/campaigns/" + string(c.ID)
		if body := site.Both(t, w.unit, base, 200); strings.Contains(body, "前后对比") {
			t.Error("a unit is led to figures that it may not see")
		}
		for path, want := range map[string]string{base: "前后对比", base + "/effect": "0.25（0.11—0.51）", base + "/effect?kind=finding%3Awarning": "事后选的"} {
			if body := site.Both(t, w.office, path, 200); !strings.Contains(body, want) {
				t.Errorf("%s has no %s: %.3000s", path, want, body)
			}
		}
	})
}

// One circular is compared like a campaign: by the kind that it named before it was
// issued, around the days in which it is studied, in the units that studied it in time
// and in those of their level that did not at all. Who studied it late is in neither.
func TestTheEffectOfACircular(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		henan, _ := w.dir.ByName("河南省人民检察院")
		hubei, _ := w.dir.ByName("湖北省人民检察院")
		hebei, _ := w.dir.ByName("河北省人民检察院")
		var spans []notice.Span
		w.s.Later = []notice.Later{{Key: "finding", Words: "campaign.kind.", Kinds: notice.CampaignKinds, Ever: func(a actor.Actor) bool { return a.Person != "leader" },
			Read: func(_ context.Context, _ db.Q, _ actor.Actor, _ string, s notice.Span, _ clock.Date) (map[id.ID]notice.Tally, error) {
				spans = append(spans, s)
				n := map[bool]int{true: 40, false: 10}[s.To < "2026-03-02"]
				return map[id.ID]notice.Tally{henan.ID: {N: n, Of: 20}, hubei.ID: {N: 99, Of: 20}, hebei.ID: {N: 6, Of: 20}}, nil
			}}}
		c := text()
		c.Aim = "finding:none"
		_, err := w.s.Create(ctx, w.office, c)
		platformtest.WantKind(t, "a kind that is none", err, fault.KindInvalid)
		c.Aim = "finding:theme"
		n := w.made(t, c)
		_, err = w.s.NoticeEffect(ctx, w.office, n, "")
		platformtest.WantKind(t, "before it is issued", err, fault.KindState)
		must(t, w.s.Submit(ctx, w.office, n, 0))
		c.Aim = "finding:warning"
		platformtest.WantKind(t, "another yardstick after the submission", w.s.Edit(ctx, w.office, n, c), fault.KindState)
		must(t, w.s.Approve(ctx, w.leader, n, 0))
		must(t, second(w.s.Issue(ctx, w.office, n, notice.IssueCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院"})))
		to := func(day clock.Date) { w.Clock.Advance(day.Time().Sub(clock.Today(w.Clock).Time())) }
		for _, x := range []struct {
			who actor.Actor
			day clock.Date
		}{{w.unit, "2026-03-20"}, {platformtest.As("hubei", actor.Liaison, w.dir.Place(hubei.ID)), "2026-05-20"}} {
			to(x.day)
			must(t, w.s.Sign(ctx, x.who, n))
			must(t, w.s.Study(ctx, x.who, n, notice.StudyCmd{HeldOn: x.day, Form: "meeting", Expected: 9, Attended: 9, Text: "学习"}))
		}
		to("2026-06-29")
		if e, err := w.s.NoticeEffect(ctx, w.office, n, ""); err != nil || e.Early != "2026-06-30" || len(spans) > 0 {
			t.Errorf("too early: %+v %v", e, err)
		}
		to("2026-07-10")
		e, err := w.s.NoticeEffect(ctx, w.office, n, "")
		if err != nil || e.Before.To != "2026-03-01" || e.After.From != "2026-04-02" || e.After.To != "2026-07-10" || e.Before.Days() != e.After.Days() || !e.Named {
			t.Errorf("%+v %v", e, err)
		}
		if e.Took.Units != 1 || e.Took.Before.N != 40 || e.Took.Verdict != notice.EffectFewer || e.Others.Units != 30 || e.Others.Before.N != 6 || e.Others.Verdict != notice.EffectSame {
			t.Errorf("who studied in time %+v, who did not %+v", e.Took, e.Others)
		}
		if e, err := w.s.NoticeEffect(ctx, w.leader, n, ""); err != nil || e.Source != "" || !e.Barred {
			t.Errorf("who sees no findings: %+v %v", e, err)
		}
		for name, who := range map[string]actor.Actor{"a unit": w.unit, "staff": w.staff, "an auditor": w.cleaner} {
			_, err := w.s.NoticeEffect(ctx, who, n, "")
			platformtest.WantKind(t, name, err, fault.KindNotFound)
		}
		site := w.Serve(t, w.s.Room())
		base := "/notices/" + string(n)
		for path, want := range map[string][]string{base: {"前后对比"}, base + "/effect": {"0.25（0.11—0.51）", "不说明是通报带来的", "容易回落"}, base + "/effect?kind=finding%3Awarning": {"事后选的"}} {
			body := site.Both(t, w.office, path, 200)
			for _, x := range want {
				if !strings.Contains(body, x) {
					t.Errorf("%s has no %s", path, x)
				}
			}
		}
		if body := site.Both(t, w.unit, base, 200); strings.Contains(body, "前后对比") {
			t.Error("an addressed unit is led to figures that it may not see")
		}
	})
}
