package risk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const loadColumns = "l.id, l.n, l.source, l.unit_id, l.mode, l.as_of, l.file, l.columns, l.events, l.cases, l.added, l.changed, l.withdrawn, l.same, l.skipped, l.undoes, COALESCE(l.person_id, ''), l.at"

func scanLoad(r scanner) (l Load, err error) {
	var cols string
	err = r.Scan(&l.ID, &l.N, &l.Source, &l.Unit, &l.Mode, &l.AsOf, &l.File, &cols, &l.Events, &l.Cases, &l.Added, &l.Changed, &l.Withdrawn, &l.Same, &l.Skipped, &l.Undoes, &l.Person, &l.At)
	if err == nil {
		err = json.Unmarshal([]byte(cols), &l.Columns)
	}
	return l, err
}

func insertLoad(ctx context.Context, tx *audit.Tx, l Load) error {
	return insert(ctx, tx, "risk_load", "id, n, source, unit_id, mode, as_of, file, columns, events, cases, added, changed, withdrawn, same, skipped, undoes, person_id, at",
		string(l.ID), l.N, l.Source, string(l.Unit), l.Mode, string(l.AsOf), l.File, jsonText(l.Columns), l.Events, l.Cases, l.Added, l.Changed, l.Withdrawn, l.Same, l.Skipped, l.Undoes, db.Null(l.Person), tx.At)
}

// mappingOf is how the columns of a source were mapped last.
func mappingOf(ctx context.Context, q db.Q, source string, unit id.ID) (map[string]string, error) {
	rows, err := q.Query(ctx, "SELECT columns FROM risk_load WHERE source = $1 AND unit_id = $2 AND file <> 'API' AND undoes = 0 ORDER BY n DESC LIMIT 1", source, string(unit))
	list, err := db.Collect(rows, err, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) })
	out := map[string]string{}
	if err != nil || len(list) == 0 {
		return out, err
	}
	return out, json.Unmarshal([]byte(list[0]), &out)
}

func visibleLoads(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor) ([]Load, error) {
	var args []any
	where := p.Filter(who, "risk_event.read", access.Columns{Units: []string{"l.unit_id"}}, &args)
	rows, err := q.Query(ctx, "SELECT "+loadColumns+" FROM risk_load l WHERE "+where+" ORDER BY l.n DESC LIMIT 100", args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Load, error) { return scanLoad(r) })
}

func (s *Service) scanCase(r scanner) (*Case, error) {
	var c Case
	if err := r.Scan(&c.ID, &c.blind, &c.Unit, &c.Source, &c.sealed, &c.Rev); err != nil {
		return nil, err
	}
	plain, err := s.Keys.Open(Sealed, "risk_case/"+string(c.ID), c.sealed)
	if err != nil {
		return nil, fmt.Errorf("open case %s: %w", c.ID, err)
	}
	var raw rawCase
	if err := raw.unpack(plain); err != nil {
		return nil, fmt.Errorf("case %s: %w", c.ID, err)
	}
	full := raw.full()
	c.No, c.Type, c.Events = full.No, full.Type, full.Events
	return &c, nil
}

const caseColumns = "c.id, c.no_blind, c.unit_id, c.source, c.sealed, c.rev"

func (s *Service) casesByBlind(ctx context.Context, q db.Q, blinds []string) (map[string]*Case, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT "+caseColumns+" FROM risk_case c WHERE c.no_blind IN ("+marks(&args, blinds)+")", args...)
	list, err := db.Collect(rows, err, func(r *sql.Rows) (*Case, error) { return s.scanCase(r) })
	out := map[string]*Case{}
	for _, c := range list {
		out[c.blind] = c
	}
	return out, err
}

func (s *Service) caseByID(ctx context.Context, q db.Q, n id.ID) (Case, error) {
	c, err := s.scanCase(q.QueryRow(ctx, "SELECT "+caseColumns+" FROM risk_case c WHERE c.id = $1", string(n)))
	if err != nil {
		return Case{}, db.Absent(err, "risk_event")
	}
	return *c, nil
}

// eachCaseOf walks the cases of a source at a unit; a page is read before it is handed on.
func (s *Service) eachCaseOf(ctx context.Context, q db.Q, source string, unit id.ID, fn func(*Case) error) error {
	after := ""
	for {
		rows, err := q.Query(ctx, `SELECT `+caseColumns+` FROM risk_case c WHERE c.source = $1 AND c.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $2) AND c.id > $3 ORDER BY c.id LIMIT 1000`,
			source, string(unit), after)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (*Case, error) { return s.scanCase(r) })
		if err != nil || len(list) == 0 {
			return err
		}
		for _, c := range list {
			if err := fn(c); err != nil {
				return err
			}
		}
		after = string(list[len(list)-1].ID)
	}
}

// putCases writes cases that are new or changed.
func putCases(ctx context.Context, tx *audit.Tx, cs []*Case, load int64) error {
	var fresh [][]any
	for _, c := range cs {
		tx.Touch("risk_case", c.ID)
		if c.Rev == 0 {
			fresh = append(fresh, []any{string(c.ID), c.blind, string(c.Unit), c.Source, len(c.Events), load, c.sealed, 1})
			continue
		}
		if err := tx.Change(ctx, "risk_event", "UPDATE risk_case SET events = $1, loaded = $2, sealed = $3, rev = rev + 1 WHERE id = $4 AND rev = $5", len(c.Events), load, c.sealed, string(c.ID), c.Rev); err != nil {
			return err
		}
	}
	return tx.InsertMany(ctx, "risk_case", "id, no_blind, unit_id, source, events, loaded, sealed, rev", fresh)
}

// sealedCase is a case on its way to the engine.
type sealedCase struct {
	id, unit id.ID
	sealed   []byte
}

// streamCases hands the cases on that were touched by an import after a number, in
// batches; 0 is all of them.
func streamCases(ctx context.Context, q db.Q, after int64, batch int, fn func([]sealedCase) error) error {
	cond := "c.loaded > $1 ORDER BY c.loaded, c.id"
	if after <= 0 {
		cond = "c.loaded > $1" // as they lie
	}
	rows, err := q.Query(ctx, "SELECT c.id, c.unit_id, c.sealed FROM risk_case c WHERE "+cond, after)
	if err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	defer rows.Close()
	list := make([]sealedCase, 0, batch)
	for rows.Next() {
		var c sealedCase
		if err := rows.Scan(&c.id, &c.unit, &c.sealed); err != nil {
			return fmt.Errorf("read cases: %w", err)
		}
		if list = append(list, c); len(list) == batch {
			if err := fn(list); err != nil {
				return err
			}
			list = make([]sealedCase, 0, batch)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	if len(list) > 0 {
		return fn(list)
	}
	return nil
}

// casesAt hands on the cases that units keep, at most limit of them.
func casesAt(ctx context.Context, q db.Q, units []id.ID, limit int, fn func(sealedCase) error) error {
	if len(units) == 0 {
		return nil
	}
	var args []any
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT c.id, c.unit_id, c.sealed FROM risk_case c WHERE c.unit_id IN (%s) ORDER BY c.unit_id, c.id LIMIT %d", marks(&args, units), limit), args...)
	if err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c sealedCase
		if err := rows.Scan(&c.id, &c.unit, &c.sealed); err != nil {
			return fmt.Errorf("read cases: %w", err)
		}
		if err := fn(c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	return nil
}

// loadByNumber reads an import by its number.
func loadByNumber(ctx context.Context, q db.Q, n int64) (Load, error) {
	l, err := scanLoad(q.QueryRow(ctx, "SELECT "+loadColumns+" FROM risk_load l WHERE l.n = $1", n))
	if err != nil {
		return l, db.Absent(err, "risk_event")
	}
	return l, nil
}

// loadsOf lists the imports of a source at a unit, newest first.
func loadsOf(ctx context.Context, q db.Q, source string, unit id.ID) ([]Load, error) {
	rows, err := q.Query(ctx, "SELECT "+loadColumns+" FROM risk_load l WHERE l.source = $1 AND l.unit_id = $2 ORDER BY l.n DESC LIMIT 1000", source, string(unit))
	return db.Collect(rows, err, func(r *sql.Rows) (Load, error) { return scanLoad(r) })
}

// casesSince lists the cases that imports touched since one.
func casesSince(ctx context.Context, q db.Q, n int64) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT c.id FROM risk_case c WHERE c.loaded >= $1 ORDER BY c.loaded, c.id", n)
	return db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
}

func (s *Service) casesByID(ctx context.Context, q db.Q, ids []id.ID) ([]*Case, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT "+caseColumns+" FROM risk_case c WHERE c.id IN ("+marks(&args, ids)+") ORDER BY c.id", args...)
	return db.Collect(rows, err, func(r *sql.Rows) (*Case, error) { return s.scanCase(r) })
}
