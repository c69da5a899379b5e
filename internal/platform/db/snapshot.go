package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"huikan/internal/kernel/fault"
)

// CopyTo writes a consistent copy of an SQLite database to a new file while
// others go on writing.
func (d *DB) CopyTo(ctx context.Context, path string) error {
	if _, err := d.write.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return fmt.Errorf("copy the database: %w", Translate(err))
	}
	return nil
}

// Dump hands out every table of a PostgreSQL database as it stands at one moment,
// in an order in which they can be loaded again: what others refer to comes
// first. into gives the writer of each table.
func (d *DB) Dump(ctx context.Context, into func(table string) (io.WriteCloser, error)) error {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("dump: %w", Translate(err))
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return fmt.Errorf("dump: %w", Translate(err))
		}
		defer tx.Rollback(ctx) //nolint:errcheck // it only read
		tables, err := tableOrder(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			w, err := into(t)
			if err != nil {
				return err
			}
			_, err = c.PgConn().CopyTo(ctx, w, "COPY "+pgx.Identifier{t}.Sanitize()+" TO STDOUT")
			if err = errors.Join(err, w.Close()); err != nil {
				return fmt.Errorf("dump %s: %w", t, Translate(err))
			}
		}
		return nil
	})
}

// tableOrder lists the tables, each after those it refers to.
func tableOrder(ctx context.Context, q pgx.Tx) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT c.relname, COALESCE(array_agg(DISTINCT r.relname) FILTER (WHERE r.relname IS NOT NULL AND r.oid <> c.oid), '{}')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' LEFT JOIN pg_class r ON r.oid = k.confrelid
		WHERE c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	needs := map[string][]string{}
	var names, out []string
	var name string
	var refs []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &refs}, func() error {
		names = append(names, name)
		needs[name] = append([]string{}, refs...)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	done := map[string]bool{}
	var add func(t string)
	add = func(t string) {
		if done[t] {
			return
		}
		done[t] = true
		for _, n := range needs[t] {
			add(n)
		}
		out = append(out, t)
	}
	for _, t := range names {
		add(t)
	}
	return out, nil
}

// Tables lists the tables of a PostgreSQL database in the order of Dump.
func (d *DB) Tables(ctx context.Context) (out []string, err error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", Translate(err))
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		tx, err := driver.(*stdlib.Conn).Conn().Begin(ctx)
		if err != nil {
			return fmt.Errorf("list tables: %w", Translate(err))
		}
		defer tx.Rollback(ctx) //nolint:errcheck // it only read
		out, err = tableOrder(ctx, tx)
		return err
	})
	return out, err
}

// Load fills the tables of a freshly migrated PostgreSQL database, all of them or
// none: next gives one table after the other until its name is empty.
func (d *DB) Load(ctx context.Context, next func() (table string, r io.Reader, err error)) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("load: %w", Translate(err))
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		tx, err := c.Begin(ctx)
		if err != nil {
			return fmt.Errorf("load: %w", Translate(err))
		}
		defer tx.Rollback(ctx) //nolint:errcheck // nothing is lost that was not there
		tables, err := tableOrder(ctx, tx)
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, t := range tables {
			known[t] = true
		}
		if len(tables) > 0 {
			var quoted []string
			for _, t := range tables { // what the migrations put there comes with the copy
				quoted = append(quoted, pgx.Identifier{t}.Sanitize())
			}
			if _, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(quoted, ", ")); err != nil {
				return fmt.Errorf("load: %w", Translate(err))
			}
		}
		for {
			t, r, err := next()
			if err != nil {
				return err
			}
			if t == "" {
				break
			}
			if !known[t] {
				return fault.Unavailable("error.restore_schema", t)
			}
			if _, err := c.PgConn().CopyFrom(ctx, r, "COPY "+pgx.Identifier{t}.Sanitize()+" FROM STDIN"); err != nil {
				return fmt.Errorf("load %s: %w", t, Translate(err))
			}
		}
		// Numbers that the database gives go on after those that are there.
		if _, err := tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence('goose_db_version', 'id'), (SELECT MAX(id) FROM goose_db_version))
			WHERE pg_get_serial_sequence('goose_db_version', 'id') IS NOT NULL`); err != nil {
			return fmt.Errorf("load: %w", Translate(err))
		}
		if err := tx.Commit(ctx); err != nil {
			return fmt.Errorf("load: %w", Translate(err))
		}
		return nil
	})
}

// Empty tells whether the database has no tables of ours yet.
func (d *DB) Empty(ctx context.Context) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'"
	if d.Engine == Postgres {
		query = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'goose_db_version'"
	}
	var n int
	if err := d.write.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return false, fmt.Errorf("look into the database: %w", Translate(err))
	}
	return n == 0, nil
}

// Schema lists the migrations that ran on the database.
func (d *DB) Schema(ctx context.Context) ([]int64, error) {
	rows, err := d.write.QueryContext(ctx, "SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied ORDER BY version_id")
	out, err := Collect(rows, err, func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", Translate(err))
	}
	return out, nil
}

// Sound asks the engine whether its files are whole; trouble is what it says.
func (d *DB) Sound(ctx context.Context) (trouble string, err error) {
	if d.Engine == Postgres {
		var on string
		if err := d.write.QueryRowContext(ctx, "SHOW data_checksums").Scan(&on); err != nil {
			return "", fmt.Errorf("ask the database: %w", Translate(err))
		}
		if on != "on" {
			return "data_checksums = " + on, nil
		}
		return "", nil
	}
	var said string
	if err := d.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return "", fmt.Errorf("ask the database: %w", Translate(err))
	}
	if said != "ok" {
		return said, nil
	}
	return "", nil
}

// Size is how much the database takes on its disk, in bytes.
func (d *DB) Size(ctx context.Context) (n int64, err error) {
	query := "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
	if d.Engine == Postgres {
		query = "SELECT pg_database_size(current_database())"
	}
	if err := d.write.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("ask the database: %w", Translate(err))
	}
	return n, nil
}

// Redact hides a password in a database address before it is shown.
func Redact(target string) string {
	if !strings.Contains(target, "@") {
		return target
	}
	if u, err := url.Parse(target); err == nil {
		return u.Redacted()
	}
	return "?"
}
