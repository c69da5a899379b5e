// Package rules judges by the restriction rules of law what departed staff, and
// relatives of serving staff, may do: who, kind of leaving, rank, jurisdiction,
// kind of work, period, exceptions. The rules are data: one YAML file is an
// edition, each rule names article, source and the days from and to which it is
// in force. The package is pure: facts and a day in, verdicts out.
//
// # Source
//
// Procurators Law (2019) arts. 23–25, 37; Lawyers Law arts. 7, 41; Civil
// Servants Law arts. 74, 86, 107; 司发通〔2021〕61号 of 2021-09-30; 中组发〔2013〕18号.
// The identifiers B1 … B15 are those of the written rules; L1 … L3 are the law
// before 2019-10-01; R1 is the reporting set, which is wider than the set that
// forces recusal.
//
// # Points of care
//
//   - The kind of leaving decides: who was removed (辞退) or transferred (调离) is
//     bound by B1 and B2 and not by B6 to B8.
//   - Jurisdiction is the coverage set of a procuratorate, never the beginning of
//     a code; a firm known only by its city can be partly inside: then the
//     district must be found out.
//   - The day after departure is day 1; a period of N years ends on the same
//     calendar day N years later, that day included; 29 February becomes the last
//     day of February (Civil Code arts. 201, 202).
//   - What a fact is missing for is "unclear" and says which fact; what no register
//     could show is "uncheckable" and says so.
package rules
