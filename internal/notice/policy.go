package notice

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// read are the states in which an addressed unit knows of a circular.
var read = []string{Issued, Closed}

// Rules are this room's rows of the policy table; see "Who may what" of the package.
func Rules() []access.Rule {
	var out []access.Rule
	for _, t := range []flow.Table{Flow, PublicFlow, ReceiptFlow, CampaignFlow, PartFlow} {
		out = append(out, access.FromFlow(t)...)
	}
	for _, w := range writers {
		out = append(out, access.Permit(w.Role, flow.ByUs, "notice.read", "notice.create", "receipt.read", "question.read", "question.create", "question.edit", "campaign.read", "campaign.create", "part.read"),
			access.Permit(w.Role, flow.Below, "receipt.read", "part.read"))
	}
	out = append(out,
		access.Permit(actor.Leader, flow.ByUs, "notice.read", "receipt.read", "campaign.read", "part.read"),
		access.Permit(actor.Leader, flow.Below, "receipt.read", "part.read"),
		access.Permit(actor.Staff, flow.OfUnit, "notice.read", "notice.confirm", "notice.answer").In(read...),
		access.Permit(actor.Staff, flow.OfUnit, "campaign.read").In(Running, Ended))
	for _, r := range receivers {
		out = append(out, access.Permit(r.Role, flow.OfUnit, "receipt.read", "part.read"))
	}
	return out
}
