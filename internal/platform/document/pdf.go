package document

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"slices"

	"huikan/internal/kernel/fault"
)

// PDF is what a look at the outside of a PDF tells.
type PDF struct {
	Version   string
	Encrypted bool
	Active    []string // names of what can act: JavaScript, Launch, EmbeddedFile …
}

var pdfActive = []string{"JavaScript", "JS", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "XFA", "SubmitForm", "GoToR", "GoToE"}

const (
	pdfWindow   = 1 << 20  // how much is looked at at a time
	pdfOverlap  = 256      // longer than any name looked for, however escaped
	pdfUnpacked = 64 << 20 // object streams unpacked in all
)

// InspectPDF recognises a PDF by its header and end mark and lists what in it
// can act when opened. Nothing is rendered; object streams are unpacked within
// a bound, because modern writers hide every dictionary in them.
func InspectPDF(name string, r io.ReaderAt, size int64) (PDF, error) {
	head := make([]byte, min(size, 16))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) || !bytes.HasPrefix(head, []byte("%PDF-")) || len(head) < 8 {
		return PDF{}, fault.Invalid("document.damaged", name, "pdf")
	}
	tail := make([]byte, min(size, 2048))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return PDF{}, Damaged(name, "pdf", err)
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return PDF{}, fault.Invalid("document.pdf_cut", name)
	}
	p := PDF{Version: string(head[5:8])}
	budget := int64(pdfUnpacked)
	buf := make([]byte, pdfWindow+pdfOverlap)
	for at := int64(0); at < size; at += pdfWindow {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return PDF{}, Damaged(name, "pdf", err)
		}
		p.scan(buf[:n])
		p.objectStreams(io.NewSectionReader(r, at, size-at), buf[:n], &budget)
	}
	if budget <= 0 {
		return PDF{}, fault.Limit("document.pdf_streams", name, pdfUnpacked>>20)
	}
	slices.Sort(p.Active)
	return p, nil
}

// scan looks for names; "#4A" in a name is an escaped letter and hides nothing.
func (p *PDF) scan(b []byte) {
	for i := bytes.IndexByte(b, '/'); i >= 0; {
		name := pdfName(b[i+1 : min(len(b), i+1+pdfOverlap/2)])
		switch {
		case name == "Encrypt":
			p.Encrypted = true
		case slices.Contains(pdfActive, name) && !slices.Contains(p.Active, name):
			p.Active = append(p.Active, name)
		}
		j := bytes.IndexByte(b[i+1:], '/')
		if j < 0 {
			return
		}
		i += 1 + j
	}
}

func pdfName(b []byte) string {
	var out []byte
	for i := 0; i < len(b) && len(out) < 24; i++ {
		c := b[i]
		switch {
		case bytes.IndexByte([]byte(" \t\r\n\f\x00()<>[]{}/%"), c) >= 0:
			return string(out)
		case c == '#' && i+2 < len(b):
			hi, lo := unhex(b[i+1]), unhex(b[i+2])
			if hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		out = append(out, c)
	}
	return string(out)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// objectStreams unpacks every "/ObjStm" whose dictionary begins in the window.
func (p *PDF) objectStreams(r *io.SectionReader, b []byte, budget *int64) {
	for at := 0; *budget > 0; {
		i := bytes.Index(b[at:], []byte("/ObjStm"))
		if i < 0 {
			return
		}
		at += i + 7
		if at > pdfWindow+7 {
			return // the next window sees it too
		}
		j := bytes.Index(b[at:], []byte("stream"))
		if j < 0 || j > 1024 {
			continue
		}
		from := at + j + 6
		for from < len(b) && (b[from] == '\r' || b[from] == '\n') {
			from++
		}
		z, err := zlib.NewReader(io.NewSectionReader(r, int64(from), r.Size()-int64(from)))
		if err != nil {
			continue
		}
		plain, err := io.ReadAll(io.LimitReader(z, *budget))
		if err != nil && len(plain) == 0 {
			continue
		}
		*budget -= int64(len(plain))
		p.scan(plain)
	}
}
