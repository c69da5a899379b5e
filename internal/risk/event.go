package risk

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/sheet"
)

// Kind of an event in the handling of a case. The numbers stand in sealed
// records: add new ones at the end, never change one.
type Kind uint8

// The kinds of events.
const (
	Accept          Kind = iota + 1 // 受理
	Assign                          // 分案: basis says by rotation or designated
	Transfer                        // 变更承办人
	Extend                          // 延长期限
	Return                          // 退回补充侦查
	Arrest                          // 批准逮捕
	NoArrest                        // 不批准逮捕
	DetentionChange                 // 变更强制措施
	Prosecute                       // 提起公诉
	NoProsecution                   // 不起诉
	Withdraw                        // 撤回起诉
	Change                          // 改变原决定
	Approve                         // 审批
	Close                           // 办结
	Counsel                         // 委托辩护、代理
	MeetLawyer                      // 接待律师
	Lookup                          // 查询案卷: basis says with or without a task
	Seize                           // 查封扣押冻结
	Move                            // 涉案财物移送
	GiveBack                        // 涉案财物返还
	kindEnd
)

var kindWords = []string{"", "accept", "assign", "transfer", "extend", "return", "arrest", "no_arrest", "detention_change", "prosecute", "no_prosecution", "withdraw", "change", "approve", "close",
	"counsel", "meet_lawyer", "lookup", "seize", "move", "give_back"}

// String is the stable name of a kind.
func (k Kind) String() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return ""
}

// KindOf finds a kind by its stable name.
func KindOf(name string) (Kind, bool) {
	n := slices.Index(kindWords, name)
	return Kind(max(0, n)), n > 0
}

// Kinds lists the names of all kinds.
func Kinds() []string { return slices.Clone(kindWords[1:]) }

// Bases of an assignment or a look-up.
var bases = []string{"", "rotation", "designated", "task", "no_task"}

// CaseTypes are the types of cases.
func CaseTypes() []string { return slices.Clone(caseTypes) }

var caseTypes = []string{"arrest", "prosecution", "duty_crime", "civil", "administrative", "public_interest", "juvenile", "execution", "petition", "other"}

// Event is one thing that happened in a case.
type Event struct {
	Kind    Kind       `json:"-"`
	Name    string     `json:"kind"` // of the kind
	Day     clock.Date `json:"day"`
	Minute  int        `json:"minute"` // of the day; -1 where the source gives no time
	Handler id.ID      `json:"handler,omitempty"`
	Unit    id.ID      `json:"unit,omitempty"` // of the handler, where it is not the case's
	Lawyer  string     `json:"lawyer,omitempty"`
	Licence string     `json:"licence,omitempty"`
	Amount  int64      `json:"amount,omitempty"` // yuan
	Basis   string     `json:"basis,omitempty"`
	Serial  string     `json:"serial,omitempty"` // number of the event in the source
	Note    string     `json:"note,omitempty"`
	In      int64      `json:"in"`            // number of the import that brought it
	Out     int64      `json:"out,omitempty"` // of the import that corrected or withdrew it; 0 while it holds
}

// key names an event within its case: the source's number, else what it says.
func (e Event) key() string {
	if e.Serial != "" {
		return "#" + e.Serial
	}
	return fmt.Sprintf("%d/%s/%d/%s/%s/%s/%d", e.Kind, e.Day, e.Minute, e.Handler, e.Lawyer, e.Licence, e.Amount)
}

// same tells whether two events of one key say the same.
func (e Event) same(f Event) bool {
	e.In, e.Out, f.In, f.Out, e.Name, f.Name = 0, 0, 0, 0, "", ""
	return e == f
}

// Case is a case with all its events, those that a later import replaced included.
type Case struct {
	ID     id.ID   `json:"id"`
	No     string  `json:"no"`
	Type   string  `json:"type"`
	Unit   id.ID   `json:"unit"`
	Source string  `json:"source"`
	Events []Event `json:"events"`
	Rev    int64   `json:"rev"`

	blind  string
	sealed []byte
}

// Now gives the events that hold, in the order in which they happened.
func (c Case) Now() []Event { return eventsAt(c.Events, 1<<62) }

// eventsAt gives the events that held after an import.
func eventsAt(all []Event, load int64) []Event {
	out := make([]Event, 0, len(all))
	for _, e := range all {
		if e.In <= load && (e.Out == 0 || e.Out > load) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		if a.Day != b.Day {
			return strings.Compare(string(a.Day), string(b.Day))
		}
		return a.Minute - b.Minute
	})
	return out
}

// epoch is day 0 of packed records.
const epoch = clock.Date("2000-01-01")

func dayNumber(d clock.Date) int { return d.Sub(epoch) }

// packed is the layout of the sealed record of a case.
const packed = 1

// pack writes a case without its id and unit, which stand beside it.
func pack(c Case) []byte {
	var table []string
	at := map[string]uint64{"": 0}
	ref := func(s string) uint64 {
		n, ok := at[s]
		if !ok {
			table = append(table, s)
			n = uint64(len(table))
			at[s] = n
		}
		return n
	}
	var body []byte
	body = binary.AppendUvarint(body, ref(c.No))
	body = binary.AppendUvarint(body, ref(c.Type))
	body = binary.AppendUvarint(body, uint64(len(c.Events)))
	last := 0
	for _, e := range c.Events {
		day := dayNumber(e.Day)
		body = append(body, byte(e.Kind))
		body = binary.AppendVarint(body, int64(day-last))
		last = day
		body = binary.AppendUvarint(body, uint64(e.Minute+1))
		for _, s := range []string{string(e.Handler), string(e.Unit), e.Lawyer, e.Licence, e.Serial, e.Note} {
			body = binary.AppendUvarint(body, ref(s))
		}
		body = append(body, byte(max(0, slices.Index(bases, e.Basis))))
		body = binary.AppendVarint(body, e.Amount)
		body = binary.AppendUvarint(body, uint64(e.In))
		body = binary.AppendUvarint(body, uint64(e.Out))
	}
	out := []byte{packed}
	out = binary.AppendUvarint(out, uint64(len(table)))
	for _, s := range table {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	return append(out, body...)
}

// rawEvent is an event as the engine reads it: numbers, and texts by their place
// in the case's table (0 is none).
type rawEvent struct {
	kind, basis                                   uint8
	day, minute                                   int32 // minute -1 where there is none
	handler, unit, lawyer, licence, serial, noted int32
	amount, in, out                               int64
}

// rawCase is a case as the engine reads it; its slices are used again.
type rawCase struct {
	table  [][]byte
	no     int32
	typ    int32
	events []rawEvent
}

func (c *rawCase) text(n int32) string {
	if n == 0 {
		return ""
	}
	return string(c.table[n-1])
}

// maxPacked bounds what a record may say of its own lengths.
const maxPacked = 1 << 20

// unpack reads a record into c. A record that is cut or says nonsense is refused.
func (c *rawCase) unpack(b []byte) error {
	bad := fmt.Errorf("record of a case is damaged")
	if len(b) == 0 || b[0] != packed {
		return bad
	}
	b = b[1:]
	ok := true
	num := func() uint64 {
		n, k := binary.Uvarint(b)
		if k <= 0 {
			ok, b = false, nil
			return 0
		}
		b = b[k:]
		return n
	}
	signed := func() int64 {
		n, k := binary.Varint(b)
		if k <= 0 {
			ok, b = false, nil
			return 0
		}
		b = b[k:]
		return n
	}
	one := func() uint8 {
		if len(b) == 0 {
			ok = false
			return 0
		}
		n := b[0]
		b = b[1:]
		return n
	}
	texts := num()
	if texts > maxPacked {
		return bad
	}
	c.table, c.events = c.table[:0], c.events[:0]
	for range texts {
		n := num()
		if !ok || n > uint64(len(b)) {
			return bad
		}
		c.table = append(c.table, b[:n])
		b = b[n:]
	}
	ref := func() int32 {
		n := num()
		if n > texts {
			ok = false
			return 0
		}
		return int32(n)
	}
	c.no, c.typ = ref(), ref()
	count := num()
	if !ok || count > maxPacked {
		return bad
	}
	var last int64
	for range count {
		var e rawEvent
		e.kind = one()
		last += signed()
		e.day, e.minute = int32(last), int32(num())-1
		e.handler, e.unit, e.lawyer, e.licence, e.serial, e.noted = ref(), ref(), ref(), ref(), ref(), ref()
		e.basis = one()
		e.amount, e.in, e.out = signed(), int64(num()), int64(num())
		if !ok || e.kind == 0 || Kind(e.kind) >= kindEnd || int(e.basis) >= len(bases) || last < -40000 || last > 80000 || e.minute > 24*60 || e.minute < -1 {
			return bad
		}
		c.events = append(c.events, e)
	}
	if len(b) > 0 {
		return bad
	}
	return nil
}

// full gives the case as the pages read it.
func (c *rawCase) full() Case {
	out := Case{No: c.text(c.no), Type: c.text(c.typ)}
	for _, e := range c.events {
		out.Events = append(out.Events, Event{Kind: Kind(e.kind), Name: Kind(e.kind).String(), Day: epoch.AddDays(int(e.day)), Minute: int(e.minute), Handler: id.ID(c.text(e.handler)), Unit: id.ID(c.text(e.unit)),
			Lawyer: c.text(e.lawyer), Licence: c.text(e.licence), Serial: c.text(e.serial), Note: c.text(e.noted), Basis: bases[e.basis], Amount: e.amount, In: e.in, Out: e.out})
	}
	return out
}

//go:embed rules/columns.yaml
var columnsFile []byte

type columnSet struct {
	cols  []sheet.Column
	means map[string]map[string]string // field → written → meant
	first map[string]map[string]string // field → meant → the first word for it
}

// columns are the columns of a file of events and the words that stand in them.
var columns = sync.OnceValue(func() columnSet {
	var f struct {
		Columns []struct {
			Key   string   `yaml:"key"`
			Need  bool     `yaml:"need"`
			Names []string `yaml:"names"`
		} `yaml:"columns"`
		Meanings map[string]map[string][]string `yaml:"meanings"`
	}
	if err := yaml.Unmarshal(columnsFile, &f); err != nil {
		panic(fmt.Errorf("columns.yaml: %w", err)) // shipped with the program and read by every test
	}
	out := columnSet{means: map[string]map[string]string{}, first: map[string]map[string]string{}}
	for _, c := range f.Columns {
		out.cols = append(out.cols, sheet.Column{Key: c.Key, Names: c.Names, Required: c.Need})
	}
	for field, values := range f.Meanings {
		out.means[field], out.first[field] = map[string]string{}, map[string]string{}
		for meant, written := range values {
			out.first[field][meant] = written[0]
			for _, w := range append(written, meant) {
				out.means[field][strings.ToLower(w)] = meant
			}
		}
	}
	return out
})

// known lists the words of a field that a file may use, the first of each meaning.
func known(field string) string {
	order := map[string][]string{"kind": Kinds(), "case_type": CaseTypes(), "basis": bases[1:]}[field]
	var out []string
	for _, meant := range order {
		out = append(out, columns().first[field][meant])
	}
	return strings.Join(out, "、")
}

// meaning is what a cell of a field means, or "" when the word is not known.
func meaning(field, cell string) string {
	return columns().means[field][strings.ToLower(strings.TrimSpace(cell))]
}
