package app

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
	"huikan/internal/screening"
)

// hookNetworks names the private networks that webhooks may call.
const hookNetworks = "HUIKAN_HOOK_NETWORKS"

// declareBy names the last day of the yearly statement about relatives: MM-DD.
const declareBy = "HUIKAN_DECLARE_BY"

// pledgeRule says what is asked before somebody leaves: second, strict or noted.
const pledgeRule = "HUIKAN_DEPARTURE_PLEDGE"

func (a *App) wireScreening(keys *secret.Keys, files *vault.Store) error {
	var networks []netip.Prefix
	for _, s := range strings.FieldsFunc(os.Getenv(hookNetworks), func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return fault.Invalid("error.hook_networks", hookNetworks, s).With(err)
		}
		networks = append(networks, p)
	}
	by, err := screening.ParseDeclareBy(os.Getenv(declareBy))
	if err != nil {
		return err
	}
	pledge, err := screening.ParsePledgeRule(os.Getenv(pledgeRule))
	if err != nil {
		return err
	}
	a.Screening = screening.New(screening.Deps{Log: a.Log, Policy: a.Policy, Clock: a.Clock, Keys: keys, Files: files, Dir: a.Org.Directory(), People: a.Person, Find: a.units, Networks: networks, Refer: a.referHit, DeclareBy: by, Pledge: pledge})
	return nil
}

// referHit makes a lead of a confirmed hit, about the member of staff whom it concerns.
func (a *App) referHit(ctx context.Context, tx *audit.Tx, who actor.Actor, r screening.Referral) (string, error) {
	return a.Conduct.TakeLead(ctx, tx, who, conduct.LeadCmd{Source: "screening", Person: r.Person, Name: r.Name, Unit: string(r.Unit), Facts: r.Facts})
}

// screenEvery is how often overdue answers, waiting messages and changed registers
// are looked for.
const screenEvery = time.Minute

func (a *App) screen(ctx context.Context) {
	t := time.NewTicker(screenEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := guarded(func() error { return a.Screening.Tick(ctx) }); err != nil && ctx.Err() == nil {
				report("the screening could not be brought up to date", err)
			}
		}
	}
}

// guarded turns a panic of background work into an error: the next round goes on.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return fn()
}
