package translog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is the sort of a trouble.
type Kind string

// The kinds of trouble.
const (
	Changed      Kind = "changed"       // the content is not what the log committed to
	Missing      Kind = "missing"       // an entry or file in the middle is not there
	Reordered    Kind = "reordered"     // the entry of another place stands here
	Duplicated   Kind = "duplicated"    // a copy of another entry stands here
	Truncated    Kind = "truncated"     // the end is not there
	Extra        Kind = "extra"         // something that the log does not know
	WrongHash    Kind = "wrong_hash"    // the entries are right, a stored hash is not
	BadSignature Kind = "bad_signature" // the checkpoint is not signed by the key, or not of this log
	Forked       Kind = "forked"        // whole in itself, but not the tree of the checkpoint
)

// Trouble is one thing found wrong. Numbers that do not apply are -1.
type Trouble struct {
	Kind   Kind   `json:"kind"`
	Index  int64  `json:"index"`          // the entry, or the first of a range
	Last   int64  `json:"last"`           // the last entry of the range
	Other  int64  `json:"other"`          // reordered, duplicated: the place where this entry belongs
	Stored int64  `json:"stored"`         // wrong hash: its storage index
	Path   string `json:"path,omitempty"` // the file, in an exported copy
	Detail string `json:"detail,omitempty"`
}

func fileTrouble(kind Kind, path, detail string) Trouble {
	return Trouble{Kind: kind, Index: -1, Last: -1, Other: -1, Stored: -1, Path: path, Detail: detail}
}

func entryTrouble(kind Kind, first, last int64, path string) Trouble {
	return Trouble{Kind: kind, Index: first, Last: last, Other: -1, Stored: -1, Path: path}
}

// String is a line for a log or a terminal.
func (t Trouble) String() string {
	var b strings.Builder
	b.WriteString(string(t.Kind))
	switch {
	case t.Index >= 0 && t.Last > t.Index:
		fmt.Fprintf(&b, " entries %d-%d", t.Index, t.Last)
	case t.Index >= 0:
		fmt.Fprintf(&b, " entry %d", t.Index)
	}
	if t.Other >= 0 {
		fmt.Fprintf(&b, " (entry %d belongs there)", t.Other)
	}
	if t.Stored >= 0 {
		fmt.Fprintf(&b, " stored hash %d", t.Stored)
	}
	if t.Path != "" {
		fmt.Fprintf(&b, " in %s", t.Path)
	}
	if t.Detail != "" {
		fmt.Fprintf(&b, ": %s", t.Detail)
	}
	return b.String()
}

// Report is the result of a verification.
type Report struct {
	Origin   string    `json:"origin,omitempty"`
	Size     int64     `json:"size"`    // of the checkpoint
	Root     Hash      `json:"root"`    // of the checkpoint
	Entries  int64     `json:"entries"` // entries read and hashed
	Hashes   int64     `json:"hashes"`  // stored hashes compared
	Troubles []Trouble `json:"troubles"`
}

// OK says that everything was read and nothing was wrong.
func (r Report) OK() bool { return len(r.Troubles) == 0 }

// First is the trouble with the lowest entry index; without one that names an
// entry, the first in the list. ok is false when there is none at all.
func (r Report) First() (t Trouble, ok bool) {
	for _, t := range r.Troubles {
		if t.Index >= 0 {
			return t, true
		}
	}
	if len(r.Troubles) == 0 {
		return Trouble{}, false
	}
	return r.Troubles[0], true
}

// ErrMissing is wrapped by readers of a live store when a row is not there, so
// that a missing row is told from a store that cannot be read.
var ErrMissing = errors.New("missing")

// sortTroubles brings the list into reading order: a bad signature, because
// nothing else is certain then; entries by index; files.
func sortTroubles(list []Trouble) {
	slices.SortStableFunc(list, func(a, b Trouble) int {
		if (a.Kind == BadSignature) != (b.Kind == BadSignature) {
			if a.Kind == BadSignature {
				return -1
			}
			return 1
		}
		if (a.Index < 0) != (b.Index < 0) {
			if a.Index < 0 {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Stored, b.Stored))
	})
}
