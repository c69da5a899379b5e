package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var folderColumns = access.Columns{Units: []string{"f.unit_id"}, By: "f.by_id"}

const folderFields = "f.id, f.round_id, f.unit_id, f.by_id, f.rule, f.fed_back_on, f.plan_due_on, f.report_due_on, f.focus_end_on, f.evaluate_due_on, f.grade, f.rev"

func scanFolder(r scanner) (f Folder, err error) {
	return f, r.Scan(&f.ID, &f.Round, &f.Unit, &f.By, &f.Rule, &f.FedBack, &f.PlanDue, &f.Report, &f.FocusEnd, &f.Evaluate, &f.Grade, &f.Rev)
}

func folderByID(ctx context.Context, q db.Q, n id.ID) (Folder, error) {
	f, err := scanFolder(q.QueryRow(ctx, "SELECT "+folderFields+" FROM rectify_folder f WHERE f.id = $1", string(n)))
	return f, db.Absent(err, "rectify_folder")
}

// FolderOf finds the folder of a unit in a round.
func FolderOf(ctx context.Context, q db.Q, round, unit id.ID) (Folder, error) {
	f, err := scanFolder(q.QueryRow(ctx, "SELECT "+folderFields+" FROM rectify_folder f WHERE f.round_id = $1 AND f.unit_id = $2", string(round), string(unit)))
	return f, db.Absent(err, "rectify_folder")
}

// listFolders reads folders after an id, newest first; where restricts them.
func listFolders(ctx context.Context, q db.Q, w where, before id.ID, limit int) ([]Folder, error) {
	w.conds, w.args = slices.Clone(w.conds), slices.Clone(w.args)
	if before != "" {
		w.add("f.id < $%d", string(before))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_folder f WHERE %s ORDER BY f.id DESC LIMIT %d", folderFields, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Folder, error) { return scanFolder(r) })
	if err != nil {
		return nil, fmt.Errorf("read folders: %w", err)
	}
	return out, nil
}

// openFolders inserts folders that are missing, each with its empty papers.
func openFolders(ctx context.Context, tx *audit.Tx, fs []Folder) error {
	have := map[[2]id.ID]bool{}
	for part := range slices.Chunk(fs, 200) {
		var rounds, units []id.ID
		for _, f := range part {
			if !slices.Contains(rounds, f.Round) {
				rounds = append(rounds, f.Round)
			}
			if !slices.Contains(units, f.Unit) {
				units = append(units, f.Unit)
			}
		}
		var args []any
		rows, err := tx.Query(ctx, "SELECT round_id, unit_id FROM rectify_folder WHERE round_id IN ("+list(&args, rounds)+") AND unit_id IN ("+list(&args, units)+")", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (k [2]id.ID, err error) {
			err = r.Scan(&k[0], &k[1])
			have[k] = true
			return k, err
		})
		if err != nil {
			return fmt.Errorf("read folders: %w", err)
		}
	}
	var rows, papers [][]any
	for _, f := range fs {
		if k := [2]id.ID{f.Round, f.Unit}; have[k] {
			continue
		} else {
			have[k] = true
		}
		tx.Touch("rectify_folder", f.ID)
		rows = append(rows, []any{string(f.ID), string(f.Round), string(f.Unit), string(f.By), f.Rule, string(f.FedBack), string(f.PlanDue), string(f.Report),
			string(f.FocusEnd), string(f.Evaluate), f.Grade, 1})
		for _, k := range PaperKinds() {
			n := id.New()
			tx.Touch("rectify_paper", n)
			papers = append(papers, []any{string(n), string(f.ID), string(f.Unit), string(f.By), k, "", "", PaperDraft, 0, nil, nil, "", "", "", nil, "", "", "", "", "", "", tx.At, 1})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.InsertMany(ctx, "rectify_folder", "id, round_id, unit_id, by_id, rule, fed_back_on, plan_due_on, report_due_on, focus_end_on, evaluate_due_on, grade, rev", rows); err != nil {
		return err
	}
	return tx.InsertMany(ctx, "rectify_paper", `id, folder_id, unit_id, by_id, kind, title, body, state, returns, author_id, signer_id, signed_at, pledge, digest, judge_id, judged_at,
		opinion, ground, ground_reason, contact, published_on, changed_at, rev`, papers)
}

func gradeFolder(ctx context.Context, tx *audit.Tx, f Folder, grade string) error {
	tx.Touch("rectify_folder", f.ID)
	return tx.Change(ctx, "rectify_folder", "UPDATE rectify_folder SET grade = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", grade, string(f.ID), f.Rev)
}

// RoundSetting is what a round has chosen for its rectification; the zero value
// is in force where it has chosen nothing.
type RoundSetting struct {
	Rule   string `json:"rule"`
	Chain  string `json:"chain"` // levels of the sign-off
	Source string `json:"source"`
	// Days before the date of the first two reminders; 0 = as everywhere.
	Handler int   `json:"remind_handler"`
	Line    int   `json:"remind_line"`
	Rev     int64 `json:"rev"`
}

func roundSetting(ctx context.Context, q db.Q, round id.ID) (r RoundSetting, err error) {
	err = q.QueryRow(ctx, "SELECT rule, chain, source, remind_handler, remind_line, rev FROM rectify_round WHERE id = $1", string(round)).Scan(&r.Rule, &r.Chain, &r.Source, &r.Handler, &r.Line, &r.Rev)
	if err == sql.ErrNoRows {
		return RoundSetting{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the settings of a round: %w", err)
	}
	return r, nil
}

func setRound(ctx context.Context, tx *audit.Tx, round, by, person id.ID, r RoundSetting) error {
	tx.Touch("rectify_round", round)
	if r.Rev == 0 {
		return tx.InsertMany(ctx, "rectify_round", "id, by_id, rule, chain, source, remind_handler, remind_line, changed_at, changer_id, rev",
			[][]any{{string(round), string(by), r.Rule, r.Chain, r.Source, r.Handler, r.Line, tx.At, db.Null(person), 1}})
	}
	return tx.Change(ctx, "rectify_round", "UPDATE rectify_round SET rule = $1, chain = $2, source = $3, remind_handler = $4, remind_line = $5, changed_at = $6, changer_id = $7, rev = rev + 1 WHERE id = $8 AND rev = $9",
		r.Rule, r.Chain, r.Source, r.Handler, r.Line, tx.At, db.Null(person), string(round), r.Rev)
}

// ownReminders are the rounds that have set days of their own for reminders.
func ownReminders(ctx context.Context, q db.Q) (map[id.ID]RoundSetting, error) {
	out := map[id.ID]RoundSetting{}
	rows, err := q.Query(ctx, "SELECT id, remind_handler, remind_line FROM rectify_round WHERE remind_handler > 0 OR remind_line > 0")
	_, err = db.Collect(rows, err, func(r *sql.Rows) (x RoundSetting, err error) {
		var n id.ID
		err = r.Scan(&n, &x.Handler, &x.Line)
		out[n] = x
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the reminders of rounds: %w", err)
	}
	return out, nil
}

const paperFields = `p.id, p.folder_id, p.unit_id, p.by_id, p.kind, p.title, p.body, p.state, p.returns, COALESCE(p.author_id,''), COALESCE(p.signer_id,''), p.signed_at,
	p.pledge, p.digest, COALESCE(p.judge_id,''), p.judged_at, p.opinion, p.ground, p.ground_reason, p.contact, p.published_on, p.changed_at, p.rev`

func scanPaper(r scanner) (p Document, err error) {
	return p, r.Scan(&p.ID, &p.Folder, &p.Unit, &p.By, &p.Kind, &p.Title, &p.Body, &p.State, &p.Returns, &p.Author, &p.Signer, &p.SignedAt,
		&p.Pledge, &p.Digest, &p.Judge, &p.JudgedAt, &p.Opinion, &p.Ground, &p.Reason, &p.Contact, &p.Published, &p.Changed, &p.Rev)
}

func paperByID(ctx context.Context, q db.Q, n id.ID) (Document, error) {
	p, err := scanPaper(q.QueryRow(ctx, "SELECT "+paperFields+" FROM rectify_paper p WHERE p.id = $1", string(n)))
	return p, db.Absent(err, "rectify_paper")
}

func papersWhere(ctx context.Context, q db.Q, w where, limit int) ([]Document, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_paper p WHERE %s ORDER BY p.id LIMIT %d", paperFields, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Document, error) { return scanPaper(r) })
	if err != nil {
		return nil, fmt.Errorf("read papers: %w", err)
	}
	return out, nil
}

// Papers lists the papers of a folder.
func Papers(ctx context.Context, q db.Q, folder id.ID) ([]Document, error) {
	var w where
	w.add("p.folder_id = $%d", string(folder))
	return papersWhere(ctx, q, w, 20)
}

func updatePaper(ctx context.Context, tx *audit.Tx, p Document) error {
	tx.Touch("rectify_paper", p.ID)
	return tx.Change(ctx, "rectify_paper", `UPDATE rectify_paper SET title = $1, body = $2, state = $3, returns = $4, author_id = $5, signer_id = $6, signed_at = $7, pledge = $8,
		digest = $9, judge_id = $10, judged_at = $11, opinion = $12, ground = $13, ground_reason = $14, contact = $15, published_on = $16, changed_at = $17, rev = rev + 1
		WHERE id = $18 AND rev = $19`, p.Title, p.Body, p.State, p.Returns, db.Null(p.Author), db.Null(p.Signer), p.SignedAt, p.Pledge, p.Digest, db.Null(p.Judge), p.JudgedAt,
		p.Opinion, p.Ground, p.Reason, p.Contact, string(p.Published), tx.At, string(p.ID), p.Rev)
}

func insertActs(ctx context.Context, tx *audit.Tx, acts ...Act) error {
	rows := make([][]any, len(acts))
	for n, a := range acts {
		tx.Touch("rectify_act", a.ID)
		rows[n] = []any{string(a.ID), string(a.Folder), db.Null(a.Item), a.Kind, string(a.On), a.Who, a.To, a.Text, a.Grade, db.Null(a.By), tx.At}
	}
	return tx.InsertMany(ctx, "rectify_act", "id, folder_id, item_id, kind, on_date, who, to_who, body, grade, person_id, at", rows)
}

func actsOf(ctx context.Context, q db.Q, folder id.ID) ([]Act, error) {
	rows, err := q.Query(ctx, `SELECT id, folder_id, COALESCE(item_id,''), kind, on_date, who, to_who, body, grade, COALESCE(person_id,''), at FROM rectify_act
		WHERE folder_id = $1 ORDER BY id`, string(folder))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (a Act, err error) {
		return a, r.Scan(&a.ID, &a.Folder, &a.Item, &a.Kind, &a.On, &a.Who, &a.To, &a.Text, &a.Grade, &a.By, &a.At)
	})
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	return out, nil
}

const orderFields = `o.id, o.folder_id, COALESCE(o.item_id,''), o.unit_id, o.by_id, o.demand, o.due_on, o.state, o.answer, o.opinion, COALESCE(o.person_id,''), o.at,
	COALESCE(o.answerer_id,''), o.answered_at, COALESCE(o.judge_id,''), o.judged_at, o.rev`

func scanOrder(r scanner) (o Order, err error) {
	return o, r.Scan(&o.ID, &o.Folder, &o.Item, &o.Unit, &o.By, &o.Demand, &o.Due, &o.State, &o.Answer, &o.Opinion, &o.Person, &o.At, &o.Answerer, &o.AnswerAt, &o.Judge, &o.JudgeAt, &o.Rev)
}

func orderByID(ctx context.Context, q db.Q, n id.ID) (Order, error) {
	o, err := scanOrder(q.QueryRow(ctx, "SELECT "+orderFields+" FROM rectify_order o WHERE o.id = $1", string(n)))
	return o, db.Absent(err, "rectify_order")
}

func ordersWhere(ctx context.Context, q db.Q, w where, limit int) ([]Order, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_order o WHERE %s ORDER BY o.id LIMIT %d", orderFields, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Order, error) { return scanOrder(r) })
	if err != nil {
		return nil, fmt.Errorf("read supervision orders: %w", err)
	}
	return out, nil
}

func insertOrder(ctx context.Context, tx *audit.Tx, o Order) error {
	tx.Touch("rectify_order", o.ID)
	return tx.InsertMany(ctx, "rectify_order", `id, folder_id, item_id, unit_id, by_id, demand, due_on, state, answer, opinion, person_id, at, answerer_id, answered_at, judge_id, judged_at, rev`,
		[][]any{{string(o.ID), string(o.Folder), db.Null(o.Item), string(o.Unit), string(o.By), o.Demand, string(o.Due), o.State, "", "", db.Null(o.Person), tx.At, nil, "", nil, "", 1}})
}

func updateOrder(ctx context.Context, tx *audit.Tx, o Order) error {
	tx.Touch("rectify_order", o.ID)
	return tx.Change(ctx, "rectify_order", `UPDATE rectify_order SET state = $1, answer = $2, opinion = $3, answerer_id = $4, answered_at = $5, judge_id = $6, judged_at = $7, rev = rev + 1
		WHERE id = $8 AND rev = $9`, o.State, o.Answer, o.Opinion, db.Null(o.Answerer), o.AnswerAt, db.Null(o.Judge), o.JudgeAt, string(o.ID), o.Rev)
}

// itemsOf lists the items of a unit in a round, without their long texts.
func itemsOf(ctx context.Context, q db.Q, w where, limit int) ([]Item, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_item i WHERE %s ORDER BY i.no, i.id LIMIT %d", listColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, scanListed)
	if err != nil {
		return nil, fmt.Errorf("read the items of a folder: %w", err)
	}
	return out, nil
}

// dueSoon lists open items whose date is near or past and that lack the
// reminder of a tier for this date; w says of which rounds.
func dueSoon(ctx context.Context, q db.Q, w where, tier string, until clock.Date, limit int) ([]Item, error) {
	w.conds, w.args = slices.Clone(w.conds), slices.Clone(w.args)
	w.add("i.open = 1 AND i.state <> 'applied' AND i.due_on <> '' AND i.due_on <= $%d", string(until))
	w.add("NOT EXISTS (SELECT 1 FROM rectify_reminder r WHERE r.item_id = i.id AND r.due_on = i.due_on AND r.tier = $%d)", tier)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_item i WHERE %s ORDER BY i.due_on, i.id LIMIT %d", listColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, scanListed)
	if err != nil {
		return nil, fmt.Errorf("read what falls due: %w", err)
	}
	return out, nil
}

func insertReminders(ctx context.Context, tx *audit.Tx, tier string, items []Item) error {
	rows := make([][]any, len(items))
	for n, i := range items {
		r := id.New()
		tx.Touch("rectify_reminder", r)
		rows[n] = []any{string(r), string(i.ID), string(i.Due), tier, tx.At}
	}
	return tx.InsertMany(ctx, "rectify_reminder", "id, item_id, due_on, tier, at", rows)
}

// Reminder is one notice that climbed to a tier.
type Reminder struct {
	Tier string     `json:"tier"`
	Due  clock.Date `json:"due"`
	At   string     `json:"at"`
}

func remindersOf(ctx context.Context, q db.Q, item id.ID) ([]Reminder, error) {
	rows, err := q.Query(ctx, "SELECT tier, due_on, at FROM rectify_reminder WHERE item_id = $1 ORDER BY id", string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x Reminder, err error) { return x, r.Scan(&x.Tier, &x.Due, &x.At) })
	if err != nil {
		return nil, fmt.Errorf("read reminders: %w", err)
	}
	return out, nil
}

// ItemsOf lists the items of a unit in a round by number. The caller judges who
// may see them.
func ItemsOf(ctx context.Context, q db.Q, round, unit id.ID) ([]Item, error) {
	var w where
	w.add("i.round_id = $%d AND i.unit_id = $%d", string(round), string(unit))
	return itemsOf(ctx, q, w, maxFolderItems)
}
