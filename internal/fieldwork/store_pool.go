package fieldwork

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const inspectorColumns = "i.id, i.by_id, i.person_id, p.name, i.skills, i.leads, i.from_on, i.to_on, i.note, i.rev"

func scanInspector(r scanner) (x Inspector, err error) {
	var skills string
	err = r.Scan(&x.ID, &x.By, &x.Person, &x.Name, &skills, &x.Lead, &x.From, &x.To, &x.Note, &x.Rev)
	if skills != "" {
		x.Skills = strings.Split(skills, ",")
	}
	return x, err
}

func inspectorByID(ctx context.Context, q db.Q, n id.ID) (Inspector, error) {
	x, err := scanInspector(q.QueryRow(ctx, "SELECT "+inspectorColumns+" FROM fieldwork_inspector i JOIN person p ON p.id = i.person_id WHERE i.id = $1", string(n)))
	return x, db.Absent(err, "inspector")
}

// poolOf lists the pool of a dispatching unit.
func poolOf(ctx context.Context, q db.Q, by id.ID) ([]Inspector, error) {
	return list(ctx, q, "inspectors", scanInspector, "SELECT "+inspectorColumns+" FROM fieldwork_inspector i JOIN person p ON p.id = i.person_id WHERE i.by_id = $1 ORDER BY p.staff_no", string(by))
}

func inspectorsWhere(ctx context.Context, q db.Q, cond string, limit int, args []any) ([]Inspector, error) {
	return list(ctx, q, "inspectors", scanInspector, "SELECT "+inspectorColumns+" FROM fieldwork_inspector i JOIN person p ON p.id = i.person_id WHERE "+cond+" ORDER BY i.id LIMIT "+strconv.Itoa(limit), args...)
}

func insertInspector(ctx context.Context, tx *audit.Tx, x Inspector) error {
	return insert(ctx, tx, "fieldwork_inspector", "by_id, person_id, skills, leads, from_on, to_on, note", x.ID, string(x.By), string(x.Person), strings.Join(x.Skills, ","), x.Lead, string(x.From), string(x.To), x.Note)
}

func updateInspector(ctx context.Context, tx *audit.Tx, x Inspector) error {
	return update(ctx, tx, "fieldwork_inspector", "inspector", "skills, leads, from_on, to_on, note", x.ID, x.Rev, strings.Join(x.Skills, ","), x.Lead, string(x.From), string(x.To), x.Note)
}

func recusalsOf(ctx context.Context, q db.Q, round id.ID) ([]Recused, error) {
	return list(ctx, q, "declarations", func(r scanner) (x Recused, err error) {
		return x, r.Scan(&x.ID, &x.Round, &x.By, &x.Person, &x.Unit, &x.Ground, &x.On, &x.Rev)
	}, "SELECT id, round_id, by_id, person_id, unit_id, ground, on_on, rev FROM fieldwork_recusal WHERE round_id = $1 ORDER BY id", string(round))
}

func insertRecusal(ctx context.Context, tx *audit.Tx, x Recused) error {
	return insert(ctx, tx, "fieldwork_recusal", "round_id, by_id, person_id, unit_id, ground, on_on", x.ID, string(x.Round), string(x.By), string(x.Person), string(x.Unit), x.Ground, string(x.On))
}

type served struct {
	Person, Round, Unit id.ID
	Start               clock.Date
}

// servedIn lists who sat in which rounds of a term, and at which units.
func servedIn(ctx context.Context, q db.Q, term id.ID) ([]served, error) {
	return list(ctx, q, "seats", func(r scanner) (x served, err error) { return x, r.Scan(&x.Person, &x.Round, &x.Unit, &x.Start) },
		`SELECT m.person_id, m.round_id, COALESCE(v.unit_id, ''), r.start_on FROM inspection_member m JOIN inspection_round r ON r.id = m.round_id
		LEFT JOIN inspection_visit v ON v.team_id = m.team_id WHERE r.term_id = $1 ORDER BY r.start_on, m.id`, string(term))
}

const checklistColumns = "id, by_id, theme, version, from_on, source, state, rev"

func scanChecklist(r scanner) (x Checklist, err error) {
	return x, r.Scan(&x.ID, &x.By, &x.Theme, &x.Version, &x.From, &x.Source, &x.State, &x.Rev)
}

func checklistByID(ctx context.Context, q db.Q, n id.ID) (Checklist, error) {
	x, err := scanChecklist(q.QueryRow(ctx, "SELECT "+checklistColumns+" FROM fieldwork_checklist WHERE id = $1", string(n)))
	if err != nil {
		return x, db.Absent(err, "checklist")
	}
	x.Checks, err = checksOf(ctx, q, n)
	return x, err
}

func checklists(ctx context.Context, q db.Q) ([]Checklist, error) {
	return list(ctx, q, "checklists", scanChecklist, "SELECT "+checklistColumns+" FROM fieldwork_checklist ORDER BY theme, version DESC LIMIT 1000")
}

func checksOf(ctx context.Context, q db.Q, checklist id.ID) ([]Check, error) {
	return list(ctx, q, "questions", func(r scanner) (x Check, err error) { return x, r.Scan(&x.ID, &x.Checklist, &x.No, &x.Text, &x.Basis) },
		"SELECT id, checklist_id, no, text, basis FROM fieldwork_check WHERE checklist_id = $1 ORDER BY no", string(checklist))
}

func insertChecklist(ctx context.Context, tx *audit.Tx, x Checklist) error {
	return insert(ctx, tx, "fieldwork_checklist", "by_id, theme, version, from_on, source, state", x.ID, string(x.By), x.Theme, x.Version, string(x.From), x.Source, x.State)
}

func updateChecklist(ctx context.Context, tx *audit.Tx, x Checklist) error {
	return update(ctx, tx, "fieldwork_checklist", "checklist", "from_on, source, state", x.ID, x.Rev, string(x.From), x.Source, x.State)
}

func setChecks(ctx context.Context, tx *audit.Tx, checklist id.ID, checks []Check) error {
	old, err := checksOf(ctx, tx, checklist)
	if err != nil {
		return err
	}
	for _, c := range old {
		if err := remove(ctx, tx, "fieldwork_check", "check", c.ID); err != nil {
			return err
		}
	}
	for _, c := range checks {
		if err := insert(ctx, tx, "fieldwork_check", "checklist_id, no, text, basis", c.ID, string(checklist), c.No, c.Text, c.Basis); err != nil {
			return err
		}
	}
	return nil
}

func answersOf(ctx context.Context, q db.Q, visit id.ID) ([]Answer, error) {
	return list(ctx, q, "answers", func(r scanner) (x Answer, err error) {
		return x, r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Check, &x.Result, &x.Note, &x.Paper, &x.Author, &x.Rev)
	}, "SELECT id, "+scopeColumns+", check_id, result, note, COALESCE(paper_id,''), COALESCE(author_id,''), rev FROM fieldwork_answer WHERE visit_id = $1 ORDER BY id", string(visit))
}

func putAnswer(ctx context.Context, tx *audit.Tx, old, x Answer) error {
	if old.ID == "" {
		return insert(ctx, tx, "fieldwork_answer", scopeInsert+", check_id, result, note, paper_id, author_id", x.ID,
			append(scopeValues(x.Scope), string(x.Check), x.Result, x.Note, db.Null(x.Paper), db.Null(x.Author))...)
	}
	return update(ctx, tx, "fieldwork_answer", "answer", "result, note, paper_id, author_id", old.ID, old.Rev, x.Result, x.Note, db.Null(x.Paper), db.Null(x.Author))
}

// File is a file that goes with a request, a paper or a finding.
type File struct {
	ID     id.ID  `json:"id"`
	Owner  id.ID  `json:"owner"`
	Kind   string `json:"kind"` // request, paper
	Hash   string `json:"hash"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Mime   string `json:"mime"`
	Size   int64  `json:"size"`
	At     string `json:"at"`
	Author id.ID  `json:"author"`
}

const fileColumns = "id, owner_id, kind, hash, name, file_kind, mime, size, at, COALESCE(author_id,'')"

func scanFile(r scanner) (x File, err error) {
	return x, r.Scan(&x.ID, &x.Owner, &x.Kind, &x.Hash, &x.Name, &x.Type, &x.Mime, &x.Size, &x.At, &x.Author)
}

func fileByID(ctx context.Context, q db.Q, n id.ID) (File, error) {
	x, err := scanFile(q.QueryRow(ctx, "SELECT "+fileColumns+" FROM fieldwork_file WHERE id = $1", string(n)))
	return x, db.Absent(err, "file")
}

func filesOf(ctx context.Context, q db.Q, owners ...id.ID) ([]File, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	var out []File
	for part := range slices.Chunk(owners, 500) {
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, o := range part {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), string(o)
		}
		fs, err := list(ctx, q, "files", scanFile, "SELECT "+fileColumns+" FROM fieldwork_file WHERE owner_id IN ("+strings.Join(marks, ",")+") ORDER BY id", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, fs...)
	}
	return out, nil
}

func insertFile(ctx context.Context, tx *audit.Tx, x File) error {
	return insert(ctx, tx, "fieldwork_file", "owner_id, kind, hash, name, file_kind, mime, size, at, author_id", x.ID, string(x.Owner), x.Kind, x.Hash, x.Name, x.Type, x.Mime, x.Size, x.At, db.Null(x.Author))
}

// checklistOf finds the checklist of a question.
func checklistOf(ctx context.Context, q db.Q, check id.ID) (n id.ID, err error) {
	err = q.QueryRow(ctx, "SELECT checklist_id FROM fieldwork_check WHERE id = $1", string(check)).Scan(&n)
	return n, db.Absent(err, "check")
}
