package risk

import (
	"context"
	"fmt"
	"io"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// Undo is the mode of a version that takes an import back.
const Undo = "undo"

// UndoCmd says which import is taken back and why.
type UndoCmd struct {
	N    int64  `json:"n"`
	Text string `json:"text"`
}

// undoable tells which imports can be taken back: of each source and unit the last
// one that stands, because what came after builds on it.
func undoable(list []Load) (out []Load) {
	gone := map[int64]bool{}
	had := map[string]bool{}
	for _, l := range list { // newest first
		if l.Mode == Undo {
			gone[l.Undoes] = true
			continue
		}
		if key := l.Source + "\x00" + string(l.Unit); !gone[l.N] && !had[key] {
			had[key] = true
			out = append(out, l)
		}
	}
	return out
}

// UndoImport takes the last import of a source back as a version of its own: what it
// brought is closed, what it corrected or withdrew holds again. Nothing is deleted,
// and what a still later import says of an event stays.
func (s *Service) UndoImport(ctx context.Context, who actor.Actor, cmd UndoCmd) (out Load, err error) {
	var bad fault.Fields
	bad.Need("text", cmd.Text)
	bad.Max("text", cmd.Text, maxReason)
	if err := bad.Err(); err != nil {
		return out, err
	}
	err = s.log.Write(ctx, who, "risk_event.undo", func(tx *audit.Tx) error {
		old, err := loadByNumber(ctx, tx, cmd.N)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "risk_event.undo", access.Object{Kind: "risk_event", ID: old.ID, Units: []access.Place{s.Units.Place(old.Unit)}}); err != nil {
			return err
		}
		series, err := loadsOf(ctx, tx, old.Source, old.Unit)
		if err != nil {
			return err
		}
		if can := undoable(series); old.Mode == Undo || !slices.ContainsFunc(can, func(l Load) bool { return l.N == old.N }) {
			return fault.State("risk.event.bad.undo", old.N)
		}
		out = Load{ID: id.New(), Source: old.Source, Unit: old.Unit, Mode: Undo, AsOf: s.today(), File: old.File, Columns: map[string]string{}, Person: who.Person, Undoes: old.N}
		if out.N, err = next(ctx, tx, "load"); err != nil {
			return err
		}
		err = s.eachCaseSince(ctx, tx, old.N, func(cs []*Case) error {
			changed := slices.DeleteFunc(cs, func(c *Case) bool { return !takeBack(c, old.N, &out) })
			for _, c := range changed {
				out.Cases++
				c.sealed = s.Keys.Seal(Sealed, "risk_case/"+string(c.ID), pack(*c))
			}
			return putCases(ctx, tx, changed, out.N)
		})
		if err != nil {
			return err
		}
		out.Events = out.Added + out.Withdrawn
		tx.Note("undoes", old.N)
		tx.Note("delta", fmt.Sprintf("+%d -%d", out.Added, out.Withdrawn))
		if err := s.enter(ctx, tx, Entry{Object: out.ID, Person: who.Person, Do: "undo", New: Undo, Text: cmd.Text}); err != nil {
			return err
		}
		return insertLoad(ctx, tx, out)
	})
	return out, err
}

// takeBack closes what an import brought into a case and lets hold again what it
// closed; it tells whether there was any of that.
func takeBack(c *Case, n int64, l *Load) bool {
	before := l.Added + l.Withdrawn
	now := map[string]bool{}
	for i := range c.Events {
		e := &c.Events[i]
		if e.In == n && e.Out == 0 {
			e.Out = l.N
			l.Withdrawn++
		} else if e.Out == 0 {
			now[e.key()] = true
		}
	}
	for _, e := range slices.Clone(c.Events) {
		if e.Out == n && !now[e.key()] {
			e.In, e.Out = l.N, 0
			c.Events = append(c.Events, e)
			l.Added++
		}
	}
	return l.Added+l.Withdrawn > before
}

// eachCaseSince hands on, some at a time, the cases that imports touched since one.
func (s *Service) eachCaseSince(ctx context.Context, q db.Q, n int64, fn func([]*Case) error) error {
	ids, err := casesSince(ctx, q, n)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, chunk) {
		list, err := s.casesByID(ctx, q, part)
		if err == nil {
			err = fn(list)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteBad gives the user his own file back with the reasons in its rows.
func (o Imported) WriteBad(w io.Writer, tr sheet.Translate) error { return o.result.Annotated(w, tr) }

// Label is what the file calls a column.
func (o Imported) Label(column string) string {
	if l := o.result.Mapping.Labels[column]; l != "" {
		return l
	}
	return column
}
