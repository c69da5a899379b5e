package person

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/intake"
	"huikan/internal/org/tree"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// update is what an import changes about somebody who is there already.
type update struct {
	person Person // as it will be
	post   *Post  // the new main post, which ends the one before
	left   string // the step of Flow by which he leaves
}

// leaving names the step that leads to each state of departure. Coming back needs
// a reason of its own and is no matter of a table.
var leaving = map[string]string{Retired: "retire", Resigned: "resign", Dismissed: "dismiss", Removed: "remove", Transferred: "transfer_out"}

// again judges a row whose staff number is there. Cells that are filled and say
// something else change the person; empty ones and missing columns change
// nothing. What cannot be meant for this person is a fault that says so.
func (b *batch) again(ctx context.Context, q db.Q, rec sheet.Record, n id.ID, in NewPerson, p Person, known map[string]id.ID, f fault.Fields) error {
	old, err := byID(ctx, q, n)
	if err != nil {
		return err
	}
	if b.s.can(b.who, "person.read", old) != nil {
		f.Add("staff_no", "person.error.staff_no_taken", p.StaffNo) // somebody of whom he may know nothing
		b.res.Bad(rec, f)
		return nil
	}
	if first, twice := b.numbers[p.StaffNo]; twice {
		f.Add("staff_no", "intake.twice", first)
	}
	b.numbers[p.StaffNo] = rec.Row
	u := update{person: old}
	var changes []intake.Change
	note := func(column, before, after string) {
		changes = append(changes, intake.Change{Row: rec.Row, What: old.Name, Column: column, Before: before, After: after})
	}
	b.facts(rec, old, p, known, &u, note, &f)
	if err := b.placed(ctx, q, rec, old, in, p, &u, note, &f); err != nil {
		return err
	}
	if err := b.departs(ctx, q, rec, old, p, &u, note, &f); err != nil {
		return err
	}
	if len(f) == 0 && len(changes) == 0 {
		b.res.Same++
		return nil
	}
	if len(f) == 0 && b.s.can(b.who, "person.edit", old) != nil {
		f.Add("staff_no", "person.error.no_change", old.Name)
	}
	if b.res.Bad(rec, f) {
		return nil
	}
	b.res.Change(changes...)
	b.updates = append(b.updates, u)
	return nil
}

// word is the key of a value's word; nothing has none.
func word(prefix, value string) string {
	if value == "" {
		return ""
	}
	return prefix + value
}

// facts compares what a person is: name, sex, birth, native place, ID number.
func (b *batch) facts(rec sheet.Record, old, p Person, known map[string]id.ID, u *update, note func(column, before, after string), f *fault.Fields) {
	sure := p.blind != "" && p.blind == old.blind // the ID number says that it is the same person
	if p.Name != "" && p.Name != old.Name {
		if !sure {
			f.Add("name", "person.error.other_name", old.StaffNo, old.Name)
		}
		note("name", old.Name, p.Name)
		u.person.Name = p.Name
	}
	switch {
	case p.blind == "" || sure:
	case old.HasIDNumber():
		f.Add("id_number", "person.error.other_id", old.StaffNo)
	default:
		if other, taken := known[p.blind]; taken && other != old.ID {
			f.Add("id_number", "person.error.id_taken", p.StaffNo)
		}
		if first, twice := b.blinds[p.blind]; twice {
			f.Add("id_number", "intake.twice", first)
		}
		b.blinds[p.blind] = rec.Row
		c, err := ParseIDNumber(rec.Get("id_number"), b.s.today())
		if err != nil {
			return // said already
		}
		note("id_number", "", MaskIDNumber(c.Number))
		agree(&u.person, c, f)
		// Sealed for the place of the person who is there, not of the row.
		x := b.s.seal(where(old.ID), c.Number)
		u.person.sealed, u.person.blind = x.sealed, x.blind
	}
	if rec.Get("gender") != "" && p.Gender != old.Gender {
		note("gender", word("person.gender.", old.Gender), word("person.gender.", p.Gender))
		u.person.Gender = p.Gender
	}
	if rec.Get("birth") != "" && p.Birth != old.Birth {
		note("birth", string(old.Birth), string(p.Birth))
		u.person.Birth = p.Birth
	}
	if rec.Get("native") != "" && p.Native != old.Native {
		note("native", tree.RegionName(old.Native), tree.RegionName(p.Native))
		u.person.Native = p.Native
	}
}

// placed compares where and as what a person works. A difference is a new main
// post, so the row must say since when.
func (b *batch) placed(ctx context.Context, q db.Q, rec sheet.Record, old Person, in NewPerson, p Person, u *update, note func(column, before, after string), f *fault.Fields) error {
	if p.Unit == "" {
		return nil // said already
	}
	next := Post{ID: id.New(), Person: old.ID, Unit: p.Unit, Department: old.Department, Title: old.Title, Rank: old.Rank, Leadership: old.Leadership, Main: true, From: in.From}
	moved := p.Unit != old.Unit
	if moved {
		if b.s.canAt(b.who, "person.post", p.Unit) != nil {
			f.Add("unit", "person.error.unit", rec.Get("unit"))
			return nil
		}
		note("unit", b.s.Dir.Name(old.Unit), b.s.Dir.Name(p.Unit))
		next.Department = ""
	}
	changed := moved
	if err := b.department(ctx, q, rec, &p, f); err != nil {
		return err
	}
	if rec.Get("department") != "" && p.Department != old.Department {
		names, err := org.DepartmentNames(ctx, q, old.Department)
		if err != nil {
			return err
		}
		note("department", names[old.Department], rec.Get("department"))
		next.Department, changed = p.Department, true
	}
	for _, c := range []struct {
		column, before, after string
		into                  *string
	}{{"title", old.Title, p.Title, &next.Title}, {"rank", old.Rank, p.Rank, &next.Rank}} {
		if c.after != "" && c.after != c.before {
			note(c.column, c.before, c.after)
			*c.into, changed = c.after, true
		}
	}
	if rec.Get("leadership") != "" && p.Leadership != old.Leadership {
		yes := map[bool]string{true: "word.yes", false: "word.nay"}
		note("leadership", yes[old.Leadership], yes[p.Leadership])
		next.Leadership, changed = p.Leadership, true
	}
	if !changed {
		return nil
	}
	if old.Status != Serving {
		f.Add("staff_no", "person.error.departed")
		return nil
	}
	if in.From == "" {
		f.Add("from", "person.error.since")
	}
	posts, err := postsOf(ctx, q, old.ID)
	if err != nil {
		return err
	}
	for _, x := range posts {
		if x.Main && x.To == "" && in.From != "" && in.From.Before(x.From) {
			f.Add("from", "person.error.post_before", x.From)
		}
	}
	u.post = &next
	return nil
}

// departs compares the state: a table can say that somebody left, and when. What
// stops a departure stops it here too.
func (b *batch) departs(ctx context.Context, q db.Q, rec sheet.Record, old, p Person, u *update, note func(column, before, after string), f *fault.Fields) error {
	if rec.Get("status") == "" || p.Status == old.Status {
		return nil
	}
	note("status", word("person.state.", old.Status), word("person.state.", p.Status))
	u.left = leaving[p.Status]
	switch {
	case old.Status != Serving || u.left == "":
		f.Add("status", "person.error.state_by_table")
	case p.DepartedOn == "":
		f.Add("departed_on", "person.error.departed_when")
	case p.DepartedOn.After(b.s.today()):
		f.Add("departed_on", "person.error.future", p.DepartedOn)
	case b.s.gate.May != nil:
		err := b.s.gate.May(ctx, q, old, p.Status, p.DepartedOn)
		if err != nil && !fault.Is(err, fault.KindState) {
			return err
		}
		addFault(f, "status", err)
	}
	u.person.Status, u.person.DepartedOn = p.Status, p.DepartedOn
	return nil
}

// apply carries an update out; whoever was changed since the file was judged is a
// conflict, and nothing of the file is kept.
func (s *Service) apply(ctx context.Context, tx *audit.Tx, who actor.Actor, u update, file string) error {
	now, err := byID(ctx, tx, u.person.ID)
	if err != nil {
		return err
	}
	if now.Rev != u.person.Rev {
		return fault.Conflict("person")
	}
	if u.post != nil {
		if err := insertPosts(ctx, tx, []Post{*u.post}); err != nil {
			return err
		}
		if err := s.promote(ctx, tx, u.person, *u.post); err != nil {
			return err
		}
		after, err := byID(ctx, tx, u.person.ID)
		if err != nil || u.left == "" {
			return err
		}
		after.Status, after.DepartedOn = u.person.Status, u.person.DepartedOn
		u.person = after
	}
	if u.left != "" {
		tx.Note("reason", file)
		if err := s.leaves(ctx, tx, who, now, u.person.Status, u.person.DepartedOn); err != nil {
			return err
		}
		if err := endPosts(ctx, tx, u.person.ID, u.person.DepartedOn); err != nil {
			return err
		}
	}
	return updatePerson(ctx, tx, u.person)
}

// endPosts ends every post that runs.
func endPosts(ctx context.Context, tx *audit.Tx, n id.ID, on clock.Date) error {
	posts, err := postsOf(ctx, tx, n)
	if err != nil {
		return err
	}
	for _, x := range posts {
		if x.To != "" {
			continue
		}
		if x.To = on; x.To.Before(x.From) {
			x.To = x.From
		}
		if err := endPost(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}
