// Package group finds short texts that tell of the same kind of thing: findings of inspections at many units, written
// by many hands. It is an instrument: it knows what texts say, not what follows from it.
//
// # What a text is taken as
//
//  1. Folding: width, traditional characters, capitals ([hantext.NormalizeForMatch]).
//  2. What is peculiar to one occasion goes: figures, dates, names with 某, names of procuratorates at the head of a
//     clause, words the caller gives, and phrases that stand beside everything (经抽查, 要求限期整改) — known ones, and
//     clauses that the texts themselves show to be such: never alone, in changing company.
//  3. What is left becomes weighted features: subjects (公务用车 = 派车 = 出车 …) and faults (迟, 缺, 虚 …) by a lexicon
//     that can be extended, and pairs of neighbouring characters where no lexicon word stands. A feature weighs the more
//     the fewer wordings have it: wordings, not texts, for a phrase that is copied a thousand times is one phrase.
//
// # How texts are grouped
//
// Texts of one wording are one. Up to [seedLimit] wordings, those of many texts first, are grouped by average linkage
// of their cosines. The others join the group of their nearest wording, if it is near and no second group claims them
// as much. What is left goes through the same again until nothing joins; texts that stay alone are one-offs.
//
// Where most texts repeat wordings, a text that has only half of one is taken as something else; where every text is
// worded freely, being about the same with the same fault is enough. Which of both holds is read off the texts.
//
// # Invariants (held by tests)
//
//   - A group has at least two texts; each text is in at most one group.
//   - Equal texts are in one group, or alone in a group of their own.
//   - The order of the texts does not matter.
package group
