// Package inspection keeps terms (届), rounds (巡视轮次), teams, visits to units,
// coverage and findings (巡视发现问题) up to the unit's answer to the feedback.
// What follows the feedback, the "second half", belongs to rectification, which
// registers with Service.OnFedBack.
//
// Sources of the rules: Regulations on Inspection Work (巡视工作条例, 2024 text),
// domain rules I-1 to I-22. What differs from place to place, such as the months
// for rectification, is a setting of the round that names its document.
//
// # Invariants
//
//   - A finding is hidden from the inspected unit until it is fed back, and from
//     every other unit for ever.
//   - Feedback of a visit moves all its confirmed findings in one transaction and
//     sets their deadline by the round's setting.
//   - Nobody sits in a team against a recusal rule; the refusal names the rule.
//   - A published circular is imported as a whole or not at all; figures that
//     contradict each other are shown, never repaired.
//
// Who may what: FindingFlow, RoundFlow, VisitFlow and policy.go.
package inspection
