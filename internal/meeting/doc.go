// Package meeting keeps the meetings from which deployments come: agenda, main
// venue and sub-venues down to four levels by video, who was called, who signed
// in with how many people, speeches and material; and the streams of tasks that
// one meeting sets off, each a directive of its own.
//
// Sources: the founding report (a video meeting down to four levels, several
// agendas in one) and the record of a meeting in the domain facts (A9): date,
// agendas, venues, mode, attendees, guests, speeches, requirements, attendance
// per unit, sign-in.
//
// # Invariants
//
//   - A unit signs in for itself, on the day and not before; who is present never
//     exceeds who is expected.
//   - An absence is told by the unit before (excused) or marked by the organiser
//     afterwards and then explained by the unit; neither can be undone.
//   - A meeting is closed when every venue has an answer.
//   - Material is sealed in the vault and read by those who were called.
//   - What a meeting asks for is a directive; the meeting only names it.
//
// Who may what: Flow, VenueFlow and policy.go.
package meeting
