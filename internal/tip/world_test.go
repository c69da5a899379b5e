package tip_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/vault"
	"huikan/internal/tip"
)

var ctx = context.Background()

// world is the room on the platform: two officers in Henan, one in Xinxiang and
// one at the top, a leader in Henan, and somebody whom tips are about.
type world struct {
	*platformtest.Kit
	s        *tip.Service
	site     *platformtest.Site
	officers map[id.ID][]id.ID
	referred []tip.Referral
	watched  []id.ID
	refusal  error

	one, two, city, top, far, boss, subject actor.Actor
}

var people = map[id.ID]string{"one": "方一平", "two": "尚二安", "city": "城三顺", "top": "高四海", "far": "冀五常", "boss": "院长林", "subject": "苟得利", "cousin": "苟同"}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	platformtest.Each(t, platformtest.Parts{Schemas: []fs.FS{tip.Schema}, Tables: tip.Tables, Rules: tip.Rules()}, func(t *testing.T, k *platformtest.Kit) {
		w := &world{Kit: k, officers: map[id.ID][]id.ID{"henan": {"one", "two"}, "xinxiang": {"city"}, "spp": {"top"}, "hebei": {"far"}}}
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w.s = tip.New(tip.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Files: files, Units: orgtest.Small{}, Find: orgtest.Find,
			Names: func(_ context.Context, _ db.Q, ids ...id.ID) (map[id.ID]string, error) {
				out := map[id.ID]string{}
				for _, n := range ids {
					out[n] = people[n]
				}
				return out, nil
			},
			Officers: func(context.Context, db.Q, actor.Role, clock.Date) (map[id.ID][]id.ID, error) { return w.officers, nil },
			Leaders: func(_ context.Context, _ db.Q, unit id.ID, _ clock.Date) ([]tip.Bearer, error) {
				if unit == "henan" {
					return []tip.Bearer{{ID: "boss", Name: people["boss"]}}, nil
				}
				return nil, nil
			},
			Named: func(_ context.Context, _ db.Q, name string, unit id.ID) (out []id.ID, _ error) {
				for n, p := range people {
					if p == name && unit == "henan" && (n == "subject" || n == "one" || n == "boss") {
						out = append(out, n)
					}
				}
				return out, nil
			},
			Days: func(_ context.Context, _ db.Q, key string) (int, error) {
				return map[string]int{"tip.take": 7, "tip.answer": 60, "tip.late": 7}[key], nil
			},
			Refer: func(_ context.Context, _ *audit.Tx, _ actor.Actor, r tip.Referral) (string, error) {
				if w.refusal != nil {
					return "", w.refusal
				}
				w.referred = append(w.referred, r)
				return "X-41-2026-0007", nil
			},
			Protect: func(_ context.Context, _ *audit.Tx, person, _, watch id.ID) error {
				w.watched = append(w.watched, person, watch)
				return nil
			}})
		as := platformtest.As
		w.one, w.two, w.city = as("one", actor.InternalSupervision, orgtest.Henan), as("two", actor.InternalSupervision, orgtest.Henan), as("city", actor.InternalSupervision, orgtest.Xinxiang)
		w.top, w.far = as("top", actor.InternalSupervision, orgtest.Root), as("far", actor.InternalSupervision, orgtest.Hebei)
		w.boss, w.subject = as("boss", actor.Leader, orgtest.Henan), as("subject", actor.InternalSupervision, orgtest.Henan)
		orgtest.Put(t, k.Log)
		w.site = k.Serve(t, w.s.Room())
		fn(t, w)
	})
}

func (w *world) days(n int) { w.Clock.Advance(time.Duration(n) * 24 * time.Hour) }

const story = "去年九月收受当事人家属两条烟，案件随后改变管辖。"

// told hands a tip in about somebody of Henan.
func (w *world) told(t *testing.T, change func(*tip.HandIn)) (code string) {
	t.Helper()
	c := tip.HandIn{Unit: "河南省人民检察院", Text: story}
	if change != nil {
		change(&c)
	}
	code, err := w.s.Take(ctx, actor.Actor{}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// last is the newest tip that somebody sees, and none.
func (w *world) last(t *testing.T, who actor.Actor) (x tip.Tip, seen bool) {
	t.Helper()
	list, _, _, err := w.s.List(ctx, who, "", pageOne)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return x, false
	}
	return list[0], true
}

func (w *world) must(t *testing.T, who actor.Actor) tip.Tip {
	t.Helper()
	x, ok := w.last(t, who)
	if !ok {
		t.Fatalf("%s sees no tip", who.Name)
	}
	return x
}

func (w *world) open(t *testing.T, who actor.Actor, n id.ID) {
	t.Helper()
	if err := w.s.Open(ctx, who, n, "受理审查"); err != nil {
		t.Fatal(err)
	}
}

func (w *world) step(t *testing.T, who actor.Actor, n id.ID, do string, c tip.StepCmd) tip.Tip {
	t.Helper()
	if c.Text == "" {
		c.Text = "说明"
	}
	x, err := w.s.Step(ctx, who, n, do, c)
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return x
}

func (w *world) follow(t *testing.T, code string) tip.Dialogue {
	t.Helper()
	d, err := w.s.Follow(ctx, code)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) reply(t *testing.T, code, text string) {
	t.Helper()
	if err := w.s.Reply(ctx, tip.ReplyCmd{Code: code, Text: text}, nil); err != nil {
		t.Fatal(err)
	}
}

func said(d tip.Dialogue) string {
	var out []string
	for _, e := range d.Messages {
		out = append(out, e.Do+":"+e.Text)
	}
	return strings.Join(out, "|")
}

// hidden says that a tip is not there for somebody: not in the list, not by its
// address, not to be opened, and no step on it.
func (w *world) hidden(t *testing.T, what string, who actor.Actor, n id.ID) {
	t.Helper()
	list, _, _, err := w.s.List(ctx, who, "", pageOne)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.ID == n {
			t.Errorf("%s: %s lists it", what, who.Name)
		}
	}
	todo, err := w.s.Todo(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range todo {
		if strings.HasSuffix(x.Href, string(n)) {
			t.Errorf("%s: it waits for %s", what, who.Name)
		}
	}
	_, err = w.s.Read(ctx, who, n)
	platformtest.WantKind(t, what+": reading", err, fault.KindNotFound)
	platformtest.WantKind(t, what+": opening", w.s.Open(ctx, who, n, "看看"), fault.KindNotFound)
	_, err = w.s.Step(ctx, who, n, "take", tip.StepCmd{})
	platformtest.WantKind(t, what+": taking", err, fault.KindNotFound)
}
