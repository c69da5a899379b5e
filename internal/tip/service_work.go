package tip

import (
	"context"
	"io"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// View is a tip as its office reads it: the content only after an opening of today.
type View struct {
	Tip     Tip              `json:"tip"`
	Opened  bool             `json:"opened"`
	Content *Content         `json:"content,omitempty"`
	Entries []Entry          `json:"entries"`
	Names   map[id.ID]string `json:"names"`
	Steps   []string         `json:"steps"`
}

func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Tip, error) {
	t, err := tipByID(ctx, q, n)
	if err != nil {
		return t, err
	}
	return t, s.Policy.Can(who, action, s.object(t))
}

// openedBy tells whether a person opened it today. An opening ends where the tip
// changed hands since.
func (s *Service) openedBy(list []Entry, who actor.Actor) bool {
	for _, e := range slices.Backward(list) {
		if slices.Contains([]string{"rise", "move", "raise", "handover"}, e.Do) {
			return false
		}
		if at, err := clock.ParseInstant(e.At); err == nil && e.Do == "open" && e.Person == who.Person && clock.Of(at) == s.today() {
			return true
		}
	}
	return false
}

// Read gives a tip to its office.
func (s *Service) Read(ctx context.Context, who actor.Actor, n id.ID) (v View, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		if v.Tip, err = s.load(ctx, q, who, n, "tip.read"); err != nil {
			return err
		}
		if v.Entries, err = s.entries(ctx, q, n); err != nil {
			return err
		}
		if v.Opened = s.openedBy(v.Entries, who); v.Opened {
			v.Content = &Content{}
			if err := s.unseal("tip", n, v.Tip.sealed, v.Content); err != nil {
				return err
			}
		}
		var ids []id.ID
		for i := range v.Entries {
			e := &v.Entries[i]
			ids = append(ids, e.Person)
			if !v.Opened && (slices.Contains(spoken, e.Do) || e.Do == "refer") {
				e.Text, e.Files = "", nil
			}
		}
		for _, st := range Flow.From(v.Tip.State) {
			if s.Policy.Can(who, "tip."+st.Do, s.object(v.Tip)) == nil && st.Guard != "late" && (st.Guard != "opened" || v.Opened) {
				v.Steps = append(v.Steps, st.Do)
			}
		}
		slices.SortStableFunc(v.Steps, func(a, b string) int { return slices.Index(away, a) - slices.Index(away, b) })
		v.Names, err = s.names(ctx, q, append(ids, v.Tip.Handler)...)
		return err
	})
	return v, err
}

// Open unseals a tip for today, for a purpose that stands on its trail.
func (s *Service) Open(ctx context.Context, who actor.Actor, n id.ID, purpose string) error {
	var bad fault.Fields
	bad.Need("purpose", purpose)
	bad.Max("purpose", purpose, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "tip.open", func(tx *audit.Tx) error {
		t, err := s.load(ctx, tx, who, n, "tip.open")
		if err != nil {
			return err
		}
		tx.Note("no", t.No)
		return s.enter(ctx, tx, Entry{tip: n, Person: who.Person, Do: "open", Old: t.State, New: t.State, Text: purpose})
	})
}

// Attachment gives a file of a tip that the actor opened today.
func (s *Service) Attachment(ctx context.Context, who actor.Actor, n, file id.ID) (f File, body io.ReadCloser, err error) {
	err = s.Log.Write(ctx, who, "tip.file", func(tx *audit.Tx) error {
		t, err := s.load(ctx, tx, who, n, "tip.open")
		if err != nil {
			return err
		}
		list, err := entriesOf(ctx, tx, n)
		if err != nil {
			return err
		}
		if !s.openedBy(list, who) {
			return fault.State("tip.bad.not_open")
		}
		if f, err = fileOf(ctx, tx, n, file); err != nil {
			return err
		}
		tx.Note("no", t.No)
		tx.Note("file", string(file))
		return s.unseal("tip_file", f.ID, f.sealed, &f.Name)
	})
	if err != nil {
		return f, nil, err
	}
	body, err = s.Files.Open(f.hash)
	return f, body, err
}

// StepCmd is what a step is asked with.
type StepCmd struct {
	Text    string     `json:"text"`
	Unit    string     `json:"unit"`   // where it is moved to
	Person  id.ID      `json:"person"` // whom a lead is about
	Name    string     `json:"name"`   // likewise, where he is in no register
	ActFrom clock.Date `json:"act_from"`
	ActTo   clock.Date `json:"act_to"`
	Rev     int64      `json:"rev"`
}

// Step takes one step of Flow for the office.
func (s *Service) Step(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd) (t Tip, err error) {
	err = s.Log.Write(ctx, who, "tip."+do, func(tx *audit.Tx) error {
		read := "tip.read"
		if do == "raise" {
			read = "tip.watch"
		}
		if t, err = s.load(ctx, tx, who, n, read); err != nil {
			return err
		}
		to, err := Flow.Next(t.State, do)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "tip."+do, s.object(t)); err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != t.Rev {
			return fault.Conflict("tip")
		}
		list, err := s.entries(ctx, tx, n)
		if err != nil {
			return err
		}
		if s.guard(t.State, do) == "opened" && !s.openedBy(list, who) {
			return fault.State("tip.bad.not_open")
		}
		tx.Note("no", t.No)
		return s.step(ctx, tx, who, &t, do, to, c, list)
	})
	return t, err
}

func (s *Service) guard(from, do string) string {
	for _, st := range Flow.From(from) {
		if st.Do == do {
			return st.Guard
		}
	}
	return ""
}

func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, t *Tip, do, to string, c StepCmd, list []Entry) (err error) {
	var bad fault.Fields
	longest := maxReason
	if do == "refer" {
		longest = maxText
	}
	bad.Max("text", c.Text, longest)
	if do != "take" {
		bad.Need("text", c.Text)
	}
	if do != "refer" && do != "move" {
		if err := bad.Err(); err != nil {
			return err
		}
	}
	e := Entry{tip: t.ID, Person: who.Person, Do: do, Old: t.State, New: to, Text: strings.TrimSpace(c.Text)}
	from := t.Office
	switch do {
	case "take":
		t.Handler = who.Person
		t.Due, err = s.dueIn(ctx, tx, "tip.answer")
	case "recuse":
		closed := append(slices.Clone(t.Concerns), who.Person)
		if err = s.concern(ctx, tx, t.ID, access.Declared, []id.ID{who.Person}); err == nil {
			t.Office, _, err = s.route(ctx, tx, t.Office, false, "", closed)
		}
	case "move":
		found := s.Find(strings.TrimSpace(c.Unit))
		if len(found) != 1 {
			bad.Add("unit", "tip.bad.unit", s.several(found))
			return bad.Err()
		}
		if err := bad.Err(); err != nil {
			return err
		}
		var named []id.ID
		if t.Office, named, err = s.route(ctx, tx, found[0], false, said(list), t.Concerns); err != nil {
			return err
		}
		if t.Office == from {
			bad.Add("unit", "tip.bad.same")
			return bad.Err()
		}
		err = s.concern(ctx, tx, t.ID, access.Subject, named)
	case "raise":
		days, err := s.Days(ctx, tx, "tip.late")
		if err != nil {
			return err
		}
		t.Office = s.officeAbove(who, t.Office)
		if t.Due == "" || t.Due.AddDays(days) >= s.today() || t.Office == from || t.Office == "" {
			return fault.State("tip.bad.early", days)
		}
	case "ask", "answer", "close":
		t.Waiting = false
	case "refer":
		if err := s.refer(ctx, tx, who, t, c, bad); err != nil {
			return err
		}
		e.Text = t.Lead
	}
	if err != nil {
		return err
	}
	if t.State = to; to == Received {
		t.Handler = ""
		if t.Due, err = s.dueIn(ctx, tx, "tip.take"); err != nil {
			return err
		}
	} else if !slices.Contains(open, to) {
		t.Due = ""
	}
	if t.Office != from {
		e.Text = strings.TrimSpace(e.Text + "\n" + s.Units.Name(from) + " → " + s.Units.Name(t.Office))
	}
	if err := s.enter(ctx, tx, e); err != nil {
		return err
	}
	return updateTip(ctx, tx, *t)
}

// said is all that he who told wrote.
func said(list []Entry) string {
	var b strings.Builder
	for _, e := range list {
		if slices.Contains(his, e.Do) {
			b.WriteString(e.Text + "\n")
		}
	}
	return b.String()
}

// officeAbove is the actor's office above a unit.
func (s *Service) officeAbove(who actor.Actor, unit id.ID) id.ID {
	path := s.Units.Place(unit).Path
	for _, g := range who.Grants {
		if g.Role == actor.InternalSupervision && g.Unit != unit && g.Path != "" && strings.HasPrefix(path, g.Path) {
			return g.Unit
		}
	}
	return ""
}

// refer makes a lead of a tip; whom the lead is about never sees the tip.
func (s *Service) refer(ctx context.Context, tx *audit.Tx, who actor.Actor, t *Tip, c StepCmd, bad fault.Fields) error {
	if c.Person == "" {
		bad.Need("name", c.Name)
	}
	bad.Max("name", c.Name, maxName)
	if err := bad.Err(); err != nil {
		return err
	}
	var body Content
	if err := s.unseal("tip", t.ID, t.sealed, &body); err != nil {
		return err
	}
	r := Referral{No: t.No, Person: c.Person, Name: strings.TrimSpace(c.Name), Unit: t.Unit, ActFrom: c.ActFrom, ActTo: c.ActTo, Facts: c.Text}
	if body.Name != "" {
		r.Informant = t.No
	}
	no, err := s.Refer(ctx, tx, who, r)
	if err != nil {
		return err
	}
	t.Lead, t.Waiting = no, false
	if c.Person == "" {
		return nil
	}
	return s.concern(ctx, tx, t.ID, access.Subject, []id.ID{c.Person})
}

// away are the steps that take a tip out of the reader's hands: offered last.
var away = []string{"recuse", "move"}

// List gives one page of the office's tips.
func (s *Service) List(ctx context.Context, who actor.Actor, state string, q page.Query) (out []Tip, next page.Next, names map[id.ID]string, err error) {
	err = s.Log.DB().Read(ctx, func(dq db.Q) error {
		if out, next, err = visible(ctx, dq, s.Policy, who, state, q); err != nil {
			return err
		}
		var ids []id.ID
		for _, t := range out {
			ids = append(ids, t.Handler)
		}
		names, err = s.names(ctx, dq, ids...)
		return err
	})
	return out, next, names, err
}

// Late lists what offices below let lie for longer than the setting: number, unit
// and day, never a word of it.
func (s *Service) Late(ctx context.Context, who actor.Actor) (out []Tip, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		days, err := s.Days(ctx, q, "tip.late")
		if err != nil {
			return err
		}
		out, err = late(ctx, q, s.Policy, who, s.today().AddDays(-days))
		return err
	})
	return out, err
}
