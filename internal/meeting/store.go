package meeting

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

type scanner interface{ Scan(...any) error }

const (
	meetingColumns  = "m.id, m.unit_id, m.title, m.held_on, m.begins, m.form, m.place, m.host, m.guests, m.audience, m.units, m.state, m.author_id, m.made_at, m.rev"
	venueColumns    = "v.id, v.meeting_id, v.unit_id, v.by_unit_id, v.level, v.main, v.state, v.expected, v.present, v.lead, v.reason, v.by_id, v.at, v.rev"
	agendaColumns   = "id, meeting_id, no, kind, title, speaker, minutes, rev"
	materialColumns = "id, meeting_id, agenda_id, kind, title, hash, name, mime, size, by_id, at"
)

// These tell the policy where lists keep what objects hold.
var (
	meetings    = access.Columns{State: "m.state", By: "m.unit_id", Units: []string{"m.unit_id"}, Owners: []string{"m.author_id"}, Concern: []string{"m.id"}}
	venuePlaces = access.Columns{State: "v.state", By: "v.by_unit_id", Units: []string{"v.unit_id"}, Concern: []string{"v.meeting_id"}}
)

func scanMeeting(r scanner) (m Meeting, err error) {
	return m, r.Scan(&m.ID, &m.Unit, &m.Title, &m.On, &m.Begins, &m.Form, &m.Place, &m.Host, &m.Guests, &m.Audience, &m.Units, &m.State, &m.Author, &m.MadeAt, &m.Rev)
}

func meetingByID(ctx context.Context, q db.Q, n id.ID) (Meeting, error) {
	m, err := scanMeeting(q.QueryRow(ctx, "SELECT "+meetingColumns+" FROM meeting m WHERE m.id = $1", string(n)))
	return m, db.Absent(err, "meeting")
}

func insertMeeting(ctx context.Context, tx *audit.Tx, m Meeting) error {
	tx.Touch("meeting", m.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO meeting (id, unit_id, title, held_on, begins, form, place, host, guests, audience, units, state, author_id, made_at, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,1)",
		string(m.ID), string(m.Unit), m.Title, string(m.On), m.Begins, m.Form, m.Place, m.Host, m.Guests, m.Audience, m.Units, m.State, string(m.Author), m.MadeAt); err != nil {
		return fmt.Errorf("write meeting: %w", err)
	}
	return nil
}

func updateMeeting(ctx context.Context, tx *audit.Tx, m Meeting) error {
	tx.Touch("meeting", m.ID)
	return tx.Change(ctx, "meeting", "UPDATE meeting SET title = $1, held_on = $2, begins = $3, form = $4, place = $5, host = $6, guests = $7, audience = $8, units = $9, state = $10, rev = rev + 1 WHERE id = $11 AND rev = $12",
		m.Title, string(m.On), m.Begins, m.Form, m.Place, m.Host, m.Guests, m.Audience, m.Units, m.State, string(m.ID), m.Rev)
}

func indexMeeting(ctx context.Context, tx *audit.Tx, m Meeting, items []Agenda) error {
	text := m.Title + "\n" + search.Initials(m.Title) + "\n" + m.Place + "\n" + m.Host
	for _, a := range items {
		text += "\n" + a.Title + " " + a.Speaker
	}
	return search.Put(ctx, tx.Tx, "meeting", m.ID, text)
}

func agendaOf(ctx context.Context, q db.Q, meeting id.ID) ([]Agenda, error) {
	rows, err := q.Query(ctx, "SELECT "+agendaColumns+" FROM meeting_agenda WHERE meeting_id = $1 ORDER BY no", string(meeting))
	return db.Collect(rows, err, func(r *sql.Rows) (a Agenda, err error) {
		return a, r.Scan(&a.ID, &a.Meeting, &a.No, &a.Kind, &a.Title, &a.Speaker, &a.Minutes, &a.Rev)
	})
}

// replaceAgenda writes the items of a meeting that was not called yet.
func replaceAgenda(ctx context.Context, tx *audit.Tx, meeting id.ID, list []Agenda) error {
	old, err := agendaOf(ctx, tx, meeting)
	if err != nil {
		return err
	}
	for _, a := range old {
		tx.Touch("meeting_agenda", a.ID)
		if _, err := tx.Exec(ctx, "DELETE FROM meeting_agenda WHERE id = $1", string(a.ID)); err != nil {
			return fmt.Errorf("replace agenda: %w", err)
		}
	}
	var rows [][]any
	for _, a := range list {
		tx.Touch("meeting_agenda", a.ID)
		rows = append(rows, []any{string(a.ID), string(meeting), a.No, a.Kind, a.Title, a.Speaker, a.Minutes, 1})
	}
	return tx.InsertMany(ctx, "meeting_agenda", agendaColumns, rows)
}

func scanVenue(r scanner) (v Venue, err error) {
	var main int
	err = r.Scan(&v.ID, &v.Meeting, &v.Unit, &v.By, &v.Level, &main, &v.State, &v.Expected, &v.Present, &v.Lead, &v.Reason, &v.Person, &v.At, &v.Rev)
	v.Main = main == 1
	return v, err
}

func venuesWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Venue, error) {
	rows, err := q.Query(ctx, "SELECT "+venueColumns+" FROM meeting_venue v WHERE "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Venue, error) { return scanVenue(r) })
	if err != nil {
		return nil, fmt.Errorf("list venues: %w", err)
	}
	return out, nil
}

func venueByID(ctx context.Context, q db.Q, n id.ID) (Venue, error) {
	v, err := scanVenue(q.QueryRow(ctx, "SELECT "+venueColumns+" FROM meeting_venue v WHERE v.id = $1", string(n)))
	return v, db.Absent(err, "venue")
}

func insertVenues(ctx context.Context, tx *audit.Tx, list []Venue) error {
	var rows [][]any
	for _, v := range list {
		tx.Touch("meeting_venue", v.ID)
		main := 0
		if v.Main {
			main = 1
		}
		rows = append(rows, []any{string(v.ID), string(v.Meeting), string(v.Unit), string(v.By), v.Level, main, v.State, 0, 0, "", "", "", "", 1})
	}
	return tx.InsertMany(ctx, "meeting_venue", "id, meeting_id, unit_id, by_unit_id, level, main, state, expected, present, lead, reason, by_id, at, rev", rows)
}

func updateVenue(ctx context.Context, tx *audit.Tx, v Venue) error {
	tx.Touch("meeting_venue", v.ID)
	return tx.Change(ctx, "venue", "UPDATE meeting_venue SET state = $1, expected = $2, present = $3, lead = $4, reason = $5, by_id = $6, at = $7, rev = rev + 1 WHERE id = $8 AND rev = $9",
		v.State, v.Expected, v.Present, v.Lead, v.Reason, string(v.Person), v.At, string(v.ID), v.Rev)
}

// Attendance sums the venues of one level.
type Attendance struct {
	Level    int            `json:"level"`
	States   map[string]int `json:"states"`
	Venues   int            `json:"venues"`
	Expected int            `json:"expected"`
	Present  int            `json:"present"`
}

func attendanceOf(ctx context.Context, q db.Q, meeting id.ID) ([]Attendance, error) {
	rows, err := q.Query(ctx, "SELECT level, state, COUNT(*), SUM(expected), SUM(present) FROM meeting_venue WHERE meeting_id = $1 GROUP BY level, state ORDER BY level, state", string(meeting))
	type line struct {
		level, n, expected, present int
		state                       string
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (l line, err error) {
		return l, r.Scan(&l.level, &l.state, &l.n, &l.expected, &l.present)
	})
	if err != nil {
		return nil, fmt.Errorf("sum attendance: %w", err)
	}
	var out []Attendance
	for _, l := range list {
		if len(out) == 0 || out[len(out)-1].Level != l.level {
			out = append(out, Attendance{Level: l.level, States: map[string]int{}})
		}
		a := &out[len(out)-1]
		a.States[l.state] += l.n
		a.Venues, a.Expected, a.Present = a.Venues+l.n, a.Expected+l.expected, a.Present+l.present
	}
	return out, nil
}

func scanMaterial(r scanner) (x Material, err error) {
	return x, r.Scan(&x.ID, &x.Meeting, &x.Agenda, &x.Kind, &x.Title, &x.Hash, &x.Name, &x.Mime, &x.Size, &x.Person, &x.At)
}

func materialsOf(ctx context.Context, q db.Q, meeting id.ID) ([]Material, error) {
	rows, err := q.Query(ctx, "SELECT "+materialColumns+" FROM meeting_material WHERE meeting_id = $1 ORDER BY at, id", string(meeting))
	return db.Collect(rows, err, func(r *sql.Rows) (Material, error) { return scanMaterial(r) })
}

// materialOf finds a file through its meeting: never by its own id alone.
func materialOf(ctx context.Context, q db.Q, meeting, n id.ID) (Material, error) {
	x, err := scanMaterial(q.QueryRow(ctx, "SELECT "+materialColumns+" FROM meeting_material WHERE id = $1 AND meeting_id = $2", string(n), string(meeting)))
	return x, db.Absent(err, "file")
}

func insertMaterial(ctx context.Context, tx *audit.Tx, x Material) error {
	tx.Touch("meeting_material", x.ID)
	_, err := tx.Exec(ctx, "INSERT INTO meeting_material ("+materialColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
		string(x.ID), string(x.Meeting), string(x.Agenda), x.Kind, x.Title, x.Hash, x.Name, x.Mime, x.Size, string(x.Person), tx.At)
	return err
}

func insertStream(ctx context.Context, tx *audit.Tx, n, meeting, directive, by id.ID) error {
	tx.Touch("meeting_stream", n)
	_, err := tx.Exec(ctx, "INSERT INTO meeting_stream (id, meeting_id, directive_id, by_id, at) VALUES ($1,$2,$3,$4,$5)", string(n), string(meeting), string(directive), string(by), tx.At)
	return err
}

func streamsOf(ctx context.Context, q db.Q, meeting id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT directive_id FROM meeting_stream WHERE meeting_id = $1 ORDER BY at, id", string(meeting))
	return db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
}

// listMeetings gives one page, the latest first: meetings that the reader's units
// call, and those to which a unit of his was called.
func listMeetings(ctx context.Context, q db.Q, made, called string, args []any, p page.Query) (out []Meeting, next page.Next, err error) {
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := "(" + made + " OR m.state <> 'draft' AND EXISTS (SELECT 1 FROM meeting_venue v WHERE v.meeting_id = m.id AND " + called + "))"
	if text := p.Filter.Get("q"); text != "" {
		if m := search.Cond(q.Engine(), "meeting", "m.id", text, &args); m != "" {
			where += " AND " + m
		}
	}
	if st := p.Filter.Get("state"); st != "" {
		where += " AND m.state = " + arg(st)
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM meeting m WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") x", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count meetings: %w", err)
	}
	if len(p.After) == 2 {
		where += " AND (m.held_on, m.id) < (" + arg(p.After[0]) + ", " + arg(p.After[1]) + ")"
	}
	rows, err := q.Query(ctx, "SELECT "+meetingColumns+" FROM meeting m WHERE "+where+" ORDER BY m.held_on DESC, m.id DESC LIMIT "+arg(p.Size+1), args...)
	out, err = db.Collect(rows, err, func(r *sql.Rows) (Meeting, error) { return scanMeeting(r) })
	if err != nil {
		return nil, next, fmt.Errorf("list meetings: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Meeting) []string { return []string{string(last.On), string(last.ID)} })
	return out, next, nil
}
