package app

import (
	"context"
	"strings"

	"huikan/internal/conduct"
	"huikan/internal/contact"
	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
	"huikan/internal/screening"
)

// maxQuoted bounds what one source gives to a backward check.
const maxQuoted = 50

// backward are the sources of the backward check. The rooms wired after the room
// of conduct are asked when the page is, so they are reached through the App.
func (a *App) backward(dir *org.Directory) []conduct.Source {
	one := func(key string, read func(context.Context, db.Q, conduct.BackQuery) ([]conduct.BackLine, error)) conduct.Source {
		return conduct.Source{Keys: []string{key}, Read: func(ctx context.Context, q db.Q, b conduct.BackQuery) (map[string][]conduct.BackLine, error) {
			lines, err := read(ctx, q, b)
			return map[string][]conduct.BackLine{key: lines}, err
		}}
	}
	return []conduct.Source{
		one("findings", findingsBefore),
		one("chain", chainOf),
		{Keys: []string{"contacts", "missing"}, Read: func(ctx context.Context, q db.Q, b conduct.BackQuery) (map[string][]conduct.BackLine, error) {
			recorded, missing, err := a.Contact.Around(ctx, q, contact.Asking{Who: b.Who, Person: b.Person, From: b.From, To: b.To, CaseNo: b.CaseNo})
			out := map[string][]conduct.BackLine{}
			for _, t := range recorded {
				out["contacts"] = append(out["contacts"], traceLine(dir, a.Contact.Rules, t))
			}
			for _, t := range missing {
				out["missing"] = append(out["missing"], traceLine(dir, a.Contact.Rules, t))
			}
			return out, err
		}},
		one("lawyers", a.lawyersNear),
		{Keys: []string{"cases", "lawyers", "chain", "findings"}, Read: a.casesAround},
	}
}

// traceLine says one line of the register in the words of the page.
func traceLine(dir *org.Directory, rules *contact.RuleSet, t contact.Trace) conduct.BackLine {
	class := func(lang string) string { return rules.Word(t.Class, t.On, lang) }
	var caught, unit any = "", dir.Short(t.Unit)
	if t.CatchUp {
		caught = conduct.Word("around.caught_up")
	}
	if t.Unit == "" {
		unit = conduct.Word("around.hidden")
	}
	var what any = class
	if t.Class == "" {
		what = conduct.Word("around.hidden")
	}
	l := conduct.BackLine{On: t.On, Key: "around." + t.Kind, Register: "around.register", Source: t.Code, Href: t.Href, N: t.N}
	switch t.Kind {
	case contact.TraceOwn, contact.TraceAbout, contact.TraceCase:
		l.Args = []any{what, caught, unit}
	case contact.TraceElsewhere:
		l.Args = []any{t.N, unit}
	case contact.TraceOneSided:
		l.Args, l.Register, l.Counts = []any{what, unit}, "around.crosschecks", true
	case contact.TraceGate:
		l.Args, l.Register, l.N = []any{conduct.Word("matter.stage." + t.Class), t.N}, "around.gates", 0
	default:
		l.Args, l.Register, l.N = []any{string(t.Period), t.N}, "around.returns", 0
	}
	return l
}

// findingsBefore are the findings that were fed back to the person's unit.
func findingsBefore(ctx context.Context, q db.Q, b conduct.BackQuery) ([]conduct.BackLine, error) {
	p, err := person.ByID(ctx, q, b.Person)
	if err != nil {
		return nil, err
	}
	list, err := inspection.QuotedOf(ctx, q, p.Unit, maxQuoted)
	out := []conduct.BackLine{}
	for _, f := range list {
		out = append(out, conduct.BackLine{On: f.On, Text: f.Title, Source: f.No, Href: "/findings/" + string(f.ID)})
	}
	return out, err
}

// chainOf are the people who held leading posts in the person's unit at the time.
func chainOf(ctx context.Context, q db.Q, b conduct.BackQuery) ([]conduct.BackLine, error) {
	p, err := person.ByID(ctx, q, b.Person)
	if err != nil {
		return nil, err
	}
	list, err := person.LeadersAt(ctx, q, p.Unit, b.From, b.To)
	out := []conduct.BackLine{}
	for _, l := range list {
		out = append(out, conduct.BackLine{On: l.From, Text: l.Name + " · " + l.Title, Register: "backward.staff", Source: l.Post.Short(), Href: "/people/" + string(l.Person)})
	}
	return out, err
}

// lawyersNear are lawyers who are the person's relatives or left his unit: hits
// that two readers confirmed, as far as the reader may see them.
func (a *App) lawyersNear(ctx context.Context, q db.Q, b conduct.BackQuery) ([]conduct.BackLine, error) {
	p, err := person.ByID(ctx, q, b.Person)
	if err != nil {
		return nil, err
	}
	list, err := a.Screening.Near(ctx, q, b.Who, p.ID, p.Unit, maxQuoted)
	out := []conduct.BackLine{}
	for _, h := range list {
		l := conduct.BackLine{On: h.DepartedOn, Key: "backward.lawyer.colleague", Args: []any{h.Lawyer, h.Firm}, Register: "backward.screening", Href: "/screening/hits/" + string(h.ID), Source: h.ID.Short()}
		if h.Subject == screening.Kin {
			l.Key, l.Args = "backward.lawyer.kin", []any{h.Lawyer, h.Relation, h.Firm}
		}
		out = append(out, l)
	}
	return out, err
}

// protected are those of the persons who recorded something or are under watch:
// they are named in no circular.
func (a *App) protected(ctx context.Context, q db.Q, persons []id.ID) ([]id.ID, error) {
	recorders, err := a.Contact.Recorders(ctx, q, persons)
	if err != nil {
		return nil, err
	}
	watched, err := a.Conduct.UnderWatch(ctx, q, persons)
	return append(recorders, watched...), err
}

// referMatter makes a lead of a matter of the register.
func (a *App) referMatter(ctx context.Context, tx *audit.Tx, who actor.Actor, r contact.Referral) (string, error) {
	cmd := conduct.LeadCmd{Source: "register", Ref: r.Code, Person: r.Person, Name: r.Name, Unit: string(r.Unit), ActFrom: r.On, ActTo: r.On, Facts: r.Text}
	switch r.Group {
	case contact.Contact:
		cmd.Conduct = "improper_contact"
	case contact.Unrecorded:
		cmd.Conduct = "not_recorded"
	}
	return a.Conduct.TakeLead(ctx, tx, who, cmd)
}

// referItem makes a lead of a close-out that was false or on paper only: about the
// leader who answered for the item, where one staff member bears his name.
func (a *App) referItem(ctx context.Context, tx *audit.Tx, who actor.Actor, x rectification.Item, reason string) (string, error) {
	cmd := conduct.LeadCmd{Source: "lookback", Ref: x.No, Unit: string(x.Unit), Facts: strings.TrimSpace(x.No + " " + x.Title + "\n" + x.Problem + "\n" + reason)}
	for _, name := range []string{x.Lead, x.Department, a.Org.Directory().Short(x.Unit)} {
		if cmd.Name == "" {
			cmd.Name = strings.TrimSpace(name)
		}
	}
	found, err := person.Named(ctx, tx, x.Lead, x.Unit)
	if err != nil {
		return "", err
	}
	if len(found) == 1 {
		cmd.Person = found[0]
	}
	if x.Verified == rectification.False {
		cmd.Conduct = "falsification"
	}
	return a.Conduct.TakeLead(ctx, tx, who, cmd)
}

// watchRecorder puts a recorder under watch.
func (a *App) watchRecorder(ctx context.Context, tx *audit.Tx, who, unit, watch id.ID) error {
	return a.Conduct.Protect(ctx, tx, who, unit, watch, "recorder")
}
