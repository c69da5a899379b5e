// Package lookback re-verifies closed rectification items (巡视“回头看”): a round
// of kind "lookback" draws a sample from what was closed, a team looks again on
// the spot, and the result says how honest the close-outs were.
//
// The founding report calls look-back a special inspection of how rectification
// was carried out and names five aspects, here the five lenses: the three
// consciousnesses, the unit's own and headquarters' problems, individual and
// common problems, earlier rectification and new problems, integrated and
// source rectification. Method (domain A1): listen, look, check, visit (听看查访)
// and the reverse check of closed items on the spot.
//
// # The draw
//
// Nobody, the planner included, can choose or foresee the sample:
//
//  1. Freeze: the closed items that a filter names are listed in order, with
//     stratum and risk weight; the list's SHA-256 is published.
//  2. Commit: a seed is fixed by its hash (Commitment) in the same log entry.
//     Seed and salt stay sealed, or outside of the system when somebody commits
//     to a hash of his own.
//  3. Reveal: the list is made again and must have the same digest, the seed
//     must fit the commitment; then seed and salt are public and Draw runs.
//  4. Anybody can re-run it: Redraw takes the published list, seed and options.
//
// # Invariants
//
//   - A sample never exists before its seed was committed to in the log.
//   - A verdict needs a method, a reason and, unless nothing could be verified,
//     new evidence. It counts when somebody else, the team leader, confirmed it.
//   - Nothing is overwritten: a correction is a dated entry that names the old one.
//   - Whoever applied for, worked on or closed an item neither judges nor
//     confirms it, and sits in no team that it is given to.
//   - The inspected unit learns of a verdict when it is confirmed and may object;
//     a third person gives the second opinion.
//   - Shares over the whole population come from the random part alone; the
//     part drawn by risk finds more, but says nothing about the rest.
//
// Who may what: Flow, SampleFlow, ReopeningFlow and policy.go.
package lookback
