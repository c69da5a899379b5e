package app_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huikan/internal/app"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db/dbtest"
)

func key(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Key
	}
	return ""
}

// A backup that is made beside a running installation makes the same
// installation elsewhere, with a log that verifies; nothing else is accepted.
func TestBackupComesBack(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			ctx := context.Background()
			target := func() string {
				if engine == "postgres" {
					return dbtest.Postgres(t)
				}
				return ""
			}
			c := app.Config{Data: t.TempDir(), Database: target()}
			a, _, err := app.MakeDemo(ctx, c, "small", os.Stderr)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			out := t.TempDir()
			file, keys := filepath.Join(out, "backup"), filepath.Join(out, "keys")
			m, err := app.Backup(ctx, c, file, keys)
			if err != nil {
				t.Fatal(err)
			}
			if m.Files == 0 || m.LogSize == 0 || len(m.Sums) <= m.Files {
				t.Errorf("the manifest says %+v", m)
			}
			left, err := os.ReadDir(out)
			if err != nil || len(left) != 2 {
				t.Errorf("beside the two files lies something: %v %v", left, err)
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), "SQLite format") || strings.Contains(string(raw), "人民检察院") {
				t.Error("the backup can be read without keys")
			}
			if _, err := app.Backup(ctx, c, file, ""); key(err) != "error.backup_exists" {
				t.Errorf("over an old one: %v", err)
			}

			changed := filepath.Join(out, "changed")
			bad := slices.Clone(raw)
			bad[len(bad)/2] ^= 1
			if err := os.WriteFile(changed, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(out, "cut"), raw[:len(raw)-100], 0o600); err != nil {
				t.Fatal(err)
			}
			for _, x := range []struct{ name, file, keys, want string }{
				{"one bit changed", changed, keys, "error.backup_damaged"}, {"cut off", filepath.Join(out, "cut"), keys, "error.backup_damaged"},
				{"without keys", file, "", "error.restore_keys"}, {"no file of keys", file, file, "error.keys_file"}, {"no backup", keys, keys, "error.backup_none"},
			} {
				data := t.TempDir()
				if _, err := app.Restore(ctx, app.Config{Data: data, Database: target()}, x.file, x.keys); key(err) != x.want {
					t.Errorf("%s: %v, want %s", x.name, err, x.want)
				}
				if left, err := os.ReadDir(data); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() != "keys" }) {
					t.Errorf("%s leaves %v behind (%v)", x.name, left, err)
				}
			}
			if _, err := app.Restore(ctx, c, file, keys); key(err) != "error.restore_not_empty" {
				t.Errorf("over an installation: %v", err)
			}

			r := app.Config{Data: t.TempDir(), Database: target()}
			if _, err := app.Restore(ctx, r, file, keys); err != nil {
				t.Fatal(err)
			}
			b, err := app.Open(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := b.Log.Verify(ctx)
			if err != nil || len(rep.Troubles) > 0 || rep.Size != m.LogSize+1 {
				t.Errorf("the log of the copy: %+v %v", rep, err)
			}
			before, err := a.Log.Verify(ctx)
			if err != nil || before.Rows != rep.Rows {
				t.Errorf("%d rows were there, %d came back (%v)", before.Rows, rep.Rows, err)
			}
			// It goes on working: somebody signs in, and the log takes it.
			password, err := b.ResetAccount(ctx, "office")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Account.SignIn(ctx, "office", password, "127.0.0.1", "test"); err != nil {
				t.Errorf("nobody can sign in to the copy: %v", err)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			found, n := app.Doctor(ctx, r, true, "zh")
			for _, f := range found {
				if f.State == app.Bad || strings.Contains(f.Text, "⟦") || strings.Contains(f.Text, "doctor.") {
					t.Errorf("the doctor says of the copy: %s %s", f.Check, f.Text)
				}
			}
			if n != 0 {
				t.Errorf("the doctor counts %d", n)
			}
		})
	}
}

// The doctor names what is wrong and what to do, in words.
func TestDoctorNamesTheTrouble(t *testing.T) {
	ctx := context.Background()
	make_ := func(t *testing.T) app.Config {
		t.Helper()
		c := app.Config{Data: filepath.Join(t.TempDir(), "data")}
		a, err := app.Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.FirstStart(ctx); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, x := range []struct {
		name  string
		spoil func(t *testing.T, c app.Config)
		check string
		want  string
		state string
	}{
		{"keys gone", func(t *testing.T, c app.Config) {
			if err := os.Remove(filepath.Join(c.Data, "keys", "master")); err != nil {
				t.Fatal(err)
			}
		}, "keys", "缺少密钥", app.Bad},
		{"keys readable", func(t *testing.T, c app.Config) {
			if err := os.Chmod(filepath.Join(c.Data, "keys", "log"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "keys", "chmod 600", app.Bad},
		{"folder open", func(t *testing.T, c app.Config) {
			if err := os.Chmod(c.Data, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "data", "chmod 700", app.Warning},
		{"no database", func(t *testing.T, c app.Config) {
			if err := os.Remove(filepath.Join(c.Data, "huikan.db")); err != nil {
				t.Fatal(err)
			}
		}, "installation", "--data", app.Bad},
		{"a hand in the database", func(t *testing.T, c app.Config) {
			a, err := app.Open(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.DB.Raw().Exec("UPDATE account SET name = 'x' WHERE login = 'auditor'"); err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
		}, "log", "log verify", app.Bad},
		{"nothing", func(*testing.T, app.Config) {}, "backup", "从未备份", app.Warning},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := make_(t)
			x.spoil(t, c)
			found, _ := app.Doctor(ctx, c, false, "zh")
			i := slices.IndexFunc(found, func(f app.Finding) bool { return f.Check == x.check && f.State == x.state })
			if i < 0 || !strings.Contains(found[i].Text, x.want) {
				t.Errorf("the doctor says %+v", found)
			}
		})
	}
}
