package risk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const versionColumns = `v.id, v.rule, v.n, v.unit_id, v.subject, v.level, v.name_zh, v.name_en, v.expression, v.document, v.article, v.evidence, v.why, v.state,
	COALESCE(v.author_id, ''), COALESCE(v.publisher_id, ''), v.tested, v.published_at, v.ended_at, v.at, v.rev`

// keptDry is a run on history as it is kept: whom it names is sealed.
type keptDry struct {
	Dry
	Names []byte `json:"names,omitempty"`
}

func testedText(d Dry) string {
	d.Added, d.Dropped = nil, nil
	return jsonText(keptDry{d, d.names})
}

func scanVersion(r scanner) (v Version, err error) {
	var tested string
	err = r.Scan(&v.ID, &v.Rule, &v.N, &v.Unit, &v.Subject, &v.Level, &v.NameZh, &v.NameEn, &v.Expression, &v.Document, &v.Article, &v.Evidence, &v.Why, &v.State,
		&v.Author, &v.Publisher, &tested, &v.PublishedAt, &v.EndedAt, &v.At, &v.Rev)
	if err == nil {
		var d keptDry
		err = json.Unmarshal([]byte(tested), &d)
		v.Tested, v.Tested.names = d.Dry, d.Names
	}
	return v, err
}

func insertVersion(ctx context.Context, tx *audit.Tx, v Version) error {
	return insert(ctx, tx, "risk_version", `id, rule, n, unit_id, subject, level, name_zh, name_en, expression, document, article, evidence, why, state, author_id, publisher_id, tested,
		published_at, ended_at, at, changed_at, rev`, string(v.ID), v.Rule, v.N, string(v.Unit), v.Subject, v.Level, v.NameZh, v.NameEn, v.Expression, v.Document, v.Article, v.Evidence, v.Why, v.State,
		db.Null(v.Author), db.Null(v.Publisher), testedText(v.Tested), v.PublishedAt, v.EndedAt, tx.At, tx.At, 1)
}

func updateVersion(ctx context.Context, tx *audit.Tx, v Version) error {
	tx.Touch("risk_version", v.ID)
	return tx.Change(ctx, "risk_rule", `UPDATE risk_version SET level = $1, name_zh = $2, name_en = $3, expression = $4, document = $5, article = $6, why = $7, state = $8, author_id = $9, publisher_id = $10,
		tested = $11, published_at = $12, ended_at = $13, changed_at = $14, rev = rev + 1 WHERE id = $15 AND rev = $16`, v.Level, v.NameZh, v.NameEn, v.Expression, v.Document, v.Article, v.Why, v.State,
		db.Null(v.Author), db.Null(v.Publisher), testedText(v.Tested), v.PublishedAt, v.EndedAt, tx.At, string(v.ID), v.Rev)
}

func versionByID(ctx context.Context, q db.Q, n id.ID) (Version, error) {
	v, err := scanVersion(q.QueryRow(ctx, "SELECT "+versionColumns+" FROM risk_version v WHERE v.id = $1", string(n)))
	if err != nil {
		return v, db.Absent(err, "risk_rule")
	}
	return v, nil
}

func versionsWhere(ctx context.Context, q db.Q, cond, arg string) ([]Version, error) {
	rows, err := q.Query(ctx, "SELECT "+versionColumns+" FROM risk_version v WHERE "+cond+" ORDER BY v.id DESC LIMIT 500", arg)
	return db.Collect(rows, err, func(r *sql.Rows) (Version, error) { return scanVersion(r) })
}

// nextVersion numbers a version; what came with the program is the first.
func nextVersion(ctx context.Context, q db.Q, rule string) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COALESCE(MAX(n), 1) + 1 FROM risk_version WHERE rule = $1", rule).Scan(&n); err != nil {
		return 0, fmt.Errorf("next version of %s: %w", rule, err)
	}
	return n, nil
}

// rulesInForce lists published versions, and of what came with the program those
// that no published or retired version stands for.
func rulesInForce(ctx context.Context, q db.Q, cat *Catalogue) ([]Version, error) {
	rows, err := q.Query(ctx, "SELECT "+versionColumns+" FROM risk_version v WHERE v.state = $1 OR v.state = $2 AND v.published_at <> '' ORDER BY v.rule, v.n", Published, Retired)
	list, err := db.Collect(rows, err, func(r *sql.Rows) (Version, error) { return scanVersion(r) })
	if err != nil {
		return nil, err
	}
	var out []Version
	for _, v := range cat.Rules {
		if !slices.ContainsFunc(list, func(x Version) bool { return x.Rule == v.Rule }) {
			out = append(out, v)
		}
	}
	for _, v := range list {
		if v.State == Published {
			out = append(out, v)
		}
	}
	return out, nil
}
