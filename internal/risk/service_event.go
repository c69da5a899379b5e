package risk

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// Load is one import of events from a source: a version of what the source knows.
type Load struct {
	ID        id.ID             `json:"id"`
	N         int64             `json:"n"`
	Source    string            `json:"source"`
	Unit      id.ID             `json:"unit"`
	Mode      string            `json:"mode"`
	AsOf      clock.Date        `json:"as_of"`
	File      string            `json:"file"`
	Columns   map[string]string `json:"columns,omitempty"`
	Events    int               `json:"events"` // in the file
	Cases     int               `json:"cases"`
	Added     int               `json:"added"`
	Changed   int               `json:"changed"`
	Withdrawn int               `json:"withdrawn"`
	Same      int               `json:"same"`
	Skipped   int               `json:"skipped"`
	Undoes    int64             `json:"undoes,omitempty"` // number of the import that it takes back
	Person    id.ID             `json:"person,omitempty"`
	At        string            `json:"at"`
}

// Modes of an import: a delta adds and corrects; a full one also withdraws what
// the source no longer has.
const (
	Delta = "delta"
	Full  = "full"
)

// ImportCmd says what a file of events is.
type ImportCmd struct {
	Source  string            `json:"source"`
	Unit    string            `json:"unit"` // who keeps it; the actor's own when empty
	Mode    string            `json:"mode"`
	AsOf    clock.Date        `json:"as_of"`
	Columns map[string]string `json:"columns"` // our column → heading; what is remembered when nil
	SkipBad bool              `json:"skip_bad"`
	DryRun  bool              `json:"dry"`
}

// Imported is what an import did, or would do.
type Imported struct {
	Load    Load             `json:"load"`
	Total   int              `json:"total"`
	Bad     int              `json:"bad"`
	Faults  []sheet.RowError `json:"faults,omitempty"`
	More    int              `json:"more,omitempty"`
	Applied bool             `json:"applied"`
	Heads   []string         `json:"heads,omitempty"`
	result  *intake.Result
}

// incoming is an event on its way in.
type incoming struct {
	no, typ string
	unit    id.ID
	e       Event
}

// EventIn is an event as another system sends it; the texts are those of a file.
type EventIn struct {
	CaseNo   string `json:"case_no"`
	CaseType string `json:"case_type"`
	Kind     string `json:"kind"`
	Day      string `json:"day"`
	Time     string `json:"time"`
	Handler  string `json:"handler"`
	Unit     string `json:"unit"`
	Lawyer   string `json:"lawyer"`
	Licence  string `json:"licence"`
	Amount   string `json:"amount"`
	Basis    string `json:"basis"`
	Serial   string `json:"serial"`
	Note     string `json:"note"`
}

func (e EventIn) get(key string) string {
	return map[string]string{"case_no": e.CaseNo, "case_type": e.CaseType, "kind": e.Kind, "day": e.Day, "time": e.Time, "handler": e.Handler, "unit": e.Unit, "lawyer": e.Lawyer, "licence": e.Licence,
		"amount": e.Amount, "basis": e.Basis, "serial": e.Serial, "note": e.Note}[key]
}

// EventsCmd is a part of a source's events, sent by a system.
type EventsCmd struct {
	Source string     `json:"source"`
	Unit   string     `json:"unit"`
	AsOf   clock.Date `json:"as_of"`
	Dry    bool       `json:"dry"`
	Events []EventIn  `json:"events"`
}

// maxSent bounds the events of one request.
const maxSent = 20_000

// reader judges rows: who and where are looked up once each.
type reader struct {
	s      *Service
	who    actor.Actor
	today  clock.Date
	staff  map[string]id.ID
	units  map[string]id.ID
	denied map[id.ID]bool
	seen   map[string]Event
}

var caseNo = regexp.MustCompile(`^[\p{Han}A-Za-z0-9〔〕\[\]（）()\-_/. ]{4,60}$`)

// judge reads one event. Faults name the column and say what to do.
func (r *reader) judge(ctx context.Context, q db.Q, get func(string) string) (in incoming, bad fault.Fields, err error) {
	for _, c := range columns().cols {
		if c.Required {
			bad.Need(c.Key, get(c.Key))
		}
	}
	if len(bad) > 0 {
		return in, bad, nil
	}
	in.no = strings.Join(strings.Fields(get("case_no")), "")
	if !caseNo.MatchString(in.no) {
		bad.Add("case_no", "risk.event.bad.case_no", in.no)
	}
	if in.typ = meaning("case_type", get("case_type")); in.typ == "" {
		bad.Add("case_type", "risk.event.bad.word", get("case_type"), known("case_type"))
	}
	e := Event{Minute: -1, Lawyer: get("lawyer"), Licence: get("licence"), Serial: get("serial"), Note: get("note")}
	name := meaning("kind", get("kind"))
	var ok bool
	if e.Kind, ok = KindOf(name); !ok {
		bad.Add("kind", "risk.event.bad.word", get("kind"), known("kind"))
	}
	day, clockTime, _ := strings.Cut(strings.TrimSpace(get("day")), " ")
	if e.Day, err = clock.ParseDate(day); err != nil {
		bad.Add("day", "error.date", get("day"))
	} else if e.Day.After(r.today) {
		bad.Add("day", "risk.event.bad.future", e.Day)
	} else if e.Day.Before(epoch) {
		bad.Add("day", "risk.event.bad.early", epoch)
	}
	if t := get("time"); t != "" {
		clockTime = t
	}
	if clockTime != "" {
		if e.Minute, ok = minuteOf(clockTime); !ok {
			bad.Add("time", "risk.event.bad.time", clockTime)
		}
	}
	if b := get("basis"); b != "" {
		if e.Basis = meaning("basis", b); e.Basis == "" {
			bad.Add("basis", "risk.event.bad.word", b, known("basis"))
		}
	}
	if a := get("amount"); a != "" {
		if e.Amount, ok = yuan(a); !ok {
			bad.Add("amount", "risk.event.bad.amount", a)
		}
	}
	for _, k := range []string{"lawyer", "licence", "serial"} {
		bad.Max(k, get(k), 60)
	}
	bad.Max("note", e.Note, 200)
	unit, err := r.unit(get("unit"), &bad)
	if err != nil {
		return in, bad, err
	}
	in.unit = unit
	if e.Handler, err = r.person(ctx, q, get("handler"), &bad); err != nil {
		return in, bad, err
	}
	if e.Kind == Lookup && e.Handler == "" {
		bad.Add("handler", "risk.event.bad.viewer")
	}
	in.e = e
	if len(bad) == 0 {
		key := in.no + "\x00" + e.key()
		if had, twice := r.seen[key]; twice && !had.same(e) {
			bad.Add("serial", "risk.event.bad.twice", e.Serial)
		}
		r.seen[key] = e
	}
	return in, bad, nil
}

func (r *reader) unit(text string, bad *fault.Fields) (id.ID, error) {
	u, ok := r.units[text]
	if !ok {
		if found := r.s.Find(text); len(found) == 1 {
			u = found[0]
		}
		r.units[text] = u
		if u != "" {
			r.denied[u] = r.s.policy.Can(r.who, "risk_event.import", access.Object{Kind: "risk_event", Units: []access.Place{r.s.Units.Place(u)}}) != nil
		}
	}
	switch {
	case u == "":
		bad.Add("unit", "risk.event.bad.unit", text)
	case r.denied[u]:
		bad.Add("unit", "risk.event.bad.foreign", text)
	}
	return u, nil
}

func (r *reader) person(ctx context.Context, q db.Q, text string, bad *fault.Fields) (id.ID, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	n, ok := r.staff[text]
	if !ok {
		p, err := r.s.StaffNo(ctx, q, text)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return "", err
		}
		n = p.ID
		r.staff[text] = n
	}
	if n == "" {
		bad.Add("handler", "risk.event.bad.staff", text)
	}
	return n, nil
}

func minuteOf(s string) (int, bool) {
	parts := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "：", ":"), ":")
	if len(parts) < 2 || len(parts) > 3 {
		return -1, false
	}
	h, err1 := strconv.Atoi(parts[0])
	m, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return -1, false
	}
	return h*60 + m, true
}

// yuan reads an amount; parts of a yuan are dropped.
func yuan(s string) (int64, bool) {
	s = strings.NewReplacer(",", "", "，", "", "元", "", "¥", "", "￥", "", " ", "").Replace(s)
	times := 1.0
	if t, ok := strings.CutSuffix(s, "万"); ok {
		s, times = t, 10000
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f*times > 1e13 {
		return 0, false
	}
	return int64(f * times), true
}

func (s *Service) reader(who actor.Actor) *reader {
	return &reader{s: s, who: who, today: s.today(), staff: map[string]id.ID{}, units: map[string]id.ID{}, denied: map[id.ID]bool{}, seen: map[string]Event{}}
}

// shape judges what an import says of itself.
func (s *Service) shape(ctx context.Context, who actor.Actor, cmd ImportCmd, file string) (Load, error) {
	l := Load{ID: id.New(), Source: strings.TrimSpace(cmd.Source), Unit: s.office(who), Mode: cmd.Mode, AsOf: cmd.AsOf, File: file, Columns: cmd.Columns, Person: who.Person}
	var bad fault.Fields
	bad.Need("source", l.Source)
	bad.Max("source", l.Source, maxName)
	if l.Mode == "" {
		l.Mode = Delta
	}
	if l.Mode != Delta && l.Mode != Full {
		bad.Add("mode", "risk.bad.choice", l.Mode)
	}
	switch {
	case l.AsOf == "":
		l.AsOf = s.today()
	case !l.AsOf.Valid():
		bad.Add("as_of", "error.date", l.AsOf)
	case l.AsOf.After(s.today()):
		bad.Add("as_of", "risk.event.bad.future", l.AsOf)
	}
	if cmd.Unit != "" {
		if us := s.Find(cmd.Unit); len(us) == 1 {
			l.Unit = us[0]
		} else {
			bad.Add("unit", "risk.event.bad.unit", cmd.Unit)
		}
	}
	for k := range cmd.Columns {
		if !slices.ContainsFunc(columns().cols, func(c sheet.Column) bool { return c.Key == k }) {
			bad.Add("columns", "risk.bad.choice", k)
		}
	}
	if err := bad.Err(); err != nil {
		return l, err
	}
	if err := s.policy.Can(who, "risk_event.import", access.Object{Kind: "risk_event", Units: []access.Place{s.Units.Place(l.Unit)}}); err != nil {
		return l, err
	}
	if l.Columns == nil {
		err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
			l.Columns, err = mappingOf(ctx, q, l.Source, l.Unit)
			return err
		})
		return l, err
	}
	return l, nil
}

// Import takes a file of events in as a new version of its source: all of it or
// nothing, unless the actor says that rows at fault are to be left out.
func (s *Service) Import(ctx context.Context, who actor.Actor, cmd ImportCmd, name string, r io.ReaderAt, size int64) (out Imported, err error) {
	l, err := s.shape(ctx, who, cmd, name)
	if err != nil {
		return out, err
	}
	out.Load = l
	cols := slices.Clone(columns().cols)
	for i := range cols {
		if h := l.Columns[cols[i].Key]; h != "" {
			cols[i].Names = []string{h}
		}
	}
	if out.result, err = intake.Open(name, r, size, cols); err != nil {
		return out, err
	}
	out.Heads = out.result.Mapping.Heads
	var list []incoming
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		rd := s.reader(who)
		for rec := range sheet.Records(out.result.Grid, out.result.Mapping) {
			out.Total++
			in, bad, err := rd.judge(ctx, q, rec.Get)
			if err != nil {
				return err
			}
			if !out.result.Bad(rec, bad) {
				list = append(list, in)
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Bad, out.Faults, out.More = out.result.BadRows(), out.result.Faults, out.result.More
	if out.Total == 0 || len(list) == 0 && out.Bad == 0 {
		return out, fault.Invalid("risk.event.bad.none", name)
	}
	out.Load.Events, out.Load.Skipped = len(list), out.Bad
	if cmd.DryRun || out.Bad > 0 && !cmd.SkipBad {
		return out, s.foresee(ctx, who, &out.Load, list)
	}
	if len(list) == 0 {
		return out, fault.Invalid("risk.event.bad.none", name)
	}
	out.Load, err = s.take(ctx, who, out.Load, list)
	out.Applied = err == nil
	return out, err
}

// Send takes events that a system sends; a fault names the event by its place and
// nothing is taken.
func (s *Service) Send(ctx context.Context, who actor.Actor, cmd EventsCmd) (out Imported, err error) {
	l, err := s.shape(ctx, who, ImportCmd{Source: cmd.Source, Unit: cmd.Unit, AsOf: cmd.AsOf, Columns: map[string]string{}}, "API")
	if err != nil {
		return out, err
	}
	if len(cmd.Events) == 0 || len(cmd.Events) > maxSent {
		return out, fault.Invalid("risk.event.bad.sent", maxSent)
	}
	var list []incoming
	var all fault.Fields
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		rd := s.reader(who)
		for i, e := range cmd.Events {
			in, bad, err := rd.judge(ctx, q, e.get)
			if err != nil {
				return err
			}
			for _, f := range bad {
				if len(all) < 200 {
					all.Add("events."+strconv.Itoa(i)+"."+f.Name, f.Key, f.Args...)
				}
			}
			list = append(list, in)
		}
		return nil
	})
	if err == nil {
		err = all.Err()
	}
	if err != nil {
		return out, err
	}
	out.Total, out.Load = len(list), l
	out.Load.Events = len(list)
	if cmd.Dry {
		return out, s.foresee(ctx, who, &out.Load, list)
	}
	out.Load, err = s.take(ctx, who, out.Load, list)
	out.Applied = err == nil
	return out, err
}

// Stock takes events whose persons and units are known already: what the program
// makes up for measuring and simulating goes the same way as every import.
func (s *Service) Stock(ctx context.Context, who actor.Actor, source string, cases []Case) (Load, error) {
	var list []incoming
	for _, c := range cases {
		for _, e := range c.Events {
			u := c.Unit
			if e.Unit != "" {
				u = e.Unit
			}
			e.Unit = ""
			list = append(list, incoming{no: c.No, typ: c.Type, unit: u, e: e})
		}
	}
	l, err := s.shape(ctx, who, ImportCmd{Source: source, Columns: map[string]string{}}, "")
	if err != nil {
		return l, err
	}
	l.Events = len(list)
	return s.take(ctx, who, l, list)
}

// grouped puts events to their cases, in the order of the file.
func grouped(list []incoming) (order []string, by map[string][]incoming) {
	by = map[string][]incoming{}
	for _, in := range list {
		if _, ok := by[in.no]; !ok {
			order = append(order, in.no)
		}
		by[in.no] = append(by[in.no], in)
	}
	return order, by
}

// merge brings events into a case and counts what they change. full withdraws
// what is not among them.
func merge(c *Case, list []incoming, l *Load, full bool) {
	now := map[string]int{}
	for i, e := range c.Events {
		if e.Out == 0 {
			now[e.key()] = i
		}
	}
	had := map[string]bool{}
	for _, in := range list {
		e := in.e
		if in.unit != c.Unit {
			e.Unit = in.unit
		}
		if in.typ != "" {
			c.Type = in.typ
		}
		k := e.key()
		had[k] = true
		i, ok := now[k]
		switch {
		case ok && c.Events[i].same(e):
			l.Same++
			continue
		case ok:
			c.Events[i].Out = l.N
			l.Changed++
		default:
			l.Added++
		}
		e.In, e.Out, e.Name = l.N, 0, ""
		now[k] = len(c.Events)
		c.Events = append(c.Events, e)
	}
	if full {
		for k, i := range now {
			if !had[k] {
				c.Events[i].Out = l.N
				l.Withdrawn++
			}
		}
	}
}

// chunk is how many cases are read at once.
const chunk = 400

// fold merges a list into the cases that are there and gives what changed.
func (s *Service) fold(ctx context.Context, q db.Q, who actor.Actor, l *Load, list []incoming, keep func([]*Case) error) error {
	order, by := grouped(list)
	l.Cases = len(order)
	for len(order) > 0 {
		part := order[:min(chunk, len(order))]
		order = order[len(part):]
		blinds := make([]string, len(part))
		for i, no := range part {
			blinds[i] = s.Keys.Blind(Sealed, no)
		}
		there, err := s.casesByBlind(ctx, q, blinds)
		if err != nil {
			return err
		}
		var changed []*Case
		for i, no := range part {
			c, ok := there[blinds[i]]
			if !ok {
				c = &Case{ID: id.New(), No: no, Unit: by[no][0].unit, Source: l.Source, blind: blinds[i]}
			} else if s.policy.Can(who, "risk_event.import", access.Object{Kind: "risk_event", Units: []access.Place{s.Units.Place(c.Unit)}}) != nil {
				return fault.Invalid("risk.event.bad.foreign_case", no)
			}
			before := l.Added + l.Changed + l.Withdrawn
			merge(c, by[no], l, l.Mode == Full && c.Source == l.Source)
			if l.Added+l.Changed+l.Withdrawn > before {
				changed = append(changed, c)
			}
		}
		if err := keep(changed); err != nil {
			return err
		}
	}
	if l.Mode != Full {
		return nil
	}
	return s.eachCaseOf(ctx, q, l.Source, l.Unit, func(c *Case) error {
		if _, there := by[c.No]; there {
			return nil
		}
		before := l.Withdrawn
		merge(c, nil, l, true)
		if l.Withdrawn == before {
			return nil
		}
		return keep([]*Case{c})
	})
}

// foresee counts what an import would change.
func (s *Service) foresee(ctx context.Context, who actor.Actor, l *Load, list []incoming) error {
	return s.log.DB().Read(ctx, func(q db.Q) error {
		return s.fold(ctx, q, who, l, list, func([]*Case) error { return nil })
	})
}

// take writes an import in one transaction.
func (s *Service) take(ctx context.Context, who actor.Actor, l Load, list []incoming) (Load, error) {
	blank := l
	err := s.log.Write(ctx, who, "risk_event.import", func(tx *audit.Tx) (err error) {
		l = blank // the transaction may run again
		if l.N, err = next(ctx, tx, "load"); err != nil {
			return err
		}
		err = s.fold(ctx, tx, who, &l, list, func(cs []*Case) error {
			for _, c := range cs {
				c.sealed = s.Keys.Seal(Sealed, "risk_case/"+string(c.ID), pack(*c))
			}
			return putCases(ctx, tx, cs, l.N)
		})
		if err != nil {
			return err
		}
		tx.Note("source", l.Source)
		tx.Note("delta", fmt.Sprintf("+%d ~%d -%d =%d", l.Added, l.Changed, l.Withdrawn, l.Same))
		return insertLoad(ctx, tx, l)
	})
	return l, err
}

// Loads lists imports that the actor may see, newest first.
func (s *Service) Loads(ctx context.Context, who actor.Actor) (out []Load, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		out, err = visibleLoads(ctx, q, s.policy, who)
		return err
	})
	return out, err
}
