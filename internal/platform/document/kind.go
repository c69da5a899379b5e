package document

import (
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/fault"
)

// Kind is what a file is by its content.
type Kind string

// The kinds that are told apart.
const (
	KindUnknown Kind = "unknown"
	KindDocx    Kind = "docx"
	KindXlsx    Kind = "xlsx"
	KindDoc     Kind = "doc" // Word 97 and WPS Writer (.wps)
	KindXls     Kind = "xls" // Excel 97 and WPS Spreadsheets (.et)
	KindPDF     Kind = "pdf"
	KindPNG     Kind = "png"
	KindJPEG    Kind = "jpeg"
	KindGIF     Kind = "gif"
	KindWebP    Kind = "webp"
	KindHTML    Kind = "html"
	KindCSV     Kind = "csv" // any delimiter
	KindText    Kind = "txt"
	KindZip     Kind = "zip" // an archive that is no office file
)

// allowed is the list of what may be handed in: extension and the contents that
// agree with it. Many domestic systems export a web table or tab-separated text
// under the name .xls; that is accepted and read as what it is.
var allowed = map[string][]Kind{
	".docx": {KindDocx}, ".xlsx": {KindXlsx}, ".doc": {KindDoc}, ".wps": {KindDoc},
	".xls": {KindXls, KindHTML, KindCSV}, ".et": {KindXls}, ".pdf": {KindPDF},
	".png": {KindPNG}, ".jpg": {KindJPEG}, ".jpeg": {KindJPEG}, ".gif": {KindGIF}, ".webp": {KindWebP},
	".html": {KindHTML}, ".htm": {KindHTML}, ".csv": {KindCSV, KindText}, ".tsv": {KindCSV, KindText},
	".txt": {KindText, KindCSV, KindHTML}, ".zip": {KindZip},
}

var magics = []struct {
	at   int
	sig  string
	kind Kind
}{
	{0, "%PDF-", KindPDF}, {0, "\x89PNG\r\n\x1a\n", KindPNG}, {0, "\xff\xd8\xff", KindJPEG},
	{0, "GIF87a", KindGIF}, {0, "GIF89a", KindGIF}, {8, "WEBP", KindWebP},
}

const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// Sniff tells the kind from the first bytes (8 KiB suffice in nearly every case;
// Check looks at the whole file). The name decides only between kinds of plain text.
func Sniff(name string, head []byte) Kind {
	head = head[:min(len(head), sniffBytes)]
	for _, m := range magics {
		if len(head) >= m.at+len(m.sig) && string(head[m.at:m.at+len(m.sig)]) == m.sig {
			if m.kind == KindWebP && string(head[:4]) != "RIFF" {
				continue
			}
			return m.kind
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return sniffZip(head)
	case bytes.HasPrefix(head, []byte(oleMagic)):
		return sniffOLE(head)
	}
	return sniffText(name, head)
}

func sniffZip(head []byte) Kind {
	switch {
	case bytes.Contains(head, []byte("word/document.xml")), bytes.Contains(head, []byte("word/_rels")):
		return KindDocx
	case bytes.Contains(head, []byte("xl/workbook.xml")), bytes.Contains(head, []byte("xl/worksheets")), bytes.Contains(head, []byte("xl/_rels")):
		return KindXlsx
	}
	return KindZip
}

func sniffOLE(head []byte) Kind {
	wide := func(s string) []byte {
		var b []byte
		for i := range len(s) {
			b = append(b, s[i], 0)
		}
		return b
	}
	switch {
	case bytes.Contains(head, wide("WordDocument")):
		return KindDoc
	case bytes.Contains(head, wide("Workbook")), bytes.Contains(head, wide("Book")):
		return KindXls
	}
	return KindUnknown
}

// sniffText takes anything for text that has no control bytes; UTF-16 without a
// mark is recognised by the NULs in every second place.
func sniffText(name string, head []byte) Kind {
	if len(head) == 0 {
		return KindText
	}
	flat := head
	if enc := utf16Order(head); enc != nil {
		flat = dropNUL(head)
	} else if slices.ContainsFunc(head, isControl) {
		return KindUnknown
	}
	low := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(flat, []byte("\xef\xbb\xbf"))))
	for _, p := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<p>", "<style"} {
		if bytes.HasPrefix(low, []byte(p)) {
			return KindHTML
		}
	}
	if bytes.HasPrefix(low, []byte("<")) && (bytes.Contains(low, []byte("<html")) || bytes.Contains(low, []byte("<table"))) {
		return KindHTML
	}
	switch ext(name) {
	case ".csv", ".tsv":
		return KindCSV
	case ".txt", ".md":
		return KindText
	}
	if looksDelimited(flat) {
		return KindCSV
	}
	return KindText
}

func isControl(b byte) bool {
	return b < 32 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a
}

func dropNUL(b []byte) []byte { return bytes.ReplaceAll(b, []byte{0}, nil) }

// looksDelimited wants the same number of one delimiter in the first lines.
func looksDelimited(b []byte) bool {
	lines := bytes.Split(bytes.ReplaceAll(b, []byte("\r"), []byte("\n")), []byte("\n"))
	lines = slices.DeleteFunc(lines, func(l []byte) bool { return len(bytes.TrimSpace(l)) == 0 })
	if len(lines) > 1 {
		lines = lines[:min(len(lines)-1, 5)] // the last one may be cut
	}
	for _, d := range []byte{'\t', ','} {
		if len(lines) == 0 {
			return false
		}
		n := bytes.Count(lines[0], []byte{d})
		if n > 0 && !slices.ContainsFunc(lines, func(l []byte) bool { return bytes.Count(l, []byte{d}) != n }) {
			return true
		}
	}
	return false
}

func ext(name string) string { return strings.ToLower(path.Ext(CleanName(name))) }

// Head reads what Sniff wants to see.
func Head(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, sniffBytes))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

// Identify tells the kind from the whole file: office files are recognised by
// their parts, wherever these lie. Encrypted ones and ones with macros are refused.
func Identify(name string, r io.ReaderAt, size int64) (Kind, error) {
	if size > MaxFile {
		return KindUnknown, fault.Limit("document.file_size", name, size>>20, MaxFile>>20)
	}
	head, err := Head(r, size)
	if err != nil {
		return KindUnknown, Damaged(name, "head", err)
	}
	if len(head) == 0 {
		return KindUnknown, fault.Invalid("document.empty", name)
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		z, err := OpenZip(name, r, size)
		if err != nil {
			return KindUnknown, err
		}
		return z.kind()
	}
	if bytes.HasPrefix(head, []byte(oleMagic)) {
		return oleKind(name, r, size)
	}
	return Sniff(name, trimRune(head)), nil
}

func trimRune(b []byte) []byte {
	for i := 0; i < 3 && len(b) > 0 && len(b) == sniffBytes && !utf8.Valid(b[len(b)-1:]); i++ {
		b = b[:len(b)-1]
	}
	return b
}

func (z *Zip) kind() (Kind, error) {
	for _, n := range z.names {
		if strings.HasSuffix(strings.ToLower(n), "vbaproject.bin") {
			return KindUnknown, fault.Invalid("document.macros", z.file)
		}
	}
	switch {
	case z.Has("xl/workbook.xml"):
		return KindXlsx, nil
	case z.Has("word/document.xml"):
		return KindDocx, nil
	case !z.Has("[Content_Types].xml"):
		return KindZip, nil
	}
	// The parts may bear other names; the first relation tells them.
	for _, n := range z.names {
		switch {
		case strings.HasPrefix(n, "word/document"):
			return KindDocx, nil
		case strings.HasPrefix(n, "xl/workbook"):
			return KindXlsx, nil
		}
	}
	return KindZip, nil
}

// Check is the gate for uploads: the extension must be on the list and agree
// with the content.
func Check(name string, r io.ReaderAt, size int64) (Kind, error) {
	kinds, ok := allowed[ext(name)]
	if !ok {
		return KindUnknown, fault.Invalid("document.extension", name, ext(name))
	}
	k, err := Identify(name, r, size)
	if err != nil {
		return KindUnknown, err
	}
	if !slices.Contains(kinds, k) {
		return KindUnknown, fault.Invalid("document.mismatch", name, ext(name), string(k))
	}
	if err := inspect(name, k, r, size); err != nil {
		return KindUnknown, err
	}
	return k, nil
}

// inspect does what must be known of a picture or PDF before it is kept.
func inspect(name string, k Kind, r io.ReaderAt, size int64) error {
	switch k {
	case KindPNG, KindJPEG, KindGIF, KindWebP:
		_, err := InspectImage(name, k, r, size)
		return err
	case KindPDF:
		_, err := InspectPDF(name, r, size)
		return err
	}
	return nil
}
