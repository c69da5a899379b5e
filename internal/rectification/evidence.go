package rectification

import (
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Evidence is one file that a unit handed in (佐证材料). The record never changes;
// a new revision is a new record that names the one it replaces.
type Evidence struct {
	ID       id.ID      `json:"id"`
	Item     id.ID      `json:"item"`
	Measure  id.ID      `json:"measure"`
	Hash     string     `json:"hash"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind"`
	Mime     string     `json:"mime"`
	Size     int64      `json:"size"`
	Note     string     `json:"note"`
	Dated    clock.Date `json:"dated"` // date that the document bears
	By       id.ID      `json:"by"`
	At       string     `json:"at"`
	Replaces id.ID      `json:"replaces"`
	Revision int        `json:"revision"` // from 1
}

// InForce leaves out what a later revision replaced.
func InForce(all []Evidence) []Evidence {
	old := map[id.ID]bool{}
	for _, e := range all {
		if e.Replaces != "" {
			old[e.Replaces] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(e Evidence) bool { return old[e.ID] })
}

// Unread lists the evidence in force that a reader has not opened.
func Unread(all []Evidence, read map[id.ID]bool) []Evidence {
	return slices.DeleteFunc(InForce(all), func(e Evidence) bool { return read[e.ID] })
}

// Ways of showing a file.
const (
	showImage = "image"
	showPage  = "page"
	showText  = "text"
	showNone  = "none"
)

// show tells how a kind of file is previewed: pictures and PDF by the browser
// inside a sandbox, texts and tables as extracted text, the rest not at all.
func show(kind string) string {
	switch kind {
	case "png", "jpeg", "gif", "webp":
		return showImage
	case "pdf":
		return showPage
	case "docx", "doc", "xlsx", "xls", "html", "csv", "txt":
		return showText
	}
	return showNone
}

// Bounds of one upload.
const (
	maxFiles    = 20
	maxUpload   = 256 << 20 // bytes of one request
	previewRows = 200       // lines of a table that a preview shows
	previewText = 60000     // characters of a text that a preview shows
)
