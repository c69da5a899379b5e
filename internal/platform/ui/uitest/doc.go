// Package uitest judges rendered pages in the tests of every room: [Check] finds the faults of structure
// that neither the template engine nor a look at the page reveals (double ids, labels without field,
// skipped headings, anything the content policy would block).
package uitest
