package person

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const personColumns = `p.id, p.staff_no, p.name, p.gender, p.birth, p.native, p.id_sealed, p.id_blind, p.unit_id, COALESCE(p.department_id, ''),
	p.title, p.rank, p.leadership, p.status, p.departed_on, p.rev`

func scanPerson(scan func(...any) error) (p Person, err error) {
	return p, scan(&p.ID, &p.StaffNo, &p.Name, &p.Gender, &p.Birth, &p.Native, &p.sealed, &p.blind, &p.Unit, &p.Department,
		&p.Title, &p.Rank, &p.Leadership, &p.Status, &p.DepartedOn, &p.Rev)
}

func collectPeople(rows *sql.Rows, err error) ([]Person, error) {
	return db.Collect(rows, err, func(r *sql.Rows) (Person, error) { return scanPerson(r.Scan) })
}

func byID(ctx context.Context, q db.Q, n id.ID) (Person, error) {
	p, err := scanPerson(q.QueryRow(ctx, "SELECT "+personColumns+" FROM person p WHERE p.id = $1", string(n)).Scan)
	return p, db.Absent(err, "person")
}

// marks writes placeholders for values and appends them to args.
func marks[T ~string](args *[]any, vs []T) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		*args = append(*args, string(v))
		out[i] = "$" + strconv.Itoa(len(*args))
	}
	return strings.Join(out, ",")
}

func mark(args *[]any, v any) string {
	*args = append(*args, v)
	return "$" + strconv.Itoa(len(*args))
}

// found looks values of a unique column up: value → person.
func found(ctx context.Context, q db.Q, column string, values []string) (map[string]id.ID, error) {
	out := map[string]id.ID{}
	for part := range slices.Chunk(values, 500) {
		var args []any
		rows, err := q.Query(ctx, "SELECT "+column+", id FROM person WHERE "+column+" IN ("+marks(&args, part)+")", args...)
		type pair struct {
			value string
			id    id.ID
		}
		ps, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.value, &p.id) })
		if err != nil {
			return nil, fmt.Errorf("look people up: %w", err)
		}
		for _, p := range ps {
			out[p.value] = p.id
		}
	}
	return out, nil
}

var personInsert = []string{"id", "staff_no", "name", "name_key", "initials", "gender", "birth", "native", "id_sealed", "id_blind", "unit_id",
	"department_id", "title", "rank", "leadership", "status", "departed_on", "created_at", "rev"}

func insertPeople(ctx context.Context, tx *audit.Tx, ps []Person) error {
	for part := range slices.Chunk(ps, 5000) { // bounds the memory of a large import
		rows := make([][]any, len(part))
		ids := make([]id.ID, len(part))
		for i, p := range part {
			rows[i] = []any{string(p.ID), p.StaffNo, p.Name, hantext.NormalizeForMatch(p.Name), hantext.Initials(p.Name), p.Gender, string(p.Birth), p.Native,
				nothing(p.sealed), p.blind, string(p.Unit), db.Null(p.Department), p.Title, p.Rank, p.Leadership, p.Status, string(p.DepartedOn), tx.At, 1}
			ids[i] = p.ID
		}
		if err := tx.InsertMany(ctx, "person", strings.Join(personInsert, ", "), rows); err != nil {
			return err
		}
		tx.Touch("person", ids...)
	}
	return nil
}

// nothing writes an absent seal as NULL.
func nothing(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func updatePerson(ctx context.Context, tx *audit.Tx, p Person) error {
	tx.Touch("person", p.ID)
	return tx.Change(ctx, "person", `UPDATE person SET name = $1, name_key = $2, initials = $3, gender = $4, birth = $5, native = $6, id_sealed = $7,
		id_blind = $8, unit_id = $9, department_id = $10, title = $11, rank = $12, leadership = $13, status = $14, departed_on = $15, rev = rev + 1
		WHERE id = $16 AND rev = $17`, p.Name, hantext.NormalizeForMatch(p.Name), hantext.Initials(p.Name), p.Gender, string(p.Birth), p.Native,
		nothing(p.sealed), p.blind, string(p.Unit), db.Null(p.Department), p.Title, p.Rank, p.Leadership, p.Status, string(p.DepartedOn), string(p.ID), p.Rev)
}

const postColumns = "id, person_id, unit_id, COALESCE(department_id, ''), title, rank, leadership, main, valid_from, valid_to, rev"

func scanPost(scan func(...any) error) (p Post, err error) {
	return p, scan(&p.ID, &p.Person, &p.Unit, &p.Department, &p.Title, &p.Rank, &p.Leadership, &p.Main, &p.From, &p.To, &p.Rev)
}

func insertPosts(ctx context.Context, tx *audit.Tx, posts []Post) error {
	for part := range slices.Chunk(posts, 5000) {
		rows := make([][]any, len(part))
		ids := make([]id.ID, len(part))
		for i, p := range part {
			rows[i] = []any{string(p.ID), string(p.Person), string(p.Unit), db.Null(p.Department), p.Title, p.Rank, p.Leadership, p.Main, string(p.From), string(p.To), 1}
			ids[i] = p.ID
		}
		err := tx.InsertMany(ctx, "person_post", "id, person_id, unit_id, department_id, title, rank, leadership, main, valid_from, valid_to, rev", rows)
		if err != nil {
			return err
		}
		tx.Touch("person_post", ids...)
	}
	return nil
}

func postByID(ctx context.Context, q db.Q, n id.ID) (Post, error) {
	p, err := scanPost(q.QueryRow(ctx, "SELECT "+postColumns+" FROM person_post WHERE id = $1", string(n)).Scan)
	return p, db.Absent(err, "post")
}

// postsOf lists posts, running ones first, then the latest.
func postsOf(ctx context.Context, q db.Q, person id.ID) ([]Post, error) {
	rows, err := q.Query(ctx, "SELECT "+postColumns+" FROM person_post WHERE person_id = $1 ORDER BY CASE WHEN valid_to = '' THEN 0 ELSE 1 END, valid_from DESC, id DESC", string(person))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Post, error) { return scanPost(r.Scan) })
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return out, nil
}

func endPost(ctx context.Context, tx *audit.Tx, p Post) error {
	tx.Touch("person_post", p.ID)
	return tx.Change(ctx, "post", "UPDATE person_post SET valid_to = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(p.To), string(p.ID), p.Rev)
}

func insertEmployment(ctx context.Context, tx *audit.Tx, e Employment) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_employment (id, person_id, unit_id, employer, title, valid_from, valid_to, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(e.ID), string(e.Person), db.Null(e.Unit), e.Employer, e.Title, string(e.From), string(e.To), tx.At)
	if err != nil {
		return fmt.Errorf("write employment: %w", err)
	}
	tx.Touch("person_employment", e.ID)
	return nil
}

func employmentOf(ctx context.Context, q db.Q, person id.ID) ([]Employment, error) {
	rows, err := q.Query(ctx, `SELECT id, person_id, COALESCE(unit_id, ''), employer, title, valid_from, valid_to FROM person_employment
		WHERE person_id = $1 ORDER BY valid_from DESC, id DESC`, string(person))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Employment, err error) {
		return e, r.Scan(&e.ID, &e.Person, &e.Unit, &e.Employer, &e.Title, &e.From, &e.To)
	})
	if err != nil {
		return nil, fmt.Errorf("read employment: %w", err)
	}
	return out, nil
}

const relativeColumns = `r.id, r.person_id, r.kind, COALESCE(r.replaces_id, ''), r.relation, r.name, COALESCE(r.related_id, ''), r.employer,
	r.valid_from, r.valid_to, r.reason, r.at, COALESCE(r.by_id, '')`

// current holds the entries that no later one replaces.
const current = "NOT EXISTS (SELECT 1 FROM person_relative n WHERE n.replaces_id = r.id)"

func scanRelative(scan func(...any) error) (r Relative, err error) {
	return r, scan(&r.ID, &r.Person, &r.Kind, &r.Replaces, &r.Relation, &r.Name, &r.Related, &r.Employer, &r.From, &r.To, &r.Reason, &r.At, &r.By)
}

// sealedNumber is an ID number as the database keeps it.
type sealedNumber struct {
	sealed []byte
	blind  string
}

func insertRelative(ctx context.Context, tx *audit.Tx, r Relative, n sealedNumber) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_relative (id, person_id, kind, replaces_id, relation, name, related_id, employer, id_sealed, id_blind,
		valid_from, valid_to, reason, at, by_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(r.ID), string(r.Person), r.Kind, db.Null(r.Replaces), r.Relation, r.Name, db.Null(r.Related), r.Employer, nothing(n.sealed), n.blind,
		string(r.From), string(r.To), r.Reason, r.At, db.Null(r.By))
	if err != nil {
		return fmt.Errorf("write relative: %w", err)
	}
	tx.Touch("person_relative", r.ID)
	return nil
}

func relativeByID(ctx context.Context, q db.Q, n id.ID) (Relative, sealedNumber, bool, error) {
	var x sealedNumber
	var last int
	row := q.QueryRow(ctx, "SELECT "+relativeColumns+", r.id_sealed, r.id_blind, CASE WHEN "+current+" THEN 1 ELSE 0 END FROM person_relative r WHERE r.id = $1", string(n))
	r, err := scanRelative(func(dst ...any) error { return row.Scan(append(dst, &x.sealed, &x.blind, &last)...) })
	return r, x, last == 1, db.Absent(err, "relative")
}

// relativeEntries lists all entries of a person, oldest first.
func relativeEntries(ctx context.Context, q db.Q, person id.ID) ([]Relative, error) {
	rows, err := q.Query(ctx, "SELECT "+relativeColumns+" FROM person_relative r WHERE r.person_id = $1 ORDER BY r.at, r.id", string(person))
	return collectRelatives(rows, err)
}

func relativesNow(ctx context.Context, q db.Q, person id.ID) ([]Relative, error) {
	rows, err := q.Query(ctx, "SELECT "+relativeColumns+" FROM person_relative r WHERE r.person_id = $1 AND r.kind <> 'ended' AND "+current+" ORDER BY r.at, r.id", string(person))
	return collectRelatives(rows, err)
}

func collectRelatives(rows *sql.Rows, err error) ([]Relative, error) {
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Relative, error) { return scanRelative(r.Scan) })
	if err != nil {
		return nil, fmt.Errorf("read relatives: %w", err)
	}
	return out, nil
}

// kin are the colleagues related to a person, whichever of the two declared it.
func kin(ctx context.Context, q db.Q, person id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, `SELECT r.related_id FROM person_relative r WHERE r.person_id = `+db.Key+` AND r.related_id IS NOT NULL AND r.kind <> 'ended' AND `+current+`
		UNION SELECT r.person_id FROM person_relative r WHERE r.related_id = `+db.Key+` AND r.kind <> 'ended' AND `+current+` ORDER BY 1`, string(person))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read kin: %w", err)
	}
	return out, nil
}

// reveals counts what an account revealed since an instant.
func reveals(ctx context.Context, q db.Q, account id.ID, since string) (n int, err error) {
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM person_reveal WHERE account = $1 AND at > $2", string(account), since).Scan(&n); err != nil {
		return 0, fmt.Errorf("count reveals: %w", err)
	}
	return n, nil
}

func insertReveal(ctx context.Context, tx *audit.Tx, person, account id.ID) error {
	n := id.New()
	if _, err := tx.Exec(ctx, "INSERT INTO person_reveal (id, person_id, account, at) VALUES ($1, $2, $3, $4)", string(n), string(person), string(account), tx.At); err != nil {
		return fmt.Errorf("note the reveal: %w", err)
	}
	tx.Touch("person_reveal", n)
	return nil
}

// named reads ids and names only.
func named(ctx context.Context, q db.Q, ids []id.ID) ([]Person, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT id, name FROM person WHERE id IN ("+marks(&args, ids)+")", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (p Person, err error) { return p, r.Scan(&p.ID, &p.Name) })
	if err != nil {
		return nil, fmt.Errorf("read names of people: %w", err)
	}
	return out, nil
}

type bearer struct {
	key string
	id  id.ID
}

// bearing finds the people whose folded name is one of the keys.
func bearing(ctx context.Context, q db.Q, keys []string) ([]bearer, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT name_key, id FROM person WHERE name_key IN ("+marks(&args, keys)+") ORDER BY name_key, id", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (b bearer, err error) { return b, r.Scan(&b.key, &b.id) })
	if err != nil {
		return nil, fmt.Errorf("look for names: %w", err)
	}
	return out, nil
}
