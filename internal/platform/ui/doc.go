// Package ui is the face of the program: shared page templates, style sheet, script, icons and the
// catalogue of words. It knows nothing of inspections or people; capability rooms add their pages with
// [Set.AddRoom] and fill the typed components of this package.
//
// # How a page is made
//
// A room hands over a file tree of *.html. Every file is one page ("finding.html" of the room "inspection"
// is the page "inspection/finding") and defines blocks that receive the whole [View] as dot:
//
//	{{define "title"}}…{{end}}    text only: it stands in <title> and in <h1>
//	{{define "main"}}…{{end}}     the content (必需)
//	{{define "actions"}}…{{end}}  optional: buttons at the top right
//	{{define "lead"}}…{{end}}     optional: chips beside the heading
//	{{define "blank"}}{{end}}     optional marker: page without menu and header (sign-in)
//
// Further blocks of a file are private to it. Files whose name starts with "_" hold blocks shared by the
// pages of one room. Shared components are called as {{template "table" .Data.Items}}; their texts are
// plain strings in the language of the reader, because data and words mix freely in them.
//
// # Invariants
//
//   - The content policy is strict: no style attribute, no inline script or handler, no template.HTML made
//     of foreign text. Bars get their width from SVG attributes.
//   - Everything works with scripting off; app.js only makes it quicker.
//   - Words are looked up in one catalogue. A literal key that is missing in a language is an error at start.
//   - Style sheet and script are restricted to what Chromium 87 understands (old domestic browsers).
package ui
