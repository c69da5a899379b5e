// Package tree is the unit tree of the procuratorates (检察机关) as data and
// rules: four levels, their names, their coverage, their usual departments.
// It holds no state and touches no database; the room above it imports the tree
// as starting material, and a site edits what differs with it.
//
// # Source
//
// Organic Law of the People's Procuratorates (人民检察院组织法, 2018) arts. 12–16:
// the Supreme People's Procuratorate; provincial units; prefecture-level ones,
// branches (分院) among them; basic ones; units dispatched (派出院) to special
// areas; the corps (兵团) and railway ones by special rules. Regions come from
// the public division table (division.txt, of 2023), what regions cannot give
// from facts.txt.
//
// # Invariants (held by tests)
//
//   - 1 + 32 units on top: the SPP, 31 provinces and the corps.
//   - A unit's level is greater than its parent's, so the tree has no circle.
//   - Codes and names are unique, and the order of All never changes.
//   - Every county is the ordinary responsibility of exactly one unit at each of
//     the levels 1–4, except that the units of a city without districts
//     (东莞, 中山) share it. Statistical zones have one at the levels 1–3.
//   - In the ordinary order a unit's coverage contains that of the units below.
//
// The tree is not the map: a branch takes counties out of a prefecture
// (雄安新区), corps units lie inside other units' counties, railway and
// dispatched ones reach where the work is. So ask [Unit.Covers],
// [Unit.Overlaps] and [At], and never compare code prefixes.
//
// # Codes
//
// Eight digits: the region's six and two more. 00 is the region's ordinary unit,
// 01–09 branches and further ordinary ones by their number, 70–79 railway, 91–99
// dispatched; 66DDnn00 is the corps, DD being the division. A code is never given
// to another unit.
//
// # Certain and approximate
//
// Every unit carries a [Mark]. Derived by rule and reliable as far as the
// division table is: about 3,200 units. Public knowledge, or a name seen on a
// public page: some sixty. From general knowledge, to be checked after import:
// about 135, namely which districts the branches of Tianjin, Shanghai and
// Chongqing have, the corps' reclamation areas, most railway units, and the
// dispatched units, of which only a part is listed (the nation has some 3,600
// procuratorates in all; the units that are missing are nearly all of this kind).
// Approximations of structure: the units of Tacheng and Altay are placed under
// the autonomous region, not under Ili, because a level may not repeat; the
// forest units of Jilin under the province, their branch being left out; and
// districts renamed or merged after 2023 wait for the next table.
//
// Departments are the usual ones of each level. Those of the SPP are public
// knowledge; of the others the number of numbered departments and the names of
// the supporting ones differ from place to place, and sites edit the list.
//
// Units by kind: spp 1, provincial 32, prefecture 321, branch 29, basic 2,843,
// railway 78, dispatched 54, xpcc 37; together 3,395. A test keeps these figures
// and the count of each province.
package tree
