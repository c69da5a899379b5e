package document

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
)

// FromPDF is the kind of the warning of an article whose text was put together from
// the places of characters on pages: its order must be looked at.
const FromPDF = "pdf"

// Article reads a file of any text kind and repairs it into an article: web
// pages and plain text by hantext alone, which sees their furniture and damage,
// Word files by their paragraphs first, among which table rows stand as lines.
func Article(name string, r io.ReaderAt, size int64) (hantext.Article, error) {
	k, err := Identify(name, r, size)
	if err == nil && claimsOffice(name) {
		// A text that calls itself a Word file is a damaged or exchanged file, not
		// a report: somebody must look.
		k, err = Check(name, r, size)
	}
	if err != nil {
		return hantext.Article{}, err
	}
	var raw []byte
	switch k {
	case KindPDF:
		list, err := PDFText(name, r, size)
		if err != nil {
			return hantext.Article{}, err
		}
		raw = []byte(strings.Join(list, "\n") + "\n")
	case KindText, KindHTML, KindCSV:
		if size > MaxText {
			return hantext.Article{}, fault.Limit("document.text_size", name, size>>20, MaxText>>20)
		}
		raw = make([]byte, size)
		if n, err := r.ReadAt(raw, 0); err != nil && (!errors.Is(err, io.EOF) || int64(n) != size) {
			return hantext.Article{}, fmt.Errorf("read %s: %w", name, err)
		}
	default:
		t, err := Read(name, r, size)
		if err != nil {
			return hantext.Article{}, err
		}
		var b strings.Builder
		for _, p := range t.Paragraphs {
			b.WriteString(p + "\n")
		}
		raw = []byte(b.String())
	}
	a, err := hantext.Clean(raw)
	if in, ok := errors.AsType[*hantext.InputError](err); ok {
		if errors.Is(err, hantext.ErrTooLarge) {
			return a, fault.Limit("document.text_size", name, size>>20, hantext.MaxInput>>20).With(err)
		}
		return a, fault.Invalid("document.not_text", name, in.Offset).With(err)
	}
	if err != nil {
		return a, fmt.Errorf("repair %s: %w", name, err)
	}
	if k == KindPDF {
		a.Warnings = append(a.Warnings, hantext.Warning{Kind: FromPDF})
	}
	return a, nil
}

func claimsOffice(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".docx", ".doc", ".wps", ".xlsx", ".xls", ".et", ".pdf":
		return true
	}
	return false
}
