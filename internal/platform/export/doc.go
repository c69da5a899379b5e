// Package export takes lists out as files: small ones at once, large ones as a
// job with a page that tells how far it is. It knows no list; a room hands over
// an [Ask].
//
// Who may: the room judges the asker when it is asked and filters every row for
// him. The file is for him alone. When he fetches it, the action is judged again
// by the one policy table, and the file is only given out while all that decides
// what he may see (roles, places, teams, relatives, matters that are closed to
// him) is what it was when the file was made; otherwise it is taken away and can
// be made again.
//
// Bounds: so many jobs at a time in this process, so many files for one person,
// each for three days. Files lie encrypted beside the evidence, in no backup.
// Asking, fetching and removing are entries of the log.
//
// A job lives in the process that was asked. One that a stop cut off is told as
// cut off; the button makes it again.
package export
