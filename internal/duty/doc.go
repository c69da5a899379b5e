// Package duty keeps the responsibility lists (责任清单) of a unit and the yearly
// assessment by facts that the other rooms hold: nobody fills in a figure about
// himself, and every point leads to the records that it was counted from.
//
// # Rules and their sources
//
//   - Five kinds of responsibility: principal (主体责任, the Party group), first
//     (第一责任人, the chief), one post two duties (一岗双责, its members), direct
//     (直接责任), supervisory (监督责任) (domain facts A8; T04, T13; the 2011 rules on
//     the responsibility system for building a clean Party).
//   - Evaluation schemes are versioned lists of indicators with weights (domain
//     facts A1, evaluation grades; T61, T65). The shipped scheme is a proposal:
//     its weights are settings of the unit that assesses.
//
// # Invariants
//
//   - A published scheme never changes; a new version begins on its own day.
//   - A score follows from the figure kept beside it and the indicator's rule
//     alone: [Points] gives it again. The figure keeps a digest of its records, so
//     that a later change of the facts is seen and said, not silently taken over.
//   - An indicator without a single record counts neither for nor against; the
//     basis says how many points were at stake.
//   - A correction names its reason and keeps what was computed beside it.
//
// # Who may what
//
// Offices of the assessing unit draw up schemes and assessments, its leaders
// approve and make them final, never their own drafts. The assessed unit reads
// what was served on it and may object; everybody named as holder of a
// responsibility sees his own list.
package duty
