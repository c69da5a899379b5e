package contact

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var omissionAccess = access.Columns{State: "o.state", Units: []string{"o.office_id", "o.upper_id"}, Concern: []string{"o.id"}}

const omissionColumns = "o.id, o.person_id, o.unit_id, o.office_id, COALESCE(o.upper_id, ''), o.kind, o.source, o.ref, o.on_day, o.state, o.consequence, o.proposer_id, o.lead_no, o.due_on, o.at, o.rev"

func scanOmission(r scanner) (o Omission, err error) {
	return o, r.Scan(&o.ID, &o.Person, &o.Unit, &o.Office, &o.Upper, &o.Kind, &o.Source, &o.Ref, &o.On, &o.State, &o.Consequence, &o.Proposer, &o.Lead, &o.Due, &o.At, &o.Rev)
}

func omissionByID(ctx context.Context, q db.Q, n id.ID) (Omission, error) {
	o, err := scanOmission(q.QueryRow(ctx, "SELECT "+omissionColumns+" FROM contact_omission o WHERE o.id = $1", string(n)))
	return o, db.Absent(err, "omission")
}

func insertOmission(ctx context.Context, tx *audit.Tx, o Omission) error {
	return insert(ctx, tx, "contact_omission", "id, person_id, unit_id, office_id, upper_id, kind, source, ref, on_day, state, consequence, proposer_id, lead_no, due_on, at, rev",
		string(o.ID), string(o.Person), string(o.Unit), string(o.Office), db.Null(o.Upper), o.Kind, o.Source, o.Ref, string(o.On), o.State, "", "", "", string(o.Due), tx.At, 1)
}

func updateOmission(ctx context.Context, tx *audit.Tx, o Omission) error {
	tx.Touch("contact_omission", o.ID)
	return tx.Change(ctx, "omission", "UPDATE contact_omission SET state = $1, consequence = $2, proposer_id = $3, lead_no = $4, due_on = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		o.State, o.Consequence, string(o.Proposer), o.Lead, string(o.Due), string(o.ID), o.Rev)
}

func listOmissions(ctx context.Context, q db.Q, w where, after string, limit int) ([]Omission, error) {
	if after != "" {
		w.add("o.id < $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_omission o WHERE %s ORDER BY o.id DESC LIMIT %d", omissionColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Omission, error) { return scanOmission(r) })
	if err != nil {
		return nil, fmt.Errorf("list omissions: %w", err)
	}
	return out, nil
}

// omissionsDecided counts what was decided against the person for the same kind.
func omissionsDecided(ctx context.Context, q db.Q, o Omission) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM contact_omission o WHERE o.person_id = $1 AND o.kind = $2 AND o.state = 'decided' AND o.id <> $3", string(o.Person), o.Kind, string(o.ID)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count omissions: %w", err)
	}
	return n, nil
}
