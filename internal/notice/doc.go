// Package notice sends what was found back as a lesson: circulars (通报) of five
// kinds with an internal and, where nothing speaks against it, a public version;
// reading receipts, study records and a short test of what was read; education
// campaigns (主题教育, 教育整顿) with their stages and results; the case library.
//
// # Rules and their sources
//
//   - Kinds: statistic, by name, general criticism, typical case, order on
//     returned matters (domain facts A7).
//   - A circular is approved by somebody else than its author before it is sent.
//     What was approved is what goes out: the approval keeps a digest of both
//     versions (I-16: the public text must match the reviewed text).
//   - Five grounds for not publishing: secrets; a clue or case not yet public;
//     hostile use; risk of mass petitions; major sensitive matters. One of them
//     needs a written reason and goes through the same approval (I-16, T63).
//   - Whoever recorded an inquiry or reported a matter is never named, in no
//     version. Only circulars by name and criticism may name persons at all.
//   - After a circular each unit records its study: date, form, attendance,
//     discussion; it is checked later (A7, T45).
//
// # Invariants
//
//   - An issued circular never changes; a correction is a new circular, a public
//     version can be withdrawn with a reason.
//   - A test is answered once by each person; a study record and a campaign
//     report are dated entries, a correction names the one it replaces.
//   - Attendance never exceeds those expected, rectified problems never exceed
//     those found; a report that says so is refused, never repaired.
//
// # Who may what
//
// Offices (inspection, supervision of tasks, procuratorial affairs supervision)
// of the issuing unit write, issue and close; its leaders approve or return. An
// addressed unit's liaison or head signs and records its study; everybody in an
// addressed unit reads, confirms and answers. The levels above see receipts and
// figures of units below them, never who answered what. The public pages need no
// sign-in and hold nothing but what was published.
package notice
