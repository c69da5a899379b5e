package notice

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Receipt is one addressed unit.
type Receipt struct {
	ID        id.ID      `json:"id"`
	Notice    id.ID      `json:"notice"`
	Unit      id.ID      `json:"unit"`
	By        id.ID      `json:"by"` // the issuing unit
	State     string     `json:"state"`
	SentOn    clock.Date `json:"sent_on"`
	SignedOn  clock.Date `json:"signed_on"`
	StudiedOn clock.Date `json:"studied_on"`
	Readers   int        `json:"readers"`
	Rev       int64      `json:"rev"`
}

// Study is one study record of a unit.
type Study struct {
	ID       id.ID      `json:"id"`
	Notice   id.ID      `json:"notice"`
	Unit     id.ID      `json:"unit"`
	HeldOn   clock.Date `json:"held_on"`
	Form     string     `json:"form"`
	Expected int        `json:"expected"`
	Attended int        `json:"attended"`
	Text     string     `json:"text"`
	At       string     `json:"at"`
	By       id.ID      `json:"by"`
}

const receiptColumns = "t.id, t.notice_id, t.unit_id, t.by_id, t.state, t.sent_on, t.signed_on, t.studied_on, t.readers, t.rev"

func scanReceipt(r scanner) (x Receipt, err error) {
	return x, r.Scan(&x.ID, &x.Notice, &x.Unit, &x.By, &x.State, &x.SentOn, &x.SignedOn, &x.StudiedOn, &x.Readers, &x.Rev)
}

func insertReceipts(ctx context.Context, tx *audit.Tx, n Notice, units []id.ID) error {
	rows := make([][]any, 0, len(units))
	for _, u := range units {
		x := id.New()
		tx.Touch("notice_receipt", x)
		rows = append(rows, []any{string(x), string(n.ID), string(u), string(n.Unit), Sent, string(n.IssuedOn), "", "", 0, 1})
	}
	return tx.InsertMany(ctx, "notice_receipt", "id, notice_id, unit_id, by_id, state, sent_on, signed_on, studied_on, readers, rev", rows)
}

func receiptOf(ctx context.Context, q db.Q, notice, unit id.ID) (Receipt, error) {
	x, err := scanReceipt(q.QueryRow(ctx, "SELECT "+receiptColumns+" FROM notice_receipt t WHERE t.notice_id = $1 AND t.unit_id = $2", string(notice), string(unit)))
	return x, db.Absent(err, "receipt")
}

func updateReceipt(ctx context.Context, tx *audit.Tx, x Receipt) error {
	tx.Touch("notice_receipt", x.ID)
	return tx.Change(ctx, "receipt", "UPDATE notice_receipt SET state = $1, signed_on = $2, studied_on = $3, readers = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		x.State, string(x.SignedOn), string(x.StudiedOn), x.Readers, string(x.ID), x.Rev)
}

// addressed gives those of the units that a circular addresses, and one unit
// below any of them, when there is one: enough to judge every scope.
func addressed(ctx context.Context, q db.Q, notice id.ID, units []id.ID) ([]id.ID, error) {
	if len(units) == 0 {
		return nil, nil
	}
	args := []any{string(notice)}
	marks := make([]string, len(units))
	for i, u := range units {
		args = append(args, string(u))
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	in := strings.Join(marks, ",")
	rows, err := q.Query(ctx, "SELECT unit_id FROM notice_receipt WHERE notice_id = $1 AND unit_id IN ("+in+")", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) { return u, r.Scan(&u) })
	if err != nil {
		return nil, fmt.Errorf("addressed units: %w", err)
	}
	rows, err = q.Query(ctx, "SELECT t.unit_id FROM notice_receipt t JOIN access_tree a ON a.unit_id = t.unit_id WHERE t.notice_id = $1 AND a.above_id IN ("+in+") LIMIT 1", args...)
	below, err := db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) { return u, r.Scan(&u) })
	return append(out, below...), err
}

// tally counts the addressed units by state, and readers.
type tally struct {
	Sent, Signed, Studied, Readers int
}

// All is the number of addressed units.
func (t tally) All() int { return t.Sent + t.Signed + t.Studied }

func countReceipts(ctx context.Context, q db.Q, notice id.ID, filter string, args []any) (t tally, err error) {
	args = append(args, string(notice))
	err = q.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN t.state = 'sent' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN t.state = 'signed' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN t.state = 'studied' THEN 1 ELSE 0 END), 0), COALESCE(SUM(t.readers), 0) FROM notice_receipt t WHERE `+filter+" AND t.notice_id = $"+strconv.Itoa(len(args)), args...).
		Scan(&t.Sent, &t.Signed, &t.Studied, &t.Readers)
	if err != nil {
		return t, fmt.Errorf("count receipts: %w", err)
	}
	return t, nil
}

// listReceipts gives a page of the addressed units: those that owe most first.
func listReceipts(ctx context.Context, q db.Q, notice id.ID, filter string, args []any, p page.Query) (out []Receipt, next page.Next, err error) {
	args = append(args, string(notice))
	where := filter + " AND t.notice_id = $" + strconv.Itoa(len(args))
	if st := p.Filter.Get("state"); st != "" {
		args = append(args, st)
		where += " AND t.state = $" + strconv.Itoa(len(args))
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM notice_receipt t WHERE "+where, args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count receipts: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND (t.state, t.unit_id) > ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+receiptColumns+" FROM notice_receipt t WHERE "+where+" ORDER BY t.state, t.unit_id LIMIT $"+strconv.Itoa(len(args)), args...)
	if out, err = db.Collect(rows, err, func(r *sql.Rows) (Receipt, error) { return scanReceipt(r) }); err != nil {
		return nil, next, fmt.Errorf("list receipts: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Receipt) []string { return []string{last.State, string(last.Unit)} })
	return out, next, nil
}

// openReceipts lists what a unit still has to sign or to study.
func openReceipts(ctx context.Context, q db.Q, filter string, args []any, limit int) ([]Receipt, error) {
	args = append(args, limit)
	rows, err := q.Query(ctx, "SELECT "+receiptColumns+" FROM notice_receipt t WHERE "+filter+" AND t.state IN ('sent','signed') ORDER BY t.sent_on, t.id LIMIT $"+strconv.Itoa(len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Receipt, error) { return scanReceipt(r) })
}

func insertStudy(ctx context.Context, tx *audit.Tx, s Study) error {
	tx.Touch("notice_study", s.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_study (id, notice_id, unit_id, held_on, form, expected, attended, text, at, by_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
		string(s.ID), string(s.Notice), string(s.Unit), string(s.HeldOn), s.Form, s.Expected, s.Attended, s.Text, tx.At, string(s.By)); err != nil {
		return fmt.Errorf("write study record: %w", err)
	}
	return nil
}

func studiesOf(ctx context.Context, q db.Q, notice, unit id.ID) ([]Study, error) {
	rows, err := q.Query(ctx, "SELECT id, notice_id, unit_id, held_on, form, expected, attended, text, at, by_id FROM notice_study WHERE notice_id = $1 AND unit_id = $2 ORDER BY id", string(notice), string(unit))
	return db.Collect(rows, err, func(r *sql.Rows) (s Study, err error) {
		return s, r.Scan(&s.ID, &s.Notice, &s.Unit, &s.HeldOn, &s.Form, &s.Expected, &s.Attended, &s.Text, &s.At, &s.By)
	})
}

// unitsStudied lists the units, among those that the actor may see, whose first study
// of a circular was held by a day, and those whose first was later.
func unitsStudied(ctx context.Context, q db.Q, notice id.ID, filter string, args []any, until clock.Date) (took, late []id.ID, err error) {
	args = append(args, string(notice))
	rows, err := q.Query(ctx, "SELECT t.unit_id, MIN(s.held_on) FROM notice_receipt t JOIN notice_study s ON s.notice_id = t.notice_id AND s.unit_id = t.unit_id WHERE "+filter+
		" AND t.notice_id = $"+strconv.Itoa(len(args))+" GROUP BY t.unit_id ORDER BY t.unit_id", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (x struct{}, err error) {
		var u id.ID
		var first clock.Date
		if err := r.Scan(&u, &first); err != nil {
			return x, err
		}
		if first <= until {
			took = append(took, u)
		} else {
			late = append(late, u)
		}
		return x, nil
	})
	return took, late, err
}

// insertReader notes that a person has read; false when he had before.
func insertReader(ctx context.Context, tx *audit.Tx, notice, unit, person id.ID) (bool, error) {
	n := id.New()
	r, err := tx.Exec(ctx, "INSERT INTO notice_reader (id, notice_id, unit_id, person_id, at) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (notice_id, person_id) DO NOTHING",
		string(n), string(notice), string(unit), string(person), tx.At)
	if err != nil {
		return false, fmt.Errorf("note the reading: %w", err)
	}
	k, err := r.RowsAffected()
	if err != nil || k == 0 {
		return false, err
	}
	tx.Touch("notice_reader", n)
	return true, nil
}

func hasRead(ctx context.Context, q db.Q, notice, person id.ID) (at string, err error) {
	err = q.QueryRow(ctx, "SELECT at FROM notice_reader WHERE notice_id = $1 AND person_id = $2", string(notice), string(person)).Scan(&at)
	if err == sql.ErrNoRows {
		return "", nil
	}
	return at, err
}

// unread lists circulars of a unit that a person has to confirm or to answer.
func unread(ctx context.Context, q db.Q, unit, person id.ID, filter string, args []any, limit int) ([]Notice, error) {
	args = append(args, string(unit), string(person), limit)
	u, p, l := len(args)-2, len(args)-1, len(args)
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT `+noticeColumns+` FROM notice_receipt t JOIN notice n ON n.id = t.notice_id WHERE %s AND t.unit_id = $%d AND n.state = 'issued' AND
		((n.must_read = 1 AND NOT EXISTS (SELECT 1 FROM notice_reader r WHERE r.notice_id = n.id AND r.person_id = $%d))
		OR (n.pass_mark > 0 AND NOT EXISTS (SELECT 1 FROM notice_answer a WHERE a.notice_id = n.id AND a.person_id = $%d))) ORDER BY t.sent_on, n.id LIMIT $%d`, filter, u, p, p, l), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Notice, error) { return scanNotice(r) })
}

const questionColumns = "q.id, q.unit_id, q.theme, q.text, q.options, q.answer, q.explain, q.source, q.retired, q.made_at, q.by_id, q.rev"

func scanQuestion(r scanner) (x Question, err error) {
	var options string
	if err := r.Scan(&x.ID, &x.Unit, &x.Theme, &x.Text, &options, &x.Answer, &x.Explain, &x.Source, &x.Retired, &x.MadeAt, &x.By, &x.Rev); err != nil {
		return x, err
	}
	if err := json.Unmarshal([]byte(options), &x.Options); err != nil {
		return x, fmt.Errorf("question %s: %w", x.ID, err)
	}
	return x, nil
}

func questionByID(ctx context.Context, q db.Q, n id.ID) (Question, error) {
	x, err := scanQuestion(q.QueryRow(ctx, "SELECT "+questionColumns+" FROM notice_question q WHERE q.id = $1", string(n)))
	return x, db.Absent(err, "question")
}

func insertQuestion(ctx context.Context, tx *audit.Tx, x Question) error {
	tx.Touch("notice_question", x.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_question (id, unit_id, theme, text, options, answer, explain, source, retired, made_at, by_id, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,$9,$10,1)",
		string(x.ID), string(x.Unit), x.Theme, x.Text, list(x.Options), x.Answer, x.Explain, x.Source, tx.At, string(x.By)); err != nil {
		return fmt.Errorf("write question: %w", err)
	}
	return nil
}

func retireQuestion(ctx context.Context, tx *audit.Tx, x Question) error {
	tx.Touch("notice_question", x.ID)
	return tx.Change(ctx, "question", "UPDATE notice_question SET retired = 1, rev = rev + 1 WHERE id = $1 AND rev = $2", string(x.ID), x.Rev)
}

func listQuestions(ctx context.Context, q db.Q, filter string, args []any, theme string, limit int) ([]Question, error) {
	where := filter + " AND q.retired = 0"
	if theme != "" {
		args = append(args, theme)
		where += " AND q.theme = $" + strconv.Itoa(len(args))
	}
	args = append(args, limit)
	rows, err := q.Query(ctx, "SELECT "+questionColumns+" FROM notice_question q WHERE "+where+" ORDER BY q.made_at DESC, q.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Question, error) { return scanQuestion(r) })
}

func testOf(ctx context.Context, q db.Q, notice id.ID) ([]Question, error) {
	rows, err := q.Query(ctx, "SELECT "+questionColumns+" FROM notice_test x JOIN notice_question q ON q.id = x.question_id WHERE x.notice_id = $1 ORDER BY x.no", string(notice))
	return db.Collect(rows, err, func(r *sql.Rows) (Question, error) { return scanQuestion(r) })
}

// setTest replaces the questions of a draft's test.
func setTest(ctx context.Context, tx *audit.Tx, notice id.ID, questions []id.ID) error {
	rows, err := tx.Query(ctx, "SELECT id FROM notice_test WHERE notice_id = $1", string(notice))
	old, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return fmt.Errorf("test of circular: %w", err)
	}
	if len(old) > 0 {
		tx.Gone("notice_test", old...)
		if _, err := tx.Exec(ctx, "DELETE FROM notice_test WHERE notice_id = $1", string(notice)); err != nil {
			return fmt.Errorf("test of circular: %w", err)
		}
	}
	for i, q := range questions {
		n := id.New()
		tx.Touch("notice_test", n)
		if _, err := tx.Exec(ctx, "INSERT INTO notice_test (id, notice_id, question_id, no) VALUES ($1,$2,$3,$4)", string(n), string(notice), string(q), i+1); err != nil {
			return fmt.Errorf("test of circular: %w", err)
		}
	}
	return nil
}

func insertAnswer(ctx context.Context, tx *audit.Tx, a Answer) error {
	picks, err := json.Marshal(a.Picks)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	tx.Touch("notice_answer", a.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_answer (id, notice_id, unit_id, person_id, picks, correct, asked, passed, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
		string(a.ID), string(a.Notice), string(a.Unit), string(a.Person), string(picks), a.Correct, a.Asked, flag(a.Passed), tx.At); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

func answerOf(ctx context.Context, q db.Q, notice, person id.ID) (a Answer, found bool, err error) {
	var picks string
	err = q.QueryRow(ctx, "SELECT id, notice_id, unit_id, person_id, picks, correct, asked, passed, at FROM notice_answer WHERE notice_id = $1 AND person_id = $2", string(notice), string(person)).
		Scan(&a.ID, &a.Notice, &a.Unit, &a.Person, &picks, &a.Correct, &a.Asked, &a.Passed, &a.At)
	if err == sql.ErrNoRows {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("read answer: %w", err)
	}
	return a, true, json.Unmarshal([]byte(picks), &a.Picks)
}

// marksOf counts who answered and who passed, by unit.
func marksOf(ctx context.Context, q db.Q, notice id.ID) (map[id.ID][2]int, error) {
	rows, err := q.Query(ctx, "SELECT unit_id, COUNT(*), COALESCE(SUM(passed), 0) FROM notice_answer WHERE notice_id = $1 GROUP BY unit_id", string(notice))
	out := map[id.ID][2]int{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (x struct{}, err error) {
		var u id.ID
		var all, passed int
		if err := r.Scan(&u, &all, &passed); err != nil {
			return x, err
		}
		out[u] = [2]int{all, passed}
		return x, nil
	})
	return out, err
}
