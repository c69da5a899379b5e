package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"huikan/internal/platform/db"
)

// EachMigrated runs fn on a database of each engine in which the migrations of the
// rooms ran. They run once; every test gets a copy, since dozens of migrations took
// longer than most tests.
func EachMigrated(t *testing.T, rooms []fs.FS, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachCopy(t, "template_"+keyOf(t, rooms), func(t *testing.T, d *db.DB) {
		if err := d.Migrate(context.Background(), rooms...); err != nil {
			t.Fatalf("migrate: %v", err)
		}
	}, fn)
}

// EachCopy runs fn on a database of each engine that is a copy of one which fill
// filled, once for each name. On PostgreSQL the name is shared by all programs that
// use the server: what is filled in must follow from it.
func EachCopy(t *testing.T, name string, fill, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		target := SQLite(t)
		if err := os.WriteFile(strings.TrimPrefix(target, "sqlite:"), sqliteTemplate(t, name, fill), 0o600); err != nil {
			t.Fatal(err)
		}
		fn(t, Open(t, target))
	})
	t.Run("postgres", func(t *testing.T) {
		admin := adminOf(t)
		postgresTemplate(t, admin, name, fill)
		fn(t, Open(t, postgresFrom(t, admin, name)))
	})
}

// keyOf tells one set of migrations from another, by their text.
func keyOf(t *testing.T, rooms []fs.FS) string {
	t.Helper()
	h := sha256.New()
	for _, room := range rooms {
		err := fs.WalkDir(room, ".", func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			raw, err := fs.ReadFile(room, p)
			fmt.Fprintf(h, "%s %d\n%s", p, len(raw), raw)
			return err
		})
		if err != nil {
			t.Fatalf("read the migrations: %v", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
}

var made struct {
	mu     sync.Mutex
	sqlite map[string][]byte // files, by name
}

// sqliteTemplate is the file of a filled database.
func sqliteTemplate(t *testing.T, name string, fill func(t *testing.T, d *db.DB)) []byte {
	t.Helper()
	made.mu.Lock()
	defer made.mu.Unlock()
	if raw, ok := made.sqlite[name]; ok {
		return raw
	}
	path := filepath.Join(t.TempDir(), "template.db")
	filled(t, "sqlite:"+path, fill)
	if left, err := os.Stat(path + "-wal"); err == nil && left.Size() > 0 {
		t.Fatalf("the write-ahead log of the template holds %d bytes", left.Size())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if made.sqlite == nil {
		made.sqlite = map[string][]byte{}
	}
	made.sqlite[name] = raw
	return raw
}

// postgresTemplate makes a filled database unless it is there.
func postgresTemplate(t *testing.T, admin *sql.DB, name string, fill func(t *testing.T, d *db.DB)) {
	t.Helper()
	ctx := context.Background()
	made.mu.Lock()
	defer made.mu.Unlock()
	conn, err := admin.Conn(ctx)
	if err != nil {
		t.Fatalf("make a template: %v", err)
	}
	defer conn.Close()
	do := func(stmt string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(ctx, stmt, args...); err != nil {
			t.Fatalf("make a template: %s: %v", stmt, err)
		}
	}
	do("SELECT pg_advisory_lock(hashtext($1))", name) // one program makes it, the others wait
	defer do("SELECT pg_advisory_unlock(hashtext($1))", name)
	var there bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatalf("make a template: %v", err)
	}
	if there {
		return
	}
	// It gets its name when it is whole: what a broken run left behind is made anew.
	do("DROP DATABASE IF EXISTS " + name + "_new WITH (FORCE)")
	do("CREATE DATABASE " + name + "_new")
	filled(t, address(t, name+"_new"), fill)
	do("ALTER DATABASE " + name + "_new RENAME TO " + name)
}

// filled opens a database, fills it and closes it.
func filled(t *testing.T, target string, fill func(t *testing.T, d *db.DB)) {
	t.Helper()
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatalf("open %s: %v", target, err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Fatalf("close %s: %v", target, err)
		}
	}()
	fill(t, d)
}
