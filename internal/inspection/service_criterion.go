package inspection

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
)

// criterionRules: articles are no secret of anybody who writes or reads findings;
// the office of a unit keeps its own.
func criterionRules() []access.Rule {
	rules := []access.Rule{access.Permit(actor.Office, flow.ByUs, "criterion.keep")}
	for _, r := range []actor.Role{actor.TeamLeader, actor.Inspector, actor.Lookback, actor.Office, actor.Leader, actor.Reviewer, actor.Supervisor} {
		rules = append(rules, access.Permit(r, flow.Anything, "criterion.read"))
	}
	return rules
}

func (s *Service) criterionObject(c Criterion) access.Object {
	return access.Object{Kind: "criterion", ID: c.ID, By: s.Units.Place(c.By)}
}

// KeepCriterion records an article, or a new version of one: the version before
// ends the day before the new one begins, and keeps its wording.
func (s *Service) KeepCriterion(ctx context.Context, who actor.Actor, cmd CriterionCmd) (out Criterion, err error) {
	cmd.Document, cmd.Article, cmd.Text = strings.Trim(strings.TrimSpace(cmd.Document), "《》"), strings.TrimSpace(cmd.Article), strings.TrimSpace(cmd.Text)
	err = s.log.Write(ctx, who, "criterion.keep", func(tx *audit.Tx) error {
		out = Criterion{ID: id.New(), Version: 1, By: homeOf(who, actor.Office), Document: cmd.Document, Article: cmd.Article, Text: cmd.Text, From: cmd.From, Person: who.Person, Rev: 1}
		out.Series = out.ID
		var old *Criterion
		if cmd.Replaces != "" {
			c, err := criterionByID(ctx, tx, cmd.Replaces)
			if err != nil {
				return err
			}
			old, out.By, out.Series, out.Version = &c, c.By, c.Series, c.Version+1
		}
		if err := s.policy.Can(who, "criterion.keep", s.criterionObject(out)); err != nil {
			return err
		}
		var bad fault.Fields
		cmd.Check(&bad, old)
		if err := bad.Err(); err != nil {
			return err
		}
		if old != nil {
			all, err := versionsOf(ctx, tx, old.Series)
			if err != nil {
				return err
			}
			if all[0].ID != old.ID {
				return fault.State("criterion.refuse.old", all[0].Version)
			}
			if end := cmd.From.AddDays(-1); old.To == "" || old.To > end {
				if err := endCriterion(ctx, tx, *old, end); err != nil {
					return err
				}
			}
		}
		return insertCriterion(ctx, tx, out)
	})
	return out, err
}

// homeOf is the unit for which an actor holds a role.
func homeOf(who actor.Actor, r actor.Role) id.ID {
	for _, g := range who.Grants {
		if g.Role == r {
			return g.Unit
		}
	}
	return ""
}

// EndCriterion ends an article that nothing takes the place of.
func (s *Service) EndCriterion(ctx context.Context, who actor.Actor, n id.ID, cmd EndCriterionCmd) error {
	return s.log.Write(ctx, who, "criterion.end", func(tx *audit.Tx) error {
		c, err := criterionByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "criterion.keep", s.criterionObject(c)); err != nil {
			return err
		}
		switch {
		case c.To != "":
			return fault.State("criterion.refuse.ended", string(c.To))
		case cmd.To == "":
			return sole("to", "error.required")
		case cmd.To < c.From:
			return sole("to", "error.end_before_start")
		}
		if cmd.Rev != 0 {
			c.Rev = cmd.Rev
		}
		return endCriterion(ctx, tx, c, cmd.To)
	})
}

// cite lets a finding stand on a version: it keeps the wording of that version,
// also when another one takes its place later.
func (s *Service) cite(ctx context.Context, q db.Q, f *Finding, n id.ID) error {
	if n == f.Criterion {
		return nil
	}
	if n == "" {
		f.Criterion, f.CriterionText = "", ""
		return nil
	}
	c, err := criterionByID(ctx, q, n)
	if fault.Is(err, fault.KindNotFound) || err == nil && c.From > s.today() {
		return sole("criterion", "finding.bad.criterion")
	}
	if err != nil {
		return err
	}
	f.Criterion, f.CriterionText = c.ID, c.Wording()
	return nil
}

// AddFiles puts files to a finding that the actor may change.
func (s *Service) AddFiles(ctx context.Context, who actor.Actor, n id.ID, files []vault.Stored) error {
	if len(files) == 0 {
		return sole("files", "error.required")
	}
	return s.log.Write(ctx, who, "finding.file", func(tx *audit.Tx) error {
		f, err := s.load(ctx, tx, who, n, "finding.edit")
		if err != nil {
			return err
		}
		return findingFiles.put(ctx, tx, f.ID, who.Person, files)
	})
}

// Bounds of the files of a finding.
const (
	maxFiles  = 50
	maxUpload = 256 << 20
)
