package notice

import (
	"context"
	"fmt"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// clockOf is the moment of a transaction.
func clockOf(tx *audit.Tx) time.Time {
	t, err := clock.ParseInstant(tx.At)
	if err != nil {
		panic("notice: the log wrote an instant that it cannot read: " + tx.At) // written by clock.Instant
	}
	return t
}

func (s *Service) receiptObject(r Receipt) access.Object {
	return access.Object{Kind: "receipt", ID: r.ID, State: r.State, By: s.Dir.Place(r.By), Units: []access.Place{s.Dir.Place(r.Unit)}}
}

// receive runs an action of an addressed unit.
func (s *Service) receive(ctx context.Context, who actor.Actor, x id.ID, do string, fn func(tx *audit.Tx, n Notice, r *Receipt) error) error {
	return s.Log.Write(ctx, who, "receipt."+do, func(tx *audit.Tx) error {
		n, _, err := s.load(ctx, tx, who, x, "read")
		if err != nil {
			return err
		}
		r, err := receiptOf(ctx, tx, x, who.Unit)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "receipt."+do, s.receiptObject(r)); err != nil {
			if _, e := ReceiptFlow.Next(r.State, do); e != nil && s.Policy.Ever(who, "receipt."+do) {
				return e
			}
			return err
		}
		if r.State, err = ReceiptFlow.Next(r.State, do); err != nil {
			return err
		}
		if err := fn(tx, n, &r); err != nil {
			return err
		}
		return updateReceipt(ctx, tx, r)
	})
}

// Sign says that the unit has got the circular.
func (s *Service) Sign(ctx context.Context, who actor.Actor, x id.ID) error {
	return s.receive(ctx, who, x, "sign", func(tx *audit.Tx, _ Notice, r *Receipt) error {
		r.SignedOn = clock.Of(clockOf(tx))
		return nil
	})
}

// StudyCmd is one study record.
type StudyCmd struct {
	HeldOn   clock.Date `json:"held_on"`
	Form     string     `json:"form"` // meeting, group, lesson, self
	Expected int        `json:"expected"`
	Attended int        `json:"attended"`
	Text     string     `json:"text"`
}

// Forms of a study.
var Forms = []string{"meeting", "group", "lesson", "life", "self"}

// Study records that the unit studied the circular (A7: date, form, attendance, discussion).
func (s *Service) Study(ctx context.Context, who actor.Actor, x id.ID, c StudyCmd) error {
	return s.receive(ctx, who, x, "study", func(tx *audit.Tx, n Notice, r *Receipt) error {
		today := clock.Of(clockOf(tx))
		var bad fault.Fields
		bad.Need("held_on", string(c.HeldOn))
		bad.Need("text", c.Text)
		bad.Max("text", c.Text, maxText/20)
		switch {
		case c.HeldOn > today:
			bad.Add("held_on", "study.bad.future")
		case c.HeldOn != "" && c.HeldOn < n.IssuedOn:
			bad.Add("held_on", "study.bad.before", string(n.IssuedOn))
		}
		known := false
		for _, f := range Forms {
			known = known || f == c.Form
		}
		if !known {
			bad.Add("form", "error.required")
		}
		if c.Expected < 1 || c.Expected > 100_000 {
			bad.Add("expected", "campaign.bad.count")
		}
		if c.Attended < 0 || c.Attended > c.Expected {
			bad.Add("attended", "campaign.bad.attended", c.Expected)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		r.StudiedOn = today
		return insertStudy(ctx, tx, Study{ID: id.New(), Notice: x, Unit: r.Unit, HeldOn: c.HeldOn, Form: c.Form, Expected: c.Expected, Attended: c.Attended, Text: c.Text, By: who.Person})
	})
}

// personal runs something that everybody in an addressed unit does for himself.
func (s *Service) personal(ctx context.Context, who actor.Actor, x id.ID, do string, fn func(tx *audit.Tx, n Notice, r Receipt) error) error {
	return s.Log.Write(ctx, who, "notice."+do, func(tx *audit.Tx) error {
		n, o, err := s.load(ctx, tx, who, x, "read")
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "notice."+do, o); err != nil {
			return err
		}
		r, err := receiptOf(ctx, tx, x, who.Unit)
		if err != nil {
			return err
		}
		if n.State != Issued {
			return fault.State("error.state", "notice."+do, "notice.state."+n.State)
		}
		return fn(tx, n, r)
	})
}

// Confirm says that the actor has read the circular. A second time changes nothing.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, x id.ID) error {
	return s.personal(ctx, who, x, "confirm", func(tx *audit.Tx, _ Notice, r Receipt) error {
		fresh, err := insertReader(ctx, tx, x, r.Unit, who.Person)
		if err != nil {
			return err
		}
		if !fresh {
			tx.Note("again", true)
			return nil
		}
		r.Readers++
		return updateReceipt(ctx, tx, r)
	})
}

// Answer takes the actor's answers to the test, once.
func (s *Service) Answer(ctx context.Context, who actor.Actor, x id.ID, picks []int) (a Answer, err error) {
	err = s.personal(ctx, who, x, "answer", func(tx *audit.Tx, n Notice, r Receipt) error {
		if old, found, err := answerOf(ctx, tx, x, who.Person); err != nil {
			return err
		} else if found {
			return fault.State("question.bad.twice", old.Correct, old.Asked)
		}
		test, err := testOf(ctx, tx, x)
		if err != nil {
			return err
		}
		if len(test) == 0 {
			return fault.NotFound("question")
		}
		if a, err = Mark(test, picks, n.PassMark); err != nil {
			return err
		}
		a.ID, a.Notice, a.Unit, a.Person, a.At = id.New(), x, r.Unit, who.Person, tx.At
		return insertAnswer(ctx, tx, a)
	})
	return a, err
}

// Receipts gives a page of the addressed units that the actor may see.
func (s *Service) Receipts(ctx context.Context, who actor.Actor, x id.ID, p page.Query) (out []Receipt, next page.Next, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if _, _, err := s.load(ctx, q, who, x, "read"); err != nil {
			return err
		}
		var args []any
		out, next, err = listReceipts(ctx, q, x, s.Policy.Filter(who, "receipt.read", receipts, &args), args, p)
		return err
	})
	return out, next, err
}

const todoMax = 20

// Todo gives what waits: to approve, to issue, to re-check; to sign and study; to read and answer.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		for _, x := range []struct{ do, state string }{{"approve", Submitted}, {"issue", Approved}} {
			if !s.Policy.Ever(who, "notice."+x.do) {
				continue
			}
			var args []any
			where := s.Policy.Filter(who, "notice."+x.do, made, &args) + access.Ours(who, "n.unit_id", &args)
			args = append(args, x.state, string(who.Person), x.do, todoMax)
			k := len(args)
			// nobody approves his own circular: to the author it is nothing to do
			list, err := noticesWhere(ctx, q, fmt.Sprintf("%s AND n.state = $%d AND ($%d <> n.author_id OR $%d <> 'approve') ORDER BY n.made_at, n.id LIMIT $%d", where, k-3, k-2, k-1, k), args...)
			if err != nil {
				return fmt.Errorf("circulars to do: %w", err)
			}
			for _, n := range list {
				out = append(out, web.Todo{Kind: "notice.todo." + x.do, Title: n.Title, Unit: s.Dir.Short(n.Unit), Href: "/notices/" + string(n.ID), Verb: "notice.do." + x.do, At: n.MadeAt})
			}
		}
		if s.Policy.Ever(who, "notice.recheck") {
			var args []any
			where := s.Policy.Filter(who, "notice.recheck", made, &args) + access.Ours(who, "n.unit_id", &args)
			list, err := rechecksDue(ctx, q, where, args, s.today(), todoMax)
			if err != nil {
				return fmt.Errorf("re-checks due: %w", err)
			}
			for _, n := range list {
				out = append(out, web.Todo{Kind: "notice.todo.recheck", Title: n.Title, Unit: s.Dir.Short(n.Unit), Due: n.RecheckOn, Href: "/notices/" + string(n.ID), Verb: "notice.do.recheck", At: n.MadeAt})
			}
		}
		if err := s.unitTodo(ctx, q, who, &out); err != nil {
			return err
		}
		if who.Unit == "" || !s.Policy.Ever(who, "notice.confirm") {
			return nil
		}
		var args []any
		list, err := unread(ctx, q, who.Unit, who.Person, s.Policy.Filter(who, "notice.read", received, &args), args, todoMax)
		if err != nil {
			return fmt.Errorf("circulars to read: %w", err)
		}
		for _, n := range list {
			out = append(out, web.Todo{Kind: "notice.todo.read", Title: n.Title, Unit: s.Dir.Short(n.Unit), Href: "/notices/" + string(n.ID), Verb: "notice.do.read", At: n.MadeAt})
		}
		return nil
	})
	return out, err
}

func (s *Service) unitTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	if s.Policy.Ever(who, "receipt.sign") {
		var args []any
		open, err := openReceipts(ctx, q, s.Policy.Filter(who, "receipt.study", receipts, &args), args, todoMax)
		if err != nil {
			return fmt.Errorf("receipts to do: %w", err)
		}
		for _, r := range open {
			n, err := noticeByID(ctx, q, r.Notice)
			if err != nil {
				return err
			}
			do := map[string]string{Sent: "sign", Signed: "study"}[r.State]
			*out = append(*out, web.Todo{Kind: "notice.todo." + do, Title: n.Title, Unit: s.Dir.Short(r.Unit), Href: "/notices/" + string(n.ID), Verb: "notice.do." + do, At: n.MadeAt})
		}
	}
	if s.Policy.Ever(who, "part.report") {
		var args []any
		due, err := dueParts(ctx, q, s.Policy.Filter(who, "part.report", access.Columns{State: parts.State, Units: parts.Units}, &args), args, s.today(), todoMax)
		if err != nil {
			return fmt.Errorf("campaign reports to do: %w", err)
		}
		for _, c := range due {
			*out = append(*out, web.Todo{Kind: "notice.todo.report", Title: c.Title, Unit: s.Dir.Short(who.Unit), Href: "/campaigns/" + string(c.ID), Verb: "campaign.do.report", At: c.MadeAt})
		}
	}
	return nil
}
