package ui

import (
	"html/template"
	"slices"
)

// Fact is one line of a definition grid.
type Fact struct {
	Label    string
	Text     string
	Href     string
	Sub      string
	Chips    []Chip
	Flag     template.HTML // from [Due]
	Wide     bool
	Verbatim bool // original wording that must not be changed (问题原文): set as a quotation
}

// Facts is a definition grid.
type Facts struct{ Items []Fact }

// Entry is one dated event of a Trail.
type Entry struct {
	At    string // date or date and time
	Who   string
	What  string // what was done
	Text  string
	Class string // chip class of the dot; "" is neutral
	Link  Link
	Files []Link
}

// Trail is the dated story of a record, newest first.
type Trail struct {
	Entries []Entry
	Empty   string
}

// Lane is one status axis. The three of a rectification item (流程, 单位填报, 核查结论) stay apart: progress is
// not compliance.
type Lane struct {
	Label string
	Chip  Chip
	Flag  template.HTML
	Note  string // since when, by whom
}

// Lanes stand side by side.
type Lanes struct{ Items []Lane }

// Step is one stage of a process bar. State is "done", "now" or "todo".
type Step struct {
	Label, Plan, Real string
	State             string
	Href              string
}

// Steps is a process bar.
type Steps struct {
	Label string // what process, read aloud
	Items []Step
}

// EmptyState says why nothing is here and what to do next.
type EmptyState struct {
	Title, Text string
	Next        Link
}

// Stat is one figure that leads to its list. Value "—" with a Note says why a figure is unknown.
type Stat struct {
	Label, Value, Note, Href string
	Class                    string // chip class for a figure that needs attention
	Define                   string // 口径: how it is counted
}

// Stats is a row of figures.
type Stats struct{ Items []Stat }

// Tab is one of several views of a page.
type Tab struct {
	Label, Href string
	Count       int
	ShowCount   bool // show the count even when it is zero
	Current     bool
}

// Tabs is a row of Tab links.
type Tabs struct {
	Label string
	Items []Tab
}

// DiffLine compares one field of two versions.
type DiffLine struct {
	Label        string
	Base         string // what both started from; may be empty
	Yours        string
	Theirs       string
	ChangedYours bool
	ChangedOther bool
}

// Diff sets a field's three versions side by side: what both started from, what
// the reader typed, what is stored now.
func Diff(label, base, yours, theirs string) DiffLine {
	return DiffLine{Label: label, Base: base, Yours: yours, Theirs: theirs, ChangedYours: yours != base, ChangedOther: theirs != base}
}

// Clash tells whether both sides changed the field differently.
func (d DiffLine) Clash() bool { return d.ChangedYours && d.ChangedOther && d.Yours != d.Theirs }

// Conflict is shown when a record was changed by somebody else in the meantime. Form is prefilled with the
// reader's own input and the new revision, so that nothing is lost.
type Conflict struct {
	Who, At string
	Lines   []DiffLine
	Form    *Form
	Reload  Link
}

// Kinds of Preview.
const (
	PreviewImage = "image"
	PreviewPage  = "page" // a page of this server in a sandboxed frame
	// PreviewPDF has a frame without sandbox attribute, because Chromium refuses to show a PDF in a sandboxed
	// one (measured); its viewer is a process of its own. Src must answer with application/pdf and nosniff,
	// never with what the uploader called it.
	PreviewPDF  = "pdf"
	PreviewText = "text" // extracted text
	PreviewNone = "none"
)

// Preview is one piece of evidence.
type Preview struct {
	Name, Kind string
	Src        string // address that the frame or picture loads
	Open       string // address of the file itself
	Text       string // extracted text for PreviewText
	Meta       string // size, date, hash
}

// Side is one column of a Compare.
type Side struct {
	Title, Note string
	Facts       []Fact
	Files       []Preview
	Quiet       bool // says nothing where it has no files
}

// Compare shows old and new evidence side by side.
type Compare struct{ Left, Right Side }

// Confirm is the page before an irreversible act (检查您的填写). The form posts confirmed=1.
type Confirm struct {
	Title, Text string
	Facts       []Fact
	Action      string
	Hidden      []Pair
	Button      Button
	Cancel      Link
}

// Bar is one line of Bars.
type Bar struct {
	Label string
	Value int
	Text  string // the value in words
	Href  string
	Class string // chip class of the colour; "" is neutral
}

// Bars is a short list of labelled horizontal bars from zero.
type Bars struct {
	Label string
	Max   int // 0: the largest value
	Items []Bar
}

// Width is the length of a bar in percent.
func (b Bars) Width(item Bar) int {
	top := b.Max
	for _, i := range b.Items {
		if b.Max == 0 {
			top = max(top, i.Value)
		}
	}
	return Meter{Value: item.Value, Max: top}.Width()
}

// StoredFile is a file that is already there.
type StoredFile struct {
	Name, Href string
	Meta       string // size, date, who
	Hash       string // SHA-256, shown short with the whole in the title
}

// ShortHash is the first part of the hash.
func (f StoredFile) ShortHash() string {
	if len(f.Hash) > 12 {
		return f.Hash[:12]
	}
	return f.Hash
}

// Upload is a drop zone around a file field, with the files handed in before.
type Upload struct {
	Field Field
	Files []StoredFile
	Limit string // what may be sent, in words
}

// Input is the file field, always several files.
func (u Upload) Input() Field {
	f := u.Field
	f.Kind, f.Multiple = FieldFile, true
	return f
}

// Drawer is the frame of a record opened beside a list. Pages get it by View.Partial; a room needs it only
// for fragments that are not pages.
type Drawer struct {
	Title string
	Full  string // address of the whole page
	Facts []Fact
	Trail Trail
}

// Collapse keeps the first n entries of a trail visible; the rest opens on demand.
func (t Trail) Collapse(n int) []Entry { return slices.Clone(t.Entries[min(n, len(t.Entries)):]) }

// Head returns the first n entries.
func (t Trail) Head(n int) []Entry { return slices.Clone(t.Entries[:min(n, len(t.Entries))]) }
