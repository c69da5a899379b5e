// Package org keeps the units of the institution: four levels, kinds, who stands
// under whom, which regions each covers, and their departments.
//
// # Source
//
// Organic Law of the People's Procuratorates (人民检察院组织法, 2018) arts. 12–16.
// The tree is not the map: a unit may cover several regions, or a prison area, so
// the parent, the level (1–4), the kind and the coverage are kept apart. The
// starting material is the derived tree of package tree; a site edits what differs.
//
// # Invariants
//
//   - One root. A unit's level is greater than its parent's, so there is no circle.
//   - A code is never given twice, not even after its unit was closed.
//   - Two open units never bear one name.
//   - A renamed unit keeps its former names as dated entries that no command changes;
//     a merged one stays, closed on a day, and names its successor.
//   - access_tree always says the same as the parents (held by a test).
//
// # Who may what
//
// The names of units are public inside the system: whoever is signed in reads
// them. Personnel (政治部) adds and changes units at or under its grant; what
// concerns the parent too (move, add) needs a grant over the new parent as well.
package org
