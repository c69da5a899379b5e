package org

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// Rules: names of units are public inside the system; Personnel (政治部) keeps them.
func Rules() []access.Rule {
	return []access.Rule{
		access.Permit(actor.Staff, flow.Anything, "unit.read", "unit.export"),
		access.Permit(actor.Personnel, flow.Below, "unit.create", "unit.edit", "unit.rename", "unit.move", "unit.close", "unit.handover", "unit.import",
			"department.create", "department.edit"),
	}
}

// object is what access judges of a unit.
func object(u Unit) access.Object {
	return access.Object{Kind: "unit", ID: u.ID, Units: []access.Place{{Unit: u.ID, Path: u.Path}}}
}
