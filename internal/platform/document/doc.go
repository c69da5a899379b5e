// Package document turns bytes of unknown origin into text, or refuses them
// safely, and writes official documents.
//
// What a file is, is told by its content and never by its name; the name must
// then agree (Check). Every bound is examined before the part it guards is
// parsed: the members of an archive before any is unpacked, the size of a text
// before it is decoded, the dimensions of a picture before any pixel. A refusal
// is a fault that names the file, the place and what the user can do about it.
// Nothing that a document points to is ever fetched.
package document

import (
	"embed"
	"time"
)

// Words holds the sentences of this package, one file per language.
//
//go:embed words.zh.json words.en.json
var Words embed.FS

// The bounds of what is read.
const (
	MaxFile    = 200 << 20        // an uploaded file
	MaxText    = 64 << 20         // decoded text of one document
	MaxXML     = 200 << 20        // one XML part of an office file
	MaxDepth   = 256              // nesting of elements
	MaxTime    = 60 * time.Second // unpacking and parsing one file
	MaxPixels  = 50_000_000       // width × height of a picture
	MaxSide    = 30_000           // width or height of a picture
	MaxFrames  = 500              // pictures in an animation
	maxCells   = 1_000_000        // table cells of one document, spans filled
	maxSpan    = 1000             // columns or rows that one cell may span
	sniffBytes = 8192             // how much of a file Sniff wants to see
)

// Note is something the reader should know about a file that was read: a
// sentence of the catalogue and its values.
type Note struct {
	Key  string
	Args []any
}
