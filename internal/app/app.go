// Package app puts the rooms together: configuration, wiring in order, routes,
// jobs and the demonstration. It is the only package that imports everything.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"huikan/internal/account"
	"huikan/internal/conduct"
	"huikan/internal/contact"
	"huikan/internal/directive"
	"huikan/internal/duty"
	"huikan/internal/fieldwork"
	"huikan/internal/insight"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/meeting"
	"huikan/internal/notice"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/export"
	"huikan/internal/platform/fact"
	"huikan/internal/platform/search"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
	"huikan/internal/risk"
	"huikan/internal/screening"
	"huikan/internal/tip"
)

// Version is set by the build.
var Version = "dev"

// Config is how an installation is found and served.
type Config struct {
	Data     string // folder with keys, evidence and, by default, the database
	Database string // address; the file huikan.db of the data folder when empty
	Addr     string
	TLSCert  string
	TLSKey   string
	Proxied  bool        // a proxy in front speaks TLS
	Clock    clock.Clock // the machine's when nil
	past     bool        // open a kit that has run out, to take back what it holds
	Beside   bool        // beside a server that may be running: no lock, and the schema stays as it is
}

// App is an open installation.
type App struct {
	DB      *db.DB
	Log     *audit.Log
	Policy  *access.Policy
	Clock   clock.Clock
	Web     *web.Server
	Account *account.Service
	Org     *org.Service
	Person  *person.Service

	Directive     *directive.Service
	Meeting       *meeting.Service
	Inspection    *inspection.Service
	Fieldwork     *fieldwork.Service
	Rectification *rectification.Service
	Lookback      *lookback.Service
	Notice        *notice.Service
	Duty          *duty.Service
	Conduct       *conduct.Service
	Tip           *tip.Service
	Contact       *contact.Service
	Screening     *screening.Service
	Risk          *risk.Service
	Insight       *insight.Service
	Exports       *export.Service

	keys  *secret.Keys
	files *vault.Store
	lock  *os.File
	stop  []func()
	kit   bool // on a laptop, see [kitRooms]
}

// rooms is what each room and each table-bearing part of the platform brings,
// bottom up: its migrations, the tables that the log reconciles, its rows of the
// one policy table.
var rooms = []struct {
	schema fs.FS
	tables []string
	rules  func() []access.Rule
}{
	{audit.Schema, nil, nil},
	{access.Schema, access.Tables, nil},
	{search.Schema, nil, nil},
	{export.Schema, export.Tables, nil},
	{org.Schema, org.Tables, org.Rules},
	{person.Schema, person.Tables, person.Rules},
	{account.Schema, account.Tables, account.Rules},
	{directive.Schema, directive.Tables, directive.Rules},
	{meeting.Schema, meeting.Tables, meeting.Rules},
	{inspection.Schema, inspection.Tables, inspection.Rules},
	{fieldwork.Schema, fieldwork.Tables, fieldwork.Rules},
	{rectification.Schema, rectification.Tables, rectification.Rules},
	{lookback.Schema, lookback.Tables, lookback.Rules},
	{notice.Schema, notice.Tables, notice.Rules},
	{duty.Schema, duty.Tables, duty.Rules},
	{conduct.Schema, conduct.Tables, conduct.Rules},
	{tip.Schema, tip.Tables, tip.Rules},
	{contact.Schema, contact.Tables, contact.Rules},
	{screening.Schema, screening.Tables, screening.Rules},
	{risk.Schema, risk.Tables, risk.Rules},
	{insight.Schema, insight.Tables, insight.Rules},
}

func schemas() []fs.FS {
	var out []fs.FS
	for _, r := range rooms {
		if r.schema != nil {
			out = append(out, r.schema)
		}
	}
	return out
}

func tables() []string {
	var out []string
	for _, r := range rooms {
		out = append(out, r.tables...)
	}
	return out
}

func rules() []access.Rule {
	var out []access.Rule
	for _, r := range rooms {
		if r.rules != nil {
			out = append(out, r.rules()...)
		}
	}
	return out
}

// Open opens an installation, brings its schema up to date and wires the rooms.
// A data folder serves one process at a time when it holds the database.
func Open(ctx context.Context, c Config) (*App, error) {
	a := &App{}
	if err := a.open(ctx, c); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, c Config) error {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("data folder %s: %w", c.Data, err)
	}
	if _, a.kit, err = readKitMark(data); err != nil {
		return err
	}
	if !c.past {
		if err := kitAlive(data, clock.Today(c.Clock)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("data folder %s: %w", c.Data, err)
	}
	a.Clock = c.Clock
	pages := sync.OnceValues(ui.New) // read while the database is opened
	go pages()                       //nolint:errcheck // asked for in wire
	target := c.Database
	if target == "" {
		target = "sqlite:" + filepath.Join(data, "huikan.db")
		if c.Beside {
			if _, err := os.Stat(filepath.Join(data, "huikan.db")); err != nil {
				return fault.Unavailable("error.no_installation", data)
			}
		} else if err := a.takeLock(filepath.Join(data, "lock")); err != nil {
			return err
		}
	}
	if a.DB, err = db.Open(ctx, target); err != nil {
		return err
	}
	if c.Beside {
		if err := a.schemaFits(ctx); err != nil {
			return err
		}
	} else if err := a.DB.Migrate(ctx, schemas()...); err != nil {
		return err
	}
	if err := a.keysBelong(ctx, data); err != nil {
		return err
	}
	keys, err := secret.Open(data)
	if err != nil {
		return err
	}
	if a.Policy, err = access.NewPolicy(rules()...); err != nil {
		return err
	}
	a.Log = audit.New(a.DB, keys, c.Clock, tables()...)
	files, err := vault.Open(data, keys)
	if err != nil {
		return err
	}
	made, err := vault.Open(filepath.Join(data, "exports"), keys)
	if err != nil {
		return err
	}
	a.keys, a.files, a.Exports = keys, files, export.New(export.Deps{Log: a.Log, Policy: a.Policy, Clock: c.Clock, Files: made})
	if err := a.wire(ctx, pages, keys, files, c.TLSCert != "" || c.Proxied, c.Proxied); err != nil {
		return err
	}
	return nil
}

// schemaFits refuses a database whose schema is not the program's, without changing it.
func (a *App) schemaFits(ctx context.Context) error {
	if empty, err := a.DB.Empty(ctx); err != nil || empty {
		if err == nil {
			err = fault.Unavailable("error.no_installation", string(a.DB.Engine))
		}
		return err
	}
	have, err := a.DB.Schema(ctx)
	if err != nil {
		return err
	}
	want, err := a.DB.Versions(schemas()...)
	if err != nil {
		return err
	}
	for _, n := range want {
		if !slices.Contains(have, n) {
			return fault.Unavailable("error.schema_older", n)
		}
	}
	for _, n := range have {
		if n != 0 && !slices.Contains(want, n) {
			return fault.Unavailable("error.schema_newer", n, want[len(want)-1])
		}
	}
	return nil
}

// takeLock refuses a second process on the same embedded database.
func (a *App) takeLock(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fault.Unavailable("error.data_in_use", filepath.Dir(path)).With(err), f.Close())
	}
	a.lock = f
	return nil
}

// keysBelong refuses a database in use whose keys are gone: fresh ones would
// open no seal and sign another log, and the old ones would not be looked for.
func (a *App) keysBelong(ctx context.Context, data string) error {
	if _, err := os.Stat(filepath.Join(data, "keys", "master")); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var used int
	if err := a.DB.Read(ctx, func(q db.Q) error {
		return q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM audit_entry LIMIT 1) x").Scan(&used)
	}); err != nil {
		return fmt.Errorf("look into the log: %w", err)
	}
	if used > 0 {
		return fault.Unavailable("error.keys_missing", filepath.Join(data, "keys"))
	}
	return nil
}

func (a *App) wire(ctx context.Context, pages func() (*ui.Set, error), keys *secret.Keys, files *vault.Store, secure, proxied bool) error {
	a.Org = org.New(org.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock})
	loaded := make(chan error, 1) // the units are read while the pages are
	go func() { loaded <- a.Org.Load(ctx) }()
	dir := a.Org.Directory()
	out := a.Exports.Send
	a.Person = person.New(person.Deps{Log: a.Log, Policy: a.Policy, Keys: keys, Clock: a.Clock, Dir: dir, Export: out})
	a.Account = account.New(account.Deps{Log: a.Log, Policy: a.Policy, Keys: keys, Clock: a.Clock, Place: dir.Place, UnitName: dir.Name,
		Units: a.units, People: a.staff, Teams: inspection.Teams, Kin: person.Kin, Secure: secure})
	a.Inspection = inspection.New(inspection.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Units: dir, People: a.Person, Vault: files, Closed: rectification.ClosedOf, Filed: rectification.Filed, Export: out})
	a.Fieldwork = fieldwork.New(fieldwork.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Files: files, Units: dir, People: a.Person, Inspect: a.Inspection})
	a.Inspection.OnStep(a.Fieldwork.Guard)
	a.Inspection.OnPage(a.Fieldwork.Links)
	a.Rectification = rectification.New(rectification.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Units: dir, Files: files, Find: a.units, Names: person.Names, Export: out})
	a.Inspection.OnFedBack(a.Rectification.OnFedBack)
	a.Inspection.OnWithdrawn(a.Rectification.OnWithdrawn)
	a.Inspection.OnReported(a.Rectification.OnReported)
	a.Lookback = lookback.New(lookback.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Files: files, Rectify: a.Rectification, Units: dir, Find: a.units, Names: person.Names,
		Rounds: inspection.Rounds, Teams: inspection.TeamsOf, Visits: inspection.VisitsOf, Found: inspection.FindingsOf, Refer: a.referItem})
	a.Rectification.OnLasting(a.Lookback.Lasting)
	a.Org.OnPage(a.Rectification.UnitStats)
	a.Notice = notice.New(notice.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Dir: dir, Find: a.units, Names: person.Names, Borne: person.Borne, Post: person.PostOf, Protected: a.protected})
	a.Duty = duty.New(duty.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Dir: dir, Find: a.units, Names: person.Names, Person: a.Person.Exactly, Facts: facts()})
	a.Contact = contact.New(contact.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Files: files, Units: dir, Protect: a.watchRecorder, Refer: a.referMatter})
	a.Directive = directive.New(directive.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Dir: dir, Files: files, Find: a.units, Names: person.Names, Circular: a.draftCircular})
	a.Meeting = meeting.New(meeting.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Dir: dir, Files: files, Directive: a.Directive, Find: a.units, Names: person.Names})
	a.conduct(keys, dir)
	a.tip(keys, files, dir)
	a.Notice.Later = a.later()
	a.handovers()
	if err := a.wireScreening(keys, files); err != nil {
		return err
	}
	a.risk(keys)

	set, err := pages()
	if err != nil {
		return err
	}
	for name, words := range map[string]fs.FS{"ops": opsFS(), "document": document.Words, "sheet": sheet.Words, "vault": vault.Words} {
		if err := set.AddRoom(name, web.NoPages, web.Words(words)); err != nil {
			return err
		}
	}
	if a.Web, err = web.New(web.Config{UI: set, Policy: a.Policy, Log: a.Log, Clock: a.Clock, Auth: a.Account, Secure: secure, Proxied: proxied}); err != nil {
		return err
	}
	a.Insight = insight.New(insight.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Dir: dir, Server: a.Web, Lasting: a.Lookback.Lasting, Rectify: a.Rectification, Inspect: a.Inspection, Directive: a.Directive, Contact: a.Contact, Conduct: a.Conduct, Screening: a.Screening, Risk: a.Risk})
	for _, room := range []web.Room{
		a.Org.Room(), // first: its pages of import are used by the rooms above
		a.Insight.Room(),
		a.Directive.Room(),
		a.Meeting.Room(),
		a.Inspection.Room(),
		a.Fieldwork.Room(),
		a.Rectification.Room(),
		a.Lookback.Room(),
		a.Notice.Room(),
		a.Duty.Room(),
		a.Conduct.Room(),
		a.Tip.Room(),
		a.Risk.Room(),
		a.Contact.Room(),
		a.Person.Room(),
		a.Account.Room(),
		a.Screening.Room(),
		a.Exports.Room(),
	} {
		if a.kit && !slices.Contains(kitRooms, room.Name) {
			room.Routes, room.Menu, room.Todo, room.Find = nil, nil, nil, nil
		}
		if err := a.Web.Add(room); err != nil {
			return fmt.Errorf("room %s: %w", room.Name, err)
		}
	}
	return <-loaded
}

// facts are the figures that the rooms lend to each other.
func facts() map[string]fact.Source {
	out := map[string]fact.Source{}
	for _, f := range []map[string]fact.Source{
		directive.Facts(),
		rectification.Facts(),
		notice.Facts(),
	} {
		maps.Copy(out, f)
	}
	return out
}

// units are the units that a person means by a text: an id, a code, a full
// name, or the only hit of a search.
func (a *App) units(text string) []id.ID {
	dir := a.Org.Directory()
	if u, ok := dir.Unit(id.ID(text)); ok {
		return []id.ID{u.ID}
	}
	if u, ok := dir.ByCode(text); ok {
		return []id.ID{u.ID}
	}
	if u, ok := dir.ByName(text); ok {
		return []id.ID{u.ID}
	}
	var out []id.ID
	for _, u := range dir.Find(text, 20) {
		out = append(out, u.ID)
	}
	return out
}

// staff offers the serving staff that a text means, for binding an account: the
// administrator of accounts reads no register, so this is all that he gets of it.
func (a *App) staff(ctx context.Context, text string) ([]account.Choice, error) {
	ps, err := a.Person.Find(ctx, System(), text, "", 20)
	out := make([]account.Choice, 0, len(ps))
	for _, p := range ps {
		out = append(out, account.Choice{Value: string(p.ID), Label: p.Name + " · " + a.Org.Directory().Short(p.Unit) + " · " + p.StaffNo})
	}
	return out, err
}

// Background starts what runs beside requests: signing the log, following
// changes of other replicas, sweeping sessions. It ends with Close.
func (a *App) Background(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	run := func(fn func(context.Context)) { all.Go(func() { fn(ctx) }) }
	run(a.Log.Run)
	run(func(ctx context.Context) { a.Org.Watch(ctx, 10*time.Second) })
	run(a.sweep)
	run(a.warmUp)
	run(a.screen)
	a.stop = append(a.stop, func() {
		cancel()
		all.Wait()
	})
}

// sweepEvery is how often ended sessions are removed and statistics gathered.
const sweepEvery = time.Hour

func (a *App) sweep(ctx context.Context) {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := a.Account.Sweep(ctx); err != nil && ctx.Err() == nil {
				report("sessions were not swept", err)
			}
			if _, err := a.Rectification.Remind(ctx); err != nil && ctx.Err() == nil {
				report("reminders were not written", err)
			}
			if _, err := a.Rectification.Expire(ctx); err != nil && ctx.Err() == nil {
				report("accepted deviations were not taken up again", err)
			}
			if _, _, err := a.Rectification.Inspect(ctx); err != nil && ctx.Err() == nil {
				report("the ledger was not checked", err)
			}
			if _, err := a.Directive.Recur(ctx); err != nil && ctx.Err() == nil {
				report("recurring tasks were not sent", err)
			}
			if _, err := a.Directive.Remind(ctx); err != nil && ctx.Err() == nil {
				report("reminders of tasks were not written", err)
			}
			if _, err := a.Directive.Dispatches(ctx); err != nil && ctx.Err() == nil {
				report("dispatch sheets were not made", err)
			}
			if err := a.Risk.Tick(ctx); err != nil && ctx.Err() == nil {
				report("the rules of risk were not run", err)
			}
			if err := a.Exports.Sweep(ctx); err != nil && ctx.Err() == nil {
				report("old exports were not removed", err)
			}
			if err := a.DB.Optimize(ctx); err != nil && ctx.Err() == nil {
				report("statistics were not gathered", err)
			}
		}
	}
}

// Close ends the background work and closes the database.
func (a *App) Close() error {
	for _, f := range a.stop {
		f()
	}
	a.stop = nil
	if a.Exports != nil {
		a.Exports.Close()
	}
	var err error
	if a.DB != nil {
		err = a.DB.Close()
		a.DB = nil
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
		a.lock = nil
	}
	return err
}

// System acts for the owner of the data: the command line and the first start.
func System() actor.Actor { return actor.Program("command line") }
