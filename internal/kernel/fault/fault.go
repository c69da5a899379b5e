// Package fault is the one error type of the program.
//
// A fault says of which kind a failure is and names the sentence of the
// catalogue that tells the user about it; it never carries prose. Every error
// that is no fault is an internal one: its text is logged and never shown.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the class of a failure; it decides the HTTP status and the exit code.
type Kind string

// The kinds. Append only: they are written to the log.
const (
	KindInvalid         Kind = "invalid"         // what was handed in cannot be accepted
	KindNotFound        Kind = "not_found"       // absent, or hidden from this user: the answers are the same
	KindForbidden       Kind = "forbidden"       // the user may never do this at all
	KindUnauthenticated Kind = "unauthenticated" // nobody is signed in
	KindConflict        Kind = "conflict"        // somebody else was first
	KindState           Kind = "state"           // the record is not in a state that allows it
	KindLimit           Kind = "limit"           // too much, too large
	KindOften           Kind = "often"           // too often: after a pause it may go on
	KindUnavailable     Kind = "unavailable"     // the system cannot do it now; later it may
	KindInternal        Kind = "internal"        // ours to mend
)

// Field is a failure of one input field.
type Field struct {
	Name string // form field
	Key  string // catalogue key
	Args []any
}

// Error is a failure that can be told to a user in his language.
type Error struct {
	Kind   Kind
	Key    string // catalogue key, never prose
	Args   []any  // values for the placeholders {0}, {1} … of the sentence
	Fields []Field
	Denied string // why access was refused; logged, never shown
	Err    error  // cause
}

// Error is the text for logs and for command-line users without a catalogue.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	for _, a := range e.Args {
		fmt.Fprintf(&b, " %v", a)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Name, f.Key)
		for _, a := range f.Args {
			fmt.Fprintf(&b, " %v", a)
		}
	}
	if e.Denied != "" {
		b.WriteString(" [" + e.Denied + "]")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func mk(k Kind, key string, args []any) *Error { return &Error{Kind: k, Key: key, Args: args} }

// Invalid refuses an input.
func Invalid(key string, args ...any) *Error { return mk(KindInvalid, key, args) }

// NotFound tells that there is no such record, or none that this user may know of.
func NotFound(what string) *Error { return mk(KindNotFound, "error.not_found", []any{what}) }

// Denied answers like an absent record and keeps the rule for the log.
func Denied(what, rule string) *Error {
	e := NotFound(what)
	e.Denied = rule
	return e
}

// Forbidden tells that no grant of this user allows the action at all.
func Forbidden(rule string) *Error {
	e := mk(KindForbidden, "error.forbidden", nil)
	e.Denied = rule
	return e
}

// Unauthenticated asks for a sign-in.
func Unauthenticated() *Error { return mk(KindUnauthenticated, "error.unauthenticated", nil) }

// Conflict tells that the record was changed meanwhile.
func Conflict(what string) *Error { return mk(KindConflict, "error.conflict", []any{what}) }

// State tells that the record's state does not allow the action.
func State(key string, args ...any) *Error { return mk(KindState, key, args) }

// Limit tells which bound was exceeded.
func Limit(key string, args ...any) *Error { return mk(KindLimit, key, args) }

// Often tells that it was asked too often from one place.
func Often() *Error { return mk(KindOften, "error.often", nil) }

// Unavailable tells that it cannot be done now.
func Unavailable(key string, args ...any) *Error { return mk(KindUnavailable, key, args) }

// With keeps the cause.
func (e *Error) With(err error) *Error { e.Err = err; return e }

// Of finds the fault in a chain; ok is false for any other error.
func Of(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// KindOf is the kind of an error; what is no fault is internal.
func KindOf(err error) Kind {
	if f, ok := Of(err); ok {
		return f.Kind
	}
	return KindInternal
}

// Is tells whether err is a fault of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Fields collects the failures of a form, so that the user sees all at once.
type Fields []Field

// Add notes that a field fails.
func (f *Fields) Add(name, key string, args ...any) {
	*f = append(*f, Field{Name: name, Key: key, Args: args})
}

// Need notes a missing required value.
func (f *Fields) Need(name, value string) {
	if strings.TrimSpace(value) == "" {
		f.Add(name, "error.required")
	}
}

// Max notes a value longer than n characters.
func (f *Fields) Max(name, value string, n int) {
	if c := len([]rune(value)); c > n {
		f.Add(name, "error.too_long", n, c)
	}
}

// Err is nil when no field failed.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: KindInvalid, Key: "error.fields", Fields: f}
}
