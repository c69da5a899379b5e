package orgtest

import (
	"context"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
)

// The units of the small tree.
var (
	Root     = access.Place{Unit: "spp", Path: "spp/"}
	Henan    = access.Place{Unit: "henan", Path: "spp/41/"}
	Xinxiang = access.Place{Unit: "xinxiang", Path: "spp/41/4107/"}
	Hebei    = access.Place{Unit: "hebei", Path: "spp/13/"}
)

var units = map[id.ID]struct {
	place access.Place
	name  string
	above []id.ID // itself first
}{
	"spp": {Root, "最高人民检察院", []id.ID{"spp"}}, "henan": {Henan, "河南省人民检察院", []id.ID{"henan", "spp"}},
	"xinxiang": {Xinxiang, "新乡市人民检察院", []id.ID{"xinxiang", "henan", "spp"}}, "hebei": {Hebei, "河北省人民检察院", []id.ID{"hebei", "spp"}},
}

// Small is a tree of four units: the highest one, two provinces, and a city below
// one of them. It answers for the units as *org.Directory does.
type Small struct{}

// Place tells where a unit stands.
func (Small) Place(n id.ID) access.Place { return units[n].place }

// Name gives the name of a unit.
func (Small) Name(n id.ID) string { return units[n].name }

// Short gives the name of a unit; the tree has no short ones.
func (Small) Short(n id.ID) string { return units[n].name }

// Unit gives a unit of the tree; its code is its id.
func (Small) Unit(n id.ID) (org.Unit, bool) {
	u, ok := units[n]
	if !ok {
		return org.Unit{}, false
	}
	out := org.Unit{ID: n, Code: string(n), Name: u.name, Level: len(u.above)}
	if len(u.above) > 1 {
		out.Parent = u.above[1]
	}
	return out, true
}

// Find looks a unit of the small tree up by its name or id.
func Find(text string) []id.ID {
	for n, u := range units {
		if text == u.name || text == string(n) {
			return []id.ID{n}
		}
	}
	return nil
}

// Put writes the small tree where lists are filtered by it.
func Put(t *testing.T, log *audit.Log) {
	t.Helper()
	ctx := context.Background()
	err := log.Write(ctx, actor.Program("test"), "test.tree", func(tx *audit.Tx) error {
		for n, u := range units {
			if err := access.PutUnit(ctx, tx, n, u.above); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
