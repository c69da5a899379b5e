package account

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules are the parts of the three administrators. No rule here touches a
// business record, and no business rule names an administrator.
func Rules() []access.Rule {
	return []access.Rule{
		access.Permit(actor.SysAdmin, flow.Anything, "account.read", "account.create", "account.pick", "account.disable", "account.enable", "account.reset", "system.read"),
		access.Permit(actor.SecAdmin, flow.Anything, "account.read", "grant.read", "grant.give", "grant.withdraw", "account.unlock", "account.drop_second", "session.end"),
		access.Permit(actor.Auditor, flow.Anything, "log.read", "log.verify", "account.read", "grant.read"),
	}
}
