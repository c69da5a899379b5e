package access_test

import (
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/platform/access"
)

// A rule that is left out takes no argument: PostgreSQL refuses one that nothing names.
func TestARuleThatIsLeftOutTakesNoArgument(t *testing.T) {
	p, err := access.NewPolicy(access.Permit(actor.Liaison, flow.OfUnit, "thing.do").In("open"))
	if err != nil {
		t.Fatal(err)
	}
	who := actor.Actor{Grants: []actor.Grant{{Role: actor.Liaison, Unit: "u", Path: "spp/41/"}}}
	var args []any
	if got := p.Filter(who, "thing.do", access.Columns{Units: []string{"t.unit_id"}}, &args); got != "FALSE" || len(args) != 0 {
		t.Errorf("%s with %d arguments", got, len(args))
	}
}
