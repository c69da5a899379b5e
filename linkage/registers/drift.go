package registers

import (
	"context"

	"huikan/linkage"
)

// Moved is what other registers do to a model: how far its weights move when they are learned anew, and what becomes of
// the pairs. Weights alone say little: a rare level may move far and change nobody's verdict.
type Moved struct {
	Old    string          `json:"old"` // identities of the models
	New    string          `json:"new"`
	Shifts []linkage.Shift `json:"shifts"`
	Pairs  int             `json:"pairs"` // reported under either model
	Bands  int             `json:"bands"` // of them in another band, or under one model only
	Auto   int             `json:"auto"`  // of those: auto under one model only
}

// Share is the part of the pairs whose verdict changed.
func (m Moved) Share() float64 {
	if m.Pairs == 0 {
		return 0
	}
	return float64(m.Bands) / float64(m.Pairs)
}

// Drift learns from registers anew and holds the result against an older model, by weights that moved at least so many
// bits and by the pairs of these very registers.
func Drift(ctx context.Context, f Files, old *linkage.Model, atLeast float64, o Options) (*Moved, *Result, error) {
	o.Model = nil
	now, err := Run(ctx, f, o)
	if err != nil {
		return nil, nil, err
	}
	then := &Result{Staff: now.Staff, Relatives: now.Relatives, Model: old, Index: now.Index.With(old)}
	for i, s := range []*linkage.Set{now.Staff, now.Relatives} {
		if then.Links[i], err = then.Index.Link(ctx, s, o.Options); err != nil {
			return nil, nil, err
		}
	}
	then.settle()
	m := &Moved{Old: old.ID(), New: now.Model.ID(), Shifts: now.Model.Drift(old, atLeast)}
	type pair struct{ source, left, right int }
	bands := map[pair][2]linkage.Band{}
	for which, r := range []*Result{then, now} {
		for i := range r.Links {
			for _, l := range r.Links[i] {
				b := bands[pair{i, l.Left, l.Right}]
				b[which] = l.Band
				bands[pair{i, l.Left, l.Right}] = b
			}
		}
	}
	m.Pairs = len(bands)
	for _, b := range bands {
		if b[0] != b[1] {
			m.Bands++
			if b[0] == linkage.Auto || b[1] == linkage.Auto {
				m.Auto++
			}
		}
	}
	return m, now, nil
}
