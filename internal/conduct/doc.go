// Package conduct takes a lead (线索) about a person from any source to an
// enforced and lifted sanction inside statutory times, with the person's rights
// kept: leads, cases, the sanction catalogue, four forms, self-reports, the
// backward check and the protective watch.
//
// Sources of the rules: domain J-1 to J-11. The law of sanctions stands as dated
// data in rules/sanctions.yaml, each row with document, article and evidence;
// what was not seen in the law itself (marks K, T and P) is a setting or a row
// that stays visibly open until somebody confirms it and says where he saw it.
//
// # Invariants
//
//   - A lead is never deleted and never renumbered; a gap in the numbers is shown.
//     What is told twice about one person and one fact is joined, not lost. Where
//     a lead came from only its number is left.
//   - A case is seen by its handlers, the office that handles it and the leader
//     who decides it. The subject and whoever is his relative neither see, count
//     nor find it; he gets what the law serves on him as papers of his own.
//   - Two handlers at least, none of them the subject, his declared relative
//     (cousins included), a relative of each other, or the decider.
//   - The committee's opinion has four values and is asked for in conduct of
//     Procurators Law art. 47 items 4 and 5 only (J-3).
//   - A sanction is never dated before the act; its periods follow the law in
//     force, old acts by the old law unless the new one is lighter (政务处分法 67).
//   - The retired get no sanction; their benefits are adjusted (J-8).
//   - The machine computes reasons from dated facts; it decides nothing.
//   - Narratives are sealed at rest; the log holds none of them.
//
// Who may what: LeadFlow, CaseFlow, SanctionFlow, SelfFlow, ServedFlow and policy.go.
package conduct
