package screening

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const departureColumns = `d.id, d.left_key, COALESCE(d.person_id, ''), d.unit_id, d.name, d.leaving, d.leave_on, d.work, d.employer, d.talked_on, d.talker, d.told, d.edition,
	d.pledged_on, d.ground, d.asked_by, d.agreed_by, d.left_on, d.state, COALESCE(d.by_id, ''), d.at, d.rev`

func scanDeparture(r scanner) (d Departure, err error) {
	return d, r.Scan(&d.ID, &d.Key, &d.Person, &d.Unit, &d.Name, &d.Leaving, &d.LeaveOn, &d.Work, &d.Employer, &d.TalkedOn, &d.Talker, &d.Told, &d.Edition,
		&d.Pledged, &d.Ground, &d.AskedBy, &d.AgreedBy, &d.Left, &d.State, &d.By, &d.At, &d.Rev)
}

func departureByID(ctx context.Context, q db.Q, n id.ID) (Departure, error) {
	d, err := scanDeparture(q.QueryRow(ctx, "SELECT "+departureColumns+" FROM screening_departure d WHERE d.id = $1", string(n)))
	return d, db.Absent(err, "departure")
}

func insertDeparture(ctx context.Context, tx *audit.Tx, d Departure) error {
	tx.Touch("screening_departure", d.ID)
	return tx.InsertMany(ctx, "screening_departure", "id, left_key, person_id, unit_id, name, leaving, leave_on, work, employer, talked_on, talker, told, edition, pledged_on, ground, asked_by, state, by_id, at, rev",
		[][]any{{string(d.ID), d.Key, db.Null(d.Person), string(d.Unit), d.Name, d.Leaving, string(d.LeaveOn), d.Work, d.Employer, string(d.TalkedOn), d.Talker, d.Told, d.Edition,
			string(d.Pledged), d.Ground, string(d.AskedBy), d.State, db.Null(d.By), tx.At, 1}})
}

func updateDeparture(ctx context.Context, tx *audit.Tx, d Departure) error {
	tx.Touch("screening_departure", d.ID)
	return tx.Change(ctx, "departure", "UPDATE screening_departure SET pledged_on = $1, state = $2, ground = $3, asked_by = $4, agreed_by = $5, left_on = $6, rev = rev + 1 WHERE id = $7 AND rev = $8",
		string(d.Pledged), d.State, d.Ground, string(d.AskedBy), string(d.AgreedBy), string(d.Left), string(d.ID), d.Rev)
}

func insertDepartureEvent(ctx context.Context, tx *audit.Tx, departure id.ID, who actor.Actor, act, text string) error {
	n := id.New()
	tx.Touch("screening_departure_event", n)
	return tx.InsertMany(ctx, "screening_departure_event", "id, departure_id, at, person_id, act, body", [][]any{{string(n), string(departure), tx.At, db.Null(who.Person), act, text}})
}

func departureEvents(ctx context.Context, q db.Q, departure id.ID) ([]Event, error) {
	rows, err := q.Query(ctx, "SELECT id, at, COALESCE(person_id, ''), act, body FROM screening_departure_event WHERE departure_id = $1 ORDER BY id DESC LIMIT 200", string(departure))
	return db.Collect(rows, err, func(r *sql.Rows) (e Event, err error) { return e, r.Scan(&e.ID, &e.At, &e.Person, &e.Act, &e.Text) })
}

var departureAccess = access.Columns{State: "d.state", Units: []string{"d.unit_id"}, Concern: []string{"d.id"}}

// departureFilter narrows a list of talks.
type departureFilter struct {
	State, Key, Text string
}

// visibleDepartures lists talks of the people for whom the actor works, the newest
// first. His own is not among them: it reaches him by his first page.
func (s *Service) visibleDepartures(ctx context.Context, q db.Q, who actor.Actor, f departureFilter, after id.ID, size int) (out []Departure, count int, err error) {
	var args []any
	cond := s.policy.Filter(who, "departure.read", departureAccess, &args)
	eq := func(col, v string) {
		if v != "" {
			args = append(args, v)
			cond += fmt.Sprintf(" AND %s = $%d", col, len(args))
		}
	}
	eq("d.state", f.State)
	eq("d.left_key", f.Key)
	if f.Text != "" {
		args = append(args, "%"+escapeLike(f.Text)+"%")
		cond += fmt.Sprintf(" AND (d.name LIKE $%d ESCAPE '!' OR d.employer LIKE $%d ESCAPE '!')", len(args), len(args))
	}
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM screening_departure d WHERE %s LIMIT %d) x", cond, page.CountCap+1), args...).Scan(&count); err != nil {
		return nil, 0, fmt.Errorf("count talks: %w", err)
	}
	if after != "" {
		args = append(args, string(after))
		cond += fmt.Sprintf(" AND d.id < $%d", len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM screening_departure d WHERE %s ORDER BY d.id DESC LIMIT %d", departureColumns, cond, size), args...)
	out, err = db.Collect(rows, err, func(r *sql.Rows) (Departure, error) { return scanDeparture(r) })
	return out, count, err
}

// ownDepartures are the talks with somebody that wait for his pledge.
func ownDepartures(ctx context.Context, q db.Q, person id.ID) ([]Departure, error) {
	rows, err := q.Query(ctx, "SELECT "+departureColumns+" FROM screening_departure d WHERE d.person_id = $1 AND d.state = 'talked' ORDER BY d.id LIMIT 5", string(person))
	return db.Collect(rows, err, func(r *sql.Rows) (Departure, error) { return scanDeparture(r) })
}

// departuresOf are the newest talks with somebody of the system, the newest first.
func departuresOf(ctx context.Context, q db.Q, person id.ID) ([]Departure, error) {
	rows, err := q.Query(ctx, "SELECT "+departureColumns+" FROM screening_departure d WHERE d.person_id = $1 ORDER BY d.id DESC LIMIT 50", string(person))
	return db.Collect(rows, err, func(r *sql.Rows) (Departure, error) { return scanDeparture(r) })
}

// openDeparture tells whether a talk or an exemption of somebody waits to be settled.
func openDeparture(ctx context.Context, q db.Q, key string) (open bool, err error) {
	return open, q.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM screening_departure d WHERE d.left_key = $1 AND d.state IN ('talked', 'asked') AND d.left_on = '')", key).Scan(&open)
}
