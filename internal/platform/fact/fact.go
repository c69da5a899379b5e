// Package fact is how a room lends its figures to others: a share of records of
// one unit in a period, with the records behind it, so that whoever builds on a
// figure can lead to them and can tell later whether they have changed. A room
// exports its sources under names of its own; who uses them needs no table of it.
package fact

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Ref is one record that a figure counts.
type Ref struct {
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
	Href  string `json:"href"`
	Good  bool   `json:"good"` // counts for the unit
}

// Fact is a share of records: Good of All.
type Fact struct {
	Good   int    `json:"good"`
	All    int    `json:"all"`
	Digest string `json:"digest"` // over every record with how it counts
	Refs   []Ref  `json:"refs"`   // at most [MaxRefs], those that count against the unit first
}

// MaxRefs bounds the records that are kept with a figure.
const MaxRefs = 100

// Source reads a figure about one unit from one day to another, both included.
type Source func(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (Fact, error)

// Of counts records. The digest does not depend on their order.
func Of(refs []Ref) Fact {
	f := Fact{All: len(refs)}
	lines := make([]string, len(refs))
	for i, r := range refs {
		mark := "-"
		if r.Good {
			f.Good++
			mark = "+"
		}
		lines[i] = mark + string(r.ID)
	}
	slices.Sort(lines)
	h := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	f.Digest = hex.EncodeToString(h[:])
	sorted := slices.Clone(refs)
	slices.SortStableFunc(sorted, func(a, b Ref) int {
		switch {
		case a.Good == b.Good:
			return strings.Compare(string(a.ID), string(b.ID))
		case b.Good:
			return -1
		}
		return 1
	})
	f.Refs = sorted[:min(MaxRefs, len(sorted))]
	return f
}

type scanner = *sql.Rows

// Collect reads a figure from a statement that gives id, title and 1 for a
// record that counts for the unit; href is the address before the id.
func Collect(ctx context.Context, q db.Q, href, statement string, args ...any) (Fact, error) {
	rows, err := q.Query(ctx, statement, args...)
	refs, err := db.Collect(rows, err, func(r scanner) (x Ref, err error) {
		var good int
		err = r.Scan(&x.ID, &x.Title, &good)
		x.Good, x.Href = good == 1, href+string(x.ID)
		return x, err
	})
	if err != nil {
		return Fact{}, err
	}
	return Of(refs), nil
}
