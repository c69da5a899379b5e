package app

import (
	"huikan/internal/conduct"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/secret"
)

// conduct wires the room of conduct cases. What another room does not tell yet is
// left out here, and the page says so.
func (a *App) conduct(keys *secret.Keys, dir *org.Directory) {
	a.Conduct = conduct.New(conduct.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Units: dir, Find: a.units, Names: person.Names, Person: person.ByID, Kin: person.Kin,
		Moves: person.Moves, Staff: person.ServingByUnit, Departments: org.DepartmentNames,
		Backward: a.backward(dir)})
	a.Person.BeforePost(a.Conduct.BarPost)
}
