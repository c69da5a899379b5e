package document

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
)

// Text is what a document says, without its look. A table is given twice: as
// lines with tabs in its place among the paragraphs, and in Tables as a grid in
// which cells that span are repeated.
type Text struct {
	Kind       Kind
	Title      string // of a web page
	Paragraphs []string
	Tables     [][][]string
	Warnings   []Note
}

// Read gives the text of a .docx, .doc, .wps, .html or plain text file. PDF and
// pictures are refused with advice: their text order is a guess, and a guess is
// no basis for a finding.
func Read(name string, r io.ReaderAt, size int64) (Text, error) {
	k, err := Identify(name, r, size)
	if err != nil {
		return Text{}, err
	}
	var t Text
	switch k {
	case KindDocx:
		t, err = readDocx(name, r, size)
	case KindDoc:
		t, err = readDoc(name, r, size)
	case KindHTML:
		t, err = readHTML(name, r, size)
	case KindText, KindCSV:
		t, err = readPlain(name, r, size)
	case KindPDF:
		return Text{}, fault.Invalid("document.pdf_no_text", name)
	case KindXlsx, KindXls:
		return Text{}, fault.Invalid("document.is_table", name)
	case KindPNG, KindJPEG, KindGIF, KindWebP:
		return Text{}, fault.Invalid("document.is_picture", name)
	default:
		return Text{}, fault.Invalid("document.no_text_kind", name, string(k))
	}
	if err != nil {
		return Text{}, err
	}
	t.Kind = k
	return t, nil
}

// Decoded reads a whole text file within the bound for text. The note tells of
// bytes that could not be read.
func Decoded(name string, r io.ReaderAt, size int64) (string, []Note, error) {
	if size > MaxText {
		return "", nil, fault.Limit("document.text_size", name, size>>20, MaxText>>20)
	}
	raw := make([]byte, size)
	if n, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", nil, Damaged(name, "text", err)
	} else if int64(n) < size {
		raw = raw[:n]
	}
	s, notes, err := decode(name, raw)
	if err != nil {
		return "", nil, err
	}
	if len(s) > MaxText {
		return "", nil, fault.Limit("document.text_size", name, len(s)>>20, MaxText>>20)
	}
	if n := strings.Count(s, "\uFFFD"); n > 0 {
		notes = append(notes, Note{"document.note_replaced", []any{n}})
	}
	return s, notes, nil
}

// decode leaves the judgement to hantext, which weighs line by line; a table
// beyond its bound is decoded as a whole by its mark, as UTF-8 or as GB18030.
func decode(name string, raw []byte) (string, []Note, error) {
	if len(raw) > hantext.MaxInput {
		s, err := decodeLarge(raw)
		if err != nil {
			return "", nil, Damaged(name, "text", err)
		}
		return s, nil, nil
	}
	s, info, err := hantext.Decode(raw)
	if bad, ok := errors.AsType[*hantext.InputError](err); ok {
		return "", nil, fault.Invalid("document.not_text", name, bad.Offset).With(err)
	}
	if err != nil {
		return "", nil, Damaged(name, "text", err)
	}
	var notes []Note
	if len(info.Repaired) > 0 {
		notes = append(notes, Note{"document.note_repaired", []any{strings.Join(info.Repaired, ", ")}})
	}
	return s, notes, nil
}

func decodeLarge(raw []byte) (string, error) {
	if b, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		return strings.ToValidUTF8(string(b), "\uFFFD"), nil
	}
	if o := utf16Order(raw[:sniffBytes]); o != nil {
		u := make([]uint16, 0, len(raw)/2)
		for i := 0; i+1 < len(raw); i += 2 {
			u = append(u, o.Uint16(raw[i:]))
		}
		return strings.TrimPrefix(string(utf16.Decode(u)), "\ufeff"), nil
	}
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	b, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	return string(b), err
}

// utf16Order recognises UTF-16 by its mark or by NULs in every second place.
func utf16Order(head []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return binary.BigEndian
	}
	var even, odd int
	for i, b := range head {
		if b == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	switch {
	case odd > 0 && even == 0 && odd*20 >= len(head):
		return binary.LittleEndian
	case even > 0 && odd == 0 && even*20 >= len(head):
		return binary.BigEndian
	}
	return nil
}

func readPlain(name string, r io.ReaderAt, size int64) (Text, error) {
	s, notes, err := Decoded(name, r, size)
	if err != nil {
		return Text{}, err
	}
	return Text{Paragraphs: lines(s), Warnings: notes}, nil
}

// lines splits at every kind of line end and drops blank lines.
func lines(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\x0b", "\n", "\x0c", "\n", "\x1a", "").Replace(s)
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(l) != "" {
			out = append(out, strings.TrimRight(l, " \t"))
		}
	}
	return out
}
