package screening

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

type scanner interface{ Scan(dest ...any) error }

const versionColumns = `v.id, v.kind, v.source, v.unit_id, v.as_of, v.file, v.parts, v.columns_map, v.row_count, v.added, v.changed, v.removed, v.skipped,
	v.twice, v.state, v.reason, COALESCE(v.by_id, ''), v.at, v.rev`

func scanVersion(r scanner) (v Version, err error) {
	var parts, cols string
	if err := r.Scan(&v.ID, &v.Kind, &v.Source, &v.Unit, &v.AsOf, &v.File, &parts, &cols, &v.Rows, &v.Added, &v.Changed, &v.Removed, &v.Skipped,
		&v.Twice, &v.State, &v.Reason, &v.By, &v.At, &v.Rev); err != nil {
		return v, err
	}
	if parts != "" {
		v.Parts = strings.Split(parts, ",")
	}
	return v, json.Unmarshal([]byte(cols), &v.Columns)
}

func whereVersion(n id.ID) string { return "screening_version/sample/" + string(n) }

func (s *Service) versionByID(ctx context.Context, q db.Q, n id.ID) (Version, error) {
	v, err := scanVersion(q.QueryRow(ctx, "SELECT "+versionColumns+" FROM screening_version v WHERE v.id = $1", string(n)))
	if err != nil {
		return v, db.Absent(err, "register")
	}
	var sealed []byte
	if err := q.QueryRow(ctx, "SELECT sample FROM screening_version WHERE id = $1", string(n)).Scan(&sealed); err != nil || len(sealed) == 0 {
		return v, err
	}
	plain, err := s.Keys.Open(secret.IDNumber, whereVersion(n), sealed)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(plain, &v.Sample)
}

func (s *Service) insertVersion(ctx context.Context, tx *audit.Tx, v Version) error {
	cols, err := json.Marshal(v.Columns)
	if err != nil {
		return err
	}
	sample, err := json.Marshal(v.Sample)
	if err != nil {
		return err
	}
	tx.Touch("screening_version", v.ID)
	return tx.InsertMany(ctx, "screening_version", `id, kind, source, unit_id, as_of, file, parts, columns_map, row_count, added, changed, removed, skipped,
		twice, sample, state, reason, by_id, at, rev`, [][]any{{string(v.ID), v.Kind, v.Source, string(v.Unit), string(v.AsOf), v.File, strings.Join(v.Parts, ","), string(cols),
		v.Rows, v.Added, v.Changed, v.Removed, v.Skipped, v.Twice, s.Keys.Seal(secret.IDNumber, whereVersion(v.ID), sample), v.State, v.Reason, db.Null(v.By), tx.At, 1}})
}

func undoVersion(ctx context.Context, tx *audit.Tx, v Version, reason string) error {
	tx.Touch("screening_version", v.ID)
	return tx.Change(ctx, "register", "UPDATE screening_version SET state = $1, reason = $2, rev = rev + 1 WHERE id = $3 AND rev = $4", Undone, reason, string(v.ID), v.Rev)
}

// currentOf is the version in force of a source; the zero Version when there is none.
func currentOf(ctx context.Context, q db.Q, kind, source string, unit id.ID) (Version, error) {
	v, err := scanVersion(q.QueryRow(ctx, "SELECT "+versionColumns+` FROM screening_version v WHERE v.kind = $1 AND v.source = $2 AND v.unit_id = $3 AND v.state = $4
		ORDER BY v.id DESC LIMIT 1`, kind, source, string(unit), Loaded))
	if errors.Is(err, sql.ErrNoRows) {
		return Version{}, nil
	}
	return v, err
}

// inForce lists the versions in force of every source.
func inForce(ctx context.Context, q db.Q) ([]Version, error) {
	rows, err := q.Query(ctx, "SELECT "+versionColumns+` FROM screening_version v WHERE v.state = $1 AND v.id = (SELECT MAX(w.id) FROM screening_version w
		WHERE w.kind = v.kind AND w.source = v.source AND w.unit_id = v.unit_id AND w.state = $1) ORDER BY v.kind, v.id`, Loaded)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Version, error) { return scanVersion(r) })
	if err != nil {
		return nil, fmt.Errorf("list registers: %w", err)
	}
	return out, nil
}

// maxVersions bounds the list of versions: a register a week for years.
const maxVersions = 500

func (s *Service) visibleVersions(ctx context.Context, q db.Q, who actor.Actor, kind string) ([]Version, error) {
	var args []any
	cond := s.policy.Filter(who, "register.read", access.Columns{State: "v.kind", Units: []string{"v.unit_id"}}, &args)
	if kind != "" {
		args = append(args, kind)
		cond += fmt.Sprintf(" AND v.kind = $%d", len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM screening_version v WHERE %s ORDER BY v.id DESC LIMIT %d", versionColumns, cond, maxVersions), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Version, error) { return scanVersion(r) })
}

func mappingOf(ctx context.Context, q db.Q, kind, source string, unit id.ID) (map[string]string, error) {
	var text string
	err := q.QueryRow(ctx, "SELECT columns_map FROM screening_mapping WHERE kind = $1 AND source = $2 AND unit_id = $3", kind, source, string(unit)).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	var out map[string]string
	return out, json.Unmarshal([]byte(text), &out)
}

// remember keeps the mapping of a source for its next version.
func remember(ctx context.Context, tx *audit.Tx, v Version) error {
	if len(v.Columns) == 0 {
		return nil
	}
	text, err := json.Marshal(v.Columns)
	if err != nil {
		return err
	}
	var n id.ID
	err = tx.QueryRow(ctx, "SELECT id FROM screening_mapping WHERE kind = $1 AND source = $2 AND unit_id = $3", v.Kind, v.Source, string(v.Unit)).Scan(&n)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		n = id.New()
		tx.Touch("screening_mapping", n)
		return tx.InsertMany(ctx, "screening_mapping", "id, kind, source, unit_id, columns_map, at, rev",
			[][]any{{string(n), v.Kind, v.Source, string(v.Unit), string(text), tx.At, 1}})
	case err != nil:
		return fmt.Errorf("read mapping: %w", err)
	}
	tx.Touch("screening_mapping", n)
	return tx.Change(ctx, "register", "UPDATE screening_mapping SET columns_map = $1, at = $2, rev = rev + 1 WHERE id = $3", string(text), tx.At, string(n))
}
