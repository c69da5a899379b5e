package screening

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const declarationColumns = "d.id, d.person_id, d.unit_id, d.year, d.relatives, d.late, d.note, d.at, d.rev"

func declarationOf(ctx context.Context, q db.Q, who id.ID, year int) (d Declaration, err error) {
	err = q.QueryRow(ctx, "SELECT "+declarationColumns+" FROM screening_declaration d WHERE d.person_id = $1 AND d.year = $2", string(who), year).
		Scan(&d.ID, &d.Person, &d.Unit, &d.Year, &d.Relatives, &d.Late, &d.Note, &d.At, &d.Rev)
	if errors.Is(err, sql.ErrNoRows) {
		return Declaration{}, nil
	}
	return d, err
}

func insertDeclaration(ctx context.Context, tx *audit.Tx, d Declaration) error {
	tx.Touch("screening_declaration", d.ID)
	return tx.InsertMany(ctx, "screening_declaration", "id, person_id, unit_id, year, relatives, late, note, at, rev",
		[][]any{{string(d.ID), string(d.Person), string(d.Unit), d.Year, d.Relatives, d.Late, d.Note, d.At, d.Rev}})
}

func updateDeclaration(ctx context.Context, tx *audit.Tx, d *Declaration) error {
	tx.Touch("screening_declaration", d.ID)
	err := tx.Change(ctx, "declaration", "UPDATE screening_declaration SET unit_id = $1, relatives = $2, note = $3, at = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		string(d.Unit), d.Relatives, d.Note, d.At, string(d.ID), d.Rev)
	d.Rev++
	return err
}

// declared is a line of the overview: somebody who serves, and what he stated.
type declared struct {
	Declaration
	Name    string `json:"name"`
	StaffNo string `json:"staff_no"`
	Serves  id.ID  `json:"serves"`
}

// declareScope are the serving people whose statements somebody may read: never
// his own nor a relative's.
func (s *Service) declareScope(who actor.Actor, year int, args *[]any) string {
	*args = append(*args, year, person.Serving)
	cond := "FROM person p LEFT JOIN screening_declaration d ON d.person_id = p.id AND d.year = $1 WHERE p.status = $2 AND " +
		s.policy.Filter(who, "declaration.read", access.Columns{Units: []string{"p.unit_id"}}, args)
	if kin := who.Kin(); len(kin) > 0 {
		marks := make([]string, len(kin))
		for i, n := range kin {
			*args = append(*args, string(n))
			marks[i] = "$" + strconv.Itoa(len(*args))
		}
		cond += " AND p.id NOT IN (" + strings.Join(marks, ",") + ")"
	}
	return cond
}

// listDeclared lists by staff number behind a place; open leaves out who has stated.
func (s *Service) listDeclared(ctx context.Context, q db.Q, who actor.Actor, year int, open bool, after []string, size int) ([]declared, error) {
	var args []any
	cond := s.declareScope(who, year, &args)
	if open {
		cond += " AND d.id IS NULL"
	}
	if len(after) == 2 {
		args = append(args, after[0], after[1])
		cond += fmt.Sprintf(" AND (p.staff_no > $%d OR p.staff_no = $%d AND p.id > $%d)", len(args)-1, len(args)-1, len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT p.id, p.name, p.staff_no, p.unit_id, COALESCE(d.id, ''), COALESCE(d.relatives, 0), COALESCE(d.late, FALSE), COALESCE(d.at, '')
		%s ORDER BY p.staff_no, p.id LIMIT %d`, cond, size), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x declared, err error) {
		return x, r.Scan(&x.Person, &x.Name, &x.StaffNo, &x.Serves, &x.ID, &x.Relatives, &x.Late, &x.At)
	})
	if err != nil {
		return nil, fmt.Errorf("list declarations: %w", err)
	}
	return slices.Clip(out), nil
}

// countDeclared counts who serves, who has stated, and who did so late.
func (s *Service) countDeclared(ctx context.Context, q db.Q, who actor.Actor, year int) (all, stated, late int, err error) {
	var args []any
	cond := s.declareScope(who, year, &args)
	if err := q.QueryRow(ctx, "SELECT COUNT(*), COUNT(d.id), COUNT(CASE WHEN d.late THEN 1 END) "+cond, args...).Scan(&all, &stated, &late); err != nil {
		return 0, 0, 0, fmt.Errorf("count declarations: %w", err)
	}
	return all, stated, late, nil
}
