// Package tip is the confidential channel for tips (举报): anybody, without a
// sign-in, hands in what he knows about a unit, gets a receipt code, and by that
// code reads the answers and writes on.
//
// Sources: domain J-2 (the office for inspection of duties receives reports about
// members of the procuratorates) and R-9, R-10 (whoever reports is protected);
// what other programs of this kind lack stands in peers row 62. Days are settings
// of the room of conduct, open until somebody confirms their source.
//
// # Invariants
//
//   - Who told is nowhere unless he writes it. What he does is entered in the log
//     without account, session and address, also when he is signed in; nothing is
//     set in his browser, and the code stands in no address.
//   - Of the code only a keyed hash is kept: nobody can look it up or reset it.
//   - Words, names of files and files are sealed. The office reads them after
//     opening with a purpose, which holds for that person and that day; every
//     opening stands on the record and in the log.
//   - A tip never goes to those whom it names: members of the staff whose name it
//     bears, and their relatives, neither see, count nor find it. Where it names
//     somebody of the office or of the leadership, now or in a later message, it
//     goes to the office above, and again above.
//   - It belongs to an office, not to a person: who left, or recused himself,
//     leaves it to the others; where nobody is left it goes to the office above.
//   - Nothing expires and nothing is deleted. What is late is told to whoever
//     reported it and to the offices above, which may take it over unread.
//   - When it becomes a lead, the number of the lead is all that stays here.
//
// Who may what: Flow and policy.go.
package tip
