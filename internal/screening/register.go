package screening

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
	"huikan/internal/platform/sheet"
)

// Kinds of registers.
const (
	Staff     = "staff"     // departed and serving staff
	Relatives = "relatives" // relatives that staff declared
	Lawyers   = "lawyers"   // the justice administration's register
	Cases     = "cases"     // counsel in cases, from case filing
)

// Kinds lists the kinds of registers.
func Kinds() []string { return []string{Staff, Relatives, Lawyers, Cases} }

// Version is one dated state of a register from one source. Its rows lie in the
// vault; the newest version of a source that was not undone is the one in force.
type Version struct {
	ID      id.ID             `json:"id"`
	Kind    string            `json:"kind"`
	Source  string            `json:"source"` // who keeps the register
	Unit    id.ID             `json:"unit"`   // for whom it was taken in
	AsOf    clock.Date        `json:"as_of"`
	File    string            `json:"file"`
	Parts   []string          `json:"-"` // files of the vault
	Columns map[string]string `json:"columns"`
	Rows    int               `json:"rows"`
	Added   int               `json:"added"`
	Changed int               `json:"changed"`
	Removed int               `json:"removed"`
	Skipped int               `json:"skipped"` // rows at fault that were left out knowingly
	Twice   int               `json:"twice"`   // rows that say again what another says
	Sample  []DeltaRow        `json:"sample,omitempty"`
	State   string            `json:"state"`
	Reason  string            `json:"reason,omitempty"` // of the undoing
	By      id.ID             `json:"by,omitempty"`
	At      string            `json:"at"`
	Rev     int64             `json:"rev"`
}

// States of a version.
const (
	Loaded = "loaded"
	Undone = "undone"
)

// DeltaRow is one row that a version added, changed or removed; of many the first are kept.
type DeltaRow struct {
	What string `json:"what"` // added, changed, removed
	Key  string `json:"key"`
	Name string `json:"name"`
	Note string `json:"note,omitempty"` // the columns that changed
}

// maxSample bounds the rows that a delta report names.
const maxSample = 100

// Row is one row of a register: its cells in the order of the kind's columns.
// Packed in one string a register of 800,000 rows stays small in memory.
type Row string

const cut = "\x1f"

func pack(cells []string) Row { return Row(strings.Join(cells, cut)) }

// Cells gives the cells in the order of the columns.
func (r Row) Cells() []string { return strings.Split(string(r), cut) }

// At gives the cell of a column.
func (r Row) At(kind, key string) string {
	n, ok := columnsOf(kind).index[key]
	if !ok {
		return ""
	}
	s := string(r)
	for ; n > 0; n-- {
		_, s, ok = strings.Cut(s, cut)
		if !ok {
			return ""
		}
	}
	s, _, _ = strings.Cut(s, cut)
	return s
}

//go:embed columns.yaml
var columnsFile []byte

type columnRow struct {
	Key   string   `yaml:"key"`
	Need  bool     `yaml:"need"`
	Names []string `yaml:"names"`
}

type columnSet struct {
	cols  []sheet.Column
	index map[string]int
}

type meanings map[string]map[string]string // field → written → meant

var columnTables = sync.OnceValue(func() (out struct {
	sets  map[string]columnSet
	means meanings
	posts []postWord
}) {
	var f struct {
		Staff     []columnRow                    `yaml:"staff"`
		Relatives []columnRow                    `yaml:"relatives"`
		Lawyers   []columnRow                    `yaml:"lawyers"`
		Cases     []columnRow                    `yaml:"cases"`
		Posts     []postWord                     `yaml:"posts"`
		Meanings  map[string]map[string][]string `yaml:"meanings"`
	}
	if err := yaml.Unmarshal(columnsFile, &f); err != nil {
		panic(fmt.Errorf("columns.yaml: %w", err)) // shipped with the program and read by every test
	}
	out.sets, out.means, out.posts = map[string]columnSet{}, meanings{}, f.Posts
	for kind, rows := range map[string][]columnRow{Staff: f.Staff, Relatives: f.Relatives, Lawyers: f.Lawyers, Cases: f.Cases} {
		set := columnSet{index: map[string]int{}}
		for i, r := range rows {
			set.cols = append(set.cols, sheet.Column{Key: r.Key, Names: r.Names, Required: r.Need})
			set.index[r.Key] = i
		}
		out.sets[kind] = set
	}
	for field, values := range f.Meanings {
		out.means[field] = map[string]string{}
		for meant, written := range values {
			for _, w := range written {
				out.means[field][w] = meant
			}
		}
	}
	return out
})

func columnsOf(kind string) columnSet { return columnTables().sets[kind] }

// meaning is what a cell of a field means, or "" when the word is not known.
func meaning(field, cell string) string {
	return columnTables().means[field][strings.ToLower(strings.TrimSpace(cell))]
}

// keyOf names a row within its source: the number that the source gives, else
// what it says of the person.
func keyOf(kind string, r Row) string {
	first := func(keys ...string) string {
		for _, k := range keys {
			if v := r.At(kind, k); v != "" {
				return v
			}
		}
		return ""
	}
	switch kind {
	case Staff:
		return r.At(kind, "staff_id")
	case Relatives:
		if k := r.At(kind, "relative_id"); k != "" {
			return k
		}
		return r.At(kind, "staff_id") + "/" + r.At(kind, "relation") + "/" + r.At(kind, "name")
	case Lawyers:
		if k := first("license_no", "lawyer_id"); k != "" {
			return k
		}
		return r.At(kind, "name") + "/" + r.At(kind, "id_no") + "/" + r.At(kind, "firm_name")
	}
	return r.At(kind, "case_no") + "/" + first("license_no", "lawyer_name")
}

// changedColumns names the columns in which two rows of one key differ.
func changedColumns(kind string, a, b Row) []string {
	x, y := a.Cells(), b.Cells()
	var out []string
	for i, c := range columnsOf(kind).cols {
		if i < len(x) && i < len(y) && x[i] != y[i] {
			out = append(out, c.Key)
		}
	}
	return out
}

// regionNames finds a region by what registers write of it.
var regionNames = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	put := func(name, code string) {
		if old, ok := out[name]; ok && old != code {
			code = "" // two regions of one name
		}
		out[name] = code
	}
	for _, r := range tree.Regions() {
		if r.Level == tree.RegionZone {
			continue
		}
		out[r.Code] = r.Code
		put(tree.RegionName(r.Code), r.Code)
		put(r.Name, r.Code)
		for above, ok := tree.RegionByCode(r.Parent); ok; above, ok = tree.RegionByCode(above.Parent) {
			put(above.Name+r.Name, r.Code)
		}
		for _, tail := range []string{"市", "省", "区", "县"} {
			if short, ok := strings.CutSuffix(r.Name, tail); ok && len([]rune(short)) > 1 && r.Level != tree.RegionCounty {
				put(short, r.Code)
			}
		}
	}
	return out
})

// regionOf finds the region that province and city mean; the narrowest that is
// certain, or none.
func regionOf(province, city string) string {
	names := regionNames()
	city, province = strings.Join(strings.Fields(city), ""), strings.Join(strings.Fields(province), "")
	for _, s := range []string{city, province + city} {
		if code := names[s]; s != "" && code != "" {
			return code
		}
	}
	if code := names[province]; city == "" && code != "" {
		return code
	}
	return ""
}

// splitList reads several values of one cell.
func splitList(s string) []string {
	out := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";；、，,|", r) })
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return slices.DeleteFunc(out, func(x string) bool { return x == "" })
}
