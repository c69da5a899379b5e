package account

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const accountColumns = `a.id, a.login, COALESCE(a.person_id, ''), a.name, a.unit_id, a.hash, a.must_change, a.disabled, a.failed, a.failed_at,
	a.locked_until, a.totp, a.totp_step, a.changed_on, a.rev`

type scanner interface{ Scan(...any) error }

func scanAccount(r scanner) (a Account, err error) {
	err = r.Scan(&a.ID, &a.Login, &a.Person, &a.Name, &a.Unit, &a.hash, &a.MustChange, &a.Disabled, &a.Failed, &a.FailedAt,
		&a.Locked, &a.totp, &a.step, &a.ChangedOn, &a.Rev)
	a.Second = len(a.totp) > 0
	return a, err
}

func byID(ctx context.Context, q db.Q, n id.ID) (Account, error) {
	a, err := scanAccount(q.QueryRow(ctx, "SELECT "+accountColumns+" FROM account a WHERE a.id = $1", string(n)))
	return a, db.Absent(err, "account")
}

func byLogin(ctx context.Context, q db.Q, login string) (Account, error) {
	a, err := scanAccount(q.QueryRow(ctx, "SELECT "+accountColumns+" FROM account a WHERE a.login = $1", NormalLogin(login)))
	return a, db.Absent(err, "account")
}

func list(ctx context.Context, q db.Q, text, after string, limit int) ([]Account, error) {
	args := []any{after, limit}
	where := "a.login > $1"
	if text != "" {
		args = append(args, "%"+NormalLogin(text)+"%", "%"+text+"%")
		where += " AND (a.login LIKE $3 OR a.name LIKE $4)"
	}
	rows, err := q.Query(ctx, "SELECT "+accountColumns+" FROM account a WHERE "+where+" ORDER BY a.login LIMIT $2", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Account, error) { return scanAccount(r) })
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return out, nil
}

func insert(ctx context.Context, tx *audit.Tx, a Account) error {
	_, err := tx.Exec(ctx, `INSERT INTO account (id, login, person_id, name, unit_id, hash, must_change, disabled, failed, failed_at, locked_until, totp, totp_step, changed_on, rev)
		VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, 0, '', '', NULL, 0, $8, 1)`,
		string(a.ID), a.Login, db.Null(a.Person), a.Name, string(a.Unit), a.hash, a.MustChange, string(a.ChangedOn))
	tx.Touch("account", a.ID)
	return err
}

// set changes columns of an account; the caller has just read it in the same transaction.
func set(ctx context.Context, tx *audit.Tx, a Account, columns string, args ...any) error {
	n := len(args)
	tx.Touch("account", a.ID)
	return tx.Change(ctx, "account", "UPDATE account SET "+columns+", rev = rev + 1 WHERE id = $"+strconv.Itoa(n+1)+" AND rev = $"+strconv.Itoa(n+2),
		append(args, string(a.ID), a.Rev)...)
}

// holdGrants lets one change of grants through at a time. Rules about several
// grants (three separate administrators, the last auditor) would not see what
// another replica is just writing. In PostgreSQL it must be the first statement:
// what the transaction sees is fixed by the first one that reads.
func holdGrants(ctx context.Context, tx *audit.Tx) error {
	if tx.Engine() != db.Postgres {
		return nil // one writer
	}
	_, err := tx.Exec(ctx, "LOCK TABLE account_grant IN SHARE ROW EXCLUSIVE MODE")
	return err
}

func grantsOf(ctx context.Context, q db.Q, account id.ID) ([]Grant, error) {
	rows, err := q.Query(ctx, "SELECT id, account_id, role, unit_id, from_on, to_on, given_by, rev FROM account_grant WHERE account_id = "+db.Key+" ORDER BY id", string(account))
	return db.Collect(rows, err, scanGrant)
}

func scanGrant(r *sql.Rows) (g Grant, err error) {
	return g, r.Scan(&g.ID, &g.Account, &g.Role, &g.Unit, &g.From, &g.To, &g.By, &g.Rev)
}

// grantsOfPerson reads the grants over all accounts of a person: the separation
// of the administrators is of persons, not of accounts.
func grantsOfPerson(ctx context.Context, q db.Q, a Account) ([]Grant, error) {
	rows, err := q.Query(ctx, `SELECT g.id, g.account_id, g.role, g.unit_id, g.from_on, g.to_on, g.given_by, g.rev
		FROM account_grant g JOIN account a ON a.id = g.account_id WHERE a.id = $1 OR (a.person_id = $2 AND $2 <> '')`, string(a.ID), string(a.Person))
	return db.Collect(rows, err, scanGrant)
}

func insertGrant(ctx context.Context, tx *audit.Tx, g Grant) error {
	_, err := tx.Exec(ctx, "INSERT INTO account_grant (id, account_id, role, unit_id, from_on, to_on, given_by, rev) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
		string(g.ID), string(g.Account), string(g.Role), string(g.Unit), string(g.From), string(g.To), string(g.By))
	tx.Touch("account_grant", g.ID)
	return err
}

func grantByID(ctx context.Context, q db.Q, n id.ID) (g Grant, err error) {
	err = q.QueryRow(ctx, "SELECT id, account_id, role, unit_id, from_on, to_on, given_by, rev FROM account_grant WHERE id = $1", string(n)).
		Scan(&g.ID, &g.Account, &g.Role, &g.Unit, &g.From, &g.To, &g.By, &g.Rev)
	return g, db.Absent(err, "grant")
}

func endGrant(ctx context.Context, tx *audit.Tx, g Grant, on clock.Date) error {
	tx.Touch("account_grant", g.ID)
	return tx.Change(ctx, "grant", "UPDATE account_grant SET to_on = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(on), string(g.ID), g.Rev)
}

// countRole counts active accounts with a role, so that the last auditor stays.
func countRole(ctx context.Context, q db.Q, role string, on clock.Date) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(DISTINCT a.id) FROM account_grant g JOIN account a ON a.id = g.account_id
		WHERE g.role = $1 AND NOT a.disabled AND g.from_on <= $2 AND (g.to_on = '' OR g.to_on >= $2)`, role, string(on)).Scan(&n)
	return n, err
}

// countBare counts those of them who have no second factor.
func countBare(ctx context.Context, q db.Q, role string, on clock.Date) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(DISTINCT a.id) FROM account_grant g JOIN account a ON a.id = g.account_id
		WHERE g.role = $1 AND NOT a.disabled AND a.totp IS NULL AND g.from_on <= $2 AND (g.to_on = '' OR g.to_on >= $2)`, role, string(on)).Scan(&n)
	return n, err
}

func insertSession(ctx context.Context, tx *db.Tx, s Session, token string) error {
	_, err := tx.Exec(ctx, "INSERT INTO account_session (id, token, account_id, address, agent, second, made_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		string(s.ID), token, string(s.Account), s.Address, s.Agent, s.Second, s.Made, s.Seen)
	return err
}

// sessionByToken reads a session with its account.
func sessionByToken(ctx context.Context, q db.Q, token string) (s Session, a Account, err error) {
	row := q.QueryRow(ctx, `SELECT s.id, s.account_id, s.address, s.agent, s.second, s.made_at, s.seen_at, `+accountColumns+`
		FROM account_session s JOIN account a ON a.id = s.account_id WHERE s.token = `+db.Key, token)
	a, err = scanAccount(also{row, []any{&s.ID, &s.Account, &s.Address, &s.Agent, &s.Second, &s.Made, &s.Seen}, nil})
	return s, a, db.Absent(err, "session")
}

// asking reads a session with its account and grants, in one statement: every
// request begins with it.
func asking(ctx context.Context, q db.Q, token string) (s Session, a Account, gs []Grant, err error) {
	rows, err := q.Query(ctx, `SELECT s.id, s.account_id, s.address, s.agent, s.second, s.made_at, s.seen_at, `+accountColumns+`,
		COALESCE(g.id, ''), COALESCE(g.account_id, ''), COALESCE(g.role, ''), COALESCE(g.unit_id, ''), COALESCE(g.from_on, ''), COALESCE(g.to_on, ''), COALESCE(g.given_by, ''), COALESCE(g.rev, 0)
		FROM account_session s JOIN account a ON a.id = s.account_id LEFT JOIN account_grant g ON g.account_id = a.id WHERE s.token = `+db.Key+` ORDER BY g.id`, token)
	gs, err = db.Collect(rows, err, func(r *sql.Rows) (g Grant, err error) {
		a, err = scanAccount(also{r, []any{&s.ID, &s.Account, &s.Address, &s.Agent, &s.Second, &s.Made, &s.Seen},
			[]any{&g.ID, &g.Account, &g.Role, &g.Unit, &g.From, &g.To, &g.By, &g.Rev}})
		return g, err
	})
	switch {
	case err != nil:
		return s, a, nil, fmt.Errorf("read session: %w", err)
	case len(gs) == 0:
		return s, a, nil, fault.NotFound("session")
	case gs[0].ID == "": // none
		gs = nil
	}
	return s, a, gs, nil
}

// also scans columns that stand before and after those of an account.
type also struct {
	scanner
	first, last []any
}

// Scan implements scanner.
func (x also) Scan(to ...any) error {
	return x.scanner.Scan(append(append(x.first, to...), x.last...)...)
}

func sessionsOf(ctx context.Context, q db.Q, account id.ID) ([]Session, error) {
	rows, err := q.Query(ctx, "SELECT id, account_id, address, agent, second, made_at, seen_at FROM account_session WHERE account_id = $1 ORDER BY seen_at DESC", string(account))
	return db.Collect(rows, err, func(r *sql.Rows) (s Session, err error) {
		return s, r.Scan(&s.ID, &s.Account, &s.Address, &s.Agent, &s.Second, &s.Made, &s.Seen)
	})
}

// endSessions removes sessions of an account, all but one when keep is set.
func endSessions(ctx context.Context, tx *db.Tx, account, keep id.ID) error {
	_, err := tx.Exec(ctx, "DELETE FROM account_session WHERE account_id = $1 AND id <> $2", string(account), string(keep))
	return err
}

func endSession(ctx context.Context, tx *db.Tx, account, session id.ID) error {
	_, err := tx.Exec(ctx, "DELETE FROM account_session WHERE account_id = $1 AND id = $2", string(account), string(session))
	return err
}

func touchSession(ctx context.Context, tx *db.Tx, session id.ID, at string) error {
	_, err := tx.Exec(ctx, "UPDATE account_session SET seen_at = $1 WHERE id = $2 AND seen_at < $1", at, string(session))
	return err
}

func markSecond(ctx context.Context, tx *db.Tx, session id.ID) error {
	_, err := tx.Exec(ctx, "UPDATE account_session SET second = TRUE WHERE id = $1", string(session))
	return err
}

func sweepSessions(ctx context.Context, tx *db.Tx, before string) error {
	_, err := tx.Exec(ctx, "DELETE FROM account_session WHERE made_at < $1", before)
	return err
}

func anyAccount(ctx context.Context, q db.Q) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM account LIMIT 1) x").Scan(&n)
	return n, err
}

func holders(ctx context.Context, q db.Q, role string, on clock.Date) (map[id.ID][]id.ID, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT g.unit_id, a.person_id FROM account_grant g JOIN account a ON a.id = g.account_id
		WHERE g.role = $1 AND NOT a.disabled AND a.person_id IS NOT NULL AND g.from_on <= $2 AND (g.to_on = '' OR g.to_on >= $2)`, role, string(on))
	out := map[id.ID][]id.ID{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (p id.ID, err error) {
		var unit id.ID
		if err = r.Scan(&unit, &p); err == nil {
			out[unit] = append(out[unit], p)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read who holds %s: %w", role, err)
	}
	return out, nil
}
