package duty_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/duty"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/fact"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

var ctx = context.Background()

type world struct {
	*platformtest.Kit
	s                                           *duty.Service
	dir                                         *org.Directory
	office, leader, head, above, staff, auditor actor.Actor
	other                                       actor.Actor
	facts                                       map[string][]fact.Ref
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{org.Schema, duty.Schema}, Tables: append(append([]string{}, org.Tables...), duty.Tables...),
		Rules: append(org.Rules(), duty.Rules()...)}, func(t *testing.T, k *platformtest.Kit) {
		o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
		if err := o.SeedTree(ctx, actor.Program("test"), orgtest.Provinces...); err != nil {
			t.Fatal(err)
		}
		dir := o.Directory()
		at := func(name string) access.Place {
			u, ok := dir.ByName(name)
			if !ok {
				t.Fatalf("no unit %s", name)
			}
			return dir.Place(u.ID)
		}
		root, henan := at("最高人民检察院"), at("河南省人民检察院")
		w := &world{Kit: k, dir: dir, facts: map[string][]fact.Ref{}, office: platformtest.As("office", actor.InternalSupervision, root), leader: platformtest.As("leader", actor.Leader, root),
			head: platformtest.As("head", actor.UnitHead, henan), above: platformtest.As("above", actor.Leader, henan), staff: platformtest.As("staff", actor.Staff, henan),
			auditor: platformtest.As("auditor", actor.Auditor, root), other: platformtest.As("other", actor.UnitHead, at("湖北省人民检察院"))}
		sources := map[string]fact.Source{}
		for _, name := range []string{"task.on_time", "item.on_time", "item.honest", "notice.studied", "campaign.reported"} {
			sources[name] = func(context.Context, db.Q, id.ID, clock.Date, clock.Date) (fact.Fact, error) {
				return fact.Of(w.facts[name]), nil
			}
		}
		w.s = duty.New(duty.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Dir: dir, Facts: sources,
			Find: func(text string) []id.ID {
				if u, ok := dir.ByName(text); ok {
					return []id.ID{u.ID}
				}
				return nil
			},
			Names: func(context.Context, db.Q, ...id.ID) (map[id.ID]string, error) {
				return map[id.ID]string{"head": "梁某"}, nil
			},
			Person: func(_ context.Context, _ actor.Actor, _ id.ID, text string) ([]id.ID, error) {
				return map[string][]id.ID{"梁某": {"head"}, "王伟": {"a", "b"}}[text], nil
			}})
		fn(t, w)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func second[T any](_ T, err error) error { return err }

func refs(good, against int) (out []fact.Ref) {
	for i := range good + against {
		out = append(out, fact.Ref{ID: id.ID(strings.Repeat("x", i+1)), Title: "记录", Href: "/items/x", Good: i < good})
	}
	return out
}

// drawn brings a scheme into force and draws up the assessment of Henan and Hubei.
func (w *world) drawn(t *testing.T) (scheme id.ID, henan duty.Assessment) {
	t.Helper()
	x, err := w.s.Draft(ctx, w.office)
	must(t, err)
	must(t, w.s.SubmitScheme(ctx, w.office, x.ID, 0))
	must(t, w.s.ApproveScheme(ctx, w.leader, x.ID, 0))
	n, err := w.s.Draw(ctx, w.office, x.ID, duty.DrawCmd{To: "units", Units: "河南省人民检察院、湖北省人民检察院", From: "2025-01-01", Until: "2025-12-31"})
	if err != nil || n != 2 {
		t.Fatalf("%d drawn: %v", n, err)
	}
	list, _, err := w.s.List(ctx, w.office, page.Query{Size: 20})
	must(t, err)
	for _, a := range list {
		if a.Unit == w.head.Unit {
			henan = a
		}
	}
	return x.ID, henan
}

func (w *world) get(t *testing.T, who actor.Actor, n id.ID) duty.View {
	t.Helper()
	v, err := w.s.Get(ctx, who, n)
	must(t, err)
	return v
}

func TestAnAssessmentFromItsFactsToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.facts["task.on_time"], w.facts["item.honest"] = refs(3, 1), refs(4, 2)
		scheme, a := w.drawn(t)
		// 20 × 3/4 and 30 − 2 × 5; the other three have no record and are not at stake.
		if a.Points != 1500+2000 || a.Basis != 5000 {
			t.Errorf("%d of %d", a.Points, a.Basis)
		}
		for _, who := range []actor.Actor{w.head, w.above, w.staff, w.other, w.auditor} {
			_, err := w.s.Get(ctx, who, a.ID)
			platformtest.WantKind(t, who.Name+" reads it before it is served", err, fault.KindNotFound)
		}
		// The score reproduces from what is kept beside it.
		v := w.get(t, w.office, a.ID)
		for k, x := range v.Scores {
			if got, counted := duty.Points(v.Scheme.Indicators[k], x.Good, x.All); got != x.Points || counted != x.Counted {
				t.Errorf("indicator %d: kept %d, computed %d", k+1, x.Points, got)
			}
		}
		// A fact that changes afterwards is seen, and taken over only on demand.
		w.facts["task.on_time"] = refs(4, 0)
		v = w.get(t, w.office, a.ID)
		if v.Assessment.Points != 3500 || v.Now[0].Fact.Digest == v.Scores[0].Digest {
			t.Errorf("the change of a fact is not seen, or was taken over silently: %+v", v.Assessment)
		}
		must(t, w.s.Recompute(ctx, w.office, a.ID, 0))
		if v = w.get(t, w.office, a.ID); v.Assessment.Points != 4000 {
			t.Errorf("recomputed to %d", v.Assessment.Points)
		}
		must(t, w.s.Serve(ctx, w.office, a.ID, 0))
		platformtest.WantKind(t, "recomputed after it was served", w.s.Recompute(ctx, w.office, a.ID, 0), fault.KindState)
		w.get(t, w.head, a.ID)
		w.get(t, w.above, a.ID)
		_, err := w.s.Get(ctx, w.other, a.ID)
		platformtest.WantKind(t, "another province reads it", err, fault.KindNotFound)
		platformtest.WantKind(t, "made final before the time is over", w.s.Finalise(ctx, w.leader, a.ID, 0), fault.KindState)
		platformtest.WantKind(t, "an objection without a reason", w.s.Object(ctx, w.head, a.ID, "", 0), fault.KindInvalid)
		platformtest.WantKind(t, "an objection by staff", w.s.Object(ctx, w.staff, a.ID, "不符", 0), fault.KindNotFound)
		platformtest.WantKind(t, "a correction without an objection", w.s.Correct(ctx, w.office, a.ID, duty.CorrectCmd{Score: v.Scores[2].ID, Points: 2500, Reason: "核实"}), fault.KindState)
		must(t, w.s.Object(ctx, w.head, a.ID, "其中一项已复核属实", 0))
		for what, c := range map[string]duty.CorrectCmd{
			"above the weight": {Score: v.Scores[2].ID, Points: 3001, Reason: "核实"},
			"below nothing":    {Score: v.Scores[2].ID, Points: -1, Reason: "核实"},
			"without a reason": {Score: v.Scores[2].ID, Points: 2500},
		} {
			platformtest.WantKind(t, "a correction "+what, w.s.Correct(ctx, w.office, a.ID, c), fault.KindInvalid)
		}
		platformtest.WantKind(t, "a correction where nothing is counted", w.s.Correct(ctx, w.office, a.ID, duty.CorrectCmd{Score: v.Scores[1].ID, Points: 1, Reason: "核实"}), fault.KindState)
		platformtest.WantKind(t, "a correction of another assessment's score", w.s.Correct(ctx, w.office, a.ID, duty.CorrectCmd{Score: id.New(), Points: 1, Reason: "核实"}), fault.KindNotFound)
		must(t, w.s.Correct(ctx, w.office, a.ID, duty.CorrectCmd{Score: v.Scores[2].ID, Points: 2500, Reason: "核实一项"}))
		must(t, w.s.Decide(ctx, w.office, a.ID, "已更正一项。", 0))
		must(t, w.s.Finalise(ctx, w.leader, a.ID, 0))
		v = w.get(t, w.head, a.ID)
		if v.Assessment.Points != 4500 || v.Scores[2].Points != 2000 || v.Scores[2].Corrected != 2500 || v.Assessment.State != duty.Final {
			t.Errorf("%+v %+v", v.Assessment, v.Scores[2])
		}
		_, err = w.s.Draw(ctx, w.office, scheme, duty.DrawCmd{To: "units", Units: "河南省人民检察院", From: "2025-01-01", Until: "2025-12-31"})
		platformtest.WantKind(t, "a second one for the period", err, fault.KindState)
	})
}

func TestSilenceEndsWithTheTimeToObject(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.facts["task.on_time"] = refs(1, 0)
		_, a := w.drawn(t)
		must(t, w.s.Serve(ctx, w.office, a.ID, 0))
		w.Clock.Advance(duty.ObjectionDays * 24 * time.Hour)
		platformtest.WantKind(t, "on the last day", w.s.Finalise(ctx, w.leader, a.ID, 0), fault.KindState)
		w.Clock.Advance(24 * time.Hour)
		author := w.leader
		author.Person = w.office.Person
		platformtest.WantKind(t, "by the author", w.s.Finalise(ctx, author, a.ID, 0), fault.KindState)
		must(t, w.s.Finalise(ctx, w.leader, a.ID, 0))
	})
}

func TestASchemeComesIntoForce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.s.Draft(ctx, w.head)
		platformtest.WantKind(t, "drafted by an assessed unit", err, fault.KindNotFound)
		x, err := w.s.Draft(ctx, w.office)
		must(t, err)
		cmd := duty.SchemeCmd{Title: x.Title, Indicators: slices.Clone(x.Indicators)}
		cmd.Indicators[0].Weight = 10
		must(t, w.s.EditScheme(ctx, w.office, x.ID, cmd))
		platformtest.WantKind(t, "weights below 100", w.s.SubmitScheme(ctx, w.office, x.ID, 0), fault.KindInvalid)
		cmd.Indicators[0].Weight = 20
		platformtest.WantKind(t, "an old revision", w.s.EditScheme(ctx, w.office, x.ID, duty.SchemeCmd{Title: "x", Rev: 99}), fault.KindConflict)
		must(t, w.s.EditScheme(ctx, w.office, x.ID, cmd))
		must(t, w.s.SubmitScheme(ctx, w.office, x.ID, 0))
		author := w.leader
		author.Person = w.office.Person
		platformtest.WantKind(t, "approved by its author", w.s.ApproveScheme(ctx, author, x.ID, 0), fault.KindState)
		_, err = w.s.Draw(ctx, w.office, x.ID, duty.DrawCmd{To: "provincial", From: "2025-01-01", Until: "2025-12-31"})
		platformtest.WantKind(t, "used before it is in force", err, fault.KindState)
		must(t, w.s.ApproveScheme(ctx, w.leader, x.ID, 0))
		platformtest.WantKind(t, "changed in force", w.s.EditScheme(ctx, w.office, x.ID, cmd), fault.KindState)
		for what, c := range map[string]duty.DrawCmd{
			"turned round":        {To: "provincial", From: "2025-12-31", Until: "2025-01-01"},
			"in the future":       {To: "provincial", From: "2026-01-01", Until: "2026-12-31"},
			"of a unit not there": {To: "units", Units: "没有这个院", From: "2025-01-01", Until: "2025-12-31"},
			"of nobody":           {To: "units", From: "2025-01-01", Until: "2025-12-31"},
		} {
			_, err := w.s.Draw(ctx, w.office, x.ID, c)
			platformtest.WantKind(t, "drawn up "+what, err, fault.KindInvalid)
		}
	})
}

func TestWhoAnswersForWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := duty.HolderCmd{Kind: "first", Person: "梁某", Scope: "巡视整改第一责任人", From: "2026-01-01"}
		for what, change := range map[string]func(*duty.HolderCmd){
			"two people of one name": func(c *duty.HolderCmd) { c.Person = "王伟" },
			"nobody of the name":     func(c *duty.HolderCmd) { c.Person = "李四" },
			"no such responsibility": func(c *duty.HolderCmd) { c.Kind = "sixth" },
			"no scope":               func(c *duty.HolderCmd) { c.Scope = "" },
			"no date":                func(c *duty.HolderCmd) { c.From = "" },
		} {
			c := good
			change(&c)
			_, err := w.s.SetHolder(ctx, w.head, c)
			platformtest.WantKind(t, what, err, fault.KindInvalid)
		}
		_, err := w.s.SetHolder(ctx, w.staff, good)
		platformtest.WantKind(t, "named by staff", err, fault.KindNotFound)
		foreign := good
		foreign.Unit = w.other.Unit
		_, err = w.s.SetHolder(ctx, w.head, foreign)
		platformtest.WantKind(t, "named in another province", err, fault.KindNotFound)
		h, err := w.s.SetHolder(ctx, w.head, good)
		must(t, err)
		platformtest.WantKind(t, "ended before it began", w.s.EndHolder(ctx, w.head, h.ID, "2025-12-31"), fault.KindInvalid)
		own := w.staff
		own.Person = "head" // the named person without any post
		if l, err := w.s.ListOf(ctx, own, w.head.Unit); err != nil || len(l.Holders) != 1 || l.Lines != nil {
			t.Errorf("the holder's own lines: %+v %v", l, err)
		}
		if l, err := w.s.ListOf(ctx, w.staff, w.head.Unit); err != nil || len(l.Holders) != 0 || l.Lines != nil || l.Whole {
			t.Errorf("the list read by somebody of the unit without a line of his own: %+v %v", l, err)
		}
		w.Serve(t, w.s.Room()).Both(t, w.staff, "/duties", 200) // where his menu leads
		_, err = w.s.ListOf(ctx, w.staff, w.other.Unit)
		platformtest.WantKind(t, "the list of another unit", err, fault.KindNotFound)
		must(t, w.s.EndHolder(ctx, w.head, h.ID, "2026-02-28"))
		platformtest.WantKind(t, "ended twice", w.s.EndHolder(ctx, w.head, h.ID, "2026-02-28"), fault.KindState)
	})
}

func TestPagesAreWellFormed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		site := w.Serve(t, w.s.Room())
		check := func(who actor.Actor, paths ...string) {
			t.Helper()
			site.Actor = who
			for _, p := range paths {
				for _, lang := range []string{"zh", "en"} {
					r, err := http.NewRequest(http.MethodGet, p, nil)
					must(t, err)
					r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
					code, body := site.Send(t, r)
					if code != http.StatusOK {
						t.Errorf("%s %s: %d", who.Name, p, code)
					}
					for _, f := range uitest.Check(body) {
						t.Errorf("%s %s %s: %s", who.Name, p, lang, f)
					}
				}
			}
		}
		check(w.office, "/duties", "/schemes", "/assessments")
		w.facts["task.on_time"], w.facts["item.honest"] = refs(3, 1), refs(4, 2)
		draft, err := w.s.Draft(ctx, w.office)
		must(t, err)
		must(t, second(w.s.SetHolder(ctx, w.head, duty.HolderCmd{Kind: "first", Person: "梁某", Scope: "第一责任人", From: "2025-01-01"})))
		check(w.office, "/schemes/"+string(draft.ID))
		form := url.Values{"title": {"评价"}, "i0_text": {"指标"}, "i0_kind": {"first"}, "i0_fact": {"item.honest"}, "i0_rule": {"deduct"}, "i0_param": {"0.5"}, "i0_weight": {"一百"}, "i0_source": {"文件"}}
		if code, body := site.Post(t, "/schemes/"+string(draft.ID)+"/edit", form); code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="0.50"`) {
			t.Errorf("a weight that is no number: %d, or what was typed is lost", code)
		}
		form.Set("i0_weight", "100")
		if code, to := site.Post(t, "/schemes/"+string(draft.ID)+"/edit", form); code != http.StatusSeeOther {
			t.Errorf("a whole scheme: %d %.200s", code, to)
		}
		scheme, a := w.drawn(t)
		at := "/assessments/" + string(a.ID)
		check(w.office, "/schemes/"+string(scheme), at, "/duties?unit="+url.QueryEscape("河南省人民检察院"))
		must(t, w.s.Serve(ctx, w.office, a.ID, 0))
		check(w.head, "/assessments", at, "/duties")
		must(t, w.s.Object(ctx, w.head, a.ID, "不符", 0))
		check(w.office, at)
		score := w.get(t, w.office, a.ID).Scores[0].ID
		for points, want := range map[string]int{"百": http.StatusUnprocessableEntity, "99": http.StatusUnprocessableEntity, "19.5": http.StatusSeeOther} {
			if code, _ := site.Post(t, at+"/correct", url.Values{"score": {string(score)}, "points": {points}, "reason": {"核实"}}); code != want {
				t.Errorf("corrected to %q: %d", points, code)
			}
		}
		check(w.office, at)
		todo, err := w.s.Todo(ctx, w.office)
		if err != nil || len(todo) != 1 || todo[0].Href != at {
			t.Errorf("to do: %+v %v", todo, err)
		}
	})
}
