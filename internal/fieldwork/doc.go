// Package fieldwork keeps what stands around an inspection: the multi-year plan,
// the procedure before, during and after a visit with its time limits, the pool
// of inspectors and the proposals for teams, checklists, requests for documents,
// working papers (底稿), reports whose sentences lead to their papers, clues that
// go to the discipline line, immediate rectification, and portable kits.
//
// Sources of the rules: domain rules I-1 to I-22 (Regulations on Inspection Work,
// 巡视工作条例, 2024 text); rules/rules.yaml names document, article and evidence of
// each limit. What differs from place to place is a setting of the round.
//
// # Invariants
//
//   - The inspected unit sees its own requests and immediate items, never a
//     paper, a report or a clue.
//   - The text of papers, reports and clues is sealed in the database; a clue that
//     was handed over leaves only its number with the team.
//   - No round is entered before each leader was authorised for it, none closed
//     while a required record of procedure is missing and not waived.
//   - A kit runs out; what comes back is merged whole, and what was changed on
//     both sides is decided by a person.
//
// Who may what: the flow tables and policy.go.
package fieldwork
