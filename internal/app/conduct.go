package app

import (
	"context"

	"huikan/internal/conduct"
	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// maxQuoted bounds what one source gives to a backward check.
const maxQuoted = 50

// conduct wires the room of conduct cases. What another room does not tell yet is
// left out here, and the page says so.
func (a *App) conduct(keys *secret.Keys, dir *org.Directory) {
	a.Conduct = conduct.New(conduct.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Units: dir, Find: a.units, Names: person.Names, Person: person.ByID, Kin: person.Kin,
		Moves: person.Moves, Staff: person.ServingByUnit, Departments: org.DepartmentNames,
		Backward: []conduct.Source{{Key: "findings", Read: findingsBefore}, {Key: "chain", Read: chainOf}}})
	a.Person.BeforePost(a.Conduct.BarPost)
}

// findingsBefore are the findings that were fed back to the person's unit.
func findingsBefore(ctx context.Context, q db.Q, who id.ID, _, _ clock.Date) ([]conduct.BackLine, error) {
	p, err := person.ByID(ctx, q, who)
	if err != nil {
		return nil, err
	}
	list, err := inspection.QuotedOf(ctx, q, p.Unit, maxQuoted)
	out := []conduct.BackLine{}
	for _, f := range list {
		out = append(out, conduct.BackLine{On: f.On, Text: f.Title, Source: f.No, Href: "/findings/" + string(f.ID)})
	}
	return out, err
}

// chainOf are the people who held leading posts in the person's unit at the time.
func chainOf(ctx context.Context, q db.Q, who id.ID, from, to clock.Date) ([]conduct.BackLine, error) {
	p, err := person.ByID(ctx, q, who)
	if err != nil {
		return nil, err
	}
	list, err := person.LeadersAt(ctx, q, p.Unit, from, to)
	out := []conduct.BackLine{}
	for _, l := range list {
		out = append(out, conduct.BackLine{On: l.From, Text: l.Name + " · " + l.Title, Source: "人事库 " + l.Post.Short(), Href: "/people/" + string(l.Person)})
	}
	return out, err
}
