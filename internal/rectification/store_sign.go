package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const claimFields = `id, item_id, no, kind, body, cents, evidence, test, machine, application, checked, remark, COALESCE(checker_id,''), checked_at, COALESCE(person_id,''), at, dropped, rev`

func joined(ids []id.ID) string {
	s := make([]string, len(ids))
	for n, x := range ids {
		s[n] = string(x)
	}
	return strings.Join(s, " ")
}

func split(s string) []id.ID {
	var out []id.ID
	for _, x := range strings.Fields(s) {
		out = append(out, id.ID(x))
	}
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Claims lists the claims of an item by number, dropped ones too.
func Claims(ctx context.Context, q db.Q, item id.ID) ([]Claim, error) {
	rows, err := q.Query(ctx, "SELECT "+claimFields+" FROM rectify_claim WHERE item_id = $1 ORDER BY no", string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c Claim, err error) {
		var evidence string
		var machine, dropped int
		err = r.Scan(&c.ID, &c.Item, &c.No, &c.Kind, &c.Text, &c.Cents, &evidence, &c.Test, &machine, &c.Application, &c.Checked, &c.Remark, &c.Checker, &c.CheckedAt, &c.By, &c.At, &dropped, &c.Rev)
		c.Evidence, c.Machine, c.Dropped = split(evidence), machine == 1, dropped == 1
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	return out, nil
}

func insertClaims(ctx context.Context, tx *audit.Tx, claims ...Claim) error {
	rows := make([][]any, len(claims))
	for n, c := range claims {
		tx.Touch("rectify_claim", c.ID)
		rows[n] = []any{string(c.ID), string(c.Item), c.No, c.Kind, c.Text, c.Cents, joined(c.Evidence), c.Test, bit(c.Machine), c.Application, "", "", nil, "", db.Null(c.By), tx.At, 0, 1}
	}
	return tx.InsertMany(ctx, "rectify_claim", "id, item_id, no, kind, body, cents, evidence, test, machine, application, checked, remark, checker_id, checked_at, person_id, at, dropped, rev", rows)
}

func updateClaim(ctx context.Context, tx *audit.Tx, c Claim) error {
	tx.Touch("rectify_claim", c.ID)
	return tx.Change(ctx, "claim", `UPDATE rectify_claim SET kind = $1, body = $2, cents = $3, evidence = $4, test = $5, machine = $6, application = $7, checked = $8, remark = $9,
		checker_id = $10, checked_at = $11, person_id = $12, dropped = $13, rev = rev + 1 WHERE id = $14 AND rev = $15`, c.Kind, c.Text, c.Cents, joined(c.Evidence), c.Test, bit(c.Machine),
		c.Application, c.Checked, c.Remark, db.Null(c.Checker), c.CheckedAt, db.Null(c.By), bit(c.Dropped), string(c.ID), c.Rev)
}

const signFields = "id, item_id, unit_id, by_id, application, level, second, COALESCE(person_id,''), at, opinion, pieces, seconds"

func scanSign(r *sql.Rows) (s Signature, err error) {
	var second int
	err = r.Scan(&s.ID, &s.Item, &s.Unit, &s.By, &s.Application, &s.Level, &second, &s.Person, &s.At, &s.Opinion, &s.Pieces, &s.Seconds)
	s.Second = second == 1
	return s, err
}

// Signatures lists the approvals of an item, of all applications, oldest first.
func Signatures(ctx context.Context, q db.Q, item id.ID) ([]Signature, error) {
	rows, err := q.Query(ctx, "SELECT "+signFields+" FROM rectify_signature WHERE item_id = $1 ORDER BY id", string(item))
	out, err := db.Collect(rows, err, scanSign)
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	return out, nil
}

func ofApplication(all []Signature, no int) []Signature {
	return slices.DeleteFunc(slices.Clone(all), func(s Signature) bool { return s.Application != no })
}

func insertSignature(ctx context.Context, tx *audit.Tx, s Signature) error {
	tx.Touch("rectify_signature", s.ID)
	return tx.InsertMany(ctx, "rectify_signature", "id, item_id, unit_id, by_id, application, level, second, person_id, at, opinion, pieces, seconds",
		[][]any{{string(s.ID), string(s.Item), string(s.Unit), string(s.By), s.Application, s.Level, bit(s.Second), db.Null(s.Person), tx.At, s.Opinion, s.Pieces, s.Seconds}})
}

// signedSince counts the approvals of a person since an instant.
func signedSince(ctx context.Context, q db.Q, person id.ID, since string) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM rectify_signature WHERE person_id = $1 AND at >= $2", string(person), since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count approvals: %w", err)
	}
	return n, nil
}

// firstReading is when a person first opened evidence of an item since an instant, "" never.
func firstReading(ctx context.Context, q db.Q, item, person id.ID, since string) (at string, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MIN(at), '') FROM rectify_reading WHERE item_id = $1 AND person_id = $2 AND at >= $3", string(item), string(person), since).Scan(&at)
	if err != nil {
		return "", fmt.Errorf("read when it was opened: %w", err)
	}
	return at, nil
}

// signaturesOf lists approvals of a list, the newest first, for the record of
// signers; where speaks of the item i.
func signaturesOf(ctx context.Context, q db.Q, w where, limit int) ([]Signed, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT s.id, s.item_id, s.unit_id, s.by_id, s.application, s.level, s.second, COALESCE(s.person_id,''), s.at, s.opinion, s.pieces, s.seconds, i.no, i.title, i.verified
		FROM rectify_signature s JOIN rectify_item i ON i.id = s.item_id WHERE %s ORDER BY s.id DESC LIMIT %d`, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (s Signed, err error) {
		var second int
		err = r.Scan(&s.ID, &s.Item, &s.Unit, &s.By, &s.Application, &s.Level, &second, &s.Person, &s.At, &s.Opinion, &s.Pieces, &s.Seconds, &s.No, &s.Title, &s.Verified)
		s.Second = second == 1
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return out, nil
}

// Sites lists the checks on the spot of an item, oldest first.
func Sites(ctx context.Context, q db.Q, item id.ID) ([]Site, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, application, on_date, place, asked, body, result, COALESCE(first_id,''), at, COALESCE(second_id,''), second_at, rev
		FROM rectify_site WHERE item_id = $1 ORDER BY id`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (s Site, err error) {
		return s, r.Scan(&s.ID, &s.Item, &s.Application, &s.On, &s.Place, &s.Asked, &s.Text, &s.Result, &s.First, &s.At, &s.Second, &s.SecondAt, &s.Rev)
	})
	if err != nil {
		return nil, fmt.Errorf("read checks on the spot: %w", err)
	}
	return out, nil
}

func insertSite(ctx context.Context, tx *audit.Tx, s Site) error {
	tx.Touch("rectify_site", s.ID)
	return tx.InsertMany(ctx, "rectify_site", "id, item_id, application, on_date, place, asked, body, result, first_id, at, second_id, second_at, rev",
		[][]any{{string(s.ID), string(s.Item), s.Application, string(s.On), s.Place, s.Asked, s.Text, s.Result, db.Null(s.First), tx.At, nil, "", 1}})
}

func cosignSite(ctx context.Context, tx *audit.Tx, s Site, second id.ID) error {
	tx.Touch("rectify_site", s.ID)
	return tx.Change(ctx, "site", "UPDATE rectify_site SET second_id = $1, second_at = $2, rev = rev + 1 WHERE id = $3 AND rev = $4", db.Null(second), tx.At, string(s.ID), s.Rev)
}
