package risk

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Expression reads what somebody wrote: a sentence in his language, or an expression.
func (c *Catalogue) Expression(subject, text, lang string, values map[string]string) (string, error) {
	written, said := c.ReadSentence(subject, text, lang, values)
	if said == nil {
		_, err := c.Compile(subject, written)
		return written, err
	}
	_, err := c.Compile(subject, text)
	if err == nil {
		return strings.TrimSpace(text), nil
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "", said
	}
	return "", err
}

// Rules lists the rules in force and the versions that wait or ended, newest first.
func (s *Service) Rules(ctx context.Context, who actor.Actor) (force, others []Version, err error) {
	if err := s.policy.Can(who, "risk_rule.read", access.Object{Kind: "risk_rule"}); err != nil {
		return nil, nil, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if force, err = rulesInForce(ctx, q, s.cat); err != nil {
			return err
		}
		others, err = versionsWhere(ctx, q, "v.state <> $1", Published)
		return err
	})
	return force, others, err
}

// version finds a version by its id, or a shipped one by its key.
func (s *Service) version(ctx context.Context, q db.Q, who actor.Actor, name string) (Version, error) {
	if err := s.policy.Can(who, "risk_rule.read", access.Object{Kind: "risk_rule"}); err != nil {
		return Version{}, err
	}
	if n, err := id.Parse(name); err == nil {
		return versionByID(ctx, q, n)
	}
	i := slices.IndexFunc(s.cat.Rules, func(v Version) bool { return v.Rule == name })
	if i < 0 {
		return Version{}, fault.NotFound("risk_rule")
	}
	return s.cat.Rules[i], nil
}

// Write makes a draft: a new rule of the actor's office, or a new version of one of
// its own. lang and values say in which words the sentence is written.
func (s *Service) WriteRule(ctx context.Context, who actor.Actor, cmd RuleCmd, lang string, values map[string]string) (v Version, err error) {
	bad := cmd.check()
	expression, err := s.cat.Expression(cmd.Subject, cmd.Text, lang, values)
	if f, ok := fault.Of(err); ok && cmd.Text != "" {
		for _, x := range f.Fields {
			bad.Add("text", x.Key, x.Args...)
		}
		if len(f.Fields) == 0 {
			bad.Add("subject", f.Key, f.Args...)
		}
	} else if err != nil && cmd.Text != "" {
		return v, err
	}
	if err := bad.Err(); err != nil {
		return v, err
	}
	v = Version{ID: id.New(), Rule: cmd.Rule, N: 1, Unit: s.office(who), Subject: cmd.Subject, Level: cmd.Level, NameZh: strings.TrimSpace(cmd.NameZh), NameEn: strings.TrimSpace(cmd.NameEn), Expression: expression,
		Document: cmd.Document, Article: cmd.Article, Evidence: "P", Why: cmd.Why, State: RuleDraft, Author: who.Person, Rev: 1}
	err = s.log.Write(ctx, who, "risk_rule.write", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "risk_rule.write", s.ruleObject(v)); err != nil {
			return err
		}
		if v.Rule == "" {
			v.Rule = "local-" + v.ID.Short()
		} else {
			force, err := rulesInForce(ctx, tx, s.cat)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(force, func(x Version) bool { return x.Rule == v.Rule })
			if i < 0 {
				return fault.NotFound("risk_rule")
			}
			old := force[i]
			if old.Unit == "" {
				old.Unit = s.Root()
			}
			if old.Unit != v.Unit {
				return forbid("risk.refuse.rule_unit")
			}
			if v.N, err = nextVersion(ctx, tx, v.Rule); err != nil {
				return err
			}
		}
		tx.Note("rule", v.Rule)
		tx.Note("expression", v.Expression)
		return insertVersion(ctx, tx, v)
	})
	return v, err
}

// StepRule takes a version on: edit, test on history, publish, drop, retire.
func (s *Service) StepRule(ctx context.Context, who actor.Actor, n id.ID, do string, cmd RuleCmd, lang string, values map[string]string) (v Version, err error) {
	var dry Dry
	if do == "test" {
		if dry, err = s.DryRun(ctx, who, n); err != nil {
			return v, err
		}
	}
	err = s.log.Write(ctx, who, "risk_rule."+do, func(tx *audit.Tx) error {
		if v, err = versionByID(ctx, tx, n); err != nil {
			return err
		}
		to, err := RuleFlow.Next(v.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "risk_rule."+do, s.ruleObject(v)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != v.Rev {
			return fault.Conflict("risk_rule")
		}
		v.State = to
		switch do {
		case "edit":
			err = s.edit(&v, who, cmd, lang, values)
		case "test":
			if dry.Expression != v.Expression {
				err = fault.Conflict("risk_rule")
			}
			v.Tested = dry
			if err == nil {
				v.Tested.names, err = s.sealJSON("risk_version", v.ID, [2][]string{dry.Added, dry.Dropped})
			}
		case "publish":
			err = s.publish(ctx, tx, &v, who)
		case "retire":
			if strings.TrimSpace(cmd.Reason) == "" {
				var bad fault.Fields
				bad.Need("reason", "")
				return bad.Err()
			}
			v.EndedAt = tx.At
		}
		if err != nil {
			return err
		}
		tx.Note("rule", v.Rule)
		tx.Note("version", v.N)
		if err := s.enter(ctx, tx, Entry{Object: v.ID, Person: who.Person, Do: do, New: to, Text: cmd.Reason}); err != nil {
			return err
		}
		return updateVersion(ctx, tx, v)
	})
	return v, err
}

func (s *Service) edit(v *Version, who actor.Actor, cmd RuleCmd, lang string, values map[string]string) error {
	bad := cmd.check()
	expression, err := s.cat.Expression(v.Subject, cmd.Text, lang, values)
	if f, ok := fault.Of(err); ok && cmd.Text != "" {
		for _, x := range f.Fields {
			bad.Add("text", x.Key, x.Args...)
		}
	} else if err != nil && cmd.Text != "" {
		return err
	}
	if err := bad.Err(); err != nil {
		return err
	}
	v.Level, v.NameZh, v.NameEn, v.Expression, v.Document, v.Article, v.Why = cmd.Level, cmd.NameZh, cmd.NameEn, expression, cmd.Document, cmd.Article, cmd.Why
	v.Author, v.Tested = who.Person, Dry{} // whoever writes last is the author; what was tested was another wording
	return nil
}

func (s *Service) publish(ctx context.Context, tx *audit.Tx, v *Version, who actor.Actor) error {
	if v.Tested.Expression != v.Expression {
		return forbid("risk.refuse.untested")
	}
	if who.Person != "" && v.Author == who.Person {
		return forbid("risk.refuse.author")
	}
	old, err := versionsWhere(ctx, tx, "v.rule = $1 AND v.state = '"+Published+"'", v.Rule)
	if err != nil {
		return err
	}
	for _, o := range old {
		o.State, o.EndedAt = Replaced, tx.At
		if err := updateVersion(ctx, tx, o); err != nil {
			return err
		}
	}
	v.Publisher, v.PublishedAt = who.Person, tx.At
	return nil
}

// RetireShipped takes a rule that came with the program out of force.
func (s *Service) RetireShipped(ctx context.Context, who actor.Actor, rule string, cmd RuleCmd) error {
	i := slices.IndexFunc(s.cat.Rules, func(v Version) bool { return v.Rule == rule })
	if i < 0 {
		return fault.NotFound("risk_rule")
	}
	var bad fault.Fields
	bad.Need("reason", strings.TrimSpace(cmd.Reason))
	if err := bad.Err(); err != nil {
		return err
	}
	v := s.cat.Rules[i]
	return s.log.Write(ctx, who, "risk_rule.retire", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "risk_rule.retire", s.ruleObject(v)); err != nil {
			return err
		}
		force, err := rulesInForce(ctx, tx, s.cat)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(force, func(x Version) bool { return x.Rule == rule && x.ID == "" }) {
			return fault.State("error.state", "risk_rule.retire", "risk_rule.state."+Retired)
		}
		v.ID, v.Unit, v.State, v.PublishedAt, v.EndedAt, v.Rev = id.New(), s.Root(), Retired, tx.At, tx.At, 1
		tx.Note("rule", rule)
		if err := s.enter(ctx, tx, Entry{Object: v.ID, Person: who.Person, Do: "retire", Old: Published, New: Retired, Text: cmd.Reason}); err != nil {
			return err
		}
		return insertVersion(ctx, tx, v)
	})
}

// openNames shows whom the last run on history of a version named to who ran it, and
// to nobody else; the opening is in the log.
func (s *Service) openNames(ctx context.Context, who actor.Actor, v *Version) error {
	if v.Tested.By == "" || v.Tested.By != who.Person || v.Tested.Adds+v.Tested.Drops == 0 {
		return nil
	}
	var names [2][]string
	if err := s.openJSON("risk_version", v.ID, v.Tested.names, &names); err != nil {
		return err
	}
	v.Tested.Added, v.Tested.Dropped = names[0], names[1]
	return s.log.Note(ctx, who, "risk_rule.read", map[string]any{"rule": v.Rule, "version": v.N})
}

// maxNamed bounds the cases that a dry run names.
const maxNamed = 10

// DryRun judges the events that are there by a version and by the one in force,
// and says what would come and go. Nothing is raised. What concerns the actor is
// left out, counts included.
func (s *Service) DryRun(ctx context.Context, who actor.Actor, n id.ID) (d Dry, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		v, err := versionByID(ctx, q, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "risk_rule.test", s.ruleObject(v)); err != nil {
			return err
		}
		force, err := s.inForce(ctx, q)
		if err != nil {
			return err
		}
		p, err := s.cat.Compile(v.Subject, v.Expression)
		if err != nil {
			return err
		}
		rules := []ruled{{v, p}}
		if i := slices.IndexFunc(force, func(r ruled) bool { return r.v.Rule == v.Rule }); i >= 0 {
			rules = append(rules, force[i])
		}
		count, err := s.counting(ctx, q)
		if err != nil {
			return err
		}
		if s.Restricted != nil {
			if count.restricted, err = s.Restricted(ctx); err != nil {
				return err
			}
		}
		got, err := s.pass(ctx, q, count, rules, 0)
		if err != nil {
			return err
		}
		d, err = s.compare(ctx, q, who, v, got)
		return err
	})
	return d, err
}

func (s *Service) compare(ctx context.Context, q db.Q, who actor.Actor, v Version, got judged) (Dry, error) {
	d := Dry{On: string(s.today()), By: who.Person, Cases: got.cases, Expression: v.Expression}
	sets := [2]map[string]string{{}, {}}
	for _, h := range got.hits {
		if slices.ContainsFunc(who.Kin(), func(k id.ID) bool { return slices.Contains(h.concerns, k) }) {
			continue
		}
		name := h.facts.CaseNo
		if name == "" {
			name = s.Units.Short(h.unit)
		}
		sets[h.rule][h.subject] = name
	}
	d.Hits = len(sets[0])
	list := func(a, b map[string]string) (int, []string) {
		var names []string
		k := 0
		for key, name := range a {
			if _, ok := b[key]; !ok {
				k++
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return k, names[:min(maxNamed, len(names))]
	}
	d.Adds, d.Added = list(sets[0], sets[1])
	d.Drops, d.Dropped = list(sets[1], sets[0])
	var bases []string
	for key := range sets[0] {
		bases = append(bases, digestOf(v.Rule, key))
	}
	slices.Sort(bases)
	for len(bases) > 0 {
		part := bases[:min(chunk, len(bases))]
		bases = bases[len(part):]
		known, err := knownAlerts(ctx, q, part)
		if err != nil {
			return d, err
		}
		for _, list := range known {
			switch list[len(list)-1][1] {
			case AlertCleared, AlertFault:
				d.Wrong++
			case AlertCorrected, AlertLead:
				d.Right++
			}
		}
	}
	return d, nil
}
