package fieldwork

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// sealed is the content of a paper, report or clue that the database keeps sealed.
type sealed struct {
	Text    string `json:"text"`
	Persons string `json:"persons,omitempty"`
}

func (s *Service) seal(table string, row id.ID, c sealed) ([]byte, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return s.Keys.Seal(secret.FieldText, table+"/"+string(row), raw), nil
}

func (s *Service) unseal(table string, row id.ID, b []byte) (c sealed, err error) {
	raw, err := s.Keys.Open(secret.FieldText, table+"/"+string(row), b)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("unseal: %w", err)
	}
	return c, nil
}

const paperColumns = "id, " + scopeColumns + ", no, seq, kind, title, secrecy, on_on, place, sealed, state, reason, COALESCE(author_id,''), COALESCE(reviewer_id,''), rev"

func (s *Service) scanPaper(r scanner) (x Paper, err error) {
	var b []byte
	err = r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.No, &x.Seq, &x.Kind, &x.Title, &x.Secrecy, &x.On, &x.Place, &b, &x.State, &x.Reason, &x.Author, &x.Reviewer, &x.Rev)
	if err != nil {
		return x, err
	}
	c, err := s.unseal("fieldwork_paper", x.ID, b)
	x.Text, x.Persons = c.Text, c.Persons
	return x, err
}

func (s *Service) paperByID(ctx context.Context, q db.Q, n id.ID) (Paper, error) {
	x, err := s.scanPaper(q.QueryRow(ctx, "SELECT "+paperColumns+" FROM fieldwork_paper WHERE id = $1", string(n)))
	if err != nil {
		return x, db.Absent(err, "paper")
	}
	x.Findings, err = bornBy(ctx, q, n)
	return x, err
}

// papersWhere lists papers in order of their numbers.
func (s *Service) papersWhere(ctx context.Context, q db.Q, cond string, limit int, args []any) ([]Paper, error) {
	return list(ctx, q, "papers", s.scanPaper, "SELECT "+paperColumns+" FROM fieldwork_paper p WHERE "+cond+" ORDER BY p.seq, p.id LIMIT "+strconv.Itoa(limit), args...)
}

func (s *Service) insertPaper(ctx context.Context, tx *audit.Tx, x Paper) error {
	b, err := s.seal("fieldwork_paper", x.ID, sealed{x.Text, x.Persons})
	if err != nil {
		return err
	}
	return insert(ctx, tx, "fieldwork_paper", scopeInsert+", no, seq, kind, title, secrecy, on_on, place, sealed, state, reason, author_id, reviewer_id", x.ID,
		append(scopeValues(x.Scope), x.No, x.Seq, x.Kind, x.Title, x.Secrecy, string(x.On), x.Place, b, x.State, x.Reason, db.Null(x.Author), db.Null(x.Reviewer))...)
}

func (s *Service) updatePaper(ctx context.Context, tx *audit.Tx, x Paper) error {
	b, err := s.seal("fieldwork_paper", x.ID, sealed{x.Text, x.Persons})
	if err != nil {
		return err
	}
	return update(ctx, tx, "fieldwork_paper", "paper", "kind, title, secrecy, on_on, place, sealed, state, reason, reviewer_id", x.ID, x.Rev,
		x.Kind, x.Title, x.Secrecy, string(x.On), x.Place, b, x.State, x.Reason, db.Null(x.Reviewer))
}

// bornBy lists the findings that a paper bears.
func bornBy(ctx context.Context, q db.Q, paper id.ID) ([]id.ID, error) {
	return list(ctx, q, "findings of a paper", func(r scanner) (n id.ID, err error) { return n, r.Scan(&n) },
		"SELECT finding_id FROM fieldwork_bears WHERE paper_id = $1 ORDER BY id", string(paper))
}

// papersOf lists the papers that bear a finding.
func (s *Service) papersOf(ctx context.Context, q db.Q, finding id.ID) ([]Paper, error) {
	return s.papersWhere(ctx, q, "p.id IN (SELECT paper_id FROM fieldwork_bears WHERE finding_id = $1)", 100, []any{string(finding)})
}

// setBears makes the findings of a paper those wanted.
func setBears(ctx context.Context, tx *audit.Tx, paper id.ID, want []id.ID) error {
	type bears struct{ row, finding id.ID }
	rows, err := tx.Query(ctx, "SELECT id, finding_id FROM fieldwork_bears WHERE paper_id = $1", string(paper))
	have, err := db.Collect(rows, err, func(r *sql.Rows) (b bears, err error) { return b, r.Scan(&b.row, &b.finding) })
	if err != nil {
		return fmt.Errorf("findings of a paper: %w", err)
	}
	keep := map[id.ID]bool{}
	for _, w := range want {
		keep[w] = true
	}
	for _, b := range have {
		if keep[b.finding] {
			delete(keep, b.finding)
			continue
		}
		if err := remove(ctx, tx, "fieldwork_bears", "paper", b.row); err != nil {
			return err
		}
	}
	for _, w := range want {
		if !keep[w] {
			continue
		}
		delete(keep, w)
		if err := insert(ctx, tx, "fieldwork_bears", "paper_id, finding_id", id.New(), string(paper), string(w)); err != nil {
			return err
		}
	}
	return nil
}

const reportColumns = "id, " + scopeColumns + ", kind, title, sealed, state, reason, bare, COALESCE(author_id,''), rev"

func (s *Service) scanReport(r scanner) (x Report, err error) {
	var b []byte
	if err = r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Kind, &x.Title, &b, &x.State, &x.Reason, &x.Bare, &x.Author, &x.Rev); err != nil {
		return x, err
	}
	c, err := s.unseal("fieldwork_report", x.ID, b)
	x.Text = c.Text
	return x, err
}

func (s *Service) reportByID(ctx context.Context, q db.Q, n id.ID) (Report, error) {
	x, err := s.scanReport(q.QueryRow(ctx, "SELECT "+reportColumns+" FROM fieldwork_report WHERE id = $1", string(n)))
	return x, db.Absent(err, "report")
}

func (s *Service) reportsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Report, error) {
	return list(ctx, q, "reports", s.scanReport, "SELECT "+reportColumns+" FROM fieldwork_report t WHERE "+cond+" ORDER BY t.id LIMIT 100", args...)
}

func (s *Service) insertReport(ctx context.Context, tx *audit.Tx, x Report) error {
	b, err := s.seal("fieldwork_report", x.ID, sealed{Text: x.Text})
	if err != nil {
		return err
	}
	return insert(ctx, tx, "fieldwork_report", scopeInsert+", kind, title, sealed, state, reason, bare, author_id", x.ID,
		append(scopeValues(x.Scope), x.Kind, x.Title, b, x.State, x.Reason, x.Bare, db.Null(x.Author))...)
}

func (s *Service) updateReport(ctx context.Context, tx *audit.Tx, x Report) error {
	b, err := s.seal("fieldwork_report", x.ID, sealed{Text: x.Text})
	if err != nil {
		return err
	}
	return update(ctx, tx, "fieldwork_report", "report", "title, sealed, state, reason, bare", x.ID, x.Rev, x.Title, b, x.State, x.Reason, x.Bare)
}

const clueColumns = "id, " + scopeColumns + ", no, seq, line, sealed, on_on, handed_on, receipt, state, COALESCE(author_id,''), rev"

// clueByID reads a clue; its content only when content is asked for.
func (s *Service) clueByID(ctx context.Context, q db.Q, n id.ID, content bool) (Clue, error) {
	x, b, err := scanClueRow(q.QueryRow(ctx, "SELECT "+clueColumns+" FROM fieldwork_clue WHERE id = $1", string(n)))
	if err != nil || !content {
		return x, db.Absent(err, "clue")
	}
	c, err := s.unseal("fieldwork_clue", x.ID, b)
	x.Text, x.Subject = c.Text, c.Persons
	return x, err
}

func cluesWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Clue, error) {
	return list(ctx, q, "clues", func(r scanner) (Clue, error) { x, _, err := scanClueRow(r); return x, err },
		"SELECT "+clueColumns+" FROM fieldwork_clue c WHERE "+cond+" ORDER BY c.id DESC LIMIT 200", args...)
}

func scanClueRow(r scanner) (Clue, []byte, error) {
	var x Clue
	var b []byte
	err := r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.No, &x.Seq, &x.Line, &b, &x.On, &x.Handed, &x.Receipt, &x.State, &x.Author, &x.Rev)
	return x, b, err
}

func (s *Service) insertClue(ctx context.Context, tx *audit.Tx, x Clue) error {
	b, err := s.seal("fieldwork_clue", x.ID, sealed{x.Text, x.Subject})
	if err != nil {
		return err
	}
	return insert(ctx, tx, "fieldwork_clue", scopeInsert+", no, seq, line, sealed, on_on, handed_on, receipt, state, author_id", x.ID,
		append(scopeValues(x.Scope), x.No, x.Seq, x.Line, b, string(x.On), string(x.Handed), x.Receipt, x.State, db.Null(x.Author))...)
}

func updateClue(ctx context.Context, tx *audit.Tx, x Clue) error {
	return update(ctx, tx, "fieldwork_clue", "clue", "handed_on, receipt, state", x.ID, x.Rev, string(x.Handed), x.Receipt, x.State)
}

// paperNos maps the numbers of a visit's papers to the papers.
func (s *Service) paperNos(ctx context.Context, q db.Q, visit id.ID) (map[string]id.ID, error) {
	type pair struct {
		no string
		id id.ID
	}
	ps, err := list(ctx, q, "papers", func(r scanner) (p pair, err error) { return p, r.Scan(&p.no, &p.id) },
		"SELECT no, id FROM fieldwork_paper WHERE visit_id = $1", string(visit))
	out := map[string]id.ID{}
	for _, p := range ps {
		out[p.no] = p.id
	}
	return out, err
}
