package app

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"

	"huikan/internal/kernel/fault"
)

// maxRows bounds the registers a command takes at once.
const maxRows = 2_000_000

// table is a register in a file: a header row and rows of the same length.
type table struct {
	name   string
	header map[string]int
	rows   [][]string
	line   []int // line of each row in the file
}

// readTable reads a CSV file with the columns wanted. Errors name file and row.
func readTable(name string, wanted ...string) (*table, error) {
	raw, err := ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	head, err := r.Read()
	if err != nil {
		return nil, fault.Invalid("error.table_header", name, strings.Join(wanted, ","))
	}
	t := &table{name: name, header: map[string]int{}}
	for i, h := range head {
		t.header[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, w := range wanted {
		if _, ok := t.header[w]; !ok {
			return nil, fault.Invalid("error.table_column", name, w, strings.Join(wanted, ","))
		}
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		line, _ := r.FieldPos(0)
		switch {
		case err != nil:
			return nil, fault.Invalid("error.table_row", name, line).With(err)
		case len(row) != len(head):
			return nil, fault.Invalid("error.table_width", name, line, len(row), len(head))
		case len(t.rows) == maxRows:
			return nil, fault.Limit("error.table_long", name, maxRows)
		}
		t.rows, t.line = append(t.rows, row), append(t.line, line)
	}
}

func (t *table) get(row int, column string) string { return t.rows[row][t.header[column]] }

// ids checks that a column names each row once.
func (t *table) ids(column string) error {
	seen := make(map[string]int, len(t.rows))
	for i := range t.rows {
		id := t.get(i, column)
		if id == "" {
			return fault.Invalid("error.table_no_id", t.name, t.line[i], column)
		}
		if first, ok := seen[id]; ok {
			return fault.Invalid("error.table_same_id", t.name, t.line[i], id, t.line[first])
		}
		seen[id] = i
	}
	return nil
}

// writeTable writes a CSV file in one piece: a broken-off run leaves the old one.
func writeTable(name string, header []string, rows func(write func(...string))) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(header); err != nil {
		return err
	}
	rows(func(fields ...string) { _ = w.Write(fields) }) // a buffer takes everything; Flush tells the rest
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".huikan-*")
	if err != nil {
		return fileError(name, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.Write(b.Bytes()); err != nil {
		return fileError(name, err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		return fileError(name, err)
	}
	if err := tmp.Close(); err != nil {
		return fileError(name, err)
	}
	return os.Rename(tmp.Name(), name)
}
