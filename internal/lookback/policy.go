package lookback

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules say who plans, works and reads. The office that dispatched plans and
// draws; the team works on what it was given (and
// reads no result, because its own items say nothing about all); leaders of the dispatching unit
// read everything, leaders above an inspected unit what is in force about it;
// the inspected unit sees verdicts about its own items once they are confirmed.
func Rules() []access.Rule {
	rules := access.FromFlow(Flow)
	rules = append(rules, access.FromFlow(SampleFlow)...)
	rules = append(rules, access.FromFlow(ReopeningFlow)...)
	rules = append(rules, access.FromFlow(ConsequenceFlow)...)
	rules = append(rules,
		access.Permit(actor.Office, flow.ByUs, "lookback.create", "lookback.read", "lookback.result", "lookback.lens", "lookback.note", "sample.read", "candidate.read"),
		access.Permit(actor.Office, flow.ByUs, "lookback.add").In(Sampled),
		access.Permit(actor.Office, flow.ByUs, "lookback_report.make").In(Sampled, Finished),
		access.Permit(actor.Office, flow.ByUs, "lookback_report.read"), access.Permit(actor.Leader, flow.ByUs, "lookback_report.read"),
		access.Permit(actor.Office, flow.ByUs, "sample.assign").In(Open),
		access.Permit(actor.Leader, flow.ByUs, "lookback.read", "lookback.result", "lookback.lens", "sample.read", "candidate.read"),
		access.Permit(actor.Leader, flow.Below, "lookback.read", "lookback.result").In(Sampled, Finished),
		access.Permit(actor.Leader, flow.Below, "sample.read").In(known...),
		access.Permit(actor.Leader, flow.Below, "candidate.read"))
	for _, r := range []actor.Role{actor.Lookback, actor.TeamLeader} {
		rules = append(rules,
			access.Permit(r, flow.OfTeam, "lookback.read", "lookback.lens", "lookback.note", "sample.read"),
			// Candidates are only ever listed within one look-back, which the team must see first.
			access.Permit(r, flow.Anything, "candidate.read"),
			access.Permit(r, flow.OfTeam, "sample.evidence").In(Open, Judged))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		rules = append(rules, access.Permit(r, flow.OfUnit, "sample.read").In(known...))
	}
	return rules
}
