package fieldwork

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// taking merges the changes of one kit.
type taking struct {
	s   *Service
	kit Kit
	m   *Merged
	nos map[string]string // number of a paper in the kit → number here, when it differs
}

// take merges one record.
func (t *taking) take(ctx context.Context, tx *audit.Tx, c Change) error {
	switch c.Kind {
	case carryFinding:
		return merge(ctx, tx, t, c, func(n id.ID) (inspection.Finding, error) { return inspection.FindingByID(ctx, tx, n) }, t.finding)
	case carryPaper:
		return merge(ctx, tx, t, c, func(n id.ID) (Paper, error) { return t.s.paperByID(ctx, tx, n) }, t.paper)
	case carryReport:
		return merge(ctx, tx, t, c, func(n id.ID) (Report, error) { return t.s.reportByID(ctx, tx, n) }, t.report)
	case carryAnswer:
		return merge(ctx, tx, t, c, func(n id.ID) (Answer, error) { return answerByID(ctx, tx, n) }, t.answer)
	case carryClue:
		var x Clue
		if err := json.Unmarshal(c.Now, &x); err != nil {
			return fault.Invalid("kit.bad.format").With(err)
		}
		return t.clue(ctx, tx, x)
	}
	return fault.Invalid("kit.bad.format")
}

func (t *taking) mine(sc Scope) error {
	if sc.Team != t.kit.Team || sc.Round != t.kit.Round {
		return fault.Invalid("kit.bad.foreign")
	}
	return nil
}

func describe(v any) (sc Scope, rev int64, title string) {
	switch x := v.(type) {
	case inspection.Finding:
		return Scope{Visit: x.Visit, Round: x.Round, Unit: x.Unit, By: x.By, Team: x.Team}, x.Rev, x.Title
	case Paper:
		return x.Scope, x.Rev, x.Title
	case Report:
		return x.Scope, x.Rev, x.Title
	case Answer:
		return x.Scope, x.Rev, x.Note
	}
	return Scope{}, 0, ""
}

// merge takes a record that is new or unchanged here, passes over one that is the
// same on both sides, and makes a clash of one that both changed.
func merge[T any](ctx context.Context, tx *audit.Tx, t *taking, c Change, find func(id.ID) (T, error), put func(ctx context.Context, tx *audit.Tx, now T, here *T) error) error {
	var now T
	if err := json.Unmarshal(c.Now, &now); err != nil {
		return fault.Invalid("kit.bad.format").With(err)
	}
	sc, _, title := describe(now)
	if err := t.mine(sc); err != nil {
		return err
	}
	here, err := find(c.ID)
	if fault.Is(err, fault.KindNotFound) {
		if c.BaseRev != 0 {
			return fault.State("kit.bad.gone", c.Kind)
		}
		t.m.New++
		return put(ctx, tx, now, nil)
	}
	if err != nil {
		return err
	}
	hs, rev, _ := describe(here)
	if err := t.mine(hs); err != nil {
		return err
	}
	home, err := json.Marshal(here)
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	switch {
	case sameBut(home, c.Now):
		t.m.Same++
		return nil
	case rev == c.BaseRev:
		t.m.Changed++
		return put(ctx, tx, now, &here)
	}
	t.m.Clashes++
	return t.s.insertClash(ctx, tx, Clash{ID: id.New(), Kit: t.kit.ID, Scope: hs, Kind: c.Kind, Row: c.ID, Title: clip(title, maxLine), State: ClashOpen, Sides: Sides{Base: c.Base, Home: home, Kit: c.Now}})
}

// sameBut compares two records without their revisions.
func sameBut(a, b json.RawMessage) bool {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	delete(x, "rev")
	delete(y, "rev")
	p, errA := json.Marshal(x)
	q, errB := json.Marshal(y)
	return errA == nil && errB == nil && bytes.Equal(p, q)
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (t *taking) finding(ctx context.Context, tx *audit.Tx, now inspection.Finding, here *inspection.Finding) error {
	if here == nil {
		_, err := t.s.Inspect.TakeNew(ctx, tx, now)
		return err
	}
	return inspection.TakeOver(ctx, tx, now, here.Rev)
}

func (t *taking) paper(ctx context.Context, tx *audit.Tx, now Paper, here *Paper) error {
	if !slices.Contains(PaperFlow.States(), now.State) || !slices.Contains(Secrecies(), now.Secrecy) || !slices.Contains(PaperKinds(), now.Kind) {
		return fault.Invalid("kit.bad.format")
	}
	if here != nil {
		tx.Note("before", *here)
		now.Rev = here.Rev
		if err := t.s.updatePaper(ctx, tx, now); err != nil {
			return err
		}
		return setBears(ctx, tx, now.ID, t.known(ctx, tx, now.Findings))
	}
	n, err := nextSeq(ctx, tx, "fieldwork_paper", now.Visit)
	if err != nil {
		return err
	}
	if n > now.Seq { // the number was given here meanwhile
		t.nos[string(now.Visit)+"/"+now.No] = strconv.Itoa(n)
		now.Seq, now.No = n, strconv.Itoa(n)
	}
	if err := t.s.insertPaper(ctx, tx, now); err != nil {
		return err
	}
	return setBears(ctx, tx, now.ID, t.known(ctx, tx, now.Findings))
}

// known leaves out findings that are not here.
func (t *taking) known(ctx context.Context, tx *audit.Tx, fs []id.ID) []id.ID {
	var out []id.ID
	for _, n := range fs {
		if f, err := inspection.FindingByID(ctx, tx, n); err == nil && f.Team == t.kit.Team {
			out = append(out, n)
		}
	}
	return out
}

func (t *taking) report(ctx context.Context, tx *audit.Tx, now Report, here *Report) error {
	if now.State != Draft && now.State != Submitted {
		return fault.Invalid("kit.bad.format")
	}
	now.Text = t.renumber(now.Visit, now.Text)
	if here != nil {
		tx.Note("before", *here)
		now.Rev = here.Rev
		return t.s.updateReport(ctx, tx, now)
	}
	return t.s.insertReport(ctx, tx, now)
}

// renumber writes the numbers of papers as they are here.
func (t *taking) renumber(visit id.ID, text string) string {
	return refMark.ReplaceAllStringFunc(text, func(m string) string {
		return refPart.ReplaceAllStringFunc(m, func(n string) string {
			if to, ok := t.nos[string(visit)+"/"+strings.TrimLeft(n, "0")]; ok {
				return to
			}
			return n
		})
	})
}

func (t *taking) answer(ctx context.Context, tx *audit.Tx, now Answer, here *Answer) error {
	if !slices.Contains(Results(), now.Result) {
		return fault.Invalid("kit.bad.format")
	}
	if here != nil {
		return putAnswer(ctx, tx, *here, now)
	}
	old, err := answersOf(ctx, tx, now.Visit)
	if err != nil {
		return err
	}
	for _, a := range old {
		if a.Check == now.Check { // answered here too, under another identifier: the kit's comes from the unit
			return putAnswer(ctx, tx, a, now)
		}
	}
	return putAnswer(ctx, tx, Answer{}, now)
}

func (t *taking) clue(ctx context.Context, tx *audit.Tx, now Clue) error {
	if err := t.mine(now.Scope); err != nil {
		return err
	}
	if now.State != ClueNoted || !slices.Contains(ClueLines(), now.Line) {
		return fault.Invalid("kit.bad.format")
	}
	if _, err := t.s.clueByID(ctx, tx, now.ID, false); err == nil {
		t.m.Same++
		return nil
	}
	n, err := nextSeq(ctx, tx, "fieldwork_clue", now.Visit)
	if err != nil {
		return err
	}
	if i := strings.LastIndexByte(now.No, '-'); i > 0 {
		now.No = now.No[:i+1] + fmt.Sprintf("%03d", n)
	}
	now.Seq = n
	t.m.New++
	return t.s.insertClue(ctx, tx, now)
}

// Decide settles a clash: the version at home stays, or the kit's is taken.
func (s *Service) Decide(ctx context.Context, who actor.Actor, clash id.ID, do string, c StepCmd) (Clash, error) {
	var out Clash
	err := s.Log.Write(ctx, who, "clash."+do, func(tx *audit.Tx) error {
		x, err := s.clashByID(ctx, tx, clash)
		if err != nil {
			return err
		}
		next, err := s.step(who, ClashFlow, do, x.State, x.Scope, "", c, false)
		if err != nil {
			return err
		}
		if do == "take" {
			k, err := kitByID(ctx, tx, x.Kit)
			if err != nil {
				return err
			}
			t := taking{s: s, kit: k, m: &Merged{}, nos: map[string]string{}}
			_, rev, err := s.nowOf(ctx, tx, x)
			if err != nil {
				return err
			}
			if err := t.take(ctx, tx, Change{Kind: x.Kind, ID: x.Row, BaseRev: rev, Base: x.Sides.Base, Now: x.Sides.Kit}); err != nil {
				return err
			}
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateClash(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// nowOf reads the record of a clash as it is here now.
func (s *Service) nowOf(ctx context.Context, tx *audit.Tx, x Clash) (any, int64, error) {
	var v any
	var err error
	switch x.Kind {
	case carryFinding:
		v, err = inspection.FindingByID(ctx, tx, x.Row)
	case carryPaper:
		v, err = s.paperByID(ctx, tx, x.Row)
	case carryReport:
		v, err = s.reportByID(ctx, tx, x.Row)
	default:
		v, err = answerByID(ctx, tx, x.Row)
	}
	_, rev, _ := describe(v)
	return v, rev, err
}

// StepKit reports a kit lost, or settles it once every clash is decided.
func (s *Service) StepKit(ctx context.Context, who actor.Actor, kit id.ID, do string, c StepCmd) (Kit, error) {
	var out Kit
	if do == "return" {
		return out, fault.State("kit.by_command")
	}
	err := s.Log.Write(ctx, who, "kit."+do, func(tx *audit.Tx) error {
		k, err := kitByID(ctx, tx, kit)
		if err != nil {
			return err
		}
		next, err := s.step(who, KitFlow, do, k.State, Scope{Round: k.Round, By: k.By, Team: k.Team}, "", c, do == "report_lost")
		if err != nil {
			return err
		}
		if do == "settle" {
			list, err := s.clashesOf(ctx, tx, kit)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(list, func(x Clash) bool { return x.State == ClashOpen }) {
				return fault.State("kit.open_clashes")
			}
		} else {
			tx.Note("reason", strings.TrimSpace(c.Text))
		}
		k.State = next
		if c.Rev != 0 {
			k.Rev = c.Rev
		}
		if err := updateKit(ctx, tx, k); err != nil {
			return err
		}
		k.Rev++
		out = k
		return nil
	})
	return out, err
}
