package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
)

const criterionColumns = "c.id, c.series_id, c.version, c.by_id, c.document, c.article, c.body, c.from_on, c.to_on, COALESCE(c.person_id, ''), c.at, c.rev"

func scanCriterion(r scanner) (c Criterion, err error) {
	return c, r.Scan(&c.ID, &c.Series, &c.Version, &c.By, &c.Document, &c.Article, &c.Text, &c.From, &c.To, &c.Person, &c.At, &c.Rev)
}

func criterionByID(ctx context.Context, q db.Q, n id.ID) (Criterion, error) {
	c, err := scanCriterion(q.QueryRow(ctx, "SELECT "+criterionColumns+" FROM inspection_criterion c WHERE c.id = $1", string(n)))
	return c, db.Absent(err, "criterion")
}

// versionsOf lists the versions of an article, the newest first.
func versionsOf(ctx context.Context, q db.Q, series id.ID) ([]Criterion, error) {
	return list(ctx, q, "versions", scanCriterion, "SELECT "+criterionColumns+" FROM inspection_criterion c WHERE c.series_id = $1 ORDER BY c.version DESC", string(series))
}

// maxCriteria bounds the choice of the form of a finding.
const maxCriteria = 500

// criteriaOn lists the versions that began by a day, those in force first: facts
// may lie before a change, so that earlier wordings can be chosen too.
func criteriaOn(ctx context.Context, q db.Q, on clock.Date) ([]Criterion, error) {
	return list(ctx, q, "criteria", scanCriterion, fmt.Sprintf(`SELECT %s FROM inspection_criterion c WHERE c.from_on <= $1
		ORDER BY CASE WHEN c.to_on = '' OR c.to_on >= $1 THEN 0 ELSE 1 END, c.document, c.article, c.version DESC LIMIT %d`, criterionColumns, maxCriteria), string(on))
}

// latestCriteria lists the newest version of each article, narrowed by words.
func latestCriteria(ctx context.Context, q db.Q, words string, after [3]string, limit int) ([]Criterion, error) {
	cond, args := "NOT EXISTS (SELECT 1 FROM inspection_criterion n WHERE n.series_id = c.series_id AND n.version > c.version)", []any{}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if words != "" {
		like := arg("%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(words) + "%")
		cond += " AND (c.document LIKE " + like + ` ESCAPE '\' OR c.article LIKE ` + like + ` ESCAPE '\' OR c.body LIKE ` + like + ` ESCAPE '\')`
	}
	if after[2] != "" {
		cond += " AND (c.document, c.article, c.id) > (" + arg(after[0]) + ", " + arg(after[1]) + ", " + arg(after[2]) + ")"
	}
	return list(ctx, q, "criteria", scanCriterion, fmt.Sprintf("SELECT %s FROM inspection_criterion c WHERE %s ORDER BY c.document, c.article, c.id LIMIT %d", criterionColumns, cond, limit), args...)
}

func insertCriterion(ctx context.Context, tx *audit.Tx, c Criterion) error {
	tx.Touch("inspection_criterion", c.ID)
	_, err := tx.Exec(ctx, `INSERT INTO inspection_criterion (id, series_id, version, by_id, document, article, body, from_on, to_on, person_id, at, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)`, string(c.ID), string(c.Series), c.Version, string(c.By), c.Document, c.Article, c.Text, string(c.From), string(c.To), db.Null(c.Person), tx.At)
	if err != nil {
		return fmt.Errorf("add criterion: %w", err)
	}
	return nil
}

func endCriterion(ctx context.Context, tx *audit.Tx, c Criterion, to clock.Date) error {
	tx.Touch("inspection_criterion", c.ID)
	return tx.Change(ctx, "criterion", "UPDATE inspection_criterion SET to_on = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(to), string(c.ID), c.Rev)
}

// File is a paper or picture that belongs to a finding or to a self-check, kept in
// the vault.
type File struct {
	ID     id.ID  `json:"id"`
	Owner  id.ID  `json:"owner"`
	Hash   string `json:"hash"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Mime   string `json:"mime"`
	Size   int64  `json:"size"`
	Person id.ID  `json:"person"`
	At     string `json:"at"`
}

// shelf is where the files of a kind of record stand.
type shelf struct{ table, owner string }

var (
	findingFiles = shelf{"inspection_file", "finding_id"}
	checkFiles   = shelf{"inspection_check_file", "check_id"}
)

func (f shelf) columns() string {
	return "id, " + f.owner + ", hash, name, kind, mime, size, COALESCE(person_id, ''), at"
}

func scanFile(r scanner) (f File, err error) {
	return f, r.Scan(&f.ID, &f.Owner, &f.Hash, &f.Name, &f.Kind, &f.Mime, &f.Size, &f.Person, &f.At)
}

// of lists the files of a record, oldest first.
func (f shelf) of(ctx context.Context, q db.Q, owner id.ID) ([]File, error) {
	return list(ctx, q, "files", scanFile, "SELECT "+f.columns()+" FROM "+f.table+" WHERE "+f.owner+" = $1 ORDER BY id", string(owner))
}

// one reads a file of a record; one of another record is absent.
func (f shelf) one(ctx context.Context, q db.Q, owner, n id.ID) (File, error) {
	x, err := scanFile(q.QueryRow(ctx, "SELECT "+f.columns()+" FROM "+f.table+" WHERE id = $1 AND "+f.owner+" = $2", string(n), string(owner)))
	return x, db.Absent(err, "file")
}

// put adds files to a record, at most maxFiles in all; one that is there already
// is left out.
func (f shelf) put(ctx context.Context, tx *audit.Tx, owner, person id.ID, files []vault.Stored) error {
	if len(files) == 0 {
		return nil
	}
	there, err := f.of(ctx, tx, owner)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, x := range there {
		have[x.Hash] = true
	}
	if len(there)+len(files) > maxFiles {
		return sole("files", "finding.bad.files", maxFiles)
	}
	for _, x := range files {
		if have[x.Hash] {
			continue
		}
		have[x.Hash] = true
		n := id.New()
		tx.Touch(f.table, n)
		if _, err := tx.Exec(ctx, "INSERT INTO "+f.table+" (id, "+f.owner+", hash, name, kind, mime, size, person_id, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
			string(n), string(owner), x.Hash, x.Name, x.Kind, x.Mime, x.Size, db.Null(person), tx.At); err != nil {
			return fmt.Errorf("keep file: %w", err)
		}
	}
	return nil
}

// readManifestations reads what WriteManifestations wrote. The rows stand in
// one column: a finding travels in kits and through imports as one row.
func readManifestations(text string) []Manifestation {
	if text == "" {
		return nil
	}
	return ParseManifestations(text, &fault.Fields{})
}

// countedOf counts the manifestations of findings without reading them.
func countedOf(ctx context.Context, q db.Q, cond string, args []any) (c Counted, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*), COUNT(DISTINCT CASE WHEN f.aspect <> '' THEN f.aspect END), COALESCE(SUM(CASE WHEN f.manifestations = '' THEN 0
		ELSE 1 + LENGTH(f.manifestations) - LENGTH(REPLACE(f.manifestations, $`+fmt.Sprint(len(args)+1)+`, '')) END), 0), COALESCE(SUM(f.manifested), 0)
		FROM inspection_finding f WHERE `+cond, append(args, "\n")...).Scan(&c.Problems, &c.Aspects, &c.Manifestations, &c.Times)
	if err != nil && err != sql.ErrNoRows {
		return c, fmt.Errorf("count manifestations: %w", err)
	}
	return c, nil
}
