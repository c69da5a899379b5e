package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

// insert writes one row and names it for the log; the first column is the id.
func insert(ctx context.Context, tx *audit.Tx, table, columns string, row ...any) error {
	marks := make([]string, len(row))
	for i := range row {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	tx.Touch(table, id.ID(row[0].(string)))
	if _, err := tx.Exec(ctx, "INSERT INTO "+table+" ("+columns+") VALUES ("+strings.Join(marks, ", ")+")", row...); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

const matterColumnsSQL = `m.id, m.code, m.reporter, m.record, m.unit_id, m.level, m.office_id, COALESCE(m.upper_id, ''), m.period, m.area, m.asker, m.channel,
	m.claimed, m.category, m.insider, m.harmless, m.affected, m.catch_up, m.hidden, m.second, m.leadership, m.state, m.outcome, m.due_on, m.case_key, m.name_key,
	m.draft, m.read_at, m.recorded_on, m.submitted_at, m.meeting, m.report_by, m.prohibited, m.managed, m.rev`

func scanMatter(r scanner) (m Matter, err error) {
	return m, r.Scan(&m.ID, &m.Code, &m.Reporter, &m.Record, &m.Unit, &m.Level, &m.Office, &m.Upper, &m.Period, &m.Area, &m.Asker, &m.Channel,
		&m.Claimed, &m.Category, &m.Insider, &m.Harmless, &m.Affected, &m.CatchUp, &m.Hidden, &m.Second, &m.Leaders, &m.State, &m.Outcome, &m.Due, &m.caseKey, &m.nameKey,
		&m.draft, &m.ReadAt, &m.Recorded, &m.Submitted, &m.Meeting, &m.ReportBy, &m.Prohibited, &m.Managed, &m.Rev)
}

func scanMatterRow(r *sql.Rows) (Matter, error) { return scanMatter(r) }

func matterByID(ctx context.Context, q db.Q, n id.ID) (Matter, error) {
	m, err := scanMatter(q.QueryRow(ctx, "SELECT "+matterColumnsSQL+" FROM contact_matter m WHERE m.id = $1", string(n)))
	return m, db.Absent(err, "matter")
}

func insertMatter(ctx context.Context, tx *audit.Tx, m Matter) error {
	return insert(ctx, tx, "contact_matter", `id, code, reporter, record, unit_id, level, office_id, upper_id, period, area, asker, channel, claimed, category, insider, harmless,
		affected, catch_up, hidden, second, leadership, state, outcome, due_on, case_key, name_key, draft, read_at, recorded_on, submitted_at, rev`,
		string(m.ID), m.Code, m.Reporter, m.Record, string(m.Unit), m.Level, string(m.Office), db.Null(m.Upper), string(m.Period), m.Area, m.Asker, m.Channel, m.Claimed, m.Category, m.Insider, m.Harmless,
		m.Affected, m.CatchUp, m.Hidden, m.Second, m.Leaders, m.State, m.Outcome, string(m.Due), m.caseKey, m.nameKey, m.draft, m.ReadAt, string(m.Recorded), m.Submitted, 1)
}

// updateMatter writes an index row back by compare-and-swap on rev.
func updateMatter(ctx context.Context, tx *audit.Tx, m Matter) error {
	tx.Touch("contact_matter", m.ID)
	return tx.Change(ctx, "matter", `UPDATE contact_matter SET record = $1, unit_id = $2, level = $3, office_id = $4, upper_id = $5, period = $6, area = $7, asker = $8, channel = $9,
		claimed = $10, category = $11, insider = $12, harmless = $13, affected = $14, catch_up = $15, hidden = $16, second = $17, leadership = $18, state = $19, outcome = $20,
		due_on = $21, case_key = $22, name_key = $23, draft = $24, read_at = $25, recorded_on = $26, submitted_at = $27,
		meeting = $28, report_by = $29, prohibited = $30, managed = $31, rev = rev + 1 WHERE id = $32 AND rev = $33`,
		m.Record, string(m.Unit), m.Level, string(m.Office), db.Null(m.Upper), string(m.Period), m.Area, m.Asker, m.Channel,
		m.Claimed, m.Category, m.Insider, m.Harmless, m.Affected, m.CatchUp, m.Hidden, m.Second, m.Leaders, m.State, m.Outcome,
		string(m.Due), m.caseKey, m.nameKey, m.draft, m.ReadAt, string(m.Recorded), m.Submitted, m.Meeting, string(m.ReportBy), m.Prohibited, m.Managed, string(m.ID), m.Rev)
}

func insertKey(ctx context.Context, tx *audit.Tx, matter id.ID, reader string, wrap []byte) error {
	return insert(ctx, tx, "contact_key", "id, matter_id, reader, wrap", string(id.New()), string(matter), reader, wrap)
}

// wrapOf reads the wrap of one reader.
func wrapOf(ctx context.Context, q db.Q, matter id.ID, reader string) (wrap []byte, err error) {
	err = q.QueryRow(ctx, "SELECT wrap FROM contact_key WHERE matter_id = $1 AND reader = $2", string(matter), reader).Scan(&wrap)
	return wrap, db.Absent(err, "matter")
}

// Entry is one dated entry of a matter. Its sealed text is opened apart.
type Entry struct {
	ID         id.ID  `json:"id"`
	At         string `json:"at"`
	Do         string `json:"do"`
	From       string `json:"from"`
	To         string `json:"to"`
	Unit       id.ID  `json:"unit,omitempty"` // whose office acted
	Detail     string `json:"detail"`         // codes without content
	Commitment string `json:"commitment,omitempty"`
	Text       string `json:"text,omitempty"` // once opened
	sealed     []byte
}

func insertEntry(ctx context.Context, tx *audit.Tx, matter id.ID, e Entry) error {
	return insert(ctx, tx, "contact_entry", "id, matter_id, at, act, from_state, to_state, unit_id, detail, sealed, commitment",
		string(e.ID), string(matter), tx.At, e.Do, e.From, e.To, db.Null(e.Unit), e.Detail, e.sealed, e.Commitment)
}

func entriesOf(ctx context.Context, q db.Q, matter id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, at, act, from_state, to_state, COALESCE(unit_id, ''), detail, sealed, commitment FROM contact_entry WHERE matter_id = $1 ORDER BY id", string(matter))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.At, &e.Do, &e.From, &e.To, &e.Unit, &e.Detail, &e.sealed, &e.Commitment)
	})
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return out, nil
}

const openingColumns = "o.id, o.matter_id, o.at, o.on_day, o.person_id, o.unit_id, o.purpose, o.reason, o.state, COALESCE(o.second_id, ''), o.second_at, o.rev"

func scanOpening(r scanner) (o Opening, err error) {
	return o, r.Scan(&o.ID, &o.Matter, &o.At, &o.Day, &o.Person, &o.Unit, &o.Purpose, &o.Reason, &o.State, &o.Second, &o.SecondAt, &o.Rev)
}

func insertOpening(ctx context.Context, tx *audit.Tx, o Opening) error {
	return insert(ctx, tx, "contact_opening", "id, matter_id, at, on_day, person_id, unit_id, purpose, reason, state, second_id, second_at, rev",
		string(o.ID), string(o.Matter), tx.At, string(o.Day), string(o.Person), string(o.Unit), o.Purpose, o.Reason, o.State, db.Null(o.Second), o.SecondAt, 1)
}

func openingByID(ctx context.Context, q db.Q, n id.ID) (Opening, error) {
	o, err := scanOpening(q.QueryRow(ctx, "SELECT "+openingColumns+" FROM contact_opening o WHERE o.id = $1", string(n)))
	return o, db.Absent(err, "opening")
}

func updateOpening(ctx context.Context, tx *audit.Tx, o Opening) error {
	tx.Touch("contact_opening", o.ID)
	return tx.Change(ctx, "opening", "UPDATE contact_opening SET state = $1, second_id = $2, second_at = $3, rev = rev + 1 WHERE id = $4 AND rev = $5",
		o.State, db.Null(o.Second), o.SecondAt, string(o.ID), o.Rev)
}

func openingsOf(ctx context.Context, q db.Q, matter id.ID) ([]Opening, error) {
	rows, err := q.Query(ctx, "SELECT "+openingColumns+" FROM contact_opening o WHERE o.matter_id = $1 ORDER BY o.id DESC", string(matter))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Opening, error) { return scanOpening(r) })
	if err != nil {
		return nil, fmt.Errorf("read openings: %w", err)
	}
	return out, nil
}

// where collects conditions with their values.
type where struct {
	conds []string
	args  []any
}

func (w *where) add(cond string, values ...any) {
	marks := make([]any, len(values))
	for n, v := range values {
		w.args = append(w.args, v)
		marks[n] = len(w.args)
	}
	w.conds = append(w.conds, fmt.Sprintf(cond, marks...))
}

func (w *where) sql() string { return strings.Join(w.conds, " AND ") }

// visible restricts a list to what the actor may do; shadow is he under the
// pseudonyms of the room.
func visible(p *access.Policy, shadow actor.Actor, action string, c access.Columns) where {
	var w where
	w.conds = append(w.conds, p.Filter(shadow, action, c, &w.args))
	return w
}

// listMatters reads one page, newest first.
func listMatters(ctx context.Context, q db.Q, w where, after string, limit int) ([]Matter, error) {
	if after != "" {
		w.add("m.id < $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_matter m WHERE %s ORDER BY m.id DESC LIMIT %d", matterColumnsSQL, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, scanMatterRow)
	if err != nil {
		return nil, fmt.Errorf("list matters: %w", err)
	}
	return out, nil
}

func countMatters(ctx context.Context, q db.Q, w where) (n int, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM contact_matter m WHERE %s LIMIT %d) x", w.sql(), page.CountCap+1), w.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count matters: %w", err)
	}
	return n, nil
}

// File is one attachment of a matter.
type File struct {
	ID     id.ID  `json:"id"`
	Entry  id.ID  `json:"entry"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Mime   string `json:"mime"`
	Size   int64  `json:"size"`
	hash   string
	sealed []byte
}

func insertFile(ctx context.Context, tx *audit.Tx, matter id.ID, f File) error {
	return insert(ctx, tx, "contact_file", "id, matter_id, entry_id, hash, sealed", string(f.ID), string(matter), string(f.Entry), f.hash, f.sealed)
}

func filesOf(ctx context.Context, q db.Q, matter id.ID) ([]File, error) {
	rows, err := q.Query(ctx, "SELECT id, entry_id, hash, sealed FROM contact_file WHERE matter_id = $1 ORDER BY id", string(matter))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (f File, err error) { return f, r.Scan(&f.ID, &f.Entry, &f.hash, &f.sealed) })
	if err != nil {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	return out, nil
}

// openingsWaiting are the openings of a day that wait for a second name.
func openingsWaiting(ctx context.Context, q db.Q, day string) ([]Opening, error) {
	rows, err := q.Query(ctx, "SELECT "+openingColumns+" FROM contact_opening o WHERE o.state = 'asked' AND o.on_day = $1 ORDER BY o.id LIMIT 100", day)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Opening, error) { return scanOpening(r) })
	if err != nil {
		return nil, fmt.Errorf("read openings: %w", err)
	}
	return out, nil
}
