package directive_test

import (
	"net/url"
	"slices"
	"testing"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/web"
)

// What a list shows is what the policy lets each reader open, no more, no less;
// and no page of it is lost or shown twice.
func TestListsShowWhatMayBeOpened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, tasks := w.issued(t, "河南省人民检察院、浙江省人民检察院")
		for _, task := range tasks {
			if task.Unit == w.unit.Unit {
				if err := w.s.Step(ctx, w.unit, task.ID, "sign", directive.StepCmd{}, nil); err != nil {
					t.Fatal(err)
				}
				kids, err := w.s.BreakDown(ctx, w.unit, task.ID, directive.AssignCmd{Title: "逐院核对", Measure: "清单", Due: "2026-06-01", Kind: directive.KindLead, To: org.ToChildren})
				if err != nil || len(kids) < 5 {
					t.Fatalf("%d children, %v", len(kids), err)
				}
				tasks = append(tasks, kids...)
			}
		}
		henan, root := w.dir.Place(w.unit.Unit), w.dir.Place(w.boss.Unit)
		readers := []actor.Actor{w.boss, w.unit, w.city, platformtest.As("staff", actor.Staff, henan), platformtest.As("auditor", actor.Auditor, root)}
		for _, r := range []actor.Role{actor.Leader, actor.Office, actor.Supervisor, actor.UnitHead, actor.Reviewer} {
			readers = append(readers, platformtest.As("at-"+string(r), r, henan), platformtest.As("top-"+string(r), r, root))
		}
		for _, who := range readers {
			var open, listed []id.ID
			for _, task := range tasks {
				switch _, err := w.s.Task(ctx, who, task.ID); {
				case err == nil:
					open = append(open, task.ID)
				case !fault.Is(err, fault.KindNotFound):
					t.Errorf("%s: %v", who.Name, err)
				}
			}
			q := page.Query{Size: 7, View: directive.ViewAll, Filter: url.Values{}}
			for {
				l, err := w.s.Tasks(ctx, who, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range l.Rows {
					listed = append(listed, x.ID)
				}
				if l.Next.Count != len(open) {
					t.Errorf("%s: counted %d, may open %d", who.Name, l.Next.Count, len(open))
				}
				if l.Next.After == "" {
					break
				}
				next, err := page.Parse(url.Values{"after": {l.Next.After}})
				if err != nil {
					t.Fatal(err)
				}
				q.After = next.After
			}
			slices.Sort(open)
			slices.Sort(listed)
			if !slices.Equal(open, listed) {
				t.Errorf("%s may open %d tasks, the list shows %d", who.Name, len(open), len(listed))
			}
		}
		for _, after := range [][]string{{"x"}, {"2", "", ""}, {"1; DROP", "a", "b"}} {
			_, err := w.s.Tasks(ctx, w.boss, page.Query{Size: 20, After: after, Filter: url.Values{}})
			platformtest.WantKind(t, "a made-up cursor", err, fault.KindInvalid)
		}
	})
}

// A search finds what a reader may see, however many texts of others hold the words.
func TestASearchFindsOnesOwnAmongMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, tasks := w.issued(t, "河南省人民检察院、浙江省人民检察院")
		if err := w.Log.DB().Write(ctx, func(tx *db.Tx) error {
			crowd := make([]search.Text, 2100)
			for i := range crowd {
				crowd[i] = search.Text{Ref: id.New(), Text: "核对未销号事项"}
			}
			return search.AddMany(ctx, tx, "task", crowd)
		}); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			who  actor.Actor
			text string
			want int
		}{{w.boss, "核对未销号", 2}, {w.unit, "核对未销号", 1}, {w.unit, "核对 清单", 1}, {w.unit, "hdwxh", 1}, {w.city, "核对未销号", 0}, {w.boss, "核对火星", 0}} {
			hits, err := w.s.Search(ctx, x.who, x.text, 20)
			hits = slices.DeleteFunc(hits, func(h web.Hit) bool { return h.Kind != "task" })
			if err != nil || len(hits) != x.want {
				t.Errorf("%s looks for %s: %d of %d, %v", x.who.Name, x.text, len(hits), x.want, err)
			}
			for _, h := range hits {
				if !slices.ContainsFunc(tasks, func(k directive.Task) bool { return h.Href == "/tasks/"+string(k.ID) }) {
					t.Errorf("%s is led to %s", x.who.Name, h.Href)
				}
			}
		}
	})
}
