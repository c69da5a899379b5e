package registers

import (
	"context"
	"path/filepath"
	"testing"

	"huikan/linkage"
)

// openly does what private matching does, without hiding anything: records that share a value are told to each other.
func openly(t *testing.T, m Making, keys ...linkage.EqualKey) (raw float64, j *Judgement) {
	t.Helper()
	dir, ctx := t.TempDir(), context.Background()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	staff, relatives, _, err := Left(ctx, filepath.Join(dir, "staff.csv"), filepath.Join(dir, "relatives.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lawyers, _, err := ReadFile(ctx, filepath.Join(dir, "lawyers.csv"), PrivateLawyerColumns, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	lawyers.DropShared()
	opened, rows := linkage.NewSet(Rules()), map[int]int{}
	var pairs []Pair
	var vs []linkage.EqualValue
	for _, k := range keys {
		by := map[linkage.EqualValue][]int{}
		for row := range lawyers.Len() {
			for _, v := range lawyers.Equal(row, k, vs[:0]) {
				by[v] = append(by[v], row)
			}
		}
		for i, s := range []*linkage.Set{staff, relatives} {
			for row := range s.Len() {
				for _, v := range s.Equal(row, k, vs[:0]) {
					for _, l := range by[v] {
						o, ok := rows[l]
						if !ok {
							if o, err = opened.AddDisclosed(lawyers.ID(l), lawyers.Disclose(l)); err != nil {
								t.Fatal(err)
							}
							rows[l] = o
						}
						if k == linkage.EqualNumber {
							opened.TakeNumber(o, s, row)
						}
						pairs = append(pairs, Pair{i, row, o})
					}
				}
			}
		}
	}
	truth, err := readPairs(filepath.Join(dir, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	met := map[pairKey]bool{}
	for _, p := range pairs {
		k := pairKey{Sources[p.Source], []*linkage.Set{staff, relatives}[p.Source].ID(p.Left), opened.ID(p.Right)}
		if _, ok := truth[k]; ok {
			met[k] = true
		}
	}
	r, err := Rescore(ctx, staff, relatives, opened, pairs, lawyers.Len(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if j, err = Judge(dir, r); err != nil {
		t.Fatal(err)
	}
	return float64(len(met)) / float64(len(truth)), j
}

// The keys of private matching reach most of what open registers would show, and scoring what was told errs little.
func TestEqualKeysReach(t *testing.T) {
	const share = .03
	keys := []linkage.EqualKey{linkage.EqualNumber, linkage.EqualNameMonth, linkage.EqualNameTail, linkage.EqualSoundDay}
	for _, c := range []struct {
		name              string
		m                 Making
		recall, precision float64
	}{
		{"usual", Making{Seed: 41}, .94, .95},
		{"others", Making{Seed: 42}, .94, .95},
		{"common names more common", Making{Seed: 45, Skew: 1.5}, .94, .95},
		{"errors doubled", Making{Seed: 44, Errors: 2}, .8, .95}, // equality forgives nothing
		{"numbers and dates missing", Making{Seed: 43, Missing: 2}, .84, .94},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.m.Staff, c.m.Relatives, c.m.Lawyers = int(300000*share), int(1250000*share), int(800000*share)
			raw, j := openly(t, c.m, keys...)
			t.Logf("%d true pairs, %.4f share a value, recall %.4f, precision %.4f, auto %d at %.4f", j.True, raw, j.Recall, j.Precision, j.Auto, j.AutoPrecision)
			if j.Recall < c.recall || j.Precision < c.precision || j.AutoPrecision < .99 {
				t.Errorf("recall %.4f, precision %.4f, of auto %.4f", j.Recall, j.Precision, j.AutoPrecision)
			}
		})
	}
}
