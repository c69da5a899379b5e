// Package contact is the register of inquiries and interference (三个规定,
// 有问必录): everything asked is recorded, every member of the staff files every
// month, also that there was nothing, and the records of four levels are held
// against each other.
//
// Sources: 中办发〔2015〕23号, 中政委〔2015〕10号, the contact rules of September
// 2015, the implementing measures of 23 August 2019 and the detailed rules of
// April 2020 of the Supreme People's Procuratorate; rules/three_rules.yaml names
// the document of every value. What was not seen in print is marked K there.
//
// # Two zero reports
//
// A Return is per person and period; a Gate is per case and stage, asked
// for by the case system before a case moves on. They are never merged.
//
// # What is kept, and who can read it
//
// The row of a Matter says when, in which unit and of what kind; it names
// nobody. The reporter and whom it concerns are pseudonyms of this room (Ref);
// content lies sealed under a key of its own, wrapped for the reporter, for the
// office of his unit and for the office of the level above. An office that is to
// be passed over (hidden reporter, asker from the unit's own leadership) gets no
// wrap. Opening needs a purpose, where the rules say so a second name, and
// leaves an Opening that the reporter sees.
//
// # Invariants
//
//   - Nothing recorded is overwritten: a supplement is a dated entry; a
//     correction of a zero return keeps what was attested.
//   - A late mark stays.
//   - A person concerned, his relatives and the offices passed over do not see,
//     count or find a matter; a hidden one answers like an absent one.
//   - Local leaders learn that a return was filed, never what it says.
//   - Whoever reported a matter does not handle it.
//
// Who may what: Flow, OpeningFlow and policy.go.
package contact
