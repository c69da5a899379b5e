package contact_test

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"time"

	"huikan/internal/account"
	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
)

var (
	ctx    = context.Background()
	system = actor.Program("test")
)

const (
	sppName, henanName, xinxiangName, hebeiName = "最高人民检察院", "河南省人民检察院", "新乡市人民检察院", "河北省人民检察院"
)

// world is the register on the real rooms below it. 董, 何, the head 梁 and the
// office 许 at Henan; 韩 at Xinxiang; the offices of the Supreme (宋, 秦) and Hebei.
type world struct {
	*platformtest.Kit
	s       *contact.Service
	account *account.Service
	people  *person.Service
	units   *org.Service
	dir     *org.Directory
	site    *platformtest.Site
	ids     map[string]id.ID
	who     map[string]actor.Actor
}

var cast = []struct {
	login, name, unit string
	role              actor.Role
	lead              bool
	from              clock.Date
}{
	{"staff", "董子然", henanName, actor.Staff, false, "2020-01-01"},
	{"colleague", "何志远", henanName, actor.Staff, false, "2020-01-01"},
	{"head", "梁建军", henanName, actor.UnitHead, true, "2020-01-01"},
	{"boss", "周副检察长", henanName, actor.Leader, true, "2020-01-01"},
	{"office", "许昌平", henanName, actor.InternalSupervision, false, "2020-01-01"},
	{"fresh", "新来的", henanName, actor.Staff, false, "2026-02-27"},
	{"city", "韩红梅", xinxiangName, actor.Staff, false, "2020-01-01"},
	{"upper", "宋文博", sppName, actor.InternalSupervision, false, "2020-01-01"},
	{"upper2", "秦岭", sppName, actor.InternalSupervision, false, "2020-01-01"},
	{"other", "石家庄", hebeiName, actor.InternalSupervision, false, "2020-01-01"},
	{"sysadmin", "系统", sppName, actor.SysAdmin, false, "2020-01-01"},
	{"secadmin", "安全", sppName, actor.SecAdmin, false, "2020-01-01"},
	{"auditor", "审计", sppName, actor.Auditor, false, "2020-01-01"},
}

// ids are the persons of the cast.
var ids = func() map[string]id.ID {
	out := map[string]id.ID{}
	for _, c := range cast {
		out[c.login] = id.New()
	}
	return out
}()

// ground has the units, the cast, and the accounts of the offices.
var ground = &platformtest.Ground{Parts: platformtest.Parts{
	Schemas: []fs.FS{search.Schema, org.Schema, person.Schema, account.Schema, contact.Schema},
	Tables:  slices.Concat(org.Tables, person.Tables, account.Tables, contact.Tables),
	Rules:   slices.Concat(contact.Rules(), org.Rules(), person.Rules(), account.Rules()),
}, Plant: func(t *testing.T, k *platformtest.Kit) {
	w := newWorld(k)
	for _, c := range []org.AddUnitCmd{{Code: "00000000", Name: sppName, Level: 1, Kind: "spp"}, {Code: "41000000", Name: henanName, Level: 2, Kind: "provincial", Parent: "00000000", Region: "410000", Coverage: "410000"},
		{Code: "13000000", Name: hebeiName, Level: 2, Kind: "provincial", Parent: "00000000", Region: "130000", Coverage: "130000"},
		{Code: "41070000", Name: xinxiangName, Level: 3, Kind: "prefecture", Parent: "41000000", Region: "410700", Coverage: "410700"}} {
		if _, err := w.units.Add(ctx, system, c); err != nil {
			t.Fatal(err)
		}
	}
	w.fill(t)
}}

// newWorld is the rooms below the register on a kit.
func newWorld(k *platformtest.Kit) *world {
	w := &world{Kit: k, ids: maps.Clone(ids), who: map[string]actor.Actor{}}
	w.units = org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	w.dir = w.units.Directory()
	w.people = person.New(person.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Dir: w.dir})
	w.account = account.New(account.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Place: w.dir.Place, UnitName: w.dir.Name, Kin: person.Kin,
		Units: func(text string) []id.ID { u, _ := w.dir.Resolve(text); return []id.ID{u.ID} },
		Teams: func(context.Context, db.Q, id.ID, clock.Date) ([]actor.Membership, error) { return nil, nil }})
	return w
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	ground.Each(t, func(t *testing.T, k *platformtest.Kit) {
		w := newWorld(k)
		if err := w.units.Load(ctx); err != nil {
			t.Fatal(err)
		}
		files, err := vault.Open(t.TempDir(), k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w.s = contact.New(contact.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Files: files, Units: w.dir})
		w.enter(t)
		w.site = k.Serve(t, w.units.Room(), w.s.Room()) // the words of imports stand in the room of units
		fn(t, w)
	})
}

func (w *world) fill(t *testing.T) {
	t.Helper()
	var list []person.NewPerson
	for i, c := range cast {
		list = append(list, person.NewPerson{ID: w.ids[c.login], StaffNo: "D" + string(rune('A'+i)), Name: c.name, Unit: c.unit, Title: "检察官", Leadership: c.lead, From: c.from})
	}
	if err := w.people.AddMany(ctx, system, list); err != nil {
		t.Fatal(err)
	}
	for _, c := range cast {
		if c.role != actor.InternalSupervision {
			continue // an account of its own costs a hash of a password
		}
		a, _, err := w.account.Create(ctx, system, account.NewAccount{Login: c.login, Name: c.name, Unit: c.unit, Person: string(w.ids[c.login])})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.account.Give(ctx, system, a.ID, account.NewGrant{Role: string(c.role), Unit: c.unit}); err != nil {
			t.Fatal(err)
		}
	}
}

// enter makes the actors anew, as at a new request.
func (w *world) enter(t *testing.T) {
	t.Helper()
	for _, c := range cast {
		a := platformtest.As(c.login, c.role, w.dir.Place(w.unit(c.unit).ID))
		a.Person = w.ids[c.login]
		if err := w.DB.Read(ctx, func(q db.Q) (err error) { a.Related, err = person.Kin(ctx, q, a.Person); return err }); err != nil {
			t.Fatal(err)
		}
		w.who[c.login] = a
	}
}

func (w *world) unit(name string) org.Unit { u, _ := w.dir.ByName(name); return u }

// at sets the clock to nine in the morning of a day.
func (w *world) at(day clock.Date) {
	w.Clock.Set(day.Time().In(clock.Beijing).Add(9 * time.Hour))
}

// record is a whole record of an inquiry by a lawyer.
func record() contact.RecordCmd {
	return contact.RecordCmd{Content: contact.Content{Record: contact.Interference, Area: "case", Asker: "lawyer", AskerName: "金律师", CaseNo: "20264100001234", Stage: "prosecution",
		On: "2026-03-01", Channel: "phone", Words: "问案件什么时候起诉，能否从轻", Answer: "告知按程序办理", Response: []string{"told"}, Claimed: "C1"}}
}

func (w *world) submit(t *testing.T, login string, change func(*contact.RecordCmd)) contact.Matter {
	t.Helper()
	c := record()
	if change != nil {
		change(&c)
	}
	m, err := w.s.Submit(ctx, w.who[login], "", c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (w *world) open(t *testing.T, login string, n id.ID) {
	t.Helper()
	if _, err := w.s.AskOpening(ctx, w.who[login], n, contact.OpenCmd{Purpose: "handling", Reason: "审核登记"}); err != nil {
		t.Fatal(err)
	}
}

func personRelative(w *world) person.RelativeCmd {
	return person.RelativeCmd{Relation: "spouse", Name: "韩红梅", StaffNo: "DG"}
}

func (w *world) day() clock.Date { return clock.Today(w.Clock) }
