// Package orgtest gives tests of the rooms above the tree of units: the one the
// program begins with, or a small one made up.
package orgtest

import (
	"context"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// Provinces are those whose lower units the tests' tree has: Zhejiang, Henan, Hubei.
var Provinces = []string{"33000000", "41000000", "42000000"}

// Tree is the room of units with its tree.
type Tree struct {
	*org.Service
	Dir *org.Directory
	t   *testing.T
}

// Plant makes the tree in a kit: the SPP, every provincial unit, and all below some.
func Plant(t *testing.T, k *platformtest.Kit) *Tree {
	t.Helper()
	o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	if err := o.SeedTree(context.Background(), actor.Program("test"), Provinces...); err != nil {
		t.Fatal(err)
	}
	return &Tree{Service: o, Dir: o.Directory(), t: t}
}

// Unit is the unit of a name.
func (x *Tree) Unit(name string) id.ID {
	x.t.Helper()
	u, ok := x.Dir.ByName(name)
	if !ok {
		x.t.Fatalf("no unit %s", name)
	}
	return u.ID
}

// As is an actor with one role at the unit of a name.
func (x *Tree) As(person string, r actor.Role, unit string) actor.Actor {
	x.t.Helper()
	return platformtest.As(person, r, x.Place(unit))
}

// Place is where the unit of a name stands.
func (x *Tree) Place(name string) access.Place {
	x.t.Helper()
	return x.Dir.Place(x.Unit(name))
}

// Find gives the unit whose whole name a text is.
func (x *Tree) Find(text string) []id.ID {
	if u, ok := x.Dir.ByName(text); ok {
		return []id.ID{u.ID}
	}
	return nil
}

// NoNames names nobody, for rooms that ask for the names of persons.
func NoNames(context.Context, db.Q, ...id.ID) (map[id.ID]string, error) {
	return map[id.ID]string{}, nil
}
