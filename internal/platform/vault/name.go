package vault

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"huikan/internal/platform/document"
)

// maxName is the longest name in bytes: what the file systems of those who
// download it can bear.
const maxName = 255

// mimes lists the kinds that are kept as evidence with the type under which
// they are given out. Archives are not: nobody sees what is in them.
var mimes = map[document.Kind]string{
	document.KindDocx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	document.KindXlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	document.KindDoc:  "application/msword",
	document.KindXls:  "application/vnd.ms-excel",
	document.KindPDF:  "application/pdf",
	document.KindPNG:  "image/png",
	document.KindJPEG: "image/jpeg",
	document.KindGIF:  "image/gif",
	document.KindWebP: "image/webp",
	document.KindHTML: "text/html",
	document.KindCSV:  "text/csv",
	document.KindText: "text/plain",
}

// CleanName is the name under which a file is shown and given out: without
// folders, control characters and the invisible marks that turn the direction
// of writing (by which an .exe looks like a .docx), at most 255 bytes, the
// extension kept.
func CleanName(name string) string {
	name = document.CleanName(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Co) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name))
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > maxName && stem != "" {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + ext
}
