package inspection

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext/group"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
)

var problemAccess = access.Columns{State: "p.state", By: "p.by_id"}

// Bounds of grouping.
const (
	maxGrouped   = 100_000 // findings, the newest
	maxProposals = 60      // new proposals of one run, those of most units
)

func (s *Service) problemObject(p Problem) access.Object {
	return access.Object{Kind: "problem", ID: p.ID, State: p.State, By: s.Units.Place(p.By)}
}

// keeper is the unit for which an actor keeps common problems: the highest over
// which he is the office.
func (s *Service) keeper(who actor.Actor) (id.ID, error) {
	best, path := id.ID(""), ""
	for _, g := range who.Grants {
		if g.Role == actor.Office && (best == "" || len(g.Path) < len(path)) {
			best, path = g.Unit, g.Path
		}
	}
	if best == "" {
		return "", fault.Denied("problem", "problem.find: keeps no common problems")
	}
	return best, nil
}

// FoundProblems counts what a run did.
type FoundProblems struct {
	Read     int `json:"read"`     // findings read
	Proposed int `json:"proposed"` // new problems
	Extended int `json:"extended"` // problems that got new findings
}

// FindProblems groups the findings that the actor may see and proposes the
// groups of several units as common problems. What is known already gets the
// new findings; what was dismissed stays away.
func (s *Service) FindProblems(ctx context.Context, who actor.Actor) (FoundProblems, error) {
	var out FoundProblems
	by, err := s.keeper(who)
	if err != nil {
		return out, err
	}
	if err := s.policy.Can(who, "problem.find", s.by("problem", by)); err != nil {
		return out, err
	}
	var told []Told
	var known map[id.ID]Problem
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		args := []any{Draft, Withdrawn}
		cond := "f.state NOT IN ($1, $2) AND " + s.policy.Filter(who, "finding.read", findingAccess, &args)
		if told, err = toldWhere(ctx, q, cond, maxGrouped, args); err != nil {
			return err
		}
		known, err = placed(ctx, q, by)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Read = len(told)
	fresh, more := s.sortOut(told, s.group(told), known)
	if len(fresh) == 0 && len(more) == 0 {
		return out, nil
	}
	err = s.log.Write(ctx, who, "problem.find", func(tx *audit.Tx) error {
		out.Proposed, out.Extended = len(fresh), 0
		tx.Note("read", len(told))
		for _, c := range fresh {
			p := Problem{ID: id.New(), By: by, Title: clipRunes(c.title(), maxTitle), Subject: clipRunes(strings.Join(c.Subjects, "、"), maxTitle), Phrases: c.Phrases, State: ProblemProposed, Author: who.Person, At: tx.At}
			c.count(&p)
			if err := insertProblem(ctx, tx, p); err != nil {
				return err
			}
			if err := addMembers(ctx, tx, p.ID, c.told); err != nil {
				return err
			}
		}
		for problem, list := range more {
			if err := addMembers(ctx, tx, problem, list); err != nil {
				return err
			}
			p, err := ProblemByID(ctx, tx, problem)
			if err != nil {
				return err
			}
			if err := s.recount(ctx, tx, &p); err != nil {
				return err
			}
			if err := updateProblem(ctx, tx, p); err != nil {
				return err
			}
			out.Extended++
		}
		return nil
	})
	return out, err
}

// cluster is a group with its findings.
type cluster struct {
	group.Cluster
	told []Told
}

func (s *Service) group(told []Told) []cluster {
	texts := make([]group.Text, len(told))
	for i, t := range told {
		u, _ := s.Units.Unit(t.Unit)
		texts[i] = group.Text{ID: string(t.ID), Text: t.Title, Own: []string{u.Name, u.Short}}
	}
	var out []cluster
	for _, g := range group.Group(texts, group.Options{Free: true}) {
		c := cluster{Cluster: g}
		for _, m := range g.Members {
			c.told = append(c.told, told[m])
		}
		out = append(out, c)
	}
	return out
}

// sortOut divides groups into new problems and new findings of known ones.
func (s *Service) sortOut(told []Told, groups []cluster, known map[id.ID]Problem) (fresh []cluster, more map[id.ID][]Told) {
	more = map[id.ID][]Told{}
	for _, c := range groups {
		votes, left := map[id.ID]int{}, []Told{}
		dismissed := 0
		for _, t := range c.told {
			p, ok := known[t.ID]
			switch {
			case !ok:
				left = append(left, t)
			case LiveProblem(p.State):
				votes[p.ID]++
			default:
				dismissed++
			}
		}
		best := id.ID("")
		for p, n := range votes {
			if best == "" || n > votes[best] || n == votes[best] && p < best {
				best = p
			}
		}
		switch {
		case dismissed*2 > len(c.told):
		case best != "":
			if len(left) > 0 {
				more[best] = append(more[best], left...)
			}
		case c.units() >= commonUnits:
			c.told = left
			if c.units() >= commonUnits {
				fresh = append(fresh, c)
			}
		}
	}
	slices.SortStableFunc(fresh, func(a, b cluster) int { return cmp.Compare(b.units(), a.units()) })
	return fresh[:min(len(fresh), maxProposals)], more
}

func (c cluster) units() int {
	seen := map[id.ID]bool{}
	for _, t := range c.told {
		seen[t.Unit] = true
	}
	return len(seen)
}

// title is the label of a proposal until a person gives one: the title that most of its findings bear.
func (c cluster) title() string {
	n, best := map[string]int{}, ""
	for _, t := range c.told {
		n[t.Title]++
		if best == "" || n[t.Title] > n[best] || n[t.Title] == n[best] && t.Title < best {
			best = t.Title
		}
	}
	return best
}

func (c cluster) count(p *Problem) { countTold(p, c.told) }

func countTold(p *Problem, told []Told) {
	units, rounds := map[id.ID]bool{}, map[id.ID]bool{}
	ids := make([]id.ID, len(told))
	p.From, p.To = "", ""
	for i, t := range told {
		ids[i] = t.ID
		units[t.Unit], rounds[t.Round] = true, true
		if t.On != "" && (p.From == "" || t.On < p.From) {
			p.From = t.On
		}
		p.To = max(p.To, t.On)
	}
	p.Findings, p.Units, p.Rounds, p.Members = len(told), len(units), len(rounds), membersDigest(ids)
}

func (s *Service) recount(ctx context.Context, q db.Q, p *Problem) error {
	told, err := membersOfProblem(ctx, q, p.ID)
	if err == nil {
		countTold(p, told)
	}
	return err
}

// ListProblems lists the common problems that the actor may see, those of most units first.
func (s *Service) ListProblems(ctx context.Context, who actor.Actor, state string) (out []Problem, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		cond := s.policy.Filter(who, "problem.read", problemAccess, &args)
		if state != "" {
			args = append(args, state)
			cond += " AND p.state = $" + strconv.Itoa(len(args))
		} else {
			args = append(args, ProblemProposed, ProblemConfirmed)
			cond += " AND p.state IN ($" + strconv.Itoa(len(args)-1) + ", $" + strconv.Itoa(len(args)) + ")"
		}
		out, err = problemsWhere(ctx, q, cond, 500, args)
		return err
	})
	return out, err
}

func (s *Service) loadProblem(ctx context.Context, q db.Q, who actor.Actor, problem id.ID, action string) (Problem, error) {
	p, err := ProblemByID(ctx, q, problem)
	if err != nil {
		return p, err
	}
	return p, s.policy.Can(who, action, s.problemObject(p))
}

// ProblemCmd takes a step of the life of a common problem.
type ProblemCmd struct {
	Title    string  `json:"title"`    // confirm, split: its name
	Reason   string  `json:"reason"`   // dismiss, retire
	Into     id.ID   `json:"into"`     // merge: the problem that stays
	Findings []id.ID `json:"findings"` // split: what becomes a problem of its own
	Rev      int64   `json:"rev"`
}

// DecideProblem takes a step that ProblemFlow has. A split gives the new problem.
func (s *Service) DecideProblem(ctx context.Context, who actor.Actor, problem id.ID, do string, c ProblemCmd) (Problem, error) {
	var out Problem
	c.Title, c.Reason = strings.TrimSpace(c.Title), strings.TrimSpace(c.Reason)
	err := s.log.Write(ctx, who, "problem."+do, func(tx *audit.Tx) error {
		p, err := s.loadProblem(ctx, tx, who, problem, "problem.read")
		if err != nil {
			return err
		}
		next, err := ProblemFlow.Next(p.State, do)
		if err != nil {
			return err
		}
		if p, err = s.loadProblem(ctx, tx, who, problem, "problem."+do); err != nil {
			return err
		}
		var bad fault.Fields
		bad.Max("title", c.Title, maxTitle)
		bad.Max("reason", c.Reason, maxReason)
		if do == "dismiss" || do == "retire" {
			bad.Need("reason", c.Reason)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if c.Rev != 0 {
			p.Rev = c.Rev
		}
		p.State = next
		if c.Reason != "" {
			p.Note = c.Reason
			tx.Note("reason", c.Reason)
		}
		switch do {
		case "confirm":
			if c.Title != "" {
				p.Title = c.Title
			}
		case "merge":
			err = s.merge(ctx, tx, who, &p, c.Into)
		case "split":
			out, err = s.split(ctx, tx, who, &p, c)
		}
		if err != nil {
			return err
		}
		if err := updateProblem(ctx, tx, p); err != nil {
			return err
		}
		p.Rev++
		if do != "split" {
			out = p
		}
		return nil
	})
	return out, err
}

func (s *Service) merge(ctx context.Context, tx *audit.Tx, who actor.Actor, p *Problem, into id.ID) error {
	target, err := s.loadProblem(ctx, tx, who, into, "problem.merge")
	if err != nil || target.ID == p.ID || target.By != p.By || !LiveProblem(target.State) {
		return sole("into", "problem.bad.into")
	}
	if err := moveMembers(ctx, tx, p.ID, target.ID, nil); err != nil {
		return err
	}
	if err := s.recount(ctx, tx, &target); err != nil {
		return err
	}
	p.Into = target.ID
	tx.Note("into", target.ID)
	return updateProblem(ctx, tx, target)
}

func (s *Service) split(ctx context.Context, tx *audit.Tx, who actor.Actor, p *Problem, c ProblemCmd) (Problem, error) {
	told, err := membersOfProblem(ctx, tx, p.ID)
	if err != nil {
		return Problem{}, err
	}
	var apart, stay []Told
	for _, t := range told {
		if slices.Contains(c.Findings, t.ID) {
			apart = append(apart, t)
		} else {
			stay = append(stay, t)
		}
	}
	if len(apart) == 0 || len(stay) == 0 {
		return Problem{}, sole("findings", "problem.bad.split")
	}
	n := Problem{ID: id.New(), By: p.By, Title: cmp.Or(c.Title, clipRunes(apart[0].Title, maxTitle)), Subject: p.Subject, State: p.State, Author: who.Person, At: tx.At}
	countTold(&n, apart)
	countTold(p, stay)
	if err := insertProblem(ctx, tx, n); err != nil {
		return n, err
	}
	ids := make([]id.ID, len(apart))
	for i, t := range apart {
		ids[i] = t.ID
	}
	tx.Note("split", n.ID)
	n.Rev = 1
	return n, moveMembers(ctx, tx, p.ID, n.ID, ids)
}

// support is where a problem was found, and which units of the same rounds are clean of it.
func (s *Service) support(ctx context.Context, q db.Q, p Problem) (Support, error) {
	told, err := membersOfProblem(ctx, q, p.ID)
	if err != nil {
		return Support{}, err
	}
	found := map[id.ID]bool{}
	var out Support
	for _, t := range told {
		if !found[t.Unit] {
			found[t.Unit] = true
			out.Units = append(out.Units, t.Unit)
		}
	}
	visited, err := visitedIn(ctx, q, p.ID)
	for _, u := range visited {
		if !found[u] {
			out.Clean = append(out.Clean, u)
		}
	}
	return out, err
}

// ProblemCircular drafts a circular about a confirmed problem: what was found
// where, with the number of each finding as citation. It names only findings
// that the actor may see and that their units were told.
func (s *Service) ProblemCircular(ctx context.Context, who actor.Actor, problem id.ID, t func(key string, args ...any) string) (string, []byte, error) {
	var p Problem
	var fs []Finding
	var sup Support
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if p, err = s.loadProblem(ctx, q, who, problem, "problem.circular"); err != nil {
			return err
		}
		args := []any{string(p.ID)}
		cond := inProblem + " AND " + s.policy.Filter(who, "finding.read", findingAccess, &args)
		if fs, err = findingsWhere(ctx, q, cond, "f.unit_id, f.id", cited, args); err != nil {
			return err
		}
		fs = slices.DeleteFunc(fs, func(f Finding) bool { return !Known(f.State) || f.State == Withdrawn })
		sup, err = s.support(ctx, q, p)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	rows := [][]string{{t("word.unit"), t("finding.title"), t("word.no")}}
	for _, f := range fs {
		rows = append(rows, []string{s.Units.Name(f.Unit), f.Title, f.No})
	}
	o := document.Official{Title: t("problem.circular.title", p.Title), To: t("problem.circular.to"), Signature: s.Units.Name(p.By), Date: t("problem.circular.date", s.today().Year(), int(s.today().Month()), s.today().Day()),
		Body: []document.Block{{Text: t("problem.circular.lead", p.From, p.To, p.Rounds, p.Units, p.Findings, p.Title)}, {Text: t("problem.circular.clean", len(sup.Clean))},
			{Text: "一、" + t("problem.circular.what")}, {Rows: rows}, {Text: "二、" + t("problem.circular.ask")}, {Text: t("problem.circular.ask.text")}},
		Remark: t("problem.circular.draft", len(fs))}
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return "", nil, fmt.Errorf("circular: %w", err)
	}
	return t("problem.circular.title", p.Title) + ".docx", b.Bytes(), nil
}

// cited is the most findings that a draft circular names.
const cited = 500
