package app

import (
	"context"

	"huikan/internal/conduct"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/risk"
)

// risk wires the room of risk. What other rooms lend is asked for when a run needs it.
func (a *App) risk(keys *secret.Keys) {
	a.Risk = risk.New(risk.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Units: a.Org.Directory(), Root: func() id.ID { return a.Org.Directory().Root().ID }, Find: a.units, Names: person.Names, Person: person.ByID, StaffNo: person.ByStaffNo,
		Contacts: func(ctx context.Context, q db.Q) (func(string) []clock.Date, error) {
			return a.Contact.CaseDays(ctx, q)
		},
		Restricted: a.barredLawyers, TakeLead: a.referAlert, Findings: findingsForPoints})
}

// barredLawyers are the lawyers in a restriction period, as screening confirmed them.
func (a *App) barredLawyers(ctx context.Context) (map[string]risk.Restriction, error) {
	list, err := a.Screening.Barred(ctx)
	out := map[string]risk.Restriction{}
	for _, b := range list {
		out[b.Licence] = risk.Restriction{From: b.From, To: b.To, Why: b.Rule}
	}
	return out, err
}

// referAlert makes a lead of a risk alert.
func (a *App) referAlert(ctx context.Context, tx *audit.Tx, who actor.Actor, r risk.LeadCmd) (string, error) {
	return a.Conduct.TakeLead(ctx, tx, who, conduct.LeadCmd{Source: "risk", Ref: r.Ref, Person: r.Person, ActFrom: r.From, ActTo: r.To, Facts: r.Facts})
}

// findingsForPoints are the findings of a unit that a risk point may have foreseen.
func findingsForPoints(ctx context.Context, q db.Q, unit id.ID, limit int) ([]risk.FindingRef, error) {
	list, err := inspection.QuotedOf(ctx, q, unit, limit)
	var out []risk.FindingRef
	for _, f := range list {
		out = append(out, risk.FindingRef{No: f.No, Title: f.Title, On: f.On, Href: "/findings/" + string(f.ID)})
	}
	return out, err
}
