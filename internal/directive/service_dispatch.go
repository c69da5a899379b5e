package directive

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// maxLines bounds the rows of one sheet.
const maxLines = 100_000

// DispatchCmd makes a sheet by hand: of a deployment for the week of today, or of
// the office for a month.
type DispatchCmd struct {
	Directive id.ID  `json:"directive"`
	Month     string `json:"month"`
}

// MakeDispatch freezes a sheet as the facts stand now. A period has one sheet
// unless the earlier one was dropped.
func (s *Service) MakeDispatch(ctx context.Context, who actor.Actor, c DispatchCmd) (d Dispatch, err error) {
	d = Dispatch{Unit: who.Unit, Directive: c.Directive, Kind: DispatchWeek, Period: Week(s.today()), Author: who.Person}
	if c.Directive == "" {
		d.Kind, d.Period = DispatchMonth, c.Month
		if from, _, ok := MonthOf(c.Month); !ok || from > s.today() {
			var bad fault.Fields
			bad.Add("month", "dispatch.bad.month", c.Month)
			return d, bad.Err()
		}
	}
	err = s.Log.Write(ctx, who, "dispatch.make", func(tx *audit.Tx) error {
		if c.Directive != "" {
			of, err := s.load(ctx, tx, who, c.Directive, "read")
			if err != nil {
				return err
			}
			if of.State != StateIssued {
				return fault.State("dispatch.bad.unsent")
			}
			d.Unit = of.Unit
		}
		if err := s.Policy.Can(who, "dispatch.make", d.object(s.Dir.Place)); err != nil {
			return err
		}
		return s.freeze(ctx, tx, &d)
	})
	return d, err
}

// freeze writes a sheet with its rows and parts.
func (s *Service) freeze(ctx context.Context, tx *audit.Tx, d *Dispatch) error {
	last, err := lastDispatch(ctx, tx, *d)
	if err != nil {
		return err
	}
	if last.No > 0 && last.State != DispatchDropped {
		return fault.State("dispatch.bad.twice", d.Period)
	}
	today := s.today()
	lines, err := s.lines(ctx, tx, *d, today)
	if err != nil {
		return err
	}
	if len(lines) > maxLines {
		return fault.Limit("dispatch.bad.many", len(lines), maxLines)
	}
	if d.Kind == DispatchMonth && len(lines) == 0 {
		return fault.State("dispatch.bad.nothing", d.Period)
	}
	whole, by := Sum(lines)
	if d.Kind == DispatchWeek {
		// What is finished fills no rows of a week; its number belongs to the picture.
		t, err := tallyOf(ctx, tx, today, "t.directive_id = $2 AND t.by_id = $3", string(d.Directive), string(d.Unit))
		if err != nil {
			return err
		}
		whole[all], whole[MarkVerified] = t.All, t.Verified
	}
	units := make([]id.ID, 0, len(by))
	for u := range by {
		units = append(units, u)
	}
	slices.Sort(units)
	heads, err := s.Heads(ctx, tx, today, units)
	if err != nil {
		return err
	}
	d.ID, d.No, d.State, d.FrozenOn, d.Counts, d.Lines, d.Units, d.Digest, d.MadeAt, d.Rev = id.New(), last.No+1, DispatchFlow.Start, today, whole, len(lines), len(units), LinesDigest(lines), tx.At, 1
	parts := make([]Part, len(units))
	for i, u := range units {
		parts[i] = Part{ID: id.New(), Dispatch: d.ID, Unit: u, By: d.Unit, Leader: heads[u], State: DispatchPartFlow.Start, Counts: by[u], Rev: 1}
	}
	tx.Note("period", d.Period)
	tx.Note("rows", len(lines))
	return insertDispatch(ctx, tx, *d, lines, parts)
}

// lines gives the rows of a sheet: for a week what is to be pursued, for a month
// everything that fell due in it.
func (s *Service) lines(ctx context.Context, q db.Q, d Dispatch, today clock.Date) ([]Line, error) {
	contradicted, err := s.contradicted(ctx, q, d.Directive)
	if err != nil {
		return nil, err
	}
	ahead := today.AddDays(Supervision().Dispatch.AheadDays)
	var list []Task
	if d.Kind == DispatchMonth {
		from, to, _ := MonthOf(d.Period)
		list, err = dueTasks(ctx, q, d.Unit, from, to, maxLines+1)
		ahead = to
	} else {
		list, err = pursuedTasks(ctx, q, d.Unit, d.Directive, ahead, maxLines+1)
	}
	if err != nil {
		return nil, err
	}
	if d.Kind == DispatchWeek {
		have := map[id.ID]bool{}
		for _, t := range list {
			have[t.ID] = true
		}
		for n := range contradicted {
			if have[n] {
				continue
			}
			t, err := taskByID(ctx, q, n)
			if err != nil {
				return nil, err
			}
			if t.By == d.Unit && t.Directive == d.Directive && t.State != TaskWithdrawn {
				list = append(list, t)
			}
		}
	}
	slices.SortFunc(list, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID))
	})
	out := make([]Line, 0, len(list))
	for _, t := range list {
		out = append(out, Line{No: len(out) + 1, Unit: t.Unit, Task: t.ID, Issue: t.Issue, Title: t.Title, Due: t.Due, State: t.State, Marks: MarksOf(t, today, ahead, contradicted[t.ID])})
	}
	return out, nil
}

// contradicted are the tasks at or above an order whose wording was judged to
// contradict its source and has not been reworded since.
func (s *Service) contradicted(ctx context.Context, q db.Q, directive id.ID) (map[id.ID]bool, error) {
	issues, err := contradictingIssues(ctx, q, directive, 500)
	if err != nil {
		return nil, err
	}
	out := map[id.ID]bool{}
	for _, x := range issues {
		own, err := tasksWhere(ctx, q, "t.issue_id = $1 AND t.open = 1 ORDER BY t.id", string(x.ID))
		if err != nil {
			return nil, err
		}
		for _, t := range own {
			out[t.ID] = true
		}
		for up, depth := x.Parent, 0; up != "" && depth < 8; depth++ {
			t, err := taskByID(ctx, q, up)
			if err != nil {
				return nil, err
			}
			out[t.ID] = true
			up = t.Parent
		}
	}
	return out, nil
}

// Dispatches freezes the sheets that are due: one a week for each deployment with
// open tasks, one a month for each office. It can run at any hour and again.
func (s *Service) Dispatches(ctx context.Context) (made int, err error) {
	today, p := s.today(), Supervision().Dispatch
	var list []Dispatch
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if int(today.Weekday()+6)%7+1 >= p.Weekday {
			weekly, err := dispatchable(ctx, q, Week(today))
			if err != nil {
				return err
			}
			list = append(list, weekly...)
		}
		if last := today.FirstOfMonth().AddDays(-1); today.Day() >= p.MonthDay {
			month := string(last)[:7]
			monthly, err := officesOf(ctx, q, month, last.FirstOfMonth(), last)
			if err != nil {
				return err
			}
			list = append(list, monthly...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		err := s.Log.Write(ctx, actor.Program("dispatch sheets"), "dispatch.make", func(tx *audit.Tx) error { return s.freeze(ctx, tx, &d) })
		if fault.Is(err, fault.KindState) {
			continue // somebody made it in between
		}
		if err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// loadDispatch reads a sheet and judges an action on it. Whom one of its tasks
// concerns does not find it.
func (s *Service) loadDispatch(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Dispatch, error) {
	d, err := dispatchByID(ctx, q, n)
	if err != nil {
		return d, err
	}
	o := d.object(s.Dir.Place)
	if o.Concerns, err = dispatchConcerns(ctx, q, n, ""); err != nil {
		return d, err
	}
	if err := s.Policy.Can(who, "dispatch.read", o); err != nil || do == "read" {
		return d, err
	}
	if _, err := DispatchFlow.Next(d.State, do); err != nil {
		return d, err
	}
	return d, s.Policy.Can(who, "dispatch."+do, o)
}

// DispatchView is a sheet with a page of its rows and the offices with most to explain.
type DispatchView struct {
	Dispatch Dispatch         `json:"dispatch"`
	Title    string           `json:"title"` // of the deployment
	Parts    []Part           `json:"parts"`
	Lines    []Line           `json:"lines"`
	Whole    bool             `json:"whole"` // the rows are those that were frozen
	Answered int              `json:"answered"`
	Steps    []string         `json:"steps"`
	Names    map[id.ID]string `json:"-"`
	Next     page.Next        `json:"-"`
}

// partsShown bounds the offices that a page names; the table for Excel has all.
const partsShown = 50

// DispatchOf reads a sheet. With size 0 it reads all rows and parts, for an export.
func (s *Service) DispatchOf(ctx context.Context, who actor.Actor, n id.ID, p page.Query) (v DispatchView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Dispatch, err = s.loadDispatch(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if v.Dispatch.Directive != "" {
			of, err := directiveByID(ctx, q, v.Dispatch.Directive)
			if err != nil {
				return err
			}
			v.Title = of.Title
		}
		lines, err := linesOf(ctx, q, n)
		if err != nil {
			return err
		}
		v.Whole = LinesDigest(lines) == v.Dispatch.Digest
		parts := partsShown
		if v.Lines = lines; p.Size > 0 {
			v.Lines, v.Next, err = pageOfLines(lines, p)
		} else {
			parts = maxLines
		}
		if err != nil {
			return err
		}
		if v.Parts, err = partsWhere(ctx, q, fmt.Sprintf("p.dispatch_id = $1 ORDER BY p.troubled DESC, p.id LIMIT %d", parts), string(n)); err != nil {
			return err
		}
		if v.Answered, err = countAnswered(ctx, q, n); err != nil {
			return err
		}
		people := []id.ID{v.Dispatch.Author, v.Dispatch.Judge}
		for _, x := range v.Parts {
			people = append(people, x.Leader, x.Person)
		}
		v.Names, err = s.Names(ctx, q, people...)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, st := range DispatchFlow.From(v.Dispatch.State) {
		if st.Do == "circulate" && (v.Dispatch.Notice != "" || v.Dispatch.Kind != DispatchMonth || s.Circular == nil) {
			continue
		}
		if s.Policy.Can(who, "dispatch."+st.Do, v.Dispatch.object(s.Dir.Place)) == nil {
			v.Steps = append(v.Steps, st.Do)
		}
	}
	return v, nil
}

// DispatchListing is one page of sheets.
type DispatchListing struct {
	Rows   []Dispatch
	Titles map[id.ID]string // of deployments
	Next   page.Next
}

// DispatchList gives a page of the sheets that the actor may read.
func (s *Service) DispatchList(ctx context.Context, who actor.Actor, p page.Query) (l DispatchListing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		filter := s.Policy.Filter(who, "dispatch.read", dispatchPlaces, &args) + unconcerned(who, "d.id", "", &args)
		if l.Rows, l.Next, err = listDispatches(ctx, q, filter, args, p); err != nil {
			return err
		}
		l.Titles, err = titlesOf(ctx, q, l.Rows)
		return err
	})
	return l, err
}

// DispatchStep sends a sheet to its offices or drops it.
func (s *Service) DispatchStep(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd) error {
	if do != "send" && do != "drop" {
		return fault.NotFound("dispatch")
	}
	var bad fault.Fields
	if do == "drop" {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "dispatch."+do, func(tx *audit.Tx) error {
		d, err := s.loadDispatch(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != d.Rev {
			return fault.Conflict("dispatch")
		}
		if d.State, err = DispatchFlow.Next(d.State, do); err != nil {
			return err
		}
		d.Remark, d.Judge, d.JudgedAt = c.Text, who.Person, tx.At
		if do == "send" {
			if err := askParts(ctx, tx, n); err != nil {
				return err
			}
		}
		return updateDispatch(ctx, tx, d)
	})
}

// Circulate drafts the circular of a month from its sheet, in the room of circulars;
// compose writes it from the sheet, in the words of who drafts it. A sheet gives one.
func (s *Service) Circulate(ctx context.Context, who actor.Actor, n id.ID, rev int64, compose func(DispatchView) (title, source, body string)) (id.ID, error) {
	v, err := s.DispatchOf(ctx, who, n, page.Query{})
	if err != nil {
		return "", err
	}
	if v.Dispatch.Notice != "" || v.Dispatch.Kind != DispatchMonth || s.Circular == nil {
		return "", fault.State("dispatch.bad.circular")
	}
	if rev != 0 && rev != v.Dispatch.Rev {
		return "", fault.Conflict("dispatch")
	}
	if !slices.Contains(v.Steps, "circulate") {
		if _, err := DispatchFlow.Next(v.Dispatch.State, "circulate"); err != nil {
			return "", err
		}
		return "", fault.NotFound("dispatch")
	}
	title, source, body := compose(v)
	draft, err := s.Circular(ctx, who, title, source, body)
	if err != nil {
		return "", err
	}
	return draft, s.Log.Write(ctx, who, "dispatch.circulate", func(tx *audit.Tx) error {
		d, err := s.loadDispatch(ctx, tx, who, n, "circulate")
		if err != nil {
			return err
		}
		if d.Notice != "" {
			return fault.Conflict("dispatch")
		}
		d.Notice = draft
		return updateDispatch(ctx, tx, d)
	})
}

// loadPart reads what a sheet says about one office.
func (s *Service) loadPart(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Part, error) {
	p, err := partByID(ctx, q, n)
	if err != nil {
		return p, err
	}
	o := p.object(s.Dir.Place)
	if o.Concerns, err = dispatchConcerns(ctx, q, p.Dispatch, p.Unit); err != nil {
		return p, err
	}
	if err := s.Policy.Can(who, "dispatch_part.read", o); err != nil || do == "read" {
		return p, err
	}
	if _, err := DispatchPartFlow.Next(p.State, do); err != nil {
		return p, err
	}
	return p, s.Policy.Can(who, "dispatch_part."+do, o)
}

// PartView is a part with its rows.
type PartView struct {
	Part     Part             `json:"part"`
	Dispatch Dispatch         `json:"dispatch"`
	Lines    []Line           `json:"lines"`
	Steps    []string         `json:"steps"`
	Names    map[id.ID]string `json:"-"`
}

// partLines bounds the rows of one office that its page shows.
const partLines = 500

// PartOf reads what a sheet says about one office. The office does not see the others.
func (s *Service) PartOf(ctx context.Context, who actor.Actor, n id.ID) (v PartView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Part, err = s.loadPart(ctx, q, who, n, "read"); err != nil {
			return err
		}
		d, err := dispatchByID(ctx, q, v.Part.Dispatch)
		if err != nil {
			return err
		}
		v.Dispatch = Dispatch{ID: d.ID, Unit: d.Unit, Directive: d.Directive, Kind: d.Kind, Period: d.Period, No: d.No, State: d.State, FrozenOn: d.FrozenOn, Remark: d.Remark}
		if v.Lines, err = linesOfUnit(ctx, q, d.ID, v.Part.Unit, partLines); err != nil {
			return err
		}
		v.Names, err = s.Names(ctx, q, v.Part.Leader, v.Part.Person)
		return err
	})
	if err == nil {
		for _, st := range DispatchPartFlow.From(v.Part.State) {
			if st.Do != "send" && s.Policy.Can(who, "dispatch_part."+st.Do, v.Part.object(s.Dir.Place)) == nil {
				v.Steps = append(v.Steps, st.Do)
			}
		}
	}
	return v, err
}

// PartListing is one page of the parts that an office was sent.
type PartListing struct {
	Rows   []Part
	Sheets map[id.ID]Dispatch
	Next   page.Next
}

// PartList gives a page of the parts that the actor may read, the latest first.
func (s *Service) PartList(ctx context.Context, who actor.Actor, p page.Query) (l PartListing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		filter := s.Policy.Filter(who, "dispatch_part.read", partPlaces, &args) + unconcerned(who, "p.dispatch_id", "p.unit_id", &args)
		if l.Rows, l.Next, err = listParts(ctx, q, filter, args, p); err != nil {
			return err
		}
		l.Sheets = map[id.ID]Dispatch{}
		for _, x := range l.Rows {
			if _, ok := l.Sheets[x.Dispatch]; ok {
				continue
			}
			if l.Sheets[x.Dispatch], err = dispatchByID(ctx, q, x.Dispatch); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// PartStep answers for an office: in words where there is something to explain.
func (s *Service) PartStep(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd) error {
	if do != "answer" {
		return fault.NotFound("dispatch_part")
	}
	return s.Log.Write(ctx, who, "dispatch_part.answer", func(tx *audit.Tx) error {
		p, err := s.loadPart(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != p.Rev {
			return fault.Conflict("dispatch_part")
		}
		var bad fault.Fields
		if p.Counts.Trouble() > 0 {
			bad.Need("text", c.Text)
		}
		bad.Max("text", c.Text, maxReason)
		if err := bad.Err(); err != nil {
			return err
		}
		if p.State, err = DispatchPartFlow.Next(p.State, do); err != nil {
			return err
		}
		p.Said, p.Person, p.At = c.Text, who.Person, tx.At
		return updatePart(ctx, tx, p)
	})
}

func (s *Service) dispatchTodos(ctx context.Context, q db.Q, who actor.Actor) (out []web.Todo, err error) {
	if s.Policy.Ever(who, "dispatch.send") {
		var args []any
		where := s.Policy.Filter(who, "dispatch.send", dispatchPlaces, &args) + access.Ours(who, "d.unit_id", &args) + unconcerned(who, "d.id", "", &args)
		list, err := dispatchesWhere(ctx, q, fmt.Sprintf("d.state = 'frozen' AND %s ORDER BY d.made_at, d.id LIMIT %d", where, todoMax), args...)
		if err != nil {
			return nil, err
		}
		titles, err := titlesOf(ctx, q, list)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			out = append(out, web.Todo{Kind: "dispatch.todo.send", Title: clip(d.Period+" "+titles[d.Directive], maxTitle), Unit: s.Dir.Short(d.Unit), Href: "/dispatches/" + string(d.ID), Verb: "dispatch.do.send", At: d.MadeAt})
		}
	}
	if s.Policy.Ever(who, "dispatch_part.answer") {
		var args []any
		where := s.Policy.Filter(who, "dispatch_part.answer", partPlaces, &args) + unconcerned(who, "p.dispatch_id", "p.unit_id", &args)
		list, err := partsWhere(ctx, q, fmt.Sprintf("p.state = 'asked' AND %s ORDER BY p.id LIMIT %d", where, todoMax), args...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			d, err := dispatchByID(ctx, q, p.Dispatch)
			if err != nil {
				return nil, err
			}
			out = append(out, web.Todo{Kind: "dispatch_part.todo.answer", Title: d.Period, Unit: s.Dir.Short(p.By), Href: "/dispatch-parts/" + string(p.ID), Verb: "dispatch_part.do.answer", At: d.JudgedAt})
		}
	}
	return out, nil
}
