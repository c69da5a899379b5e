package app

import (
	"context"

	"huikan/internal/account"
	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
	"huikan/internal/tip"
)

// tip wires the channel for tips.
func (a *App) tip(keys *secret.Keys, files *vault.Store, dir *org.Directory) {
	a.Tip = tip.New(tip.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Files: files, Units: dir, Find: a.units, Names: person.Names, Officers: account.Holders, Named: person.Named, Days: a.Conduct.Days,
		Leaders: func(ctx context.Context, q db.Q, unit id.ID, on clock.Date) ([]tip.Bearer, error) {
			list, err := person.LeadersAt(ctx, q, unit, on, on)
			var out []tip.Bearer
			for _, l := range list {
				out = append(out, tip.Bearer{ID: l.Person, Name: l.Name})
			}
			return out, err
		},
		Refer: func(ctx context.Context, tx *audit.Tx, who actor.Actor, r tip.Referral) (string, error) {
			return a.Conduct.TakeLead(ctx, tx, who, conduct.LeadCmd{Source: "petition", Ref: r.No, Person: r.Person, Name: r.Name, Unit: string(r.Unit), ActFrom: r.ActFrom, ActTo: r.ActTo, Facts: r.Facts, Informant: r.Informant})
		},
		Protect: func(ctx context.Context, tx *audit.Tx, person, unit, watch id.ID) error {
			return a.Conduct.Protect(ctx, tx, person, unit, watch, "reporter")
		}})
}
