package inspection

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// taxonomyRules: classes are no secret of anybody who writes or reads findings.
func taxonomyRules() []access.Rule {
	rules := append(access.FromFlow(TaxonomyFlow), access.Permit(actor.Office, flow.ByUs, "taxonomy.keep", "taxonomy.decide"))
	for _, r := range []actor.Role{actor.TeamLeader, actor.Inspector, actor.Lookback, actor.Office, actor.Leader, actor.Reviewer, actor.Supervisor} {
		rules = append(rules, access.Permit(r, flow.Anything, "taxonomy.read"))
	}
	return rules
}

func (s *Service) taxonomyObject(t Taxonomy) access.Object {
	return access.Object{Kind: "taxonomy", ID: t.ID, State: t.State, By: s.Units.Place(t.By)}
}

// TaxonomyCmd drafts a version, or changes a draft.
type TaxonomyCmd struct {
	Title   string `json:"title"`
	Source  string `json:"source"`
	Classes string `json:"classes"` // one a line, see ParseClasses
	Rev     int64  `json:"rev"`
}

func (c *TaxonomyCmd) into(t *Taxonomy, before []Class) error {
	var bad fault.Fields
	t.Title, t.Source = strings.TrimSpace(c.Title), strings.TrimSpace(c.Source)
	for _, x := range [][2]string{{"title", t.Title}, {"source", t.Source}} {
		bad.Need(x[0], x[1])
		bad.Max(x[0], x[1], maxTitle)
	}
	bad.Max("classes", c.Classes, maxText)
	if len(bad) == 0 {
		t.Classes = ParseClasses(c.Classes, before, &bad)
	}
	return bad.Err()
}

// published are the versions that are in force or were.
func published(list []Taxonomy) (l Lineage) {
	for _, t := range list {
		if t.State == TaxonomyPublished {
			l = append(l, t)
		}
	}
	return l
}

// lineage are the versions by which findings of a dispatching unit are classed:
// those of the nearest keeper at or above it.
func (s *Service) lineage(ctx context.Context, q db.Q, by id.ID) (Lineage, error) {
	all, err := keepers(ctx, q)
	if err != nil {
		return nil, err
	}
	path, nearest, keeper := s.Units.Place(by).Path, 0, id.ID("")
	for _, k := range all {
		if p := s.Units.Place(k).Path; strings.HasPrefix(path, p) && len(p) > nearest {
			nearest, keeper = len(p), k
		}
	}
	if keeper == "" {
		return nil, nil
	}
	list, err := taxonomiesOf(ctx, q, keeper)
	return published(list), err
}

// DraftTaxonomy drafts the next version of the actor's unit; there is one draft at
// a time, because it says where the classes of the version before it go.
func (s *Service) DraftTaxonomy(ctx context.Context, who actor.Actor, c TaxonomyCmd) (out Taxonomy, err error) {
	err = s.log.Write(ctx, who, "taxonomy.keep", func(tx *audit.Tx) error {
		out = Taxonomy{ID: id.New(), By: homeOf(who, actor.Office), State: TaxonomyDraft, Author: who.Person, Rev: 1}
		if err := s.policy.Can(who, "taxonomy.keep", s.taxonomyObject(out)); err != nil {
			return err
		}
		all, err := taxonomiesOf(ctx, tx, out.By)
		if err != nil {
			return err
		}
		for _, t := range all {
			if out.Version = max(out.Version, t.Version); t.State == TaxonomyDraft {
				return fault.State("taxonomy.refuse.draft", t.Version)
			}
		}
		out.Version++
		now, _ := published(all).Now()
		if err := c.into(&out, now.Classes); err != nil {
			return err
		}
		return insertTaxonomy(ctx, tx, out)
	})
	return out, err
}

// EditTaxonomy changes a draft; whoever changed it last counts as its author.
func (s *Service) EditTaxonomy(ctx context.Context, who actor.Actor, n id.ID, c TaxonomyCmd) (out Taxonomy, err error) {
	err = s.log.Write(ctx, who, "taxonomy.keep", func(tx *audit.Tx) error {
		t, l, err := s.loadTaxonomy(ctx, tx, who, n, "taxonomy.keep")
		if err != nil {
			return err
		}
		if t.State != TaxonomyDraft {
			return fault.State("error.state", "taxonomy.keep", "taxonomy.state."+t.State)
		}
		now, _ := l.Now()
		if err := c.into(&t, now.Classes); err != nil {
			return err
		}
		if c.Rev != 0 {
			t.Rev = c.Rev
		}
		t.Author = who.Person
		err = updateTaxonomy(ctx, tx, t)
		t.Rev++
		out = t
		return err
	})
	return out, err
}

// DecideTaxonomy publishes a draft, by somebody who did not draft it, or drops it.
func (s *Service) DecideTaxonomy(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64) (out Taxonomy, err error) {
	err = s.log.Write(ctx, who, "taxonomy."+do, func(tx *audit.Tx) error {
		t, l, err := s.loadTaxonomy(ctx, tx, who, n, "taxonomy.read")
		if err != nil {
			return err
		}
		next, err := TaxonomyFlow.Next(t.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "taxonomy."+do, s.taxonomyObject(t)); err != nil {
			return err
		}
		if do == "publish" {
			if who.Person == "" || who.Person == t.Author {
				return &fault.Error{Kind: fault.KindForbidden, Key: "taxonomy.refuse.own", Denied: "taxonomy.refuse.own"}
			}
			now, _ := l.Now()
			var bad fault.Fields // the version before is the one that the draft was written for
			if ParseClasses(WriteClasses(t.Classes), now.Classes, &bad); bad.Err() != nil {
				return bad.Err()
			}
			t.Publisher, t.PublishedOn = who.Person, s.today()
			tx.Note("classes", len(t.Classes))
		}
		if t.State = next; rev != 0 {
			t.Rev = rev
		}
		err = updateTaxonomy(ctx, tx, t)
		t.Rev++
		out = t
		return err
	})
	return out, err
}

// loadTaxonomy reads a version with the published ones of its keeper.
func (s *Service) loadTaxonomy(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Taxonomy, Lineage, error) {
	t, err := taxonomyByID(ctx, q, n)
	if err != nil {
		return t, nil, err
	}
	if err := s.policy.Can(who, action, s.taxonomyObject(t)); err != nil {
		return t, nil, err
	}
	all, err := taxonomiesOf(ctx, q, t.By)
	return t, published(all), err
}

// classify puts a finding into a class of the version in force, named by its code,
// its name or both. What was recorded under an earlier version stays as it is.
func (s *Service) classify(l Lineage, f *Finding, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		f.Class, f.Decided = Coded{}, Coded{}
		return nil
	case text == f.Class.text():
		return nil
	}
	now, _ := l.Now()
	for _, c := range now.Classes {
		if text != c.Code && text != c.Name && text != c.Label() && text != (Coded{now.ID, c.Code}).text() {
			continue
		}
		if f.Category != c.Category {
			return sole("class", "finding.bad.class_category", c.Label())
		}
		f.Class, f.Decided = Coded{now.ID, c.Code}, Coded{}
		return nil
	}
	return sole("class", "finding.bad.class", text)
}

// todoTaxonomies are the drafts that wait for a second person.
func (s *Service) todoTaxonomies(ctx context.Context, q db.Q, who actor.Actor) (out []web.Todo, err error) {
	if !s.policy.Ever(who, "taxonomy.publish") {
		return nil, nil
	}
	drafts, err := taxonomyDrafts(ctx, q)
	for _, t := range drafts {
		if t.Author != who.Person && s.policy.Can(who, "taxonomy.publish", s.taxonomyObject(t)) == nil {
			out = append(out, web.Todo{Kind: "taxonomy.todo.publish", Title: t.Title, Unit: s.Units.Short(t.By), Href: "/taxonomies/" + string(t.ID), Verb: "taxonomy.do.publish"})
		}
	}
	return out, err
}

// text names a recorded class in a form.
func (c Coded) text() string {
	if c.Code == "" {
		return ""
	}
	return string(c.Of) + "/" + c.Code
}

// codedOf reads what text wrote.
func codedOf(text string) Coded {
	of, code, _ := strings.Cut(text, "/")
	return Coded{id.ID(of), code}
}

// widen lets a list that is asked for a class of the version in force find what
// was recorded under earlier versions too.
func (s *Service) widen(ctx context.Context, q db.Q, lq page.Query) (page.Query, error) {
	asked := codedOf(lq.Filter.Get("class"))
	if waits := lq.Filter.Get("undecided"); waits != "" {
		asked = Coded{Of: id.ID(waits)}
	} else if asked.Code == "" {
		return lq, nil
	}
	t, err := taxonomyByID(ctx, q, asked.Of)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return lq, err
	}
	all, err := taxonomiesOf(ctx, q, t.By)
	if err != nil {
		return lq, err
	}
	out := lq
	out.Filter = map[string][]string{}
	for k, v := range lq.Filter {
		out.Filter[k] = v
	}
	switch now, _ := published(all).Now(); {
	case asked.Code == "":
		out.Filter["became"] = []string{nothing.text()}
		for _, c := range published(all).Undecided() {
			out.Filter["became"] = append(out.Filter["became"], c.text())
		}
	case now.ID == asked.Of: // what earlier versions recorded counts as what it has become
		delete(out.Filter, "class")
		for _, c := range published(all).Became(asked.Code) {
			out.Filter["became"] = append(out.Filter["became"], c.text())
		}
	}
	return out, nil
}
