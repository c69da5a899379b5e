package ui

import "slices"

// Kinds of Field.
const (
	FieldText     = "text"
	FieldPassword = "password"
	FieldNumber   = "number"
	FieldArea     = "textarea"
	FieldSelect   = "select"
	FieldRadio    = "radio" // shown as chips
	FieldCheck    = "check" // one box: value "1"
	FieldChecks   = "checks"
	FieldDate     = "date" // accepts 2026-3-1, 2026年3月1日, 今天: the server reads it
	FieldFile     = "file"
	FieldPicker   = "picker" // text with suggestions from Options or Source
	FieldHidden   = "hidden"
	FieldStatic   = "static" // shown, not sent
)

// Field is one question of a form. Required is the default; optional questions say so.
type Field struct {
	Name, Label string
	Kind        string // FieldText when empty
	Value       string
	Values      []string // chosen values of FieldChecks
	Options     []Option
	Hint, Error string
	Optional    bool
	Placeholder string
	Rows        int    // height of a text area
	MaxLen      int    // shown to the browser; the server judges
	Accept      string // file kinds
	Multiple    bool   // several files
	Capture     bool   // offer the camera of a phone
	Auto        string // autocomplete token
	Mode        string // inputmode
	Source      string // address that answers ?q= with [{"value","label"}] for a picker
	ReadOnly    bool
	Wide        bool   // takes the whole row
	Prefix      string // id prefix, when a name occurs twice on a page
	Plain       bool   // filter: neither required nor marked optional
}

// Option is one choice. Group makes an <optgroup> of neighbours with the same group.
type Option struct {
	Value, Label, Hint string
	Group              string
}

// ID is the element id of the field.
func (f Field) ID() string {
	if f.Prefix != "" {
		return f.Prefix + "-" + f.Name
	}
	return "f-" + f.Name
}

// DescribedBy lists the ids of hint and error for aria-describedby.
func (f Field) DescribedBy() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID() + "-hint " + f.ID() + "-error"
	case f.Hint != "":
		return f.ID() + "-hint"
	case f.Error != "":
		return f.ID() + "-error"
	}
	return ""
}

// Chosen tells whether an option is selected.
func (f Field) Chosen(value string) bool {
	if f.Kind == FieldChecks {
		return slices.Contains(f.Values, value)
	}
	return f.Value == value
}

// InputType is the type attribute of the plain kinds. Dates are text: the browser's own date box refuses
// what people paste.
func (f Field) InputType() string {
	switch f.Kind {
	case FieldPassword:
		return "password"
	case FieldNumber:
		return "text"
	}
	return "text"
}

// InputMode is the keyboard offered by a phone.
func (f Field) InputMode() string {
	if f.Mode == "" && f.Kind == FieldNumber {
		return "decimal"
	}
	return f.Mode
}

// Grouped tells whether the field needs fieldset and legend instead of a label.
func (f Field) Grouped() bool { return f.Kind == FieldRadio || f.Kind == FieldChecks }

// MustFill tells whether the browser should name the field as required.
func (f Field) MustFill() bool { return !f.Optional && !f.Plain && !f.ReadOnly }

// SayOptional tells whether （选填） stands behind the label.
func (f Field) SayOptional() bool { return f.Optional && !f.Plain && f.Kind != FieldCheck }

// Height is the number of lines of a text area.
func (f Field) Height() int {
	if f.Rows > 0 {
		return f.Rows
	}
	return 4
}

// OptionGroups splits the options at changes of their group.
func (f Field) OptionGroups() [][]Option {
	var out [][]Option
	for _, o := range f.Options {
		if n := len(out); n > 0 && out[n-1][0].Group == o.Group {
			out[n-1] = append(out[n-1], o)
			continue
		}
		out = append(out, []Option{o})
	}
	return out
}

// Fieldset is a part of a form under a legend; the legend may be empty.
type Fieldset struct {
	Legend, Hint string
	Fields       []Field
}

// Button is a submit button, or a link when Href is set.
type Button struct {
	Label       string
	Name, Value string
	Kind        string // "primary", "danger" or ""
	Href        string
	Action      string // other address than the form's
	Confirm     string // asks before sending; the server asks again when "confirmed" is not "1"
	Key         string // shortcut: "a" approve, "r" return, "e" edit
	Form        string // id of the form when the button stands outside of it
	Drawer      bool   // a link that opens in the drawer
}

// Form is a page's form. Texts are in the reader's language already.
type Form struct {
	ID        string // "form" when empty
	Action    string
	Method    string // "post" when empty
	Sets      []Fieldset
	Problems  []string // refusals that belong to no single field
	Rev       string   // revision that the reader has seen; sent as "rev" to notice concurrent edits
	Hidden    []Pair
	Buttons   []Button // the first is the main action
	Cancel    Link
	Multipart bool
	Sensitive bool // text is never kept in the browser
	Draft     bool // keep a draft in the tab (not when Sensitive)
	Note      string
}

// Name is the element id of the form.
func (f Form) Name() string {
	if f.ID == "" {
		return "form"
	}
	return f.ID
}

// Verb is the method attribute.
func (f Form) Verb() string {
	if f.Method == "" {
		return "post"
	}
	return f.Method
}

// Shown returns the fieldsets with the id prefix that keeps two forms on a page apart.
func (f Form) Shown() []Fieldset {
	if f.ID == "" {
		return f.Sets
	}
	out := slices.Clone(f.Sets)
	for i := range out {
		out[i].Fields = slices.Clone(out[i].Fields)
		for k := range out[i].Fields {
			if out[i].Fields[k].Prefix == "" {
				out[i].Fields[k].Prefix = f.ID
			}
		}
	}
	return out
}

// Wrong lists the fields with errors, for the summary on top.
func (f Form) Wrong() []Field {
	var out []Field
	for _, set := range f.Shown() {
		for _, field := range set.Fields {
			if field.Error != "" {
				out = append(out, field)
			}
		}
	}
	return out
}

// HasErrors tells whether the form was refused; the page sets View.Failed by it.
func (f Form) HasErrors() bool { return len(f.Problems) > 0 || len(f.Wrong()) > 0 }

// Reachable tells whether the summary can lead to the field.
func (f Field) Reachable() bool { return f.Kind != FieldHidden && f.Kind != FieldStatic }

// FirstID is the id that a link of the summary leads to: the first choice of a group, else the field.
func (f Field) FirstID() string {
	if f.Grouped() && len(f.Options) > 0 {
		return f.ID() + "-0"
	}
	return f.ID()
}
