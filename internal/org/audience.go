package org

import (
	"slices"
	"strings"

	"huikan/internal/kernel/id"
)

// Audiences of something that a unit sends down the tree.
const (
	ToProvincial = "provincial" // all provincial units
	ToBelow      = "below"      // every unit below the sender
	ToChildren   = "children"   // the units directly below
	ToUnits      = "units"      // those named
	ToOwn        = "own"        // the sender's own people
)

// Audience resolves whom a sender addresses. unknown are names that no unit or
// more than one has, above are units that he cannot address because they do not
// stand at or below him. find gives the units that a text means.
func (d *Directory) Audience(kind, named string, from id.ID, find func(string) []id.ID) (to []id.ID, unknown []string, above []id.ID) {
	switch kind {
	case ToProvincial:
		for _, u := range d.Provincial() {
			to = append(to, u.ID)
		}
	case ToBelow:
		to = slices.DeleteFunc(d.Below(from), func(n id.ID) bool { u, _ := d.Unit(n); return n == from || u.Closed() })
	case ToChildren:
		for _, u := range d.Children(from) {
			if !u.Closed() {
				to = append(to, u.ID)
			}
		}
	case ToOwn:
		to = append(to, from)
	case ToUnits:
		for _, name := range strings.FieldsFunc(named, func(r rune) bool { return strings.ContainsRune("\n,，;；、", r) }) {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			hits := find(name)
			switch {
			case len(hits) != 1:
				unknown = append(unknown, name)
			case !slices.Contains(to, hits[0]):
				to = append(to, hits[0])
			}
		}
	}
	root := d.Place(from).Path
	for _, n := range to {
		if root == "" || !strings.HasPrefix(d.Place(n).Path, root) {
			above = append(above, n)
		}
	}
	return to, unknown, above
}
