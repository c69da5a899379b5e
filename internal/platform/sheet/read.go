package sheet

import (
	"io"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

// Read gives the table of a file, whatever its name says it is.
func Read(name string, r io.ReaderAt, size int64, opt Options) (Grid, error) {
	k, err := document.Identify(name, r, size)
	if err != nil {
		return Grid{}, err
	}
	b := newBuilder(name, k, opt)
	switch k {
	case document.KindXlsx:
		err = readXLSX(b, r, size)
	case document.KindXls:
		err = readXLS(b, r, size)
	case document.KindHTML:
		err = readWebTable(b, r, size)
	case document.KindCSV, document.KindText:
		err = readCSV(b, r, size)
	case document.KindPDF, document.KindDocx, document.KindDoc:
		return Grid{}, fault.Invalid("sheet.is_document", name, string(k))
	default:
		return Grid{}, fault.Invalid("sheet.kind", name, string(k))
	}
	if err != nil {
		return Grid{}, err
	}
	g, err := b.finish()
	if err != nil {
		return Grid{}, err
	}
	if len(g.Rows) == 0 {
		return Grid{}, fault.Invalid("sheet.empty", name)
	}
	return g, nil
}

// readWebTable takes the largest table of a page.
func readWebTable(b *builder, r io.ReaderAt, size int64) error {
	page, notes, err := document.Decoded(b.grid.File, r, size)
	if err != nil {
		return err
	}
	t, err := document.HTMLText(b.grid.File, page)
	if err != nil {
		return err
	}
	b.grid.Notes = append(b.grid.Notes, notes...)
	var best [][]string
	for _, x := range t.Tables {
		if len(x) > len(best) {
			best = x
		}
	}
	for i, row := range best {
		for j, s := range row {
			if err := b.put(i, j, s); err != nil {
				return err
			}
		}
	}
	return nil
}
