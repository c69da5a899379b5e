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
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

type scanner interface{ Scan(...any) error }

const noticeColumns = `n.id, n.kind, n.number, n.title, n.source, n.editor, n.body, n.public_title, n.public_body, n.ground, n.ground_reason, n.words, n.lesson, n.posts,
	n.must_read, n.pass_mark, n.recheck_on, n.unit_id, n.author_id, n.approver_id, n.digest, n.state, n.publication, n.slug, n.made_at, n.issued_on, n.published_on, n.aim, n.rev`

// Where the policy finds what object holds: circulars by their issuer, and by
// the units that they address.
var (
	made     = access.Columns{State: "n.state", By: "n.unit_id", Owners: []string{"n.author_id"}, Concern: []string{"n.id"}}
	received = access.Columns{State: "n.state", Units: []string{"t.unit_id"}, Concern: []string{"n.id"}}
	receipts = access.Columns{State: "t.state", By: "t.by_id", Units: []string{"t.unit_id"}, Concern: []string{"t.notice_id"}}
)

func scanNotice(r scanner) (n Notice, err error) {
	var body, public, words, posts string
	if err := r.Scan(&n.ID, &n.Kind, &n.Number, &n.Title, &n.Source, &n.Editor, &body, &n.PublicTitle, &public, &n.Ground, &n.GroundReason, &words, &n.Lesson, &posts,
		&n.MustRead, &n.PassMark, &n.RecheckOn, &n.Unit, &n.Author, &n.Approver, &n.Digest, &n.State, &n.Publication, &n.Slug, &n.MadeAt, &n.IssuedOn, &n.PublishedOn, &n.Aim, &n.Rev); err != nil {
		return n, err
	}
	for _, f := range []struct {
		text string
		to   *[]string
	}{{body, &n.Body}, {public, &n.PublicBody}, {words, &n.Words}, {posts, &n.Posts}} {
		if err := json.Unmarshal([]byte(f.text), f.to); err != nil {
			return n, fmt.Errorf("circular %s: %w", n.ID, err)
		}
	}
	return n, nil
}

// list writes a list of strings for a column; none is "[]".
func list(v []string) string {
	if len(v) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(v) // strings always marshal
	return string(b)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func noticeByID(ctx context.Context, q db.Q, n id.ID) (Notice, error) {
	x, err := scanNotice(q.QueryRow(ctx, "SELECT "+noticeColumns+" FROM notice n WHERE n.id = $1", string(n)))
	return x, db.Absent(err, "notice")
}

func noticeBySlug(ctx context.Context, q db.Q, slug string) (Notice, error) {
	x, err := scanNotice(q.QueryRow(ctx, "SELECT "+noticeColumns+" FROM notice n WHERE n.slug = $1 AND n.publication = 'published'", slug))
	return x, db.Absent(err, "notice")
}

func insertNotice(ctx context.Context, tx *audit.Tx, n Notice) error {
	tx.Touch("notice", n.ID)
	if _, err := tx.Exec(ctx, `INSERT INTO notice (id, kind, number, title, source, editor, body, public_title, public_body, ground, ground_reason, words, lesson, posts,
		must_read, pass_mark, recheck_on, unit_id, author_id, approver_id, digest, state, publication, slug, made_at, issued_on, published_on, aim, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,'','',$20,$21,'',$22,'','',$23,1)`,
		string(n.ID), n.Kind, n.Number, n.Title, n.Source, n.Editor, list(n.Body), n.PublicTitle, list(n.PublicBody), n.Ground, n.GroundReason, list(n.Words), n.Lesson, list(n.Posts),
		flag(n.MustRead), n.PassMark, string(n.RecheckOn), string(n.Unit), string(n.Author), n.State, n.Publication, n.MadeAt, n.Aim); err != nil {
		return fmt.Errorf("write circular: %w", err)
	}
	return index(ctx, tx, n)
}

func updateNotice(ctx context.Context, tx *audit.Tx, n Notice) error {
	tx.Touch("notice", n.ID)
	if err := tx.Change(ctx, "notice", `UPDATE notice SET kind = $1, number = $2, title = $3, source = $4, editor = $5, body = $6, public_title = $7, public_body = $8, ground = $9, ground_reason = $10,
		words = $11, lesson = $12, posts = $13, must_read = $14, pass_mark = $15, recheck_on = $16, approver_id = $17, digest = $18, state = $19, publication = $20, slug = $21, issued_on = $22, published_on = $23, aim = $24, rev = rev + 1
		WHERE id = $25 AND rev = $26`,
		n.Kind, n.Number, n.Title, n.Source, n.Editor, list(n.Body), n.PublicTitle, list(n.PublicBody), n.Ground, n.GroundReason, list(n.Words), n.Lesson, list(n.Posts),
		flag(n.MustRead), n.PassMark, string(n.RecheckOn), string(n.Approver), n.Digest, n.State, n.Publication, n.Slug, string(n.IssuedOn), string(n.PublishedOn), n.Aim, string(n.ID), n.Rev); err != nil {
		return err
	}
	return index(ctx, tx, n)
}

func index(ctx context.Context, tx *audit.Tx, n Notice) error {
	if err := search.Remove(ctx, tx.Tx, "notice", n.ID); err != nil {
		return err
	}
	return search.Put(ctx, tx.Tx, "notice", n.ID, strings.Join(append([]string{n.Title, search.Initials(n.Title), n.Number, n.Lesson}, n.Body...), "\n"))
}

func insertEntry(ctx context.Context, tx *audit.Tx, notice id.ID, action, text string, by id.ID) error {
	n := id.New()
	tx.Touch("notice_entry", n)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_entry (id, notice_id, at, action, text, by_id) VALUES ($1,$2,$3,$4,$5,$6)", string(n), string(notice), tx.At, action, text, string(by)); err != nil {
		return fmt.Errorf("write entry of circular: %w", err)
	}
	return nil
}

// Entry is one dated event of a circular.
type Entry struct {
	At     string `json:"at"`
	Action string `json:"action"`
	Text   string `json:"text"`
	By     id.ID  `json:"by"`
}

func entriesOf(ctx context.Context, q db.Q, notice id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT at, action, text, by_id FROM notice_entry WHERE notice_id = $1 ORDER BY id", string(notice))
	return db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) { return e, r.Scan(&e.At, &e.Action, &e.Text, &e.By) })
}

// filters adds what a reader of a list asked for.
func filters(p page.Query, engine db.Engine, args *[]any) string {
	where := ""
	add := func(column, value string) {
		if value != "" {
			*args = append(*args, value)
			where += " AND " + column + " = $" + strconv.Itoa(len(*args))
		}
	}
	add("n.state", p.Filter.Get("state"))
	add("n.kind", p.Filter.Get("kind"))
	if text := p.Filter.Get("q"); text != "" {
		if m := search.Cond(engine, "notice", "n.id", text, args); m != "" {
			where += " AND " + m
		}
	}
	return where
}

// listMade gives a page of the circulars that the actor's units issue, newest first.
func listMade(ctx context.Context, q db.Q, filter string, args []any, p page.Query) ([]Notice, page.Next, error) {
	where := filter + filters(p, q.Engine(), &args)
	return noticePage(ctx, q, "notice n", where, "n.made_at", args, p)
}

// listReceived gives a page of those that address a unit, newest first.
func listReceived(ctx context.Context, q db.Q, unit id.ID, filter string, args []any, p page.Query) ([]Notice, page.Next, error) {
	args = append(args, string(unit))
	where := filter + " AND t.unit_id = $" + strconv.Itoa(len(args)) + filters(p, q.Engine(), &args)
	return noticePage(ctx, q, "notice_receipt t JOIN notice n ON n.id = t.notice_id", where, "t.sent_on", args, p)
}

func noticePage(ctx context.Context, q db.Q, from, where, by string, args []any, p page.Query) (out []Notice, next page.Next, err error) {
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM "+from+" WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") x", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count circulars: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND ("+by+", n.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+noticeColumns+", "+by+" FROM "+from+" WHERE "+where+" ORDER BY "+by+" DESC, n.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	var keys []string
	out, err = db.Collect(rows, err, func(r *sql.Rows) (Notice, error) {
		var key string
		n, err := scanNotice(extra{r, &key})
		keys = append(keys, key)
		return n, err
	})
	if err != nil {
		return nil, next, fmt.Errorf("list circulars: %w", err)
	}
	if len(out) > p.Size {
		out = out[:p.Size]
		next.After = page.Cursor(keys[p.Size-1], string(out[p.Size-1].ID))
	}
	return out, next, nil
}

// extra scans one more column after those of a record.
type extra struct {
	scanner
	key *string
}

func (e extra) Scan(to ...any) error { return e.scanner.Scan(append(to, e.key)...) }

// published lists what stands on the public pages, newest first.
func published(ctx context.Context, q db.Q, before []string, limit int) ([]Notice, error) {
	where, args := "n.publication = 'published'", []any{}
	if len(before) == 2 {
		args = append(args, before[0], before[1])
		where += " AND (n.published_on, n.id) < ($1, $2)"
	}
	args = append(args, limit)
	rows, err := q.Query(ctx, "SELECT "+noticeColumns+" FROM notice n WHERE "+where+" ORDER BY n.published_on DESC, n.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Notice, error) { return scanNotice(r) })
}

// casesFor lists issued circulars with a lesson that address a unit.
func casesFor(ctx context.Context, q db.Q, unit id.ID, filter string, args []any, limit int) ([]Notice, error) {
	args = append(args, string(unit), limit)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT "+noticeColumns+" FROM notice_receipt t JOIN notice n ON n.id = t.notice_id WHERE %s AND t.unit_id = $%d AND n.lesson <> '' ORDER BY t.sent_on DESC, n.id DESC LIMIT $%d", filter, len(args)-1, len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Notice, error) { return scanNotice(r) })
}

// casesBy lists the issued circulars with a lesson of a unit's own.
func casesBy(ctx context.Context, q db.Q, unit id.ID, filter string, args []any, limit int) ([]Notice, error) {
	args = append(args, string(unit), limit)
	return noticesWhere(ctx, q, fmt.Sprintf("%s AND n.unit_id = $%d AND n.state IN ('issued', 'closed') AND n.lesson <> '' ORDER BY n.issued_on DESC, n.id DESC LIMIT $%d", filter, len(args)-1, len(args)), args...)
}

// noticesWhere reads circulars by a condition of this room.
func noticesWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Notice, error) {
	rows, err := q.Query(ctx, "SELECT "+noticeColumns+" FROM notice n WHERE "+where, args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Notice, error) { return scanNotice(r) })
}

// rechecksDue lists issued circulars whose re-check is due.
func rechecksDue(ctx context.Context, q db.Q, filter string, args []any, until clock.Date, limit int) ([]Notice, error) {
	args = append(args, string(until), limit)
	return noticesWhere(ctx, q, fmt.Sprintf("%s AND n.state = 'issued' AND n.recheck_on <> '' AND n.recheck_on <= $%d ORDER BY n.recheck_on, n.id LIMIT $%d", filter, len(args)-1, len(args)), args...)
}
