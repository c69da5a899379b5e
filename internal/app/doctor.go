package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

//go:embed ops/words.zh.json ops/words.en.json
var opsFiles embed.FS

// opsWords are the sentences of the commands that operate an installation.
func opsWords() map[string]map[string]string {
	return web.Words(opsFS())
}

func opsFS() fs.FS {
	sub, err := fs.Sub(opsFiles, "ops")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return sub
}

// Finding is what the doctor says about one thing.
type Finding struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, warn, bad
	Key   string `json:"-"`
	Args  []any  `json:"-"`
	Text  string `json:"text"` // what is, and what to do
}

// States of a finding.
const (
	Fine    = "ok"
	Warning = "warn"
	Bad     = "bad"
)

// doctor examines an installation step by step.
type doctor struct {
	ctx  context.Context
	c    Config
	data string
	full bool
	now  time.Time
	out  []Finding
}

func (d *doctor) say(check, state, key string, args ...any) {
	d.out = append(d.out, Finding{Check: check, State: state, Key: "doctor." + key, Args: args})
}

// Bounds of what is healthy.
const (
	leastFree   = 1 << 30 // bytes on the disk of the data folder
	backupEvery = 7       // days
	yearTurns   = 11      // from this month on next year's calendar is asked for
)

// Examine looks at an installation, also beside a running server, and changes
// nothing. full also reads every evidence file to its end.
func Examine(ctx context.Context, c Config, full bool) []Finding {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	d := &doctor{ctx: ctx, c: c, full: full, now: c.Clock.Now()}
	d.folder()
	d.clock()
	d.calendar()
	d.say("fonts", Fine, "fonts")
	c.Beside = true
	a, err := Open(ctx, c)
	if err != nil {
		// The words of the error say what is wrong and what to do.
		if f, ok := fault.Of(err); ok {
			d.out = append(d.out, Finding{Check: "installation", State: Bad, Key: f.Key, Args: f.Args})
		} else {
			d.say("installation", Bad, "error", err.Error())
		}
		return d.out
	}
	defer func() {
		if err := a.Close(); err != nil {
			report("the database was not closed", err)
		}
	}()
	d.say("schema", Fine, "schema")
	d.database(a)
	d.log(a)
	d.evidence(a)
	d.people(a)
	d.backups(a)
	return d.out
}

func (d *doctor) folder() {
	var err error
	if d.data, err = filepath.Abs(d.c.Data); err != nil {
		d.say("data", Bad, "error", err.Error())
		return
	}
	info, err := os.Stat(d.data)
	switch {
	case err != nil:
		d.say("data", Bad, "data.none", d.data)
		return
	case info.Mode().Perm()&0o077 != 0:
		d.say("data", Warning, "data.open", d.data)
	default:
		d.say("data", Fine, "data", d.data)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.data, &s); err != nil {
		d.say("disk", Bad, "error", err.Error())
		return
	}
	free, all := int64(s.Bavail)*int64(s.Bsize), int64(s.Blocks)*int64(s.Bsize)
	switch {
	case free < leastFree:
		d.say("disk", Bad, "disk.full", free>>20)
	case all > 0 && free*10 < all:
		d.say("disk", Warning, "disk.low", free>>30, all>>30)
	default:
		d.say("disk", Fine, "disk", free>>30)
	}
	if name := networkDisk(int64(s.Type)); name != "" && d.c.Database == "" {
		d.say("disk", Bad, "disk.network", name)
	}
	if f, err := os.Open(filepath.Join(d.data, "lock")); err == nil {
		held := errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
		_ = f.Close() // gives the lock back
		if held {
			d.say("server", Fine, "server.runs")
		} else {
			d.say("server", Fine, "server.stands")
		}
	}
	d.keyFiles()
}

// networkDisk names the file systems on which a write-ahead log is not safe
// (statfs(2): the magic numbers of NFS, SMB, CIFS, SMB2 and 9P).
func networkDisk(kind int64) string {
	return map[int64]string{0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x01021997: "9P"}[kind&0xffffffff]
}

func (d *doctor) keyFiles() {
	for _, name := range []string{"master", "log"} {
		info, err := os.Stat(filepath.Join(d.data, "keys", name))
		switch {
		case err != nil:
			d.say("keys", Bad, "keys.none", filepath.Join(d.data, "keys", name))
			return
		case info.Mode().Perm()&0o077 != 0:
			d.say("keys", Bad, "keys.open", filepath.Join(d.data, "keys", name))
			return
		}
	}
	d.say("keys", Fine, "keys")
}

// built is before any release of this program: a clock that shows less is wrong.
var built = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func (d *doctor) clock() {
	if d.now.Before(built) {
		d.say("clock", Bad, "clock.past", d.now.In(clock.Beijing).Format(time.DateTime))
		return
	}
	d.say("clock", Fine, "clock", d.now.In(clock.Beijing).Format(time.DateTime))
}

func (d *doctor) calendar() {
	day := d.now.In(clock.Beijing)
	years := map[int]bool{}
	for _, y := range clock.National().Years() {
		years[y] = true
	}
	switch {
	case !years[day.Year()]:
		d.say("calendar", Bad, "calendar.none", day.Year())
	case int(day.Month()) >= yearTurns && !years[day.Year()+1]:
		d.say("calendar", Warning, "calendar.next", day.Year()+1)
	default:
		d.say("calendar", Fine, "calendar", day.Year())
	}
}

func (d *doctor) database(a *App) {
	size, err := a.DB.Size(d.ctx)
	if err != nil {
		d.say("database", Bad, "error", err.Error())
		return
	}
	d.say("database", Fine, "database", string(a.DB.Engine), size>>20)
	trouble, err := a.DB.Sound(d.ctx)
	switch {
	case err != nil:
		d.say("database", Bad, "error", err.Error())
	case trouble != "" && a.DB.Engine == db.Postgres:
		d.say("database", Warning, "database.checksums", trouble)
	case trouble != "":
		d.say("database", Bad, "database.damaged", trouble)
	}
}

func (d *doctor) log(a *App) {
	last, err := a.Log.List(d.ctx, "", 0, 1)
	if err == nil && len(last) > 0 {
		if at, e := clock.ParseInstant(last[0].At); e == nil && at.After(d.now.Add(time.Minute)) {
			d.say("clock", Bad, "clock.back", at.In(clock.Beijing).Format(time.DateTime))
		}
	}
	rep, e := a.Log.Verify(d.ctx)
	if err = errors.Join(err, e); err != nil {
		d.say("log", Bad, "error", err.Error())
		return
	}
	if len(rep.Troubles) > 0 {
		d.say("log", Bad, "log.trouble", len(rep.Troubles), rep.Troubles[0].String())
		return
	}
	d.say("log", Fine, "log", rep.Size, rep.Rows)
}

func (d *doctor) evidence(a *App) {
	files, bad := 0, 0
	var first string
	err := a.files.Each(func(hash string) error {
		files++
		if !d.full {
			return d.ctx.Err()
		}
		if err := a.files.Check(d.ctx, hash); err != nil {
			if bad++; first == "" {
				first = hash
			}
		}
		return d.ctx.Err()
	})
	switch {
	case err != nil:
		d.say("evidence", Bad, "error", err.Error())
	case bad > 0:
		d.say("evidence", Bad, "evidence.damaged", bad, first)
	case d.full:
		d.say("evidence", Fine, "evidence.read", files)
	default:
		d.say("evidence", Fine, "evidence", files)
	}
}

func (d *doctor) people(a *App) {
	missing, bare, err := a.Account.Administrators(d.ctx)
	if err != nil {
		d.say("administrators", Bad, "error", err.Error())
		return
	}
	for _, r := range missing {
		d.say("administrators", Bad, "administrators.none", "role."+string(r))
	}
	if bare > 0 {
		d.say("administrators", Warning, "administrators.second", bare)
	}
	if len(missing) == 0 && bare == 0 {
		d.say("administrators", Fine, "administrators", len([]actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor}))
	}
}

func (d *doctor) backups(a *App) {
	es, err := a.Log.List(d.ctx, "system.backup", 0, 1)
	if err != nil {
		d.say("backup", Bad, "error", err.Error())
		return
	}
	if len(es) == 0 {
		d.say("backup", Warning, "backup.none")
		return
	}
	at, err := clock.ParseInstant(es[0].At)
	if err != nil {
		d.say("backup", Bad, "error", err.Error())
		return
	}
	day := at.In(clock.Beijing).Format(time.DateOnly)
	if d.now.Sub(at) > backupEvery*24*time.Hour {
		d.say("backup", Warning, "backup.old", day)
		return
	}
	d.say("backup", Fine, "backup", day)
}

// Doctor examines and tells it in a person's language; bad counts what must be mended.
func Doctor(ctx context.Context, c Config, full bool, lang string) (out []Finding, bad int) {
	out = Examine(ctx, c, full)
	for i := range out {
		f := &out[i]
		f.Text = Explain(&fault.Error{Kind: fault.KindUnavailable, Key: f.Key, Args: f.Args}, lang)
		if strings.HasPrefix(f.Key, "doctor.") {
			f.Text = strings.TrimSpace(f.Text)
		}
		if f.State == Bad {
			bad++
		}
	}
	return out, bad
}

// Said is one line of the report.
func (f Finding) Said() string {
	mark := map[string]string{Fine: "√", Warning: "!", Bad: "×"}[f.State]
	return fmt.Sprintf("%s %s", mark, f.Text)
}
