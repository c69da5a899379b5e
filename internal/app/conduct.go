package app

import (
	"huikan/internal/conduct"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/secret"
)

// conduct wires the room of conduct cases. What another room does not tell yet is
// left out here, and the page says so.
func (a *App) conduct(keys *secret.Keys, dir *org.Directory) {
	a.Conduct = conduct.New(conduct.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Units: dir, Find: a.units, Children: children(dir), Names: person.Names, Person: person.ByID, Kin: person.Kin,
		Moves: person.Moves, Staff: person.ServingByUnit, Departments: org.DepartmentNames,
		Backward: a.backward(dir)})
	a.Person.BeforePost(a.Conduct.BarPost)
}

// children lists the units directly below one.
func children(dir *org.Directory) func(id.ID) []id.ID {
	return func(n id.ID) (out []id.ID) {
		for _, u := range dir.Children(n) {
			out = append(out, u.ID)
		}
		return out
	}
}
