// Package screening finds departed staff who practise as lawyers where they may
// not, and relatives of serving staff in law firms, and warns both authorities
// (双向预警机制, 近亲属在律所从业核查机制 of the founding report).
//
// # Source
//
// Procurators Law arts. 23–25, 37; Lawyers Law arts. 7, 41; Civil Servants Law
// arts. 74, 86, 107; 司发通〔2021〕61号; flows D1–D8 of the field (the former unit is
// asked at licensing, persons in the base found in firms are warned of, counsel
// in a case is compared with both bases). The rules themselves are package rules.
//
// # How it goes
//
//  1. Registers (staff, relatives, lawyers, counsel in cases) come in as dated
//     versions; the people and declared relatives of the system are a register too.
//  2. A run links ours with the register of lawyers (package linkage), asks the
//     rules about each pair, and keeps hits: probability in bits, verdict, last day.
//  3. Reviewers judge side by side; a confirmed hit has two readers; a dismissal is
//     remembered until a fact of either row changes.
//  4. A confirmed hit becomes a warning to the bar authority; it tells of
//     applications, transfers and hires the other way; counsel in a case of his
//     former procuratorate, or of a relative's, raises a warning by itself.
//
// # Invariants
//
//   - No hit is left out because there are many: lists are ranked, not cut off.
//   - Rows of registers lie sealed in the vault; ID numbers never reach a list, a
//     log leaf or an answer of the licensing counter.
//   - Every score can be made again from the sealed rows and the model.
//   - Whoever the hit is about, and his kin, neither see nor count it.
//   - The first reader of a hit is never its second.
//   - The liaison of the justice administration sees warnings and no register of ours.
//
// Who may what: MatchFlow, OutFlow, InFlow, CaseFlow and policy.go.
package screening
