package registers

import (
	"context"
	"fmt"
	"os"

	"huikan/linkage"
)

// PrivateLawyerColumns are the lawyer's columns that take part in private matching: what he did before he was a lawyer is not
// told.
var PrivateLawyerColumns = func() linkage.Columns {
	c := LawyerColumns
	c.Orgs = []string{"firm_name|律师事务所"}
	return c
}()

// Left reads the two tables of the own side.
func Left(ctx context.Context, staff, relatives string) (s, r *linkage.Set, reports []*linkage.Report, err error) {
	if s, reports, err = ReadFile(ctx, staff, StaffColumns, nil, reports); err != nil {
		return nil, nil, nil, err
	}
	r, reports, err = ReadFile(ctx, relatives, RelativeColumns, linkage.NewOwners(s), reports)
	return s, r, reports, err
}

// ReadFile reads one register by its columns and appends its report.
func ReadFile(ctx context.Context, path string, c linkage.Columns, owners *linkage.Owners, reports []*linkage.Report) (*linkage.Set, []*linkage.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("linkage: %w", err)
	}
	defer f.Close()
	s, rep, err := linkage.ReadTable(ctx, path, f, c, Rules(), owners, linkage.Options{})
	if err != nil {
		return nil, nil, err
	}
	return s, append(reports, rep), nil
}

// Pair is a record of the left side (0 staff, 1 relatives) and one of the opened records.
type Pair struct{ Source, Left, Right int }

// Rescore scores the pairs that private matching found, in the same way as registers that lie open. The opened records are
// part of a register of a size; without a model the starting weights of the package are taken, because the other register
// cannot be looked at to learn from it.
func Rescore(ctx context.Context, staff, relatives, opened *linkage.Set, pairs []Pair, size int, m *linkage.Model) (*Result, error) {
	if m == nil {
		m = linkage.Default(Rules(), 0, staff, relatives)
	}
	r := &Result{Staff: staff, Relatives: relatives, Model: m, Index: linkage.NewIndex(opened, m).Among(size)}
	found := map[Pair]bool{}
	for _, p := range pairs {
		found[p] = true
	}
	for i, s := range []*linkage.Set{staff, relatives} {
		links, err := r.Index.Link(ctx, s, linkage.Options{})
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if found[Pair{i, l.Left, l.Right}] {
				r.Links[i] = append(r.Links[i], l)
			}
		}
	}
	r.settle()
	return r, nil
}
