package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const taxonomyColumns = "t.id, t.by_id, t.version, t.title, t.source, t.state, t.body, COALESCE(t.author_id, ''), t.at, COALESCE(t.publisher_id, ''), t.published_on, t.rev"

func scanTaxonomy(r scanner) (t Taxonomy, err error) {
	var body string
	err = r.Scan(&t.ID, &t.By, &t.Version, &t.Title, &t.Source, &t.State, &body, &t.Author, &t.At, &t.Publisher, &t.PublishedOn, &t.Rev)
	t.Classes = readClasses(body)
	return t, err
}

func taxonomyByID(ctx context.Context, q db.Q, n id.ID) (Taxonomy, error) {
	t, err := scanTaxonomy(q.QueryRow(ctx, "SELECT "+taxonomyColumns+" FROM inspection_taxonomy t WHERE t.id = $1", string(n)))
	return t, db.Absent(err, "taxonomy")
}

// maxVersions bounds the versions that one look reads; a keeper makes one in years.
const maxVersions = 200

// taxonomiesOf lists the versions of a keeper, the oldest first.
func taxonomiesOf(ctx context.Context, q db.Q, by id.ID) ([]Taxonomy, error) {
	return list(ctx, q, "taxonomies", scanTaxonomy, "SELECT "+taxonomyColumns+" FROM inspection_taxonomy t WHERE t.by_id = $1 ORDER BY t.version LIMIT "+strconv.Itoa(maxVersions), string(by))
}

// keepers lists the units that have published a taxonomy.
func keepers(ctx context.Context, q db.Q) ([]id.ID, error) {
	return list(ctx, q, "keepers", func(r scanner) (n id.ID, err error) { return n, r.Scan(&n) }, "SELECT DISTINCT t.by_id FROM inspection_taxonomy t WHERE t.state = $1", TaxonomyPublished)
}

// taxonomies lists the versions of all keepers, the newest first.
func taxonomies(ctx context.Context, q db.Q) ([]Taxonomy, error) {
	return list(ctx, q, "taxonomies", scanTaxonomy, "SELECT "+taxonomyColumns+" FROM inspection_taxonomy t ORDER BY t.id DESC LIMIT "+strconv.Itoa(maxVersions))
}

// taxonomyDrafts lists what waits to be published; there is one at a keeper.
func taxonomyDrafts(ctx context.Context, q db.Q) ([]Taxonomy, error) {
	return list(ctx, q, "taxonomies", scanTaxonomy, "SELECT "+taxonomyColumns+" FROM inspection_taxonomy t WHERE t.state = $1 ORDER BY t.id LIMIT "+strconv.Itoa(todoLimit), TaxonomyDraft)
}

func insertTaxonomy(ctx context.Context, tx *audit.Tx, t Taxonomy) error {
	tx.Touch("inspection_taxonomy", t.ID)
	_, err := tx.Exec(ctx, `INSERT INTO inspection_taxonomy (id, by_id, version, title, source, state, body, author_id, at, publisher_id, published_on, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)`, string(t.ID), string(t.By), t.Version, t.Title, t.Source, t.State, WriteClasses(t.Classes), db.Null(t.Author), tx.At, db.Null(t.Publisher), string(t.PublishedOn))
	if err != nil {
		return fmt.Errorf("add taxonomy: %w", err)
	}
	return nil
}

func updateTaxonomy(ctx context.Context, tx *audit.Tx, t Taxonomy) error {
	tx.Touch("inspection_taxonomy", t.ID)
	return tx.Change(ctx, "taxonomy", `UPDATE inspection_taxonomy SET title = $1, source = $2, state = $3, body = $4, author_id = $5, publisher_id = $6, published_on = $7, rev = rev + 1
		WHERE id = $8 AND rev = $9`, t.Title, t.Source, t.State, WriteClasses(t.Classes), db.Null(t.Author), db.Null(t.Publisher), string(t.PublishedOn), string(t.ID), t.Rev)
}

// classCount is how many findings of a round were recorded under a class.
type classCount struct {
	Coded
	Decided Coded
	Round   id.ID
	N       int
}

// classCounts counts the classified findings of some versions as a reader may see
// them: cond and args are his.
func classCounts(ctx context.Context, q db.Q, of []Taxonomy, cond string, args []any) ([]classCount, error) {
	if len(of) == 0 {
		return nil, nil
	}
	marks := make([]string, len(of))
	for i, t := range of {
		args = append(args, string(t.ID))
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	rows, err := q.Query(ctx, "SELECT f.class_of, f.class_code, f.decided_of, f.decided_code, f.round_id, COUNT(*) FROM inspection_finding f WHERE f.class_of <> '' AND f.class_of IN ("+strings.Join(marks, ",")+") AND "+cond+
		" GROUP BY f.class_of, f.class_code, f.decided_of, f.decided_code, f.round_id", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c classCount, err error) {
		return c, r.Scan(&c.Of, &c.Code, &c.Decided.Of, &c.Decided.Code, &c.Round, &c.N)
	})
	if err != nil {
		return nil, fmt.Errorf("count classes: %w", err)
	}
	return out, nil
}
