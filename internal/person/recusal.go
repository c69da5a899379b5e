package person

import (
	"context"
	"slices"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Known is what is known of one of many persons for a check for recusal.
type Known struct {
	Facts
	Serving     bool
	KinLeadUnit []id.ID // units in whose leadership a relative sits
}

// RecusalFactsOf gathers for many persons at once what RecusalFacts and the
// standing of their kin say of one: a pool of a thousand is asked in few queries.
func RecusalFactsOf(ctx context.Context, q db.Q, people []id.ID) (map[id.ID]Known, error) {
	out := make(map[id.ID]Known, len(people))
	kin := map[id.ID][]id.ID{}
	var all []id.ID
	for part := range slices.Chunk(people, 500) {
		ps, err := peopleByID(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = Known{Facts: Facts{Native: p.Native, Unit: p.Unit}, Serving: p.Status == Serving}
		}
		former, err := formerUnits(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, f := range former {
			k := out[f.person]
			if f.other != k.Unit && !slices.Contains(k.FormerUnits, f.other) {
				k.FormerUnits = append(k.FormerUnits, f.other)
				out[f.person] = k
			}
		}
		pairs, err := kinPairs(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, f := range pairs {
			if !slices.Contains(kin[f.person], f.other) {
				kin[f.person] = append(kin[f.person], f.other)
			}
			all = append(all, f.other)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	relatives := map[id.ID]Person{}
	for part := range slices.Chunk(all, 500) {
		ps, err := peopleByID(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			relatives[p.ID] = p
		}
	}
	for p, ks := range kin {
		k, ok := out[p]
		if !ok {
			continue
		}
		for _, n := range ks {
			r, ok := relatives[n]
			if !ok || r.Unit == "" {
				continue
			}
			if !slices.Contains(k.KinUnits, r.Unit) {
				k.KinUnits = append(k.KinUnits, r.Unit)
			}
			if r.Leadership && !slices.Contains(k.KinLeadUnit, r.Unit) {
				k.KinLeadUnit = append(k.KinLeadUnit, r.Unit)
			}
		}
		out[p] = k
	}
	return out, nil
}
