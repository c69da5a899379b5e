package lookback

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

func join[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return strings.Join(out, ",")
}

func split[T ~string](text string) []T {
	if text == "" {
		return nil
	}
	var out []T
	for _, v := range strings.Split(text, ",") {
		out = append(out, T(v))
	}
	return out
}

// insert writes many rows with few statements and names them for the log.
func insert(ctx context.Context, tx *audit.Tx, table, names string, rows [][]any) error {
	const values = 900 // placeholders per statement: below the bound of every SQLite build
	for len(rows) > 0 {
		n := min(len(rows), max(1, values/len(rows[0])))
		var b strings.Builder
		var args []any
		for r, row := range rows[:n] {
			tx.Touch(table, id.ID(row[0].(string)))
			if r > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			for c, v := range row {
				if c > 0 {
					b.WriteByte(',')
				}
				args = append(args, v)
				fmt.Fprintf(&b, "$%d", len(args))
			}
			b.WriteByte(')')
		}
		if _, err := tx.Exec(ctx, "INSERT INTO "+table+" ("+names+") VALUES "+b.String(), args...); err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}

const lookbackNames = `id, round_id, by_id, name, rounds, units, from_on, to_on, size, census, risk_share, every_unit, stratum, confidence, detect, state, attempt, population,
	digest, commitment, sealed, seed, salt, committed_at, revealed_at, rev`

const lookbackColumns = `l.id, l.round_id, l.by_id, l.name, l.rounds, l.units, l.from_on, l.to_on, l.size, l.census, l.risk_share, l.every_unit, l.stratum, l.confidence, l.detect,
	l.state, l.attempt, l.population, l.digest, l.commitment, l.sealed, l.seed, l.salt, l.committed_at, l.revealed_at, l.rev`

func scanLookback(r scanner) (l Lookback, err error) {
	var rounds, units string
	err = r.Scan(&l.ID, &l.Round, &l.By, &l.Name, &rounds, &units, &l.From, &l.To, &l.Size, &l.Options.Census, &l.Options.RiskShare,
		&l.Options.EveryUnit, &l.Options.Stratum, &l.Confidence, &l.Detect, &l.State, &l.Attempt, &l.Population, &l.Digest, &l.Commitment, &l.sealed, &l.Seed, &l.Salt, &l.CommittedAt, &l.RevealedAt, &l.Rev)
	l.Rounds, l.Units = split[id.ID](rounds), split[id.ID](units)
	return l, err
}

// ByID reads a look-back. The caller judges whether it may be seen.
func ByID(ctx context.Context, q db.Q, n id.ID) (Lookback, error) {
	l, err := scanLookback(q.QueryRow(ctx, "SELECT "+lookbackColumns+" FROM lookback l WHERE l.id = $1", string(n)))
	return l, db.Absent(err, "lookback")
}

func insertLookback(ctx context.Context, tx *audit.Tx, l Lookback) error {
	return insert(ctx, tx, "lookback", lookbackNames, [][]any{{string(l.ID), string(l.Round), string(l.By), l.Name, join(l.Rounds), join(l.Units),
		string(l.From), string(l.To), l.Size, l.Options.Census, l.Options.RiskShare, l.Options.EveryUnit, l.Options.Stratum, l.Confidence, l.Detect, l.State, l.Attempt, l.Population,
		l.Digest, l.Commitment, l.sealed, l.Seed, l.Salt, l.CommittedAt, l.RevealedAt, 1}})
}

func updateLookback(ctx context.Context, tx *audit.Tx, l Lookback) error {
	tx.Touch("lookback", l.ID)
	return tx.Change(ctx, "lookback", `UPDATE lookback SET state = $1, attempt = $2, population = $3, digest = $4, commitment = $5, sealed = $6, seed = $7,
		salt = $8, committed_at = $9, revealed_at = $10, size = $11, rev = rev + 1 WHERE id = $12 AND rev = $13`,
		l.State, l.Attempt, l.Population, l.Digest, l.Commitment, l.sealed, l.Seed, l.Salt, l.CommittedAt, l.RevealedAt, l.Size, string(l.ID), l.Rev)
}

// visibleLookbacks lists what the filter lets through. A team sees a look-back
// by the items that were given to it, a leader above a unit by the unit's items.
func visibleLookbacks(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, pq page.Query) ([]Lookback, page.Next, error) {
	var args []any
	cond := p.Filter(who, "lookback.read", access.Columns{State: "v.state", By: "v.by_id", Team: "s.team_id", Units: []string{"s.unit_id"}}, &args)
	where := "l.id IN (SELECT v.id FROM lookback v LEFT JOIN lookback_sample s ON s.lookback_id = v.id WHERE " + cond + ")"
	var next page.Next
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM lookback l WHERE %s LIMIT %d) x", where, page.CountCap+1), args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count look-backs: %w", err)
	}
	if len(pq.After) > 0 {
		args = append(args, pq.After[0])
		where += fmt.Sprintf(" AND l.id < $%d", len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM lookback l WHERE %s ORDER BY l.id DESC LIMIT %d", lookbackColumns, where, pq.Size+1), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Lookback, error) { return scanLookback(r) })
	if err != nil {
		return nil, next, fmt.Errorf("list look-backs: %w", err)
	}
	if len(out) > pq.Size {
		out = out[:pq.Size]
		next.After = string(out[len(out)-1].ID)
	}
	return out, next, nil
}

func insertEvent(ctx context.Context, tx *audit.Tx, l Lookback, who id.ID, do, reason string) error {
	return insert(ctx, tx, "lookback_event", "id, lookback_id, at, person_id, act, reason, digest, commitment",
		[][]any{{string(id.New()), string(l.ID), tx.At, db.Null(who), do, reason, l.Digest, l.Commitment}})
}

func eventsOf(ctx context.Context, q db.Q, l id.ID) ([]Event, error) {
	rows, err := q.Query(ctx, "SELECT id, at, COALESCE(person_id, ''), act, reason, digest, commitment FROM lookback_event WHERE lookback_id = $1 ORDER BY id DESC", string(l))
	return db.Collect(rows, err, func(r *sql.Rows) (e Event, err error) {
		return e, r.Scan(&e.ID, &e.At, &e.Person, &e.Do, &e.Reason, &e.Digest, &e.Commitment)
	})
}

// frozen is a candidate with what the sample needs besides.
type frozen struct {
	Candidate
	Finding id.ID
	No      string
}

func insertCandidates(ctx context.Context, tx *audit.Tx, l Lookback, list []frozen) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{string(id.New()), string(l.ID), string(c.Item), string(c.Finding), string(c.Unit), string(l.By), db.Null(c.Closer), c.No, c.Weight, strings.Join(c.Factors, ","), c.Stratum}
	}
	return insert(ctx, tx, "lookback_candidate", "id, lookback_id, item_id, finding_id, unit_id, by_id, closer_id, no, weight, factors, stratum", rows)
}

func candidatesOf(ctx context.Context, q db.Q, l id.ID) ([]frozen, error) {
	rows, err := q.Query(ctx, "SELECT item_id, unit_id, COALESCE(closer_id, ''), weight, factors, finding_id, no, stratum FROM lookback_candidate WHERE lookback_id = $1 ORDER BY item_id", string(l))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c frozen, err error) {
		var factors string
		err = r.Scan(&c.Item, &c.Unit, &c.Closer, &c.Weight, &factors, &c.Finding, &c.No, &c.Stratum)
		c.Factors = split[string](factors)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read population: %w", err)
	}
	return out, nil
}

// dropCandidates takes the frozen list of a withdrawn commitment away; its
// digest stays in the events.
func dropCandidates(ctx context.Context, tx *audit.Tx, l id.ID) error {
	rows, err := tx.Query(ctx, "SELECT id FROM lookback_candidate WHERE lookback_id = $1", string(l))
	ids, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return fmt.Errorf("drop population: %w", err)
	}
	tx.Gone("lookback_candidate", ids...)
	if _, err := tx.Exec(ctx, "DELETE FROM lookback_candidate WHERE lookback_id = $1", string(l)); err != nil {
		return fmt.Errorf("drop population: %w", err)
	}
	return nil
}

var candidateColumns = access.Columns{By: "c.by_id", Units: []string{"c.unit_id"}, Concern: []string{"c.item_id", "c.finding_id"}}

// closedBy counts the population by unit or closer, as far as the reader may count it.
func closedBy(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, l id.ID, column string) (map[id.ID]int, error) {
	args := []any{string(l)}
	cond := p.Filter(who, "candidate.read", candidateColumns, &args)
	rows, err := q.Query(ctx, "SELECT COALESCE(c."+column+", ''), COUNT(*) FROM lookback_candidate c WHERE c.lookback_id = $1 AND "+cond+" GROUP BY c."+column, args...)
	type pair struct {
		key id.ID
		n   int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x pair, err error) { return x, r.Scan(&x.key, &x.n) })
	if err != nil {
		return nil, fmt.Errorf("count population: %w", err)
	}
	out := make(map[id.ID]int, len(list))
	for _, x := range list {
		out[x.key] = x.n
	}
	return out, nil
}

const noteColumns = "id, lens, point, answer, body, COALESCE(person_id, ''), at, COALESCE(names_id, '')"

func scanNote(r *sql.Rows) (n Note, err error) {
	return n, r.Scan(&n.ID, &n.Lens, &n.Point, &n.Answer, &n.Text, &n.Person, &n.At, &n.Names)
}

// notesOf lists the remarks of a look-back, oldest first.
func notesOf(ctx context.Context, q db.Q, l id.ID) ([]Note, error) {
	rows, err := q.Query(ctx, "SELECT "+noteColumns+" FROM lookback_note WHERE lookback_id = $1 ORDER BY id", string(l))
	return db.Collect(rows, err, scanNote)
}

func insertNote(ctx context.Context, tx *audit.Tx, l id.ID, n Note) error {
	return insert(ctx, tx, "lookback_note", "id, lookback_id, lens, point, answer, body, person_id, at, names_id",
		[][]any{{string(n.ID), string(l), n.Lens, n.Point, n.Answer, n.Text, db.Null(n.Person), tx.At, db.Null(n.Names)}})
}
