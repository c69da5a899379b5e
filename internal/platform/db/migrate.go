package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"huikan/internal/kernel/fault"
)

// Migrate brings the schema up to date from the rooms' schema folders: files
// NNNN_name.sql, or NNNN_name.sqlite.sql and NNNN_name.postgres.sql where the
// engines differ. Numbers are unique over all rooms and grow within a room. Every
// file runs in its own transaction, so an interrupted migration leaves the old
// state; a schema newer than the program is refused.
func (d *DB) Migrate(ctx context.Context, rooms ...fs.FS) error {
	files, last, err := d.collect(rooms)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true)} // each room has its own numbers, so a new one may lie below the highest
	if d.Engine == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker() // several replicas start at once
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, d.write, files, opts...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if have > last {
		return fault.Unavailable("error.schema_newer", have, last)
	}
	if err := d.refuseUnknown(ctx, p, last); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Versions lists the migrations of the rooms in ascending order.
func (d *DB) Versions(rooms ...fs.FS) ([]int64, error) {
	files, _, err := d.collect(rooms)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var out []int64
	for _, e := range entries {
		n, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", e.Name(), err)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out, nil
}

// refuseUnknown refuses a database in which a migration ran that this program
// does not know, whatever its number.
func (d *DB) refuseUnknown(ctx context.Context, p *goose.Provider, last int64) error {
	known := map[int64]bool{0: true}
	for _, s := range p.ListSources() {
		known[s.Version] = true
	}
	rows, err := d.write.QueryContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied")
	applied, err := Collect(rows, err, func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) })
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, n := range applied {
		if !known[n] {
			return fault.Unavailable("error.schema_newer", n, last)
		}
	}
	return nil
}

func (d *DB) collect(rooms []fs.FS) (fs.FS, int64, error) {
	out := fstest.MapFS{}
	var last int64
	seen := map[int64]string{}
	other := ".postgres.sql"
	if d.Engine == Postgres {
		other = ".sqlite.sql"
	}
	for _, room := range rooms {
		err := fs.WalkDir(room, ".", func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(p, ".sql") || strings.HasSuffix(p, other) {
				return err
			}
			n, err := goose.NumericComponent(path.Base(p))
			if err != nil {
				return fmt.Errorf("migration %s: %w", p, err)
			}
			if was, twice := seen[n]; twice {
				return fmt.Errorf("migration number %d twice: %s and %s", n, was, p)
			}
			seen[n] = p
			last = max(last, n)
			raw, err := fs.ReadFile(room, p)
			if err != nil {
				return fmt.Errorf("migration %s: %w", p, err)
			}
			out[path.Base(p)] = &fstest.MapFile{Data: []byte(d.dialect(string(raw)))}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	if last == 0 {
		return nil, 0, errors.New("migrate: no migrations")
	}
	return out, last, nil
}

var types = regexp.MustCompile(`\b(BIGINT|BOOLEAN|BYTEA)\b`)

// dialect adapts the common DDL. In SQLite the tables are STRICT, so that a
// column holds what it says, as in PostgreSQL.
func (d *DB) dialect(ddl string) string {
	if !strings.Contains(ddl, "-- +goose Up") {
		ddl = "-- +goose Up\n" + ddl
	}
	if d.Engine == Postgres {
		return ddl
	}
	ddl = types.ReplaceAllStringFunc(ddl, func(t string) string {
		if t == "BYTEA" {
			return "BLOB"
		}
		return "INTEGER"
	})
	return strings.ReplaceAll(ddl, "\n);", "\n) STRICT;")
}
