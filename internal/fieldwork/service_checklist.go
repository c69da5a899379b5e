package fieldwork

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// ChecklistCmd is the content of a checklist: one question a line, its basis after
// a tab or a bar.
type ChecklistCmd struct {
	Theme  string     `json:"theme"`
	Unit   string     `json:"unit"` // dispatching unit
	From   clock.Date `json:"from"`
	Source string     `json:"source"`
	Lines  string     `json:"lines"`
	Rev    int64      `json:"rev"`
}

// checks takes the lines apart.
func (c ChecklistCmd) checks() []Check {
	var out []Check
	for _, line := range strings.Split(c.Lines, "\n") {
		text, basis, _ := strings.Cut(strings.ReplaceAll(line, "｜", "|"), "|")
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, Check{ID: id.New(), No: len(out) + 1, Text: text, Basis: strings.TrimSpace(basis)})
		}
	}
	return out
}

// LinesOf writes questions as a form has them.
func LinesOf(checks []Check) string {
	var b strings.Builder
	for _, c := range checks {
		b.WriteString(c.Text)
		if c.Basis != "" {
			b.WriteString(" | " + c.Basis)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (c ChecklistCmd) check() ([]Check, error) {
	var bad fault.Fields
	bad.Need("theme", c.Theme)
	bad.Max("theme", c.Theme, maxLine)
	bad.Max("source", c.Source, maxLine)
	checks := c.checks()
	if len(checks) == 0 {
		bad.Need("lines", "")
	}
	if len(checks) > maxChecks {
		bad.Add("lines", "checklist.bad.many", len(checks), maxChecks)
	}
	for _, x := range checks {
		bad.Max("lines", x.Text, maxNote)
	}
	return checks, bad.Err()
}

// SaveChecklist keeps a new version of a theme as a draft, or changes a draft. A
// published version is never changed.
func (s *Service) SaveChecklist(ctx context.Context, who actor.Actor, checklist id.ID, c ChecklistCmd) (Checklist, error) {
	checks, err := c.check()
	if err != nil {
		return Checklist{}, err
	}
	var out Checklist
	action := "checklist.create"
	if checklist != "" {
		action = "checklist.edit"
	}
	err = s.Log.Write(ctx, who, action, func(tx *audit.Tx) error {
		if checklist == "" {
			u, ok := s.Units.Resolve(c.Unit)
			if !ok {
				return sole("unit", "unit.unknown", c.Unit)
			}
			if err := s.Policy.Can(who, action, s.object("checklist", "", Scope{By: u.ID}, "")); err != nil {
				return err
			}
			all, err := checklists(ctx, tx)
			if err != nil {
				return err
			}
			version := 1
			for _, x := range all {
				if x.By == u.ID && x.Theme == strings.TrimSpace(c.Theme) {
					version = max(version, x.Version+1)
				}
			}
			out = Checklist{ID: id.New(), By: u.ID, Theme: strings.TrimSpace(c.Theme), Version: version, From: c.From, Source: strings.TrimSpace(c.Source), State: ChecklistDraft, Rev: 1}
			if err := insertChecklist(ctx, tx, out); err != nil {
				return err
			}
			return setChecks(ctx, tx, out.ID, checks)
		}
		x, err := checklistByID(ctx, tx, checklist)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, action, s.object("checklist", x.State, Scope{By: x.By}, "")); err != nil {
			return err
		}
		if x.State != ChecklistDraft {
			return fault.State("error.state", action, "checklist.state."+x.State)
		}
		tx.Note("before", x)
		x.From, x.Source, x.Rev = c.From, strings.TrimSpace(c.Source), c.Rev
		if err := updateChecklist(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return setChecks(ctx, tx, x.ID, checks)
	})
	return out, err
}

// StepChecklist publishes a version, which retires the one before, or retires it.
func (s *Service) StepChecklist(ctx context.Context, who actor.Actor, checklist id.ID, do string, c StepCmd) (Checklist, error) {
	var out Checklist
	err := s.Log.Write(ctx, who, "checklist."+do, func(tx *audit.Tx) error {
		x, err := checklistByID(ctx, tx, checklist)
		if err != nil {
			return err
		}
		next, err := s.step(who, ChecklistFlow, do, x.State, Scope{By: x.By}, "", c, false)
		if err != nil {
			return err
		}
		if do == "publish" {
			all, err := checklists(ctx, tx)
			if err != nil {
				return err
			}
			for _, o := range all {
				if o.By == x.By && o.Theme == x.Theme && o.State == ChecklistPublished {
					o.State = ChecklistRetired
					if err := updateChecklist(ctx, tx, o); err != nil {
						return err
					}
				}
			}
			if x.From == "" {
				x.From = s.today()
			}
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateChecklist(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// AnswerCmd answers one question at a unit.
type AnswerCmd struct {
	Check  id.ID  `json:"check"`
	Result string `json:"result"`
	Note   string `json:"note"`
	Paper  id.ID  `json:"paper"`
}

// AnswerCheck keeps what a team found for a question. A problem needs a note or a
// paper: an empty tick proves nothing.
func (s *Service) AnswerCheck(ctx context.Context, who actor.Actor, visit id.ID, c AnswerCmd) error {
	var bad fault.Fields
	oneOf(&bad, "result", c.Result, Results())
	bad.Max("note", c.Note, maxNote)
	if c.Result == "problem" && strings.TrimSpace(c.Note) == "" && c.Paper == "" {
		bad.Add("note", "answer.bad.empty")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "answer.edit", func(tx *audit.Tx) error {
		v, _, err := s.visit(ctx, tx, who, visit, "answer.edit")
		if err != nil {
			return err
		}
		if err := onSite(v, "answer.edit"); err != nil {
			return err
		}
		list, err := checkExists(ctx, tx, c.Check)
		if err != nil {
			return err
		}
		if list.State != ChecklistPublished {
			return fault.State("error.state", "answer.edit", "checklist.state."+list.State)
		}
		if c.Paper != "" {
			if p, err := s.paperByID(ctx, tx, c.Paper); err != nil || p.Visit != v.ID {
				return sole("paper", "answer.bad.paper")
			}
		}
		old, err := answersOf(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		var was Answer
		for _, a := range old {
			if a.Check == c.Check {
				was = a
			}
		}
		return putAnswer(ctx, tx, was, Answer{ID: id.New(), Scope: scopeOf(v), Check: c.Check, Result: c.Result, Note: strings.TrimSpace(c.Note), Paper: c.Paper, Author: who.Person})
	})
}

// checkExists finds the checklist of a question.
func checkExists(ctx context.Context, q db.Q, check id.ID) (Checklist, error) {
	n, err := checklistOf(ctx, q, check)
	if err != nil {
		return Checklist{}, err
	}
	return checklistByID(ctx, q, n)
}

// ChecklistByID reads one version of a checklist with its questions.
func ChecklistByID(ctx context.Context, q db.Q, checklist id.ID) (Checklist, error) {
	return checklistByID(ctx, q, checklist)
}
