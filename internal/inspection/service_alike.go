package inspection

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext/group"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Alike is a finding that tells of the same kind of thing as a text.
type Alike struct {
	ID     id.ID      `json:"id"`
	No     string     `json:"no"`
	Title  string     `json:"title"`
	Unit   id.ID      `json:"unit"`
	Round  string     `json:"round"`
	State  string     `json:"state"`
	Same   bool       `json:"same_unit"`
	Open   bool       `json:"open"`   // the asker may open its page
	Closed clock.Date `json:"closed"` // closed in the ledger on
	Like   float64    `json:"like"`
}

const (
	alikeShown = 8
	alikeLeast = 0.3 // likeness below which nothing is shown
	alikeShort = 4   // characters below which nothing is looked for
)

// AlikeFindings looks for findings like a text over units and rounds, while a
// team types: those that the actor may see, and those that the same unit was
// told before (domain I-2). It needs a visit on which the actor may record.
func (s *Service) AlikeFindings(ctx context.Context, who actor.Actor, visit id.ID, text string) (out []Alike, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		v, err := VisitByID(ctx, q, visit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "finding.create", s.visitObject(v)); err != nil {
			return err
		}
		out, err = s.alike(ctx, q, who, v.Unit, "", text)
		return err
	})
	return out, err
}

// alike ranks what the file of findings has; but names a finding to leave out.
func (s *Service) alike(ctx context.Context, q db.Q, who actor.Actor, unit, but id.ID, text string) ([]Alike, error) {
	if text = strings.TrimSpace(text); len([]rune(text)) < alikeShort {
		return nil, nil
	}
	lex := group.Own()
	fs, err := alikeCandidates(ctx, q, lex.Keys(text), unit, func(args *[]any) string { return s.toldOrSeen(who, unit, but, args) })
	if err != nil {
		return nil, err
	}
	mine := lex.Profile(text)
	var out []Alike
	likes := map[string]float64{} // the same titles come again and again
	for _, f := range fs {
		like, known := likes[f.Title]
		if !known {
			like = mine.Like(lex.Profile(f.Title))
			likes[f.Title] = like
		}
		if like >= alikeLeast {
			out = append(out, Alike{ID: f.ID, Title: f.Title, Unit: f.Unit, Same: f.Unit == unit, Like: like})
		}
	}
	slices.SortFunc(out, func(a, b Alike) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(b.ID, a.ID))
	})
	out = out[:min(len(out), alikeShown)]
	var ids []id.ID
	names := map[string]string{}
	for i := range out {
		f, err := FindingByID(ctx, q, out[i].ID)
		if err != nil {
			return nil, err
		}
		o, err := s.findingObject(ctx, q, f)
		if err != nil {
			return nil, err
		}
		out[i].No, out[i].State, out[i].Round = f.No, f.State, string(f.Round)
		out[i].Open = s.policy.Can(who, "finding.read", o) == nil
		ids = append(ids, out[i].ID)
		r := out[i].Round
		if _, ok := names[r]; !ok {
			x, err := RoundByID(ctx, q, id.ID(r))
			if err != nil {
				return nil, err
			}
			names[r] = x.Name
		}
		out[i].Round = names[r]
	}
	if s.Closed != nil && len(ids) > 0 {
		closed, err := s.Closed(ctx, q, ids)
		if err != nil {
			return nil, err
		}
		for i := range out {
			out[i].Closed = closed[out[i].ID]
		}
	}
	return out, nil
}

// rank puts what the same unit was told before what others were.
func (a Alike) rank() float64 {
	if a.Same {
		return a.Like + 0.15
	}
	return a.Like
}

// toldOrSeen is the condition of what may be shown beside a finding of a unit.
func (s *Service) toldOrSeen(who actor.Actor, unit, but id.ID, args *[]any) string {
	mark := func(v string) string { *args = append(*args, v); return "$" + strconv.Itoa(len(*args)) }
	told := "f.unit_id = " + mark(string(unit)) + " AND f.state IN ("
	for i, st := range knownStates {
		if i > 0 {
			told += ","
		}
		told += mark(st)
	}
	told += ")"
	if kin := who.Kin(); len(kin) > 0 {
		told += " AND f.id NOT IN (SELECT object_id FROM access_concern WHERE person_id IN ("
		for i, k := range kin {
			if i > 0 {
				told += ","
			}
			told += mark(string(k))
		}
		told += "))"
	}
	return "f.id <> " + mark(string(but)) + " AND (" + s.policy.Filter(who, "finding.read", findingAccess, args) + " OR " + told + ")"
}

// LinkRecurs says that a finding is an earlier one of the same unit come back.
func (s *Service) LinkRecurs(ctx context.Context, who actor.Actor, finding id.ID, c RecursCmd) (Finding, error) {
	var out Finding
	err := s.log.Write(ctx, who, "finding.recurs", func(tx *audit.Tx) error {
		f, err := s.load(ctx, tx, who, finding, "finding.edit")
		if err != nil {
			return err
		}
		f.Recurs = c.Recurs
		if c.Recurs == "" {
			return sole("recurs", "finding.bad.recurs")
		}
		if err := s.checkRecurs(ctx, tx, f); err != nil {
			return err
		}
		if c.Rev != 0 {
			f.Rev = c.Rev
		}
		tx.Note("recurs", c.Recurs)
		if err := updateFinding(ctx, tx, f); err != nil {
			return err
		}
		f.Rev++
		out = f
		return nil
	})
	return out, err
}
