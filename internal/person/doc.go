// Package person keeps the people (检察人员): who they are, their posts and terms
// of office, where they worked before, and the relatives that they declare.
//
// # Source
//
// Procurators Law (检察官法, 2019) arts. 24, 25 and 37 name the facts that recusal
// and restrictions after departure need: posts, leadership, rank, kin, former
// units. The set of relatives to be declared is wider than the set for recusal.
//
// # Invariants
//
//   - A staff number is never given twice; a person is never deleted.
//   - ID numbers are sealed at rest; equality goes by a blind index; what is shown
//     is masked. Revealing one asks for a reason, is an entry of the log, and is
//     bounded to 30 an hour for each account.
//   - Date of birth and sex agree with the ID number where there is one.
//   - Declarations of relatives are dated entries: a correction or an end is a new
//     entry that names the one it replaces, and an entry is replaced once at most.
//   - A person who corrects his own declaration cannot loosen its link to a
//     colleague; Personnel can. Else recusal could be switched off by its subject.
//
// # Who may what
//
// Personnel (政治部) keeps the people at or under its grant, but never its own
// record nor a relative's. Everybody reads his own record and declares his own
// relatives. Leaders read below them, without ID numbers. Nobody sees, counts or
// finds the record of a declared relative.
//
// # States
//
//	stateDiagram-v2
//	  [*] --> serving
//	  serving --> retired: retire
//	  serving --> resigned: resign
//	  serving --> dismissed: dismiss
//	  serving --> removed: remove
//	  serving --> transferred: transfer_out
//	  retired --> serving: reinstate (from each of the five)
package person
