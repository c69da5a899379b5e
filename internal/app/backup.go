package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/archive"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// Members of a backup. The manifest comes last: by then everything is counted.
const (
	memberDatabase = "database.sqlite"
	memberTables   = "tables/" // one member for each table of PostgreSQL
	memberFiles    = "files/"
	memberManifest = "manifest.json"
)

// Manifest says what a backup holds.
type Manifest struct {
	Program    string            `json:"program"`
	Engine     db.Engine         `json:"engine"`
	At         string            `json:"at"`
	Schema     []int64           `json:"schema"`
	LogSize    int64             `json:"log_size"`
	Checkpoint string            `json:"checkpoint"` // of the log as it stands in the backup, or a moment before
	Files      int               `json:"files"`
	Bytes      int64             `json:"bytes"`
	Sums       map[string]string `json:"sums"` // SHA-256 of each member
}

// Backup writes the database and the evidence files to one sealed file, also
// while a server runs, and reads it back before it counts as made. The keys are
// not in it: they are copied to keysFile when one is named, to be kept elsewhere.
func Backup(ctx context.Context, c Config, file, keysFile string) (m Manifest, err error) {
	c.Beside = true
	a, err := Open(ctx, c)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Log.Note(ctx, System(), "system.backup", map[string]any{"file": filepath.Base(file)}); err != nil {
		return m, err
	}
	if err := a.Log.Sequence(ctx); err != nil {
		return m, err
	}
	if keysFile != "" {
		if err := a.keys.Export(keysFile); err != nil {
			return m, err
		}
	}
	if _, err := os.Stat(file); err == nil {
		return m, fault.Invalid("error.backup_exists", file)
	}
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return m, fault.Unavailable("error.backup_write", file).With(err)
	}
	defer os.Remove(part) //nolint:errcheck // it has its name by then, or is half a backup
	m, err = a.writeBackup(ctx, out, filepath.Dir(file))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return m, err
	}
	if err := checkBackup(part, a.keys); err != nil {
		return m, err
	}
	return m, os.Rename(part, file)
}

// packing writes members and keeps their sums.
type packing struct {
	*archive.Writer
	m  *Manifest
	at time.Time
}

func (p packing) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	sum := sha256.New()
	if err := p.Add(name, info.Size(), p.at, io.TeeReader(f, sum)); err != nil {
		return err
	}
	p.m.Sums[name] = hex.EncodeToString(sum.Sum(nil))
	p.m.Bytes += info.Size()
	return nil
}

func (a *App) writeBackup(ctx context.Context, out io.Writer, dir string) (m Manifest, err error) {
	now := a.Clock.Now()
	m = Manifest{Program: Version, Engine: a.DB.Engine, At: clock.Instant(now), Sums: map[string]string{}}
	if m.Schema, err = a.DB.Schema(ctx); err != nil {
		return m, err
	}
	if m.Checkpoint, err = a.Log.Checkpoint(ctx); err != nil {
		return m, err
	}
	if m.LogSize, err = a.Log.Size(ctx); err != nil {
		return m, err
	}
	tmp, err := os.MkdirTemp(dir, ".huikan-backup-*") // beside the backup: there is room, or there is none for it either
	if err != nil {
		return m, fault.Unavailable("error.backup_write", dir).With(err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // what is left is unnamed and readable by its owner only
	w, err := archive.NewWriter(out, a.keys)
	if err != nil {
		return m, err
	}
	p := packing{w, &m, now}
	if a.DB.Engine == db.SQLite {
		path := filepath.Join(tmp, memberDatabase)
		if err := a.DB.CopyTo(ctx, path); err != nil {
			return m, err
		}
		if err := p.file(memberDatabase, path); err != nil {
			return m, err
		}
	} else if err := a.writeTables(ctx, p, tmp); err != nil {
		return m, err
	}
	// After the database: whatever a row refers to was there before the row.
	err = a.files.Each(func(hash string) error {
		m.Files++
		return p.file(memberFiles+hash, a.files.Path(hash))
	})
	if err != nil {
		return m, err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return m, fmt.Errorf("back up: %w", err)
	}
	if err := w.Add(memberManifest, int64(len(raw)), now, bytes.NewReader(raw)); err != nil {
		return m, err
	}
	return m, w.Close()
}

// writeTables puts each table into a member; its size is known only once it is written.
func (a *App) writeTables(ctx context.Context, p packing, tmp string) error {
	var names []string
	err := a.DB.Dump(ctx, func(table string) (io.WriteCloser, error) {
		names = append(names, table)
		return os.OpenFile(filepath.Join(tmp, table), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	})
	if err != nil {
		return err
	}
	for _, t := range names {
		if err := p.file(memberTables+t, filepath.Join(tmp, t)); err != nil {
			return err
		}
	}
	return nil
}

// checkBackup reads a backup to its end: every piece opens and every sum is right.
func checkBackup(file string, keys *secret.Keys) error {
	_, err := eachMember(file, keys, func(name string, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	return err
}

// eachMember hands out the members of a backup and gives its manifest, which all
// of them were held against.
func eachMember(file string, keys *secret.Keys, fn func(name string, r io.Reader) error) (m Manifest, err error) {
	f, err := os.Open(file)
	if err != nil {
		return m, fault.Invalid("error.file_open", file).With(err)
	}
	defer f.Close()
	r, err := archive.NewReader(f, keys)
	if err != nil {
		return m, err
	}
	sums := map[string]hash.Hash{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, err
		}
		if h.Name == memberManifest {
			if err := json.NewDecoder(io.LimitReader(r, 64<<20)).Decode(&m); err != nil {
				return m, r.Damaged(err)
			}
			continue
		}
		sum := sha256.New()
		sums[h.Name] = sum
		if err := fn(h.Name, io.TeeReader(r, sum)); err != nil {
			if _, known := fault.Of(err); known {
				return m, err
			}
			return m, r.Damaged(err)
		}
	}
	if len(m.Sums) != len(sums) {
		return m, fault.Invalid("error.backup_damaged", len(sums))
	}
	for name, sum := range sums {
		if m.Sums[name] != hex.EncodeToString(sum.Sum(nil)) {
			return m, fault.Invalid("error.backup_damaged", name)
		}
	}
	return m, nil
}

// Restore makes an installation from a backup and its keys in an empty data
// folder (and, for PostgreSQL, an empty database), and verifies the log
// afterwards. What fails leaves nothing behind that could be taken for one.
func Restore(ctx context.Context, c Config, file, keysFile string) (m Manifest, err error) {
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return m, fmt.Errorf("data folder %s: %w", c.Data, err)
	}
	if left, err := os.ReadDir(data); err == nil {
		for _, e := range left {
			if e.Name() != "keys" && e.Name() != "lock" {
				return m, fault.Invalid("error.restore_not_empty", c.Data)
			}
		}
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return m, fmt.Errorf("data folder %s: %w", c.Data, err)
	}
	if keysFile != "" {
		if err := secret.Import(data, keysFile); err != nil {
			return m, err
		}
	}
	if _, err := os.Stat(filepath.Join(data, "keys", "master")); errors.Is(err, fs.ErrNotExist) {
		return m, fault.Invalid("error.restore_keys", filepath.Join(c.Data, "keys"))
	}
	keys, err := secret.Open(data)
	if err != nil {
		return m, err
	}
	tmp, err := os.MkdirTemp(data, ".restore-*")
	if err != nil {
		return m, fmt.Errorf("data folder %s: %w", c.Data, err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // half a restore, readable by its owner only
	if m, err = eachMember(file, keys, func(name string, r io.Reader) error { return unpack(tmp, name, r) }); err != nil {
		return m, err
	}
	if err := checkEngine(m, c); err != nil {
		return m, err
	}
	if m.Engine == db.Postgres {
		if err := loadTables(ctx, c, m, tmp); err != nil {
			return m, err
		}
	} else if err := os.Rename(filepath.Join(tmp, memberDatabase), filepath.Join(data, "huikan.db")); err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	if err := os.Rename(filepath.Join(tmp, "files"), filepath.Join(data, "files")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("restore: %w", err)
	}
	return m, afterRestore(ctx, c, m)
}

func checkEngine(m Manifest, c Config) error {
	if (m.Engine == db.Postgres) != strings.HasPrefix(c.Database, "postgres") {
		return fault.Invalid("error.restore_engine", string(m.Engine))
	}
	return nil
}

// unpack writes one member below a folder; a name that is none of ours is refused.
func unpack(dir, name string, r io.Reader) error {
	path := filepath.Join(dir, memberDatabase)
	switch base := filepath.Base(name); {
	case name == memberDatabase:
	case name == memberTables+base:
		path = filepath.Join(dir, "tables", base)
	case name == memberFiles+base && len(base) == 2*sha256.Size:
		path = filepath.Join(dir, "files", base[:2], base[2:4], base)
	default:
		return fault.Invalid("error.backup_damaged", name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

func loadTables(ctx context.Context, c Config, m Manifest, dir string) (err error) {
	d, err := db.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	empty, err := d.Empty(ctx)
	if err != nil {
		return err
	}
	if !empty {
		return fault.Invalid("error.restore_not_empty", db.Redact(c.Database))
	}
	if err := d.Migrate(ctx, schemas()...); err != nil {
		return err
	}
	// Rows go into the tables of the program that made the backup; a newer one
	// upgrades afterwards, from the copy that the older one restored.
	have, err := d.Schema(ctx)
	if err != nil {
		return err
	}
	if fmt.Sprint(have) != fmt.Sprint(m.Schema) {
		return fault.Unavailable("error.restore_schema", m.Program)
	}
	return loadOrdered(ctx, d, dir)
}

// loadOrdered loads the unpacked tables in the order in which they refer to each other.
func loadOrdered(ctx context.Context, d *db.DB, dir string) error {
	order, err := d.Tables(ctx)
	if err != nil {
		return err
	}
	var open *os.File
	defer func() {
		if open != nil {
			open.Close()
		}
	}()
	return d.Load(ctx, func() (string, io.Reader, error) {
		if open != nil {
			if err := open.Close(); err != nil {
				return "", nil, fmt.Errorf("restore: %w", err)
			}
			open = nil
		}
		for len(order) > 0 {
			t := order[0]
			order = order[1:]
			f, err := os.Open(filepath.Join(dir, "tables", t))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return "", nil, fmt.Errorf("restore: %w", err)
			}
			open = f
			return t, f, nil
		}
		return "", nil, nil
	})
}

// afterRestore notes the restore in the log and verifies that the log fits the
// rows and continues what the backup says.
func afterRestore(ctx context.Context, c Config, m Manifest) (err error) {
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Log.Note(ctx, System(), "system.restore", map[string]any{"of": m.At}); err != nil {
		return err
	}
	if err := a.Log.Sequence(ctx); err != nil {
		return err
	}
	rep, err := a.Log.Verify(ctx)
	if err != nil {
		return err
	}
	if len(rep.Troubles) > 0 || rep.Size <= m.LogSize {
		return fault.Unavailable("error.restore_log", len(rep.Troubles), rep.Size, m.LogSize)
	}
	return nil
}
