package person

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// listing is one question about people: filters, order and place in the list.
type listing struct {
	scope      id.ID // unit with all below it; "" for the whole tree
	department id.ID
	status     string
	leadership string // "1", "0" or ""
	text       string
	sort       string // "staff_no", "name" or "" for the order that the question gives
	desc       bool
	after      []string
	before     []string
}

// order lists the columns that the answer is sorted by, the last one unique. It
// is chosen so that an index gives it: at 300,000 people sorting is too late.
func (l listing) order() []string {
	column, _ := searchBy(l.text)
	switch {
	case l.sort == "name":
		return []string{"p.name_key", "p.staff_no"}
	case l.sort == "staff_no", l.text == "" && (l.department != "" || l.scope == ""), l.text != "" && column == "staff_no":
		return []string{"p.staff_no"}
	case l.text != "":
		return []string{"p." + column, "p.staff_no"}
	}
	return []string{"t.unit_id", "p.staff_no"}
}

// byUnit tells that the tree drives the question: unit after unit, each by its index.
func (l listing) byUnit() bool { return l.order()[0] == "t.unit_id" }

// key is the place of a person in the order.
func (l listing) key(p Person) []string {
	var out []string
	for _, c := range l.order() {
		switch c {
		case "t.unit_id":
			out = append(out, string(p.Unit))
		case "p.name_key":
			out = append(out, hantext.NormalizeForMatch(p.Name))
		case "p.initials":
			out = append(out, hantext.Initials(p.Name))
		default:
			out = append(out, p.StaffNo)
		}
	}
	return out
}

// from writes FROM and WHERE without the place in the list.
func (l listing) from(e db.Engine, permit func(*[]any) string, args *[]any) string {
	var b strings.Builder
	if l.byUnit() {
		b.WriteString("FROM access_tree t CROSS JOIN person p WHERE t.above_id = " + mark(args, string(l.scope)) + " AND p.unit_id = t.unit_id")
	} else {
		b.WriteString("FROM person p WHERE TRUE")
		if l.scope != "" {
			b.WriteString(" AND p.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = " + mark(args, string(l.scope)) + ")")
		}
	}
	if l.department != "" {
		b.WriteString(" AND p.department_id = " + mark(args, string(l.department)))
	}
	// Where the tree drives, these must not tempt the engine away from the index
	// of the unit: a function around the column says so on both.
	status, leadership := "p.status", "p.leadership"
	if l.byUnit() {
		status, leadership = "COALESCE(p.status, '')", "COALESCE(p.leadership, FALSE)"
	}
	if l.status != "" {
		b.WriteString(" AND " + status + " = " + mark(args, l.status))
	}
	if l.leadership != "" {
		b.WriteString(" AND " + leadership + " = " + mark(args, l.leadership == "1"))
	}
	if l.text != "" {
		column, prefix := searchBy(l.text)
		b.WriteString(" AND " + beginsWith(e, "p."+column, prefix, args))
	}
	b.WriteString(" AND " + permit(args))
	return b.String()
}

// count counts the people of the list, at most most.
func (l listing) count(ctx context.Context, q db.Q, permit func(*[]any) string, most int) (n int, err error) {
	var args []any
	from := l.from(q.Engine(), permit, &args)
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 "+from+" LIMIT "+strconv.Itoa(most)+") x", args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return n, nil
}

// page reads at most limit people at the place asked for, in order.
func (l listing) page(ctx context.Context, q db.Q, permit func(*[]any) string, limit int) ([]Person, error) {
	var args []any
	where := l.from(q.Engine(), permit, &args)
	cols := l.order()
	back := l.before != nil
	place := l.after
	if back {
		place = l.before
	}
	down := l.desc != back
	if len(place) == len(cols) {
		sign := " > "
		if down {
			sign = " < "
		}
		if len(cols) > 1 { // lets the engine begin at the first column's place
			where += " AND " + cols[0] + strings.TrimRight(sign, " ") + "= " + mark(&args, place[0])
		}
		where += " AND (" + strings.Join(cols, ", ") + ")" + sign + "(" + marks(&args, place) + ")"
	}
	dir := ""
	if down {
		dir = " DESC"
	}
	rows, err := q.Query(ctx, "SELECT "+personColumns+" "+where+" ORDER BY "+strings.Join(cols, dir+", ")+dir+" LIMIT "+strconv.Itoa(limit), args...)
	out, err := collectPeople(rows, err)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	if back {
		slices.Reverse(out)
	}
	return out, nil
}
