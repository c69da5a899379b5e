package actor_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
)

func TestHas(t *testing.T) {
	grant := func(r actor.Role) actor.Actor {
		return actor.Actor{Account: "a", Grants: []actor.Grant{{Role: r, Unit: "u", Path: "spp/"}}}
	}
	for _, c := range []struct {
		name string
		a    actor.Actor
		want []actor.Role
	}{
		{"nobody", actor.Actor{}, nil},
		{"signed in", actor.Actor{Account: "a"}, []actor.Role{actor.Staff}},
		{"reviewer", grant(actor.Reviewer), []actor.Role{actor.Staff, actor.Reviewer}},
		{"system administrator", grant(actor.SysAdmin), []actor.Role{actor.SysAdmin}},
		{"security administrator", grant(actor.SecAdmin), []actor.Role{actor.SecAdmin}},
		{"auditor", grant(actor.Auditor), []actor.Role{actor.Auditor}},
		{"team member", actor.Actor{Account: "a", Teams: []actor.Membership{{Team: "t", Role: actor.Inspector}}}, []actor.Role{actor.Staff, actor.Inspector}},
		{"the program", actor.Program("job"), []actor.Role{actor.System}},
	} {
		if got := c.a.Holds(); !slices.Equal(got, c.want) {
			t.Errorf("%s holds %v, want %v", c.name, got, c.want)
		}
		for _, r := range append(append(actor.Roles(), actor.TeamRoles()...), actor.System) {
			if c.a.Has(r) != slices.Contains(c.want, r) {
				t.Errorf("%s: has %s = %v", c.name, r, c.a.Has(r))
			}
		}
		if c.a.Anonymous() != (c.name == "nobody") {
			t.Errorf("%s: anonymous = %v", c.name, c.a.Anonymous())
		}
	}
	if slices.Contains(actor.Roles(), actor.System) || slices.Contains(actor.Roles(), actor.Inspector) {
		t.Error("the program's role or a team's can be granted to an account")
	}
}

// Kin is himself and his relatives, and the relatives of the actor stay as they are.
func TestKin(t *testing.T) {
	a := actor.Actor{Person: "p", Related: []id.ID{"r1", "r2"}}
	if got := a.Kin(); !slices.Equal(got, []id.ID{"p", "r1", "r2"}) {
		t.Errorf("kin %v", got)
	}
	if a.Kin()[0] = "x"; !slices.Equal(a.Related, []id.ID{"r1", "r2"}) {
		t.Errorf("related became %v", a.Related)
	}
	if got := (actor.Actor{Related: []id.ID{"r"}}).Kin(); !slices.Equal(got, []id.ID{"r"}) {
		t.Errorf("without a person: %v", got)
	}
}

func TestContext(t *testing.T) {
	if got := actor.From(context.Background()); !got.Anonymous() {
		t.Errorf("nobody was put in, got %+v", got)
	}
	a := actor.Actor{Account: "a", Name: "甲", Related: []id.ID{"r"}}
	if got := actor.From(actor.Into(context.Background(), a)); !reflect.DeepEqual(got, a) {
		t.Errorf("got %+v", got)
	}
}
