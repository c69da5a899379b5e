package conduct

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
)

// Act is one of several acts of a person that one case decides: each gets its
// sanctions by itself, and the law says what becomes of them together
// (政务处分法 15; the Party's rules on 合并处理).
type Act struct {
	Conduct string     `json:"conduct"`
	Gravity string     `json:"gravity"`
	From    clock.Date `json:"act_from,omitempty"`
	To      clock.Date `json:"act_to"`
	Kinds   []string   `json:"kinds"` // what it alone would get
	Text    string     `json:"text"`
}

// maxActs bounds the further acts of a case.
const maxActs = 20

// Acts are all acts of a case, that for which it was opened first. Nil where it is
// the only one.
func (c Case) Acts() []Act {
	if len(c.File.Acts) == 0 {
		return nil
	}
	return append([]Act{{Conduct: c.Conduct, Gravity: c.Gravity, From: c.ActFrom, To: c.ActTo, Kinds: c.File.Own, Text: c.File.Facts}}, c.File.Acts...)
}

// Merged is what the law makes of the sanctions of one layer that several acts
// deserve, each taken by itself.
type Merged struct {
	Layer    string `json:"layer"`
	Rule     string `json:"rule"` // heaviest, heavier_step; single where one act alone deserves one
	Kind     string `json:"kind"`
	Same     int    `json:"same"`            // acts that deserve this very sanction
	Least    int    `json:"least,omitempty"` // months open to the decision where several are equal
	Most     int    `json:"most,omitempty"`
	Doc      string `json:"doc,omitempty"`
	Article  string `json:"article,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// Merge says by the rule in force on a day which sanction is carried out for
// several acts: of administrative ones the heaviest, and where several equal ones
// below dismissal are due, for one period at least and for their sum at most, 48
// months in all; of the Party's the highest made heavier by one step, and expulsion
// where one of them is.
func (c *Catalogue) Merge(acts []Act, on clock.Date) []Merged {
	var out []Merged
	for _, layer := range []string{Admin, Party} {
		var due []string
		for _, a := range acts {
			if k := c.ofLayer(layer, a.Kinds); k != "" {
				due = append(due, k)
			}
		}
		if len(due) == 0 {
			continue
		}
		m := Merged{Layer: layer, Rule: "single", Kind: due[0], Same: 1}
		if len(due) > 1 {
			rule, ok := at(c.Joined, layer, on)
			if !ok {
				continue
			}
			m.Rule, m.Doc, m.Article, m.Evidence = rule.Rule, rule.Doc, rule.Article, rule.Evidence
			m.Kind = c.Heaviest(due...)
			if rule.Rule == "heavier_step" {
				m.Kind = c.HeavierStep(due...)
			}
			if layer == Admin {
				m.Same, _ = c.alike(acts, m.Kind)
			}
			m.Least, m.Most = c.between(m, rule, on)
		}
		out = append(out, m)
	}
	return out
}

// between are the months that equal sanctions leave to the decision.
func (c *Catalogue) between(m Merged, rule Concurrent, on clock.Date) (least, most int) {
	k, _ := c.Kind(m.Kind)
	i := slices.IndexFunc(k.Versions, func(v Version) bool { return v.in(on) })
	if m.Same < 2 || i < 0 || k.Versions[i].Final || k.Versions[i].None {
		return 0, 0
	}
	least = k.Versions[i].Months
	most = least * m.Same
	if rule.Most > 0 {
		most = min(most, rule.Most)
	}
	return least, most
}

// ofLayer is the sanction of a layer among some.
func (c *Catalogue) ofLayer(layer string, kinds []string) string {
	for _, id := range kinds {
		if k, ok := c.Kind(id); ok && k.Layer == layer {
			return id
		}
	}
	return ""
}

// conductOf is the class of a case's conduct; what one of several acts asks for, a
// committee or a backward check, the case asks for.
func (c *Catalogue) conductOf(x Case) Conduct {
	out, _ := c.Conduct(x.Conduct)
	for _, a := range x.File.Acts {
		y, _ := c.Conduct(a.Conduct)
		out.Committee = out.Committee || y.Committee
		out.Abuse = out.Abuse || y.Abuse
	}
	return out
}

// liable are the acts for which a sanction is open: after an opinion of the
// committee that leaves none, those that did not go before it (J-1).
func (c *Catalogue) liable(x Case) []Act {
	acts := x.Acts()
	if OpinionAllows(x.Opinion) {
		return acts
	}
	return slices.DeleteFunc(acts, func(a Act) bool {
		y, _ := c.Conduct(a.Conduct)
		return y.Committee
	})
}

// act adds one more act, and says what each alone would get.
func (t *turn) act(context.Context) error {
	c, cmd := t.c, t.cmd
	a := Act{Conduct: cmd.Conduct, Gravity: cmd.Gravity, From: cmd.ActFrom, To: cmd.ActTo, Kinds: cmd.Kinds, Text: strings.TrimSpace(cmd.Text)}
	if _, ok := t.s.rules.Conduct(a.Conduct); !ok {
		t.bad.Add("conduct", "conduct.bad.choice", a.Conduct)
	}
	if !slices.Contains(Gravities(), a.Gravity) {
		t.bad.Add("gravity", "conduct.bad.choice", a.Gravity)
	}
	t.bad.Need("act_to", string(a.To))
	checkDates(&t.bad, a.From, a.To, t.s.today())
	t.bad.Need("text", a.Text)
	if len(c.File.Acts) >= maxActs {
		t.bad.Add("text", "conduct.bad.acts", maxActs)
	}
	if cmd.Own != nil || len(c.File.Own) == 0 {
		c.File.Own = cmd.Own
	}
	t.alone("own", c.File.Own)
	t.alone("kinds", a.Kinds)
	c.File.Acts = append(slices.Clone(c.File.Acts), a)
	return nil
}

// alone judges what one act by itself would get: at most one sanction a layer, and
// none of those that the retired no longer get (J-8).
func (t *turn) alone(field string, kinds []string) {
	if len(kinds) == 0 {
		t.bad.Need(field, "")
	}
	seen := map[string]bool{}
	for _, id := range kinds {
		k, ok := t.s.rules.Kind(id)
		switch {
		case !ok:
			t.bad.Add(field, "conduct.bad.choice", id)
		case seen[k.Layer] && (k.Layer == Admin || k.Layer == Party):
			t.bad.Add(field, "conduct.bad.one_per_layer")
		case t.c.Retired && k.Sanction():
			t.bad.Add(field, "conduct.bad.retired")
		}
		seen[k.Layer] = true
	}
}

// unact takes a further act off the case again; the trail keeps why.
func (t *turn) unact(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	n := t.cmd.Act - 2 // the first act is the case's own
	if n < 0 || n >= len(t.c.File.Acts) {
		t.bad.Add("act", "conduct.bad.act", len(t.c.File.Acts)+1)
		return nil
	}
	t.c.File.Acts = slices.Delete(slices.Clone(t.c.File.Acts), n, n+1)
	if len(t.c.File.Acts) == 0 {
		t.c.File.Acts, t.c.File.Own = nil, nil
	}
	return nil
}

// together holds a proposal and a decision to what the law makes of several acts.
// Where the rule was read in the law it binds; where its source is still open, the
// decider may leave it with a reason in writing.
func (t *turn) together(decides bool) {
	c := t.c
	acts := t.s.rules.liable(*c)
	if len(acts) == 0 {
		return
	}
	if t.cmd.Period != 0 {
		c.File.Period = t.cmd.Period
	}
	_, crime := t.s.rules.CrimeOf(c.Crime)
	merged := t.s.rules.Merge(acts, t.cmd.On)
	for _, layer := range []string{Admin, Party} {
		var m Merged
		if i := slices.IndexFunc(merged, func(m Merged) bool { return m.Layer == layer }); i >= 0 {
			m = merged[i]
		}
		switch {
		case layer == Admin && (crime || c.Retired), t.s.rules.ofLayer(layer, c.Kinds) == m.Kind:
		case layer == Admin || m.Evidence == Law:
			t.bad.Add("kinds", "conduct.bad.merged", t.s.cite(m))
		case decides && strings.TrimSpace(t.cmd.Reason) == "":
			t.bad.Add("reason", "conduct.bad.merged_open", t.s.cite(m))
		}
	}
	for _, a := range acts {
		if decides && t.cmd.On.Before(a.To) {
			t.bad.Add("on", "sanction.bad.before_act", string(t.cmd.On), string(a.To))
			break
		}
	}
}

func (s *Service) cite(m Merged) string {
	if m.Doc == "" { // one act alone deserves it, or none: each act is judged by itself
		m.Doc, m.Article = "zwcf2020", "第十五条"
	}
	return s.rules.Cite(m.Doc, m.Article)
}

// alike counts the acts that deserve a sanction, and gives the last day of those.
func (c *Catalogue) alike(acts []Act, kind string) (n int, last clock.Date) {
	for _, a := range acts {
		if slices.Contains(a.Kinds, kind) {
			n, last = n+1, max(last, a.To)
		}
	}
	return n, last
}

// mostly is the decision about one kind for several acts: the law of the act that
// deserves it, and equal ones together.
func (t *turn) mostly(d Decision) Decision {
	acts := t.s.rules.liable(*t.c)
	n, last := t.s.rules.alike(acts, d.Kind)
	for _, a := range acts {
		if last == "" || n == 0 && a.To > last {
			last = a.To
		}
	}
	if last == "" {
		return d
	}
	d.ActEnd = last
	if k, _ := t.s.rules.Kind(d.Kind); n > 1 && k.Layer == Admin {
		d.Same, d.Months = n, t.c.File.Period
	}
	return d
}

// lastAct is the last day of all that a case decides.
func (c Case) lastAct() clock.Date {
	last := c.ActTo
	for _, a := range c.File.Acts {
		last = max(last, a.To)
	}
	return last
}

func actCount(c Case) string { return fmt.Sprint(len(c.File.Acts) + 1) }
