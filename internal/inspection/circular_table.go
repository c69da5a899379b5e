package inspection

import (
	"slices"
	"strings"

	"huikan/internal/kernel/lazy"
)

// tableRow is a row of a table of findings, as a reader of documents gives it:
// cells divided by tabs (or bars).
type tableRow struct {
	para  int
	head  []string // field of each column
	cells []string
}

const (
	columnNo      = "no"
	columnSection = "section"
)

var columnWords = map[string][]string{
	columnNo:      {"序号", "编号", "问题序号"},
	columnSection: {"方面", "类别", "问题类别", "主要方面", "问题类型", "反馈方面"},
	fieldProblem:  {"反馈具体问题", "巡视反馈问题", "巡察反馈问题", "反馈意见", "整改问题", "整改事项", "发现的问题"},
}

var cellNoise = lazy.Pattern(`[\s（(].*$|[\s:：]`)

// columnOf gives the field of a heading cell; "" for one that is not known.
func columnOf(cell string) string {
	cell = strings.TrimSpace(cell)
	cell = strings.ReplaceAll(cellNoise().ReplaceAllString(cell, ""), " ", "")
	if f, ok := fieldOf[cell]; ok {
		return f
	}
	for field, words := range columnWords {
		for _, w := range words {
			if cell == w {
				return field
			}
		}
	}
	return ""
}

func cellsOf(p string) []string {
	for _, sep := range []string{"\t", "|", "｜"} {
		if strings.Count(p, sep) >= 2 {
			cells := strings.Split(strings.Trim(strings.TrimSpace(p), sep), sep)
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			return cells
		}
	}
	return nil
}

// tableRows takes the rows of tables of findings out of the body. A table needs
// a heading with at least two known columns, one of them the problem.
func tableRows(body []string) (rest []string, rows []tableRow) {
	rest = make([]string, len(body)) // paragraphs keep their numbers
	var head []string
	for i, p := range body {
		cells := cellsOf(p)
		if cells == nil {
			cells = spacedRow(p, head)
		}
		if cells == nil {
			head, rest[i] = nil, p
			continue
		}
		if fields, ok := headRow(cells); ok {
			head = fields
			continue
		}
		if head == nil || ruler().MatchString(p) {
			if !ruler().MatchString(p) {
				rest[i] = p
			}
			continue
		}
		rows = append(rows, tableRow{i + 1, head, cells})
	}
	return rest, rows
}

// spacedRow reads a row whose tabs a copy has turned into blanks. Its heading
// must be known column by column, and a row must have as many cells: where one
// is missing nobody can tell which.
func spacedRow(p string, head []string) []string {
	cells := strings.Fields(p)
	if head != nil && len(cells) == len(head) {
		return cells
	}
	if len(cells) < 3 || slices.ContainsFunc(cells, func(c string) bool { return columnOf(c) == "" }) {
		return nil
	}
	return cells
}

var ruler = lazy.Pattern(`^[\s|｜:\-—+]+$`)

func headRow(cells []string) ([]string, bool) {
	fields := make([]string, len(cells))
	known, problem := 0, false
	for i, c := range cells {
		if fields[i] = columnOf(c); fields[i] != "" {
			known++
		}
		problem = problem || fields[i] == fieldProblem
	}
	return fields, known >= 2 && problem
}

// table reads findings from rows. A row without a problem goes on with the
// finding above it, as merged cells leave it.
func (x *extraction) table(rows []tableRow) {
	section := ""
	var open *CircularFinding
	flush := func() {
		if open != nil {
			x.finish(open)
			x.add(*open, []string{section})
			open = nil
		}
	}
	for _, r := range rows {
		get := func(field string) string {
			for i, f := range r.head {
				if f == field && i < len(r.cells) && r.cells[i] != "" {
					return r.cells[i]
				}
			}
			return ""
		}
		problem := get(fieldProblem)
		if problem != "" && (open == nil || problem != open.Text) {
			flush()
			open = &CircularFinding{Paragraph: r.para, Measures: []CircularMeasure{}, No: strings.Trim(get(columnNo), ".、 ")}
			if s := get(columnSection); s != "" {
				section = s
			}
			open.Text, _ = splitProblem(problem)
			if open.Text != problem && !strings.Contains(problem, open.Text) {
				open.Text = problem
			}
		}
		if open == nil {
			x.warn(WarnUnplaced, r.para, strings.Join(r.cells, " "))
			continue
		}
		x.cells(open, r)
	}
	flush()
}

func (x *extraction) cells(f *CircularFinding, r tableRow) {
	for i, cell := range r.cells {
		field := ""
		if i < len(r.head) {
			field = r.head[i]
		}
		if cell == "" {
			continue
		}
		s := segment{field: field, label: field, text: clip(cell), para: r.para}
		switch field {
		case columnNo, columnSection, fieldProblem:
		case fieldLead:
			x.once(&f.Lead, s)
		case fieldDepartment:
			x.once(&f.Department, s)
		case fieldPartner:
			x.once(&f.Partner, s)
		case fieldDue:
			x.once(&f.DueWord, s)
		case fieldProgress:
			status, rest := statusIn(cell)
			if status == "" {
				status, rest = ownWord("状态", cell)
			}
			x.status(f, r.para, status)
			x.narrative(f, r.para, rest)
		default:
			x.narrative(f, r.para, cell)
		}
	}
}
