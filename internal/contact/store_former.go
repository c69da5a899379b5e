package contact

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const takeoverColumns = "k.id, k.unit_id, k.file, k.digest, k.reason, k.returns, k.zero, k.people, k.first_period, k.last_period, k.by_id, k.office_id, k.at, k.withdrawn_at, k.withdrawn_by, k.withdrawn_for"

func scanTakeover(r scanner) (t Takeover, err error) {
	err = r.Scan(&t.ID, &t.Unit, &t.File, &t.Digest, &t.Reason, &t.Returns, &t.Zero, &t.People, &t.First, &t.Last, &t.By, &t.Office, &t.At, &t.Withdrawn, &t.WithdrawnBy, &t.WithdrawnFor)
	if t.State = TakeoverHeld; t.Withdrawn != "" {
		t.State = TakeoverWithdrawn
	}
	t.Office = cmp.Or(t.Office, t.Unit) // by command, and before offices were noted
	return t, err
}

// counts says in SQL that a year f was not withdrawn.
const counts = "f.takeover_id NOT IN (SELECT w.id FROM contact_takeover w WHERE w.withdrawn_at <> '')"

func takeoverByID(ctx context.Context, q db.Q, n id.ID) (Takeover, error) {
	t, err := scanTakeover(q.QueryRow(ctx, "SELECT "+takeoverColumns+" FROM contact_takeover k WHERE k.id = $1", string(n)))
	return t, db.Absent(err, "takeover")
}

func listTakeovers(ctx context.Context, q db.Q, w where, limit int) ([]Takeover, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_takeover k WHERE %s ORDER BY k.id DESC LIMIT %d", takeoverColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Takeover, error) { return scanTakeover(r) })
	if err != nil {
		return nil, fmt.Errorf("list takeovers: %w", err)
	}
	return out, nil
}

// takeoverTurn changes whenever a table is taken over or withdrawn.
type takeoverTurn struct {
	last      id.ID
	withdrawn int
}

func turnOfTakeovers(ctx context.Context, q db.Q) (t takeoverTurn, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(id), ''), COUNT(CASE WHEN withdrawn_at <> '' THEN 1 END) FROM contact_takeover").Scan(&t.last, &t.withdrawn)
	if err != nil {
		return t, fmt.Errorf("read the last takeover: %w", err)
	}
	return t, nil
}

func withdrawTakeover(ctx context.Context, tx *audit.Tx, t Takeover) error {
	tx.Touch("contact_takeover", t.ID)
	return tx.Change(ctx, "takeover", "UPDATE contact_takeover SET withdrawn_at = $1, withdrawn_by = $2, withdrawn_for = $3 WHERE id = $4 AND withdrawn_at = ''",
		tx.At, string(t.WithdrawnBy), t.WithdrawnFor, string(t.ID))
}

func insertTakeover(ctx context.Context, tx *audit.Tx, t Takeover, years []*formerYear) error {
	if err := insert(ctx, tx, "contact_takeover", "id, unit_id, file, digest, reason, returns, zero, people, first_period, last_period, by_id, office_id, at",
		string(t.ID), string(t.Unit), t.File, t.Digest, t.Reason, t.Returns, t.Zero, t.People, string(t.First), string(t.Last), string(t.By), string(t.Office), tx.At); err != nil {
		return err
	}
	rows, ids := make([][]any, len(years)), make([]id.ID, len(years))
	for i, y := range years {
		rows[i] = []any{string(y.id), string(t.ID), string(y.person), string(y.unit), db.Null(y.department), y.year, y.marks(), y.detail()}
		ids[i] = y.id
	}
	tx.Touch("contact_former", ids...)
	return tx.InsertMany(ctx, "contact_former", "id, takeover_id, person_id, unit_id, department_id, year, marks, detail", rows)
}

const formerYearColumns = "f.id, f.takeover_id, f.person_id, f.unit_id, COALESCE(f.department_id, ''), f.year, f.marks, f.detail"

func scanFormer(r *sql.Rows) (*formerYear, error) {
	y := &formerYear{}
	var marks, detail string
	err := r.Scan(&y.id, &y.takeover, &y.person, &y.unit, &y.department, &y.year, &marks, &detail)
	y.read(marks, detail)
	return y, err
}

// formerKnown reads all that was taken over of persons.
func formerKnown(ctx context.Context, q db.Q, persons []id.ID) (map[formerKey]formerReturn, error) {
	out := map[formerKey]formerReturn{}
	for part := range slices.Chunk(persons, 500) {
		var args []any
		rows, err := q.Query(ctx, "SELECT "+formerYearColumns+" FROM contact_former f WHERE f.person_id IN ("+marks(&args, part)+") AND "+counts, args...)
		list, err := db.Collect(rows, err, scanFormer)
		if err != nil {
			return nil, fmt.Errorf("read what was taken over: %w", err)
		}
		for _, y := range list {
			for i, x := range y.held {
				if x != nil {
					out[formerKey{y.person, placed(y.year, i)}] = *x
				}
			}
		}
	}
	return out, nil
}

// formerOf reads the years of persons that periods lie in.
func formerOf(ctx context.Context, q db.Q, periods []Period, persons []id.ID) ([]*formerYear, error) {
	if len(periods) == 0 || len(persons) == 0 {
		return nil, nil
	}
	var args []any
	who := marks(&args, persons)
	rows, err := q.Query(ctx, "SELECT "+formerYearColumns+" FROM contact_former f WHERE f.person_id IN ("+who+") AND f.year IN ("+marks(&args, yearsOf(periods))+") AND "+counts+" ORDER BY f.id", args...)
	out, err := db.Collect(rows, err, scanFormer)
	if err != nil {
		return nil, fmt.Errorf("read what was taken over: %w", err)
	}
	return out, nil
}

// formerIn reads what was taken over for a unit and a period.
func formerIn(ctx context.Context, q db.Q, unit id.ID, p Period) (out []Return, err error) {
	year, at := p.place()
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_former f WHERE f.year = $1 AND f.unit_id = $2 AND substr(f.marks, %d, 1) <> '-' AND %s ORDER BY f.person_id", formerYearColumns, at+1, counts), year, string(unit))
	list, err := db.Collect(rows, err, scanFormer)
	if err != nil {
		return nil, fmt.Errorf("read what was taken over: %w", err)
	}
	for _, y := range list {
		if x, ok := y.at(p); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

func yearsOf(periods []Period) []string {
	var out []string
	for _, p := range periods {
		if year, _ := p.place(); !slices.Contains(out, year) {
			out = append(out, year)
		}
	}
	return out
}

// formerBy counts what was taken over of a year, by period and unit, from the index alone.
func formerBy(ctx context.Context, q db.Q, year string) (map[Period]map[id.ID]Tally, error) {
	out := map[Period]map[id.ID]Tally{}
	rows, err := q.Query(ctx, "SELECT f.unit_id, f.marks, COUNT(*) FROM contact_former f WHERE f.year = $1 AND "+counts+" GROUP BY f.unit_id, f.marks", year)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var unit id.ID
		var marks string
		if err = r.Scan(&unit, &marks, &n); err == nil {
			tallyFormer(out, year, unit, marks, n)
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count what was taken over: %w", err)
	}
	return out, nil
}

// firstFiled is the first period that a unit filed here in time, or closed.
func firstFiled(ctx context.Context, q db.Q, unit id.ID) (Period, error) {
	return earliest(ctx, q, `SELECT x.period FROM (SELECT r.period FROM contact_return r WHERE r.unit_id = $1 AND r.late = FALSE ORDER BY r.period LIMIT 1) AS x
		UNION ALL SELECT COALESCE(MIN(c.period), '') FROM contact_closing c WHERE c.unit_id = $1`, string(unit))
}

// filedBefore are the returns that people of a unit filed here, late, for periods
// before the unit began.
func filedBefore(ctx context.Context, q db.Q, unit id.ID, first Period) ([]formerKey, error) {
	rows, err := q.Query(ctx, "SELECT r.person_id, r.period FROM contact_return r WHERE r.unit_id = $1 AND r.period < $2", string(unit), string(first))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (k formerKey, err error) { return k, r.Scan(&k.person, &k.period) })
	if err != nil {
		return nil, fmt.Errorf("read late returns: %w", err)
	}
	return out, nil
}

// filedFormer is a person's return of a period as it was taken over, if it was.
func filedFormer(ctx context.Context, q db.Q, p Period, person id.ID) (out []Return, err error) {
	years, err := formerOf(ctx, q, []Period{p}, []id.ID{person})
	for _, y := range years {
		if x, ok := y.at(p); ok {
			out = append(out, x)
		}
	}
	return out, err
}

// isZero says in SQL that the mark at a place of f is that of a zero return.
func isZero(place string) string { return "substr(f.marks, " + place + ", 1) IN ('z', 'Z')" }

// Where the period of a caseload c stands in a year that was taken over.
const (
	placeOfLoad = "CASE WHEN substr(c.period, 6, 1) = 'Q' THEN 12 + CAST(substr(c.period, 7, 1) AS INTEGER) ELSE CAST(substr(c.period, 6, 2) AS INTEGER) END"
	formerLoad  = "f.person_id = c.person_id AND f.year = substr(c.period, 1, 4) AND substr(f.marks, " + placeOfLoad + ", 1) <> '-' AND " + counts
)

// filedUnits are the returns of units in periods, those taken over among them, as a
// table r to select from.
func filedUnits(args *[]any, units []id.ID, periods []Period, without []id.ID) string {
	in := marks(args, units)
	out := ""
	if len(without) > 0 {
		out = " AND %s.person_id NOT IN (" + marks(args, without) + ")"
	}
	not := func(t string) string { return strings.ReplaceAll(out, "%s", t) }
	var b strings.Builder
	b.WriteString("(SELECT q.unit_id, q.department_id, q.period, q.person_id, q.zero FROM contact_return q WHERE q.period IN (" + marks(args, periods) + ") AND q.unit_id IN (" + in + ")" + not("q"))
	for _, p := range periods {
		year, at := p.place()
		place := fmt.Sprint(at + 1)
		b.WriteString(" UNION ALL SELECT f.unit_id, f.department_id, " + fmt.Sprintf("'%s'", placed(year, at)) + ", f.person_id, " + isZero(place) + " FROM contact_former f WHERE f.year = '" + year + "' AND f.unit_id IN (" + in + ") AND substr(f.marks, " + place + ", 1) <> '-' AND " + counts + not("f"))
	}
	return b.String() + ") AS r"
}
