package conduct

import (
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

// Decision is what a period is computed from.
type Decision struct {
	Kind     string
	ActEnd   clock.Date // last day of the conduct
	On       clock.Date // day of the decision: it takes effect on it (政务处分法 8)
	Months   int        // where the decision names a period; 0 = as the law has it
	Same     int        // number of equal sanctions due at once; 0 and 1 are one
	Running  []Effect   // effects of the same person that may still run
	Restored clock.Date // of a probation: rights given back on; empty = by its end
}

// Until is a bar with its days; To is the last one, "" without end.
type Until struct {
	What string     `json:"what"`
	From clock.Date `json:"from"`
	To   clock.Date `json:"to,omitempty"`
}

// Runs tells whether the bar holds on a day.
func (u Until) Runs(on clock.Date) bool { return u.From <= on && (u.To == "" || on <= u.To) }

// Effect is the period of a sanction with all it bars, and by which law.
type Effect struct {
	Kind     string     `json:"kind"`
	Layer    string     `json:"layer"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to,omitempty"` // last day; empty where there is no period
	Months   int        `json:"months"`       // of the sanction itself
	Bars     []Until    `json:"bars"`
	Lift     string     `json:"lift"`
	Doc      string     `json:"doc"`
	Article  string     `json:"article"`
	Evidence string     `json:"evidence"`
	Older    bool       `json:"older,omitempty"`  // the law of the act, not that of the decision
	Joined   *Joint     `json:"joined,omitempty"` // how an older period was added
}

// Joint says by which rule an older period and the new one became one.
type Joint struct {
	Rule     string     `json:"rule"`
	Rest     clock.Date `json:"rest"` // last day that the older one still had
	Capped   bool       `json:"capped,omitempty"`
	Doc      string     `json:"doc"`
	Article  string     `json:"article"`
	Evidence string     `json:"evidence"`
}

// end is the last day of n months from a day: the day before the one that
// corresponds (期满日为对应日的前一日).
func end(from clock.Date, n int) clock.Date { return from.AddMonths(n).AddDays(-1) }

// Compute gives the effect of a decision. It refuses a decision dated before the
// act, a kind that no law knew, and a period that the law does not offer.
func (c *Catalogue) Compute(d Decision) (Effect, error) {
	k, ok := c.Kind(d.Kind)
	var bad fault.Fields
	if !ok {
		bad.Add("kind", "sanction.bad.kind", d.Kind)
	}
	if !d.On.Valid() {
		bad.Need("on", "")
	}
	if !d.ActEnd.Valid() {
		bad.Need("act_end", "")
	}
	if d.On.Before(d.ActEnd) {
		bad.Add("on", "sanction.bad.before_act", string(d.On), string(d.ActEnd))
	}
	if err := bad.Err(); err != nil {
		return Effect{}, err
	}
	v, older, ok := inForce(k, d.ActEnd, d.On)
	if !ok {
		bad.Add("kind", "sanction.bad.no_law", string(d.On))
		return Effect{}, bad.Err()
	}
	e := Effect{Kind: k.ID, Layer: k.Layer, From: d.On, Lift: v.Lift, Doc: v.Doc, Article: v.Article, Evidence: v.Evidence, Older: older}
	months, err := c.months(k, v, d)
	if err != nil {
		return e, err
	}
	e.Months = months
	if months > 0 {
		e.To = end(d.On, months)
		c.addRunning(&e, d)
	}
	if d.Restored != "" && v.Lift == LiftDecision && k.Layer == Party {
		e.To = d.Restored.AddDays(-1)
	}
	for _, b := range v.Bars {
		u := Until{What: b.What, From: d.On}
		switch {
		case b.Forever:
		case b.After:
			u.From = d.On // the post is gone from the first day; the bar on posts runs on after the end
			u.To = end(e.To.AddDays(1), b.Months)
		case b.Months > 0:
			u.To = end(d.On, b.Months)
		default:
			u.To = e.To
		}
		e.Bars = append(e.Bars, u)
	}
	return e, nil
}

// months is the period of the sanction itself.
func (c *Catalogue) months(k Kind, v Version, d Decision) (int, error) {
	var bad fault.Fields
	want := d.Months
	switch {
	case v.None || v.Final:
		if want != 0 {
			bad.Add("months", "sanction.bad.no_period")
		}
		return 0, bad.Err()
	case len(v.Choices) > 0:
		if !slices.Contains(v.Choices, want) {
			bad.Add("months", "sanction.bad.choice", v.Choices[0], v.Choices[len(v.Choices)-1])
		}
		return want, bad.Err()
	case v.Most:
		if want < 0 || want > v.Months {
			bad.Add("months", "sanction.bad.most", v.Months)
		}
		if want == 0 {
			want = v.Months
		}
		return want, bad.Err()
	case d.Same > 1 && k.Layer == Admin:
		// Several equal sanctions below dismissal: from one period to the sum of all, 48 months at most.
		most := v.Months * d.Same
		if rule, ok := at(c.Joined, k.Layer, d.On); ok && rule.Most > 0 {
			most = min(most, rule.Most)
		}
		if want == 0 {
			want = v.Months
		}
		if want < v.Months || want > most {
			bad.Add("months", "sanction.bad.sum", v.Months, most)
		}
		return want, bad.Err()
	}
	if want != 0 && want != v.Months {
		bad.Add("months", "sanction.bad.months", v.Months)
	}
	return v.Months, bad.Err()
}

// addRunning adds what an older sanction of the same layer still has.
func (c *Catalogue) addRunning(e *Effect, d Decision) {
	rule, ok := at(c.Running, e.Layer, d.On)
	if !ok {
		return
	}
	var rest clock.Date
	for _, r := range d.Running {
		if r.Layer == e.Layer && r.From <= d.On && r.To != "" && r.To >= d.On && r.To > rest {
			rest = r.To
		}
	}
	if rest == "" {
		return
	}
	j := &Joint{Rule: rule.Rule, Rest: rest, Doc: rule.Doc, Article: rule.Article, Evidence: rule.Evidence}
	e.To = end(rest.AddDays(1), e.Months)
	if most := end(e.From, rule.Most); rule.Most > 0 && most < e.To {
		e.To, j.Capped = most, true
	}
	e.Joined = j
}

func at(list []Concurrent, layer string, on clock.Date) (Concurrent, bool) {
	for _, r := range list {
		if r.Layer == layer && r.From <= on && (r.To == "" || on <= r.To) {
			return r, true
		}
	}
	return Concurrent{}, false
}

// inForce finds the law: that of the act, unless the law of the day of decision
// is lighter (政务处分法 67; the Party's rules say the same). Where the older law
// did not know the kind, that of the decision holds.
func inForce(k Kind, act, on clock.Date) (v Version, older, ok bool) {
	find := func(d clock.Date) (Version, bool) {
		i := slices.IndexFunc(k.Versions, func(v Version) bool { return v.in(d) })
		if i < 0 {
			return Version{}, false
		}
		return k.Versions[i], true
	}
	now, okNow := find(on)
	then, okThen := find(act)
	switch {
	case !okNow:
		return Version{}, false, false
	case !okThen, then.Doc == now.Doc:
		return now, false, true
	case load(now) < load(then), load(now) == load(then) && now.Lift == LiftAuto && then.Lift == LiftDecision:
		return now, false, true
	}
	return then, true, true
}

// load compares two versions: the longest that a bar or the effect can last.
func load(v Version) int {
	n := v.Months
	for _, m := range v.Choices {
		n = max(n, m)
	}
	return n
}

// Over tells whether the effect of a sanction with a period has ended on a day.
func (e Effect) Over(on clock.Date) bool { return e.To != "" && on > e.To }

// Holding lists the bars that hold on a day. Under a law that lifts by decision the
// bars on promotion and pay hold until that decision is there.
func (e Effect) Holding(on, lifted clock.Date) []Until {
	var out []Until
	for _, b := range e.Bars {
		if b.To != "" && e.Lift == LiftDecision && e.Layer == Admin {
			if lifted == "" || on < lifted {
				if b.From <= on {
					b.To = ""
					if lifted != "" {
						b.To = lifted.AddDays(-1)
					}
					out = append(out, b)
				}
			}
			continue
		}
		if b.Runs(on) {
			out = append(out, b)
		}
	}
	return out
}

// Heaviest gives the heaviest of several kinds of one layer: that one is carried
// out (政务处分法 15).
func (c *Catalogue) Heaviest(kinds ...string) string {
	best, weight := "", 0
	for _, id := range kinds {
		if k, ok := c.Kind(id); ok && k.Weight > weight {
			best, weight = id, k.Weight
		}
	}
	return best
}

// HeavierStep gives the Party sanction one step above the heaviest of several
// (合并处理: 按应受最高处分加重一档, K).
func (c *Catalogue) HeavierStep(kinds ...string) string {
	top := c.Heaviest(kinds...)
	if len(kinds) < 2 {
		return top
	}
	return c.step(top, 1)
}

func (c *Catalogue) step(id string, by int) string {
	k, ok := c.Kind(id)
	if !ok {
		return id
	}
	var ladder []Kind
	for _, x := range c.Kinds {
		if x.Layer == k.Layer {
			ladder = append(ladder, x)
		}
	}
	slices.SortFunc(ladder, func(a, b Kind) int { return a.Weight - b.Weight })
	i := slices.IndexFunc(ladder, func(x Kind) bool { return x.ID == id }) + by
	return ladder[max(0, min(i, len(ladder)-1))].ID
}

// Advice is what the law says about a proposed sanction: whether it lies in the
// range, and why it may leave it. It is shown to the decider; it decides nothing.
type Advice struct {
	Range   []string `json:"range,omitempty"` // lightest and heaviest kind
	Lighter []string `json:"lighter"`         // circumstances, by id
	Heavier []string `json:"heavier"`
	Exempt  bool     `json:"exempt"`  // art. 12: education instead of a sanction is open
	Outside string   `json:"outside"` // "", "below", "above": the proposal leaves the range
	Retired bool     `json:"retired"` // art. 27: no sanction, benefits are adjusted
	Adjust  bool     `json:"adjust"`  // the benefits are to be adjusted
	Doc     string   `json:"doc"`
	Article string   `json:"article"`
}

// Advise compares a proposal with the law.
func (c *Catalogue) Advise(conduct, gravity string, circumstances []string, kind string, retired bool) Advice {
	k, _ := c.Kind(kind)
	x, _ := c.Conduct(conduct)
	a := Advice{Range: x.Range(gravity), Doc: x.Doc, Article: x.Article, Lighter: []string{}, Heavier: []string{}}
	for _, id := range circumstances {
		r, ok := c.Circumstance(id)
		switch {
		case !ok:
		case r.Turns == "heavier":
			a.Heavier = append(a.Heavier, id)
		case r.Turns == "exempt":
			a.Exempt = true
			a.Lighter = append(a.Lighter, id)
		default:
			a.Lighter = append(a.Lighter, id)
		}
	}
	a.Exempt = a.Exempt || gravity == "minor" && len(a.Lighter) > 0
	if retired && k.Sanction() {
		low, _ := c.Kind("admin.grade_reduction")
		a.Retired, a.Adjust = true, k.Weight >= low.Weight
	}
	if k.Layer != Admin && k.Layer != Education || len(a.Range) == 0 {
		if k.Layer == Admin && gravity == "minor" {
			a.Outside = "above"
		}
		return a
	}
	low, _ := c.Kind(a.Range[0])
	high, _ := c.Kind(a.Range[1])
	switch {
	case k.Weight > high.Weight:
		a.Outside = "above"
	case k.Weight >= low.Weight:
	case a.Exempt:
	case len(a.Lighter) > 0 && k.ID == c.step(low.ID, -1) && k.Layer == Admin: // 减轻: one step below
	default:
		a.Outside = "below"
	}
	return a
}

// FormOf classes an outcome into the four forms (J-10): the heaviest measure
// decides; a suspected crime is the fourth.
func (c *Catalogue) FormOf(crime bool, kinds ...string) int {
	form := 0
	for _, id := range kinds {
		if k, ok := c.Kind(id); ok {
			form = max(form, k.Form)
		}
	}
	if crime {
		form = 4
	}
	return form
}
