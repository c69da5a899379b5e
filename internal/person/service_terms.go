package person

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Term is a stretch of time in which a person belonged to a unit by his main
// post, or served elsewhere beside it (借调, Main false).
type Term struct {
	Person     id.ID
	Unit       id.ID
	Department id.ID
	Leadership bool
	Main       bool
	From, To   clock.Date
}

// Covers tells whether the term holds on a day.
func (t Term) Covers(day clock.Date) bool {
	return (t.From == "" || t.From <= day) && (t.To == "" || t.To >= day)
}

// Terms lists the posts of a person, oldest first.
func Terms(ctx context.Context, q db.Q, person id.ID) ([]Term, error) {
	return termsOf(ctx, q, person)
}

// InService lists who belonged to a unit on a day by the main post, in order of
// id after a person; limit bounds the page.
func InService(ctx context.Context, q db.Q, unit id.ID, on clock.Date, after id.ID, limit int) ([]Term, error) {
	return inService(ctx, q, unit, on, after, limit)
}

// Headcounts counts by unit who belonged to it by the main post on each of some
// days, in one pass over all posts.
func Headcounts(ctx context.Context, q db.Q, days ...clock.Date) (map[clock.Date]map[id.ID]int, error) {
	return headcounts(ctx, q, days)
}

// Named finds the members of the staff of a unit who bear a name exactly.
func Named(ctx context.Context, q db.Q, name string, unit id.ID) ([]id.ID, error) {
	return namedIn(ctx, q, name, unit)
}

// ByStaffNo finds a person by staff number.
func ByStaffNo(ctx context.Context, q db.Q, no string) (Person, error) {
	return byStaffNo(ctx, q, cleanStaffNo(no))
}

// Seconded tells who of a unit served at another one on a day beside the main
// post (借调), and where.
func Seconded(ctx context.Context, q db.Q, unit id.ID, on clock.Date) (map[id.ID]id.ID, error) {
	return seconded(ctx, q, unit, on)
}

// Staff is a person as a table names him, with the terms of his main post.
type Staff struct {
	ID    id.ID
	Unit  id.ID
	Terms []Term // oldest first
}

// ByStaffNos finds the persons of many staff numbers at once, by the text that was
// asked for; who is not there is left out.
func ByStaffNos(ctx context.Context, q db.Q, nos []string) (map[string]Staff, error) {
	return staffByNos(ctx, q, nos)
}
