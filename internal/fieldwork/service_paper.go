package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// PaperCmd is the content of a working paper.
type PaperCmd struct {
	Kind     string     `json:"kind"`
	Title    string     `json:"title"`
	Secrecy  string     `json:"secrecy"`
	On       clock.Date `json:"on"`
	Place    string     `json:"place"`
	Persons  string     `json:"persons"`
	Text     string     `json:"text"`
	Findings []id.ID    `json:"findings"`
	Rev      int64      `json:"rev"`
}

func (c PaperCmd) check(today clock.Date) error {
	var bad fault.Fields
	oneOf(&bad, "kind", c.Kind, PaperKinds())
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxLine)
	if c.Secrecy == "top_secret" {
		bad.Add("secrecy", "paper.bad.top_secret")
	} else {
		oneOf(&bad, "secrecy", c.Secrecy, Secrecies())
	}
	if c.On == "" {
		bad.Need("on", "")
	} else if c.On > today {
		bad.Add("on", "visit.bad.future")
	}
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	bad.Max("place", c.Place, maxLine)
	bad.Max("persons", c.Persons, maxNote)
	return bad.Err()
}

func (c PaperCmd) into(x *Paper) {
	x.Kind, x.Title, x.Secrecy, x.On, x.Place, x.Persons, x.Text, x.Findings = c.Kind, strings.TrimSpace(c.Title), c.Secrecy, c.On, strings.TrimSpace(c.Place), strings.TrimSpace(c.Persons), c.Text, c.Findings
}

// paperObject judges reading by state and secrecy together, everything else by
// the state of the flow.
func (s *Service) paperObject(x Paper, action string) access.Object {
	state := x.State
	if action == "paper.read" {
		state += ":" + x.Secrecy
	}
	return s.object("paper", state, x.Scope, x.Author)
}

var paperRead = columns("(p.state || ':' || p.secrecy)", "p")

func (s *Service) paper(ctx context.Context, q db.Q, who actor.Actor, paper id.ID, action string) (Paper, error) {
	x, err := s.paperByID(ctx, q, paper)
	if err != nil {
		return x, err
	}
	if err := s.Policy.Can(who, "paper.read", s.paperObject(x, "paper.read")); err != nil {
		return x, err
	}
	return x, s.Policy.Can(who, action, s.paperObject(x, action))
}

// Papers lists the papers of a visit that somebody may read.
func (s *Service) papers(ctx context.Context, q db.Q, who actor.Actor, visit id.ID) ([]Paper, error) {
	args := []any{string(visit)}
	return s.papersWhere(ctx, q, "p.visit_id = $1 AND "+s.Policy.Filter(who, "paper.read", paperRead, &args), 2000, args)
}

// AddPaper keeps a working paper.
func (s *Service) AddPaper(ctx context.Context, who actor.Actor, visit id.ID, c PaperCmd, files []FileIn) (Paper, error) {
	if err := c.check(s.today()); err != nil {
		return Paper{}, err
	}
	err := s.read(ctx, func(q db.Q) error {
		v, _, err := s.visit(ctx, q, who, visit, "paper.create")
		if err == nil {
			err = onSite(v, "paper.create")
		}
		return err
	})
	if err != nil {
		return Paper{}, err
	}
	stored, err := s.store(ctx, files)
	if err != nil {
		return Paper{}, err
	}
	var out Paper
	err = s.Log.Write(ctx, who, "paper.create", func(tx *audit.Tx) error {
		v, _, err := s.visit(ctx, tx, who, visit, "paper.create")
		if err != nil {
			return err
		}
		if err := onSite(v, "paper.create"); err != nil {
			return err
		}
		n, err := nextSeq(ctx, tx, "fieldwork_paper", v.ID)
		if err != nil {
			return err
		}
		x := Paper{ID: id.New(), Scope: scopeOf(v), Seq: n, No: strconv.Itoa(n), State: Draft, Author: who.Person, Rev: 1}
		c.into(&x)
		if err := s.checkFindings(ctx, tx, v, x.Findings); err != nil {
			return err
		}
		if err := s.insertPaper(ctx, tx, x); err != nil {
			return err
		}
		if err := setBears(ctx, tx, x.ID, x.Findings); err != nil {
			return err
		}
		out = x
		return s.attach(ctx, tx, who, x.ID, "paper", stored)
	})
	return out, err
}

// checkFindings: a paper bears findings of its own visit only.
func (s *Service) checkFindings(ctx context.Context, q db.Q, v inspection.Visit, findings []id.ID) error {
	for _, n := range findings {
		f, err := inspection.FindingByID(ctx, q, n)
		if err != nil || f.Visit != v.ID {
			return sole("findings", "paper.bad.finding")
		}
	}
	return nil
}

// EditPaper changes a draft.
func (s *Service) EditPaper(ctx context.Context, who actor.Actor, paper id.ID, c PaperCmd, files []FileIn) (Paper, error) {
	err := s.read(ctx, func(q db.Q) error { _, err := s.paper(ctx, q, who, paper, "paper.edit"); return err })
	if err != nil {
		return Paper{}, err
	}
	stored, err := s.store(ctx, files)
	if err != nil {
		return Paper{}, err
	}
	var out Paper
	err = s.Log.Write(ctx, who, "paper.edit", func(tx *audit.Tx) error {
		x, err := s.paper(ctx, tx, who, paper, "paper.edit")
		if err != nil {
			return err
		}
		if err := c.check(s.today()); err != nil {
			return err
		}
		v, err := inspection.VisitByID(ctx, tx, x.Visit)
		if err != nil {
			return err
		}
		if err := s.checkFindings(ctx, tx, v, c.Findings); err != nil {
			return err
		}
		tx.Note("before", x)
		c.into(&x)
		x.Rev = c.Rev
		if err := s.updatePaper(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		if err := setBears(ctx, tx, x.ID, x.Findings); err != nil {
			return err
		}
		return s.attach(ctx, tx, who, x.ID, "paper", stored)
	})
	return out, err
}

// StepPaper hands a paper in, approves it or gives it back.
func (s *Service) StepPaper(ctx context.Context, who actor.Actor, paper id.ID, do string, c StepCmd) (Paper, error) {
	var out Paper
	err := s.Log.Write(ctx, who, "paper."+do, func(tx *audit.Tx) error {
		x, err := s.paper(ctx, tx, who, paper, "paper.read")
		if err != nil {
			return err
		}
		next, err := s.step(who, PaperFlow, do, x.State, x.Scope, x.Author, c, do == "return")
		if err != nil {
			return err
		}
		if do == "approve" && x.Author == who.Person && who.Person != "" {
			return fault.State("paper.own")
		}
		x.Reason = ""
		switch do {
		case "return":
			x.Reason = strings.TrimSpace(c.Text)
			tx.Note("reason", x.Reason)
		case "approve":
			x.Reviewer = who.Person
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := s.updatePaper(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// ReportCmd is the content of a report.
type ReportCmd struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Rev   int64  `json:"rev"`
}

func (c ReportCmd) check() error {
	var bad fault.Fields
	oneOf(&bad, "kind", c.Kind, ReportKinds())
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxLine)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxLong)
	return bad.Err()
}

// report reads a report and judges an action on it.
func (s *Service) report(ctx context.Context, q db.Q, who actor.Actor, report id.ID, action string) (Report, error) {
	x, err := s.reportByID(ctx, q, report)
	if err != nil {
		return x, err
	}
	return x, s.Policy.Can(who, action, s.object("report", x.State, x.Scope, x.Author))
}

var reportRead = columns("t.state", "t")

// SaveReport keeps a new report of a visit (report empty), or a changed draft.
func (s *Service) SaveReport(ctx context.Context, who actor.Actor, visit, report id.ID, c ReportCmd) (Report, error) {
	if err := c.check(); err != nil {
		return Report{}, err
	}
	var out Report
	action := "report.create"
	if report != "" {
		action = "report.edit"
	}
	err := s.Log.Write(ctx, who, action, func(tx *audit.Tx) error {
		if report == "" {
			v, _, err := s.visit(ctx, tx, who, visit, action)
			if err != nil {
				return err
			}
			if v.State == inspection.VisitPlanned {
				return fault.State("error.state", action, "visit.state."+v.State)
			}
			out = Report{ID: id.New(), Scope: scopeOf(v), Kind: c.Kind, Title: strings.TrimSpace(c.Title), Text: c.Text, State: Draft, Author: who.Person, Rev: 1}
			if err := s.checkRefs(ctx, tx, out); err != nil {
				return err
			}
			return s.insertReport(ctx, tx, out)
		}
		x, err := s.report(ctx, tx, who, report, action)
		if err != nil {
			return err
		}
		tx.Note("before", x)
		x.Title, x.Text, x.Rev = strings.TrimSpace(c.Title), c.Text, c.Rev
		if err := s.checkRefs(ctx, tx, x); err != nil {
			return err
		}
		if err := s.updateReport(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// checkRefs: every number in brackets must be a paper of the visit.
func (s *Service) checkRefs(ctx context.Context, q db.Q, x Report) error {
	nos, err := s.paperNos(ctx, q, x.Visit)
	if err != nil {
		return err
	}
	var bad fault.Fields
	for _, st := range Sentences(x.Text) {
		for _, n := range st.Refs {
			if _, ok := nos[n]; !ok {
				bad.Add("text", "report.bad.paper", n)
			}
		}
	}
	if len(bad) > 1 {
		bad = bad[:1]
	}
	return bad.Err()
}

// BareOf counts the sentences of a report that no paper bears.
func BareOf(text string) (n int) {
	for _, st := range Sentences(text) {
		if st.Bare() {
			n++
		}
	}
	return n
}

// StepReport hands a report in, approves it or gives it back. A report with
// sentences that no paper bears is handed in only with a reason, and shows their
// number ever after.
func (s *Service) StepReport(ctx context.Context, who actor.Actor, report id.ID, do string, c StepCmd) (Report, error) {
	var out Report
	err := s.Log.Write(ctx, who, "report."+do, func(tx *audit.Tx) error {
		x, err := s.reportByID(ctx, tx, report)
		if err != nil {
			return err
		}
		bare := BareOf(x.Text)
		next, err := s.step(who, ReportFlow, do, x.State, x.Scope, x.Author, c, do == "return" || do == "submit" && bare > 0)
		if err != nil {
			return err
		}
		x.Reason = strings.TrimSpace(c.Text)
		if x.Reason != "" {
			tx.Note("reason", x.Reason)
		}
		if do == "submit" {
			x.Bare = bare
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := s.updateReport(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// ClueCmd is the content of a clue.
type ClueCmd struct {
	Line    string     `json:"line"`
	Subject string     `json:"subject"`
	Text    string     `json:"text"`
	On      clock.Date `json:"on"`
}

// NoteClue keeps a clue apart from the findings.
func (s *Service) NoteClue(ctx context.Context, who actor.Actor, visit id.ID, c ClueCmd) (Clue, error) {
	var bad fault.Fields
	oneOf(&bad, "line", c.Line, ClueLines())
	bad.Need("subject", c.Subject)
	bad.Max("subject", c.Subject, maxLine)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	if c.On == "" {
		c.On = s.today()
	}
	if c.On > s.today() {
		bad.Add("on", "visit.bad.future")
	}
	if err := bad.Err(); err != nil {
		return Clue{}, err
	}
	var out Clue
	err := s.Log.Write(ctx, who, "clue.create", func(tx *audit.Tx) error {
		v, r, err := s.visit(ctx, tx, who, visit, "clue.create")
		if err != nil {
			return err
		}
		if err := onSite(v, "clue.create"); err != nil {
			return err
		}
		n, err := nextSeq(ctx, tx, "fieldwork_clue", v.ID)
		if err != nil {
			return err
		}
		u, _ := s.Units.Unit(v.Unit)
		out = Clue{ID: id.New(), Scope: scopeOf(v), Seq: n, No: fmt.Sprintf("线%d-%s-%03d", r.No, u.Code, n), Line: c.Line, Subject: strings.TrimSpace(c.Subject), Text: c.Text,
			On: c.On, State: ClueNoted, Author: who.Person, Rev: 1}
		return s.insertClue(ctx, tx, out)
	})
	return out, err
}

// Clue reads a clue. Whoever may know of its number only gets it without content.
// Opening the content is an entry of the log.
func (s *Service) Clue(ctx context.Context, who actor.Actor, clue id.ID) (x Clue, open bool, err error) {
	err = s.read(ctx, func(q db.Q) error {
		if x, err = s.clueByID(ctx, q, clue, false); err != nil {
			return err
		}
		o := s.object("clue", x.at(), x.Scope, x.Author)
		open = s.Policy.Can(who, "clue.read", o) == nil
		if !open {
			return s.Policy.Can(who, "clue.list", o)
		}
		x, err = s.clueByID(ctx, q, clue, true)
		return err
	})
	if err != nil || !open {
		return x, open, err
	}
	return x, open, s.Log.Note(ctx, who, "clue.open", map[string]any{"clue": x.ID})
}

var clueList = columns("(CASE WHEN c.state = '"+ClueNoted+"' THEN c.state ELSE c.state || ':' || c.line END)", "c")

// Clues lists the clues of which somebody may know, by number.
func (s *Service) Clues(ctx context.Context, who actor.Actor, visit id.ID) (out []Clue, err error) {
	err = s.read(ctx, func(q db.Q) error {
		var args []any
		cond := s.Policy.Filter(who, "clue.list", clueList, &args)
		if visit != "" {
			args = append(args, string(visit))
			cond += " AND c.visit_id = $" + strconv.Itoa(len(args))
		}
		out, err = cluesWhere(ctx, q, cond, args)
		return err
	})
	return out, err
}

// StepClue hands a clue over to its line, or takes it in there under a number.
func (s *Service) StepClue(ctx context.Context, who actor.Actor, clue id.ID, do string, c StepCmd) (Clue, error) {
	var out Clue
	err := s.Log.Write(ctx, who, "clue."+do, func(tx *audit.Tx) error {
		x, err := s.clueByID(ctx, tx, clue, false)
		if err != nil {
			return err
		}
		o := s.object("clue", x.at(), x.Scope, x.Author)
		if e := s.Policy.Can(who, "clue.list", o); e != nil {
			return e
		}
		if !slices.Contains(ClueFlow.Actions(), do) {
			return fault.NotFound("page")
		}
		next, err := ClueFlow.Next(x.State, do)
		if err != nil {
			return err
		}
		if next, err = s.step(who, ClueFlow, do, x.State, x.Scope, x.Author, c, do == "receive"); err != nil {
			return err
		}
		if do == "receive" { // one line does not take in what went to another
			if err := s.Policy.Can(who, "clue.read", o); err != nil {
				return err
			}
		}
		switch do {
		case "hand_over":
			x.Handed = s.today()
		case "receive":
			x.Receipt = strings.TrimSpace(c.Text)
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateClue(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}
