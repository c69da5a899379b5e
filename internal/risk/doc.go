// Package risk sees risk before the harm (检察履职廉政风险防控): it takes in what
// happened in the handling of cases, judges it by rules that explain themselves,
// has every alert verified by a person, and keeps the register of risk points.
//
// Sources: domain A6 (高检发纪字[2012]9号; five ways of finding, five classes, three
// grades, four layers of measures), A2 (contacts are recorded), B (restrictions of
// lawyers). Each rule of rules/rules.yaml names document, article and evidence;
// what was not read in the law itself (marks K, T and P) stays visibly open until
// somebody confirms it and says where he saw it. Statutory periods are settings.
//
// # Invariants
//
//   - A hit is an alert for a person to decide, never a finding (domain G 4).
//   - An alert that cannot be explained is not raised: it names the comparisons
//     that were true, the events behind them and, for figures, with whom it compares.
//   - A rule reads indicators and nothing else: no loop, no call, a bounded size.
//     The author of a version never publishes it.
//   - Small numbers give no verdict.
//   - Nobody sees an alert about himself, his relatives or a matter in whose chain of
//     approval he stood; alerts about a leadership or a whole unit go to the unit above.
//   - A decision of a person is never overturned by a later run.
//   - An import is taken in whole or not at all; no event is deleted: a later version
//     closes it and both stay.
//   - Events and facts are sealed at rest; the log holds none of them.
//
// Who may what: AlertFlow, RuleFlow, PointFlow and policy.go.
package risk
