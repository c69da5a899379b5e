package person_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/secret"
)

// nation opens SQLite with the whole tree and 300,000 people: the design size.
func nation(b *testing.B) *world {
	b.Helper()
	ctx := context.Background()
	dir := b.TempDir()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "huikan.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := d.Migrate(ctx, fs.FS(audit.Schema), access.Schema, org.Schema, person.Schema); err != nil {
		b.Fatal(err)
	}
	keys, err := secret.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	policy, err := access.NewPolicy(append(org.Rules(), person.Rules()...)...)
	if err != nil {
		b.Fatal(err)
	}
	c := clock.Fixed(platformtest.Start)
	log := audit.New(d, keys, c)
	o := org.New(org.Deps{Log: log, Policy: policy, Clock: c})
	w := &world{Kit: &platformtest.Kit{DB: d, Log: log, Keys: keys, Clock: c, Policy: policy, Dir: dir}, org: o,
		people: person.New(person.Deps{Log: log, Policy: policy, Keys: keys, Clock: c, Dir: o.Directory()})}
	if err := o.SeedTree(ctx, program); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	const all, part = 300_000, 10_000
	for i := 0; i < all; i += part {
		if err := w.people.AddMany(ctx, program, crowd(o.Directory().All(), i, part)); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d people taken in within %s", all, time.Since(start).Round(time.Millisecond))
	return w
}

// BenchmarkList asks the list what users ask it, at the size of the nation; the
// goal is 50 ms for each.
func BenchmarkList(b *testing.B) {
	w := nation(b)
	at := func(name string, r actor.Role) actor.Actor {
		u, ok := w.org.Directory().ByName(name)
		if !ok {
			b.Fatal(name)
		}
		return platformtest.As("nobody", r, w.org.Directory().Place(u.ID))
	}
	spp, province := at("最高人民检察院", actor.Personnel), at("广东省人民检察院", actor.Personnel)
	guangdong, _ := w.org.Directory().ByName("广东省人民检察院")
	for _, c := range []struct {
		name string
		who  actor.Actor
		q    person.ListQuery
	}{
		{"all", spp, person.ListQuery{}},
		{"status", spp, person.ListQuery{Status: person.Retired}},
		{"leadership", spp, person.ListQuery{Leadership: "1"}},
		{"name", spp, person.ListQuery{Text: "王"}},
		{"initials", spp, person.ListQuery{Text: "lw"}},
		{"unit", spp, person.ListQuery{Unit: guangdong.ID}},
		{"unit-leadership", spp, person.ListQuery{Unit: guangdong.ID, Leadership: "1"}},
		{"unit-retired", spp, person.ListQuery{Unit: guangdong.ID, Status: person.Retired}},
		{"unit-name", spp, person.ListQuery{Unit: guangdong.ID, Text: "王"}},
		{"unit-by-name", spp, person.ListQuery{Unit: guangdong.ID, Sort: "name"}},
		{"unit-by-number", spp, person.ListQuery{Unit: guangdong.ID, Sort: "staff_no"}},
		{"province-all", province, person.ListQuery{}},
		{"province-name", province, person.ListQuery{Text: "李"}},
		{"province-retired", province, person.ListQuery{Status: person.Retired}},
		{"province-leader", at("广东省人民检察院", actor.Leader), person.ListQuery{Leadership: "1"}},
		{"staff", at("广东省人民检察院", actor.Staff), person.ListQuery{}},
		{"nothing-found", spp, person.ListQuery{Text: "龘龘"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.people.List(context.Background(), c.who, c.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
