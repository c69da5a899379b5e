package directive

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

type scanner interface{ Scan(...any) error }

const directiveColumns = "d.id, d.title, d.source, d.editor, d.published, d.unit_id, d.state, d.body, d.warnings, d.author_id, d.made_at, d.rev"

// directives tells the policy where a list of directives keeps what object holds.
var directives = access.Columns{State: "d.state", By: "d.unit_id", Units: []string{"d.unit_id"}, Owners: []string{"d.author_id"}, Concern: []string{"d.id"}}

func scanDirective(r scanner) (d Directive, err error) {
	var body, warnings string
	if err := r.Scan(&d.ID, &d.Title, &d.Source, &d.Editor, &d.Published, &d.Unit, &d.State, &body, &warnings, &d.Author, &d.MadeAt, &d.Rev); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(body), &d.Body); err != nil {
		return d, fmt.Errorf("body of directive %s: %w", d.ID, err)
	}
	if err := json.Unmarshal([]byte(warnings), &d.Warnings); err != nil {
		return d, fmt.Errorf("warnings of directive %s: %w", d.ID, err)
	}
	return d, nil
}

func directiveByID(ctx context.Context, q db.Q, n id.ID) (Directive, error) {
	d, err := scanDirective(q.QueryRow(ctx, "SELECT "+directiveColumns+" FROM directive d WHERE d.id = $1", string(n)))
	return d, db.Absent(err, "directive")
}

func insertDirective(ctx context.Context, tx *audit.Tx, d Directive) error {
	body, err := json.Marshal(d.Body)
	if err != nil {
		return fmt.Errorf("write directive: %w", err)
	}
	warnings, err := json.Marshal(d.Warnings)
	if err != nil {
		return fmt.Errorf("write directive: %w", err)
	}
	tx.Touch("directive", d.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO directive (id, title, source, editor, published, unit_id, state, body, warnings, author_id, made_at, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)",
		string(d.ID), d.Title, d.Source, d.Editor, string(d.Published), string(d.Unit), d.State, string(body), string(warnings), string(d.Author), d.MadeAt); err != nil {
		return fmt.Errorf("write directive: %w", err)
	}
	return search.Put(ctx, tx.Tx, "directive", d.ID, d.Title+"\n"+search.Initials(d.Title)+"\n"+strings.Join(d.Body, "\n"))
}

func setState(ctx context.Context, tx *audit.Tx, d Directive, state string) error {
	tx.Touch("directive", d.ID)
	return tx.Change(ctx, "directive", "UPDATE directive SET state = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", state, string(d.ID), d.Rev)
}

func insertSentences(ctx context.Context, tx *audit.Tx, directive id.ID, list []Sentence) error {
	var rows [][]any
	for _, s := range list {
		n := id.New()
		tx.Touch("directive_sentence", n)
		rows = append(rows, []any{string(n), string(directive), s.Paragraph, s.No, s.Text, s.Class})
	}
	return tx.InsertMany(ctx, "directive_sentence", "id, directive_id, paragraph, no, text, class", rows)
}

func sentencesIn(ctx context.Context, q db.Q, directive id.ID) ([]Sentence, error) {
	rows, err := q.Query(ctx, "SELECT paragraph, no, text, class FROM directive_sentence WHERE directive_id = $1 ORDER BY paragraph, no", string(directive))
	return db.Collect(rows, err, func(r *sql.Rows) (s Sentence, err error) { return s, r.Scan(&s.Paragraph, &s.No, &s.Text, &s.Class) })
}

const requirementColumns = "id, directive_id, no, theme, text, quote, paragraph, state, reason, rev"

func scanRequirement(r scanner) (x Requirement, err error) {
	return x, r.Scan(&x.ID, &x.Directive, &x.No, &x.Theme, &x.Text, &x.Quote, &x.Paragraph, &x.State, &x.Reason, &x.Rev)
}

func requirementsOf(ctx context.Context, q db.Q, directive id.ID) ([]Requirement, error) {
	rows, err := q.Query(ctx, "SELECT "+requirementColumns+" FROM directive_requirement WHERE directive_id = $1 ORDER BY no, id", string(directive))
	return db.Collect(rows, err, func(r *sql.Rows) (Requirement, error) { return scanRequirement(r) })
}

func requirementByID(ctx context.Context, q db.Q, n id.ID) (Requirement, error) {
	x, err := scanRequirement(q.QueryRow(ctx, "SELECT "+requirementColumns+" FROM directive_requirement WHERE id = $1", string(n)))
	return x, db.Absent(err, "requirement")
}

func insertRequirements(ctx context.Context, tx *audit.Tx, list []Requirement) error {
	var rows [][]any
	for _, x := range list {
		tx.Touch("directive_requirement", x.ID)
		rows = append(rows, []any{string(x.ID), string(x.Directive), x.No, x.Theme, x.Text, x.Quote, x.Paragraph, x.State, x.Reason, 1})
	}
	return tx.InsertMany(ctx, "directive_requirement", "id, directive_id, no, theme, text, quote, paragraph, state, reason, rev", rows)
}

func updateRequirement(ctx context.Context, tx *audit.Tx, x Requirement) error {
	tx.Touch("directive_requirement", x.ID)
	return tx.Change(ctx, "requirement", "UPDATE directive_requirement SET theme = $1, text = $2, quote = $3, paragraph = $4, state = $5, reason = $6, rev = rev + 1 WHERE id = $7 AND rev = $8",
		x.Theme, x.Text, x.Quote, x.Paragraph, x.State, x.Reason, string(x.ID), x.Rev)
}

// listDirectives gives one page, newest first.
func listDirectives(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Directive, next page.Next, err error) {
	where := filter
	if text := p.Filter.Get("q"); text != "" {
		if m := search.Cond(q.Engine(), "directive", "d.id", text, &args); m != "" {
			where += " AND " + m
		}
	}
	if st := p.Filter.Get("state"); st != "" {
		args = append(args, st)
		where += " AND d.state = $" + strconv.Itoa(len(args))
	}
	count := "SELECT COUNT(*) FROM (SELECT 1 FROM directive d WHERE " + where + " LIMIT " + strconv.Itoa(page.CountCap+1) + ") x"
	if err := q.QueryRow(ctx, count, args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count directives: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND (d.made_at, d.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+directiveColumns+" FROM directive d WHERE "+where+" ORDER BY d.made_at DESC, d.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	out, err = db.Collect(rows, err, func(r *sql.Rows) (Directive, error) { return scanDirective(r) })
	if err != nil {
		return nil, next, fmt.Errorf("list directives: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Directive) []string { return []string{last.MadeAt, string(last.ID)} })
	return out, next, nil
}
