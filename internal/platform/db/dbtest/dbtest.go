// Package dbtest gives tests a fresh database on each engine. A missing
// PostgreSQL fails the test: a suite that skips proves nothing.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"huikan/internal/platform/db"
)

// Env names the variable with the address of a PostgreSQL whose user may make databases.
const Env = "HUIKAN_TEST_POSTGRES"

var count atomic.Int64

// Each runs fn on an empty SQLite database and on an empty PostgreSQL database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { fn(t, Open(t, Postgres(t))) })
}

// Open opens an address and closes it with the test.
func Open(t *testing.T, target string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatalf("open %s: %v", target, err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close %s: %v", target, err)
		}
	})
	return d
}

// SQLite is the address of a file of this test.
func SQLite(t *testing.T) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "huikan.db")
}

// Postgres makes a database of this test and drops it afterwards.
func Postgres(t *testing.T) string {
	t.Helper()
	return postgresFrom(t, adminOf(t), "template1")
}

// adminOf is the server on which tests make their databases.
func adminOf(t *testing.T) *sql.DB {
	t.Helper()
	base := os.Getenv(Env)
	if base == "" {
		t.Fatalf("%s is not set: run the tests with `make test`, which starts a PostgreSQL", Env)
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatalf("open %s: %v", base, err)
	}
	t.Cleanup(func() {
		if err := admin.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return admin
}

// postgresFrom makes a database of this test as a copy of another one.
func postgresFrom(t *testing.T, admin *sql.DB, template string) string {
	t.Helper()
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), count.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatalf("make test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil && !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("drop test database: %v", err)
		}
	})
	return address(t, name)
}

// address names a database of the server.
func address(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(os.Getenv(Env))
	if err != nil {
		t.Fatalf("%s: %v", Env, err)
	}
	u.Path = "/" + database
	return u.String()
}
