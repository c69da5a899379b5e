package conduct

import (
	"context"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// searched is what a text may mean in this room.
type searched struct {
	number  string // part of a number; "" when it is none
	unit    id.ID
	classes []string
	blinds  []string // of the name, one for each unit that it may belong to
}

func (f searched) empty() bool {
	return f.number == "" && f.unit == "" && len(f.classes) == 0 && len(f.blinds) == 0
}

// where joins the ways by which a record may be meant; named asks for the names.
func (f searched) where(alias, named string, args *[]any) string {
	var any []string
	if f.number != "" {
		*args = append(*args, "%"+f.number+"%")
		any = append(any, fmt.Sprintf("UPPER(%s.no) LIKE $%d", alias, len(*args)))
	}
	if f.unit != "" {
		*args = append(*args, string(f.unit))
		any = append(any, fmt.Sprintf("%s.home_id = $%d", alias, len(*args)))
	}
	for _, c := range []struct {
		cond   string
		values []string
	}{{alias + ".conduct IN (%s)", f.classes}, {named, f.blinds}} {
		marks := make([]string, len(c.values))
		for i, v := range c.values {
			*args = append(*args, v)
			marks[i] = fmt.Sprintf("$%d", len(*args))
		}
		if len(marks) > 0 {
			any = append(any, fmt.Sprintf(c.cond, strings.Join(marks, ",")))
		}
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func searchLeads(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f searched, limit int) ([]Lead, error) {
	var args []any
	cond := p.Filter(who, "lead.read", leadAccess, &args) + " AND " + f.where("l", "l.name_blind IN (%s)", &args)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM conduct_lead l WHERE %s ORDER BY l.id DESC LIMIT %d", leadColumns, cond, limit), args...)
	return db.Collect(rows, err, leadRow)
}

func searchCases(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f searched, limit int) ([]Case, error) {
	var args []any
	cond := p.Filter(who, "conduct.read", caseAccess, &args) + " AND " + f.where("c", "c.id IN (SELECT n.case_id FROM conduct_lead n WHERE n.name_blind IN (%s))", &args)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM conduct_case c WHERE %s ORDER BY c.id DESC LIMIT %d", caseColumns, cond, limit), args...)
	return db.Collect(rows, err, caseRow)
}
