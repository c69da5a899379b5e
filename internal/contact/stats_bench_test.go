package contact_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/secret"
)

// BenchmarkStats counts a hundred thousand records of two years over the whole tree
// of units, for the office at its root.
func BenchmarkStats(b *testing.B) {
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
	if err := d.Migrate(ctx, fs.FS(audit.Schema), access.Schema, org.Schema, person.Schema, contact.Schema); err != nil {
		b.Fatal(err)
	}
	keys, err := secret.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	policy, err := access.NewPolicy(contact.Rules()...)
	if err != nil {
		b.Fatal(err)
	}
	c := clock.Fixed(platformtest.Start)
	log := audit.New(d, keys, c)
	o := org.New(org.Deps{Log: log, Policy: policy, Clock: c})
	if err := o.SeedTree(ctx, system); err != nil {
		b.Fatal(err)
	}
	units := o.Directory().All()
	year := clock.Today(c).Year()
	if err := d.Write(ctx, func(tx *db.Tx) error {
		const part = 1000
		for i := 0; i < 100_000; i += part {
			rows := make([][]any, part)
			for k := range rows {
				u, n := units[(i+k)*7%len(units)], i+k
				upper := any(nil)
				if u.Parent != "" {
					upper = string(u.Parent)
				}
				rows[k] = []any{string(id.New()), fmt.Sprint("B", n), "r", "inquiry", string(u.ID), u.Level, string(u.ID), upper, fmt.Sprintf("%d-%02d", year-n%2, 1+n%12), "case", "lawyer", "phone", "C1", "", false, n%3 == 0,
					false, n%11 == 0, false, false, n%17 == 0, []string{"submitted", "checked", "answered", "archived"}[n%4], "", "", "", "", nil, "", "2026-01-01", "2026-01-01T00:00:00Z", 1}
			}
			if err := tx.InsertMany(ctx, "contact_matter", `id, code, reporter, record, unit_id, level, office_id, upper_id, period, area, asker, channel, claimed, category, insider, harmless,
				affected, catch_up, hidden, second, leadership, state, outcome, due_on, case_key, name_key, draft, read_at, recorded_on, submitted_at, rev`, rows); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	fresh := func() *contact.Service {
		return contact.New(contact.Deps{Log: log, Policy: policy, Clock: c, Keys: keys, Units: o.Directory()})
	}
	s := fresh()
	root := o.Directory().Root().ID
	who := platformtest.As("nobody", actor.InternalSupervision, o.Directory().Place(root))
	ask := func(b *testing.B, by string) {
		v, err := s.Stats(ctx, who, contact.StatsQuery{Unit: root, Year: year, By: by})
		if err != nil || v.Sum.Cells[4].N == 0 {
			b.Fatal(v.Sum, err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s = fresh()
			ask(b, "unit")
		}
	})
	for _, by := range []string{"unit", "class"} {
		b.Run(by, func(b *testing.B) {
			ask(b, by)
			for b.Loop() {
				ask(b, by)
			}
		})
	}
}
