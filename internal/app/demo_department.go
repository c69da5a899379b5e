package app

import (
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/db"
)

// departments finds the department of a unit whose name begins with a text; there is
// none for an empty one. People of the cast whose title names their department
// (检务督察部主任) are given none: it would be said twice.
func (s *story) departments() (func(unit, name string) id.ID, error) {
	by := map[string][]org.Department{}
	err := s.DB.Read(s.ctx, func(q db.Q) error {
		for _, p := range cast {
			if _, ok := by[p.unit]; ok {
				continue
			}
			u, _ := s.Org.Directory().ByName(p.unit)
			list, err := org.Departments(s.ctx, q, u.ID)
			if err != nil {
				return err
			}
			by[p.unit] = list
		}
		return nil
	})
	return func(unit, name string) id.ID {
		i := slices.IndexFunc(by[unit], func(d org.Department) bool { return name != "" && strings.HasPrefix(d.Name, name) })
		if i < 0 {
			return ""
		}
		return by[unit][i].ID
	}, err
}
