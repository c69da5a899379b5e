package screening

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

const hitNames = `id, subject, left_key, right_key, unit_id, person_id, name, kin, relation, leaving, departed_on, right_name, firm, region, probability, band,
	score, facts_hash, model, sealed, outcome, rule, until_on, for_life, edition, state, proposed_by, decided_by, decided_at, judged_hash, run_id, found_at, rank_key, lead_no, rev`

const hitColumns = `h.id, h.subject, h.left_key, h.right_key, h.unit_id, COALESCE(h.person_id, ''), h.name, h.kin, h.relation, h.leaving, h.departed_on, h.right_name,
	h.firm, h.region, h.probability, h.band, h.score, h.facts_hash, h.model, h.sealed, h.outcome, h.rule, h.until_on, h.for_life, h.edition, h.state,
	COALESCE(h.proposed_by, ''), COALESCE(h.decided_by, ''), h.decided_at, h.judged_hash, h.run_id, h.found_at, h.lead_no, h.rev`

// million turns a probability into the whole number that both engines keep alike.
const million = 1_000_000

func scanHit(r scanner) (h Hit, err error) {
	var p int64
	var score string
	if err := r.Scan(&h.ID, &h.Subject, &h.Left, &h.Right, &h.Unit, &h.Person, &h.Name, &h.Kin, &h.Relation, &h.Leaving, &h.DepartedOn, &h.Lawyer, &h.Firm, &h.Region,
		&p, &h.Band, &score, &h.Facts, &h.Model, &h.sealed, &h.Outcome, &h.Rule, &h.Until, &h.Life, &h.Edition, &h.State, &h.Proposed, &h.Decided, &h.DecidedAt,
		&h.Judged, &h.run, &h.FoundAt, &h.Lead, &h.Rev); err != nil {
		return h, err
	}
	h.Probability = float64(p) / million
	return h, json.Unmarshal([]byte(score), &h.Score)
}

func whereHit(n id.ID) string { return "screening_hit/sealed/" + string(n) }

func (s *Service) sealPair(h *Hit) error {
	plain, err := json.Marshal(h.pair)
	h.sealed = s.Keys.Seal(secret.IDNumber, whereHit(h.ID), plain)
	return err
}

// open gives the two rows of a hit.
func (s *Service) open(h *Hit) error {
	plain, err := s.Keys.Open(secret.IDNumber, whereHit(h.ID), h.sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &h.pair)
}

func hitByID(ctx context.Context, q db.Q, n id.ID) (Hit, error) {
	h, err := scanHit(q.QueryRow(ctx, "SELECT "+hitColumns+" FROM screening_hit h WHERE h.id = $1", string(n)))
	return h, db.Absent(err, "match")
}

func hitValues(h Hit) ([]any, error) {
	score, err := json.Marshal(h.Score)
	return []any{string(h.ID), h.Subject, h.Left, h.Right, string(h.Unit), db.Null(h.Person), h.Name, h.Kin, h.Relation, h.Leaving, string(h.DepartedOn), h.Lawyer, h.Firm,
		h.Region, int64(h.Probability * million), h.Band, string(score), h.Facts, h.Model, h.sealed, h.Outcome, h.Rule, string(h.Until), h.Life, h.Edition, h.State,
		db.Null(h.Proposed), db.Null(h.Decided), h.DecidedAt, h.Judged, string(h.run), h.FoundAt, rankKey(h.Outcome, h.Probability), h.Lead, 1}, err
}

func insertHits(ctx context.Context, tx *audit.Tx, hs []Hit) error {
	rows := make([][]any, len(hs))
	for i := range hs {
		hs[i].FoundAt = tx.At
		var err error
		if rows[i], err = hitValues(hs[i]); err != nil {
			return err
		}
		tx.Touch("screening_hit", hs[i].ID)
	}
	return tx.InsertMany(ctx, "screening_hit", hitNames, rows)
}

func updateHit(ctx context.Context, tx *audit.Tx, h Hit) error {
	score, err := json.Marshal(h.Score)
	if err != nil {
		return err
	}
	tx.Touch("screening_hit", h.ID)
	return tx.Change(ctx, "match", `UPDATE screening_hit SET subject = $1, unit_id = $2, person_id = $3, name = $4, kin = $5, relation = $6, leaving = $7, departed_on = $8,
		right_name = $9, firm = $10, region = $11, probability = $12, band = $13, score = $14, facts_hash = $15, model = $16, sealed = $17, outcome = $18, rule = $19,
		until_on = $20, for_life = $21, edition = $22, state = $23, proposed_by = $24, decided_by = $25, decided_at = $26, judged_hash = $27, run_id = $28,
		rank_key = $29, lead_no = $30, rev = rev + 1 WHERE id = $31 AND rev = $32`,
		h.Subject, string(h.Unit), db.Null(h.Person), h.Name, h.Kin, h.Relation, h.Leaving, string(h.DepartedOn), h.Lawyer, h.Firm, h.Region, int64(h.Probability*million), h.Band,
		string(score), h.Facts, h.Model, h.sealed, h.Outcome, h.Rule, string(h.Until), h.Life, h.Edition, h.State, db.Null(h.Proposed), db.Null(h.Decided), h.DecidedAt,
		h.Judged, string(h.run), rankKey(h.Outcome, h.Probability), h.Lead, string(h.ID), h.Rev)
}

var hitAccess = access.Columns{State: "h.state", Units: []string{"h.unit_id"}, Concern: []string{"h.id"}}

// hitFilter narrows a list of hits.
type hitFilter struct {
	States  []string
	Outcome string
	Rule    string
	Subject string
	Leaving string
	Text    string
	Until   clock.Date // restrictions that end between today and this day
	From    clock.Date
	Left    string
	Unit    id.ID
	Person  id.ID

	Unlisted int // not on the list of this year for the yearly check
}

func (f hitFilter) where(args *[]any) string {
	var b strings.Builder
	eq := func(col, v string) {
		if v != "" {
			*args = append(*args, v)
			fmt.Fprintf(&b, " AND %s = $%d", col, len(*args))
		}
	}
	if len(f.States) > 0 {
		b.WriteString(" AND h.state IN (")
		for i, st := range f.States {
			if i > 0 {
				b.WriteByte(',')
			}
			*args = append(*args, st)
			fmt.Fprintf(&b, "$%d", len(*args))
		}
		b.WriteString(")")
	}
	if f.Outcome != "" { // stands at the head of the rank, by which the list is in order
		from := rankKey(f.Outcome, 1)[:2]
		*args = append(*args, from, from+":")
		fmt.Fprintf(&b, " AND h.rank_key >= $%d AND h.rank_key < $%d", len(*args)-1, len(*args))
	}
	eq("h.outcome", f.Outcome)
	eq("h.rule", f.Rule)
	eq("h.subject", f.Subject)
	eq("h.leaving", f.Leaving)
	eq("h.left_key", f.Left)
	eq("h.unit_id", string(f.Unit))
	eq("h.person_id", string(f.Person))
	if f.Unlisted > 0 {
		*args = append(*args, listed(f.Unlisted, ""))
		fmt.Fprintf(&b, " AND NOT EXISTS (SELECT 1 FROM screening_warning y WHERE y.hit_id = h.id AND y.once_key = CAST($%d AS TEXT) || h.id)", len(*args))
	}
	if f.Until != "" {
		*args = append(*args, string(f.From), string(f.Until))
		fmt.Fprintf(&b, " AND h.until_on >= $%d AND h.until_on <= $%d", len(*args)-1, len(*args))
	}
	if f.Text != "" {
		*args = append(*args, "%"+escapeLike(f.Text)+"%")
		n := len(*args)
		fmt.Fprintf(&b, " AND (h.name LIKE $%d ESCAPE '!' OR h.kin LIKE $%d ESCAPE '!' OR h.right_name LIKE $%d ESCAPE '!' OR h.firm LIKE $%d ESCAPE '!')", n, n, n, n)
	}
	return b.String()
}

func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// place of a hit in the list.
type hitPlace struct {
	rank string
	id   id.ID
}

// visibleHits lists what the filter lets through, the heaviest first. Each state is
// asked by itself, because an index gives the rows of one state in their order; and
// for places only, because rows are long.
func (s *Service) visibleHits(ctx context.Context, q db.Q, who actor.Actor, f hitFilter, after []string, size int) ([]Hit, error) {
	states := [][]string{nil}
	for i, st := range f.States {
		states = append(states[:i], []string{st})
	}
	var places []hitPlace
	for _, f.States = range states {
		var args []any
		cond := s.policy.Filter(who, "match.read", hitAccess, &args) + f.where(&args)
		if len(after) == 2 {
			args = append(args, after[0], after[1])
			cond += fmt.Sprintf(" AND (h.rank_key, h.id) > ($%d, $%d)", len(args)-1, len(args))
		}
		rows, err := q.Query(ctx, fmt.Sprintf("SELECT h.rank_key, h.id FROM screening_hit h WHERE %s ORDER BY h.rank_key, h.id LIMIT %d", cond, size), args...)
		some, err := db.Collect(rows, err, func(r *sql.Rows) (p hitPlace, err error) { return p, r.Scan(&p.rank, &p.id) })
		if err != nil {
			return nil, fmt.Errorf("list hits: %w", err)
		}
		places = append(places, some...)
	}
	slices.SortFunc(places, func(a, b hitPlace) int {
		return cmp.Or(strings.Compare(a.rank, b.rank), strings.Compare(string(a.id), string(b.id)))
	})
	places = places[:min(size, len(places))]
	ids := make([]id.ID, len(places))
	for i, p := range places {
		ids[i] = p.id
	}
	now, err := hitsByIDs(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Hit, len(ids))
	for i, n := range ids {
		out[i] = now[n]
	}
	return out, nil
}

func (s *Service) countHits(ctx context.Context, q db.Q, who actor.Actor, f hitFilter) (n int, err error) {
	var args []any
	cond := s.policy.Filter(who, "match.read", hitAccess, &args) + f.where(&args)
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM screening_hit h WHERE %s LIMIT %d) x", cond, page.CountCap+1), args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count hits: %w", err)
	}
	return n, nil
}

// rulesOf counts the hits that are not settled by the rule that decides them, as
// far as the reader may count them.
func (s *Service) rulesOf(ctx context.Context, q db.Q, who actor.Actor) (map[string]int, error) {
	return s.countBy(ctx, q, who, "rule", hitFilter{States: []string{Open, Unsure, Proposed, Confirmed}})
}

// statesOf counts the hits by state, as far as the reader may count them.
func (s *Service) statesOf(ctx context.Context, q db.Q, who actor.Actor) (map[string]int, error) {
	return s.countBy(ctx, q, who, "state", hitFilter{})
}

// known is what a run must know of the hits that are there.
type known struct {
	id                                     id.ID
	state, facts, judged, model, band, run string
	outcome, until, edition, rule          string
	rev                                    int64
}

func knownHits(ctx context.Context, q db.Q) (map[string]known, error) {
	rows, err := q.Query(ctx, `SELECT left_key, right_key, id, state, facts_hash, judged_hash, model, band, run_id, outcome, until_on, edition, rule, rev FROM screening_hit`)
	type line struct {
		key string
		k   known
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x line, err error) {
		var a, b string
		err = r.Scan(&a, &b, &x.k.id, &x.k.state, &x.k.facts, &x.k.judged, &x.k.model, &x.k.band, &x.k.run, &x.k.outcome, &x.k.until, &x.k.edition, &x.k.rule, &x.k.rev)
		x.key = a + "\x00" + b
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	out := make(map[string]known, len(list))
	for _, x := range list {
		out[x.key] = x.k
	}
	return out, nil
}

func hitsByIDs(ctx context.Context, q db.Q, ids []id.ID) (map[id.ID]Hit, error) {
	out := map[id.ID]Hit{}
	for part := range slices.Chunk(ids, 500) {
		var args []any
		marks := make([]string, len(part))
		for i, n := range part {
			args = append(args, string(n))
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		rows, err := q.Query(ctx, "SELECT "+hitColumns+" FROM screening_hit h WHERE h.id IN ("+strings.Join(marks, ",")+")", args...)
		hs, err := db.Collect(rows, err, func(r *sql.Rows) (Hit, error) { return scanHit(r) })
		if err != nil {
			return nil, fmt.Errorf("read hits: %w", err)
		}
		for _, h := range hs {
			out[h.ID] = h
		}
	}
	return out, nil
}

func insertJudgement(ctx context.Context, tx *audit.Tx, h Hit, person id.ID, act, reason string) error {
	n := id.New()
	tx.Touch("screening_judgement", n)
	return tx.InsertMany(ctx, "screening_judgement", "id, hit_id, at, person_id, act, reason, probability, facts_hash, model",
		[][]any{{string(n), string(h.ID), tx.At, db.Null(person), act, reason, int64(h.Probability * million), h.Facts, h.Model}})
}

const judgementColumns = "j.id, j.hit_id, j.at, COALESCE(j.person_id, ''), j.act, j.reason, j.probability, j.facts_hash, j.model"

func scanJudgement(r *sql.Rows) (j Judgement, err error) {
	var p int64
	err = r.Scan(&j.ID, &j.Hit, &j.At, &j.Person, &j.Act, &j.Reason, &p, &j.facts, &j.Model)
	j.Probability = float64(p) / million
	return j, err
}

func judgementsOf(ctx context.Context, q db.Q, hit id.ID) ([]Judgement, error) {
	rows, err := q.Query(ctx, "SELECT "+judgementColumns+" FROM screening_judgement j WHERE j.hit_id = $1 ORDER BY j.id DESC", string(hit))
	return db.Collect(rows, err, scanJudgement)
}

// earlier lists the judgements on other hits of the same row of ours or of the
// same lawyer, for the reviewer to see.
func (s *Service) earlier(ctx context.Context, q db.Q, who actor.Actor, h Hit) ([]Hit, error) {
	var args []any
	cond := s.policy.Filter(who, "match.read", hitAccess, &args)
	args = append(args, h.Left, h.Right, string(h.ID))
	n := len(args)
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT %s FROM screening_hit h WHERE %s AND (h.left_key = $%d OR h.right_key = $%d) AND h.id <> $%d ORDER BY h.rank_key, h.id LIMIT 20`,
		hitColumns, cond, n-2, n-1, n), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Hit, error) { return scanHit(r) })
}

// pairsOfReaders counts how often the second reader agreed with the first. What people
// judged leads to the hits, of which most were never judged: CROSS JOIN keeps that order.
func (s *Service) pairsOfReaders(ctx context.Context, q db.Q, who actor.Actor) (agreed, returned int, err error) {
	var args []any
	cond := s.policy.Filter(who, "match.read", hitAccess, &args)
	rows, err := q.Query(ctx, "SELECT j.act, COUNT(*) FROM screening_judgement j CROSS JOIN screening_hit h WHERE h.id = j.hit_id AND j.act IN ('confirm', 'return') AND j.person_id IS NOT NULL AND "+cond+" GROUP BY j.act", args...)
	type pair struct {
		act string
		n   int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.act, &p.n) })
	for _, p := range list {
		if p.act == "confirm" {
			agreed = p.n
		} else {
			returned = p.n
		}
	}
	return agreed, returned, err
}

// readerRow is what one reviewer judged.
type readerRow struct {
	Person                        id.ID
	Hit, No, Unsure, Upheld, Back int
}

func (s *Service) readersOf(ctx context.Context, q db.Q, who actor.Actor) ([]readerRow, error) {
	var args []any
	cond := s.policy.Filter(who, "match.read", hitAccess, &args)
	rows, err := q.Query(ctx, `SELECT COALESCE(j.person_id, ''),
		SUM(CASE WHEN j.act = 'hit' THEN 1 ELSE 0 END), SUM(CASE WHEN j.act = 'no' THEN 1 ELSE 0 END), SUM(CASE WHEN j.act = 'unsure' THEN 1 ELSE 0 END),
		SUM(CASE WHEN j.act = 'hit' AND EXISTS (SELECT 1 FROM screening_judgement k WHERE k.hit_id = j.hit_id AND k.act = 'confirm' AND k.id > j.id) THEN 1 ELSE 0 END),
		SUM(CASE WHEN j.act = 'hit' AND EXISTS (SELECT 1 FROM screening_judgement k WHERE k.hit_id = j.hit_id AND k.act = 'return' AND k.id > j.id) THEN 1 ELSE 0 END)
		FROM screening_judgement j CROSS JOIN screening_hit h WHERE h.id = j.hit_id AND j.act IN ('hit', 'no', 'unsure') AND j.person_id IS NOT NULL AND `+cond+`
		GROUP BY j.person_id ORDER BY 2 DESC, 1 LIMIT 100`, args...)
	return db.Collect(rows, err, func(r *sql.Rows) (x readerRow, err error) {
		return x, r.Scan(&x.Person, &x.Hit, &x.No, &x.Unsure, &x.Upheld, &x.Back)
	})
}

// Run is one screening of all registers.
type Run struct {
	ID      id.ID      `json:"id"`
	At      string     `json:"at"`
	By      id.ID      `json:"by,omitempty"`
	AsOf    clock.Date `json:"as_of"`
	Edition string     `json:"edition"`
	Model   string     `json:"model"`
	Left    int        `json:"left"`
	Right   int        `json:"right"`
	Hits    int        `json:"hits"`
	Fresh   int        `json:"fresh"`
	Renewed int        `json:"renewed"`
	Lapsed  int        `json:"lapsed"`
	stamp   string
}

func insertRun(ctx context.Context, tx *audit.Tx, r Run) error {
	tx.Touch("screening_run", r.ID)
	return tx.InsertMany(ctx, "screening_run", "id, at, by_id, as_of, edition, model, stamp, left_rows, right_rows, hits, fresh, renewed, lapsed",
		[][]any{{string(r.ID), tx.At, db.Null(r.By), string(r.AsOf), r.Edition, r.Model, r.stamp, r.Left, r.Right, r.Hits, r.Fresh, r.Renewed, r.Lapsed}})
}

// lastRun is the newest run; the zero Run before the first.
func lastRun(ctx context.Context, q db.Q) (r Run, err error) {
	err = q.QueryRow(ctx, `SELECT id, at, COALESCE(by_id, ''), as_of, edition, model, stamp, left_rows, right_rows, hits, fresh, renewed, lapsed FROM screening_run
		ORDER BY id DESC LIMIT 1`).Scan(&r.ID, &r.At, &r.By, &r.AsOf, &r.Edition, &r.Model, &r.stamp, &r.Left, &r.Right, &r.Hits, &r.Fresh, &r.Renewed, &r.Lapsed)
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, nil
	}
	return r, err
}
