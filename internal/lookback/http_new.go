package lookback

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

type formPage struct {
	Lead string
	Form ui.Form
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.newPage(r, PlanCmd{Round: id.ID(r.Param("round")), RiskShare: DefaultRiskShare, Size: 40, EveryUnit: true, To: r.Today().AddDays(-1)}, nil)
}

func (s *Service) newPage(r *web.Request, cmd PlanCmd, failed error) (web.Response, error) {
	var rounds []inspection.Round
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { rounds, err = s.Rounds(r.Context(), q); return err }); err != nil {
		return nil, err
	}
	var here, earlier []ui.Option
	for _, x := range rounds {
		if s.policy.Can(r.Actor, "lookback.create", access.Object{Kind: "lookback", By: s.Units.Place(x.Unit)}) != nil {
			continue
		}
		o := ui.Option{Value: string(x.ID), Label: x.Name}
		switch {
		case x.Kind != inspection.KindLookback:
			earlier = append(earlier, o)
		case x.State != inspection.RoundClosed:
			here = append(here, o)
		}
	}
	p := r.Problems(failed)
	yes := func(b bool) string {
		if b {
			return "1"
		}
		return ""
	}
	var chosen []string
	for _, n := range cmd.Rounds {
		chosen = append(chosen, string(n))
	}
	size := ""
	if cmd.Size != 0 {
		size = strconv.Itoa(cmd.Size)
	}
	var strata []ui.Option
	for _, x := range Strata() {
		strata = append(strata, ui.Option{Value: x, Label: r.T("lookback.stratum." + orNone(x))})
	}
	f := ui.Form{Action: "/lookback/new", Draft: true, Cancel: ui.Link{Label: r.T("word.cancel"), Href: "/lookback"}, Buttons: []ui.Button{{Label: r.T("lookback.do.create"), Kind: "primary"}},
		Sets: []ui.Fieldset{
			{Legend: r.T("lookback.set.round"), Fields: []ui.Field{
				{Name: "round", Label: r.T("lookback.round"), Kind: ui.FieldSelect, Value: string(cmd.Round), Options: append([]ui.Option{{Label: r.T("form.choose")}}, here...), Hint: r.T("lookback.round.hint"), Error: p["round"]},
				{Name: "name", Label: r.T("lookback.name"), Value: cmd.Name, MaxLen: maxName, Error: p["name"]}}},
			{Legend: r.T("lookback.set.population"), Hint: r.T("lookback.set.population.hint"), Fields: []ui.Field{
				{Name: "rounds", Label: r.T("lookback.rounds"), Kind: ui.FieldChecks, Values: chosen, Options: earlier, Optional: true, Hint: r.T("lookback.rounds.hint"), Wide: true, Error: p["rounds"]},
				{Name: "units", Label: r.T("lookback.units"), Kind: ui.FieldArea, Rows: 3, Value: cmd.Units, Optional: true, Hint: r.T("lookback.units.hint"), Wide: true, Error: p["units"]},
				{Name: "from", Label: r.T("lookback.from"), Kind: ui.FieldDate, Value: string(cmd.From), Optional: true, Error: p["from"]},
				{Name: "to", Label: r.T("lookback.to"), Kind: ui.FieldDate, Value: string(cmd.To), Hint: r.T("lookback.to.hint"), Error: p["to"]}}},
			{Legend: r.T("lookback.set.sample"), Hint: r.T("lookback.set.sample.hint"), Fields: []ui.Field{
				{Name: "size", Label: r.T("lookback.size"), Kind: ui.FieldNumber, Value: size, Hint: r.T("lookback.size.hint"), Error: p["size"]},
				{Name: "confidence", Label: r.T("lookback.confidence"), Kind: ui.FieldNumber, Value: plain(cmd.Confidence), Optional: true, Hint: r.T("lookback.confidence.hint"), Error: p["confidence"]},
				{Name: "detect", Label: r.T("lookback.detect"), Kind: ui.FieldNumber, Value: plain(cmd.Detect), Optional: true, Error: p["detect"]},
				{Name: "stratum", Label: r.T("lookback.stratum"), Kind: ui.FieldSelect, Value: cmd.Stratum, Options: strata, Optional: true, Hint: r.T("lookback.stratum.hint"), Error: p["stratum"]},
				{Name: "risk_share", Label: r.T("lookback.risk_share"), Kind: ui.FieldNumber, Value: strconv.Itoa(cmd.RiskShare), Hint: r.T("lookback.risk_share.hint"), Error: p["risk_share"]},
				{Name: "every_unit", Label: r.T("lookback.every_unit"), Kind: ui.FieldCheck, Value: yes(cmd.EveryUnit), Optional: true},
				{Name: "census", Label: r.T("lookback.census"), Kind: ui.FieldCheck, Value: yes(cmd.Census), Optional: true}}}}}
	return web.Page{Name: "lookback/new", Err: failed, Data: formPage{r.T("lookback.new.lead"), f}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("lookback.new")})}, nil
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	var cmd PlanCmd
	err := r.Decode(&cmd)
	var l Lookback
	if err == nil {
		l, err = s.Plan(r.Context(), r.Actor, cmd)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.newPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: address(l, ""), Done: "done.lookback.create", API: l}, nil
}

type factorLine struct {
	Word   string
	Weight int
}

type lookbackPage struct {
	L        Lookback
	Chip     ui.Chip
	Steps    ui.Steps
	Facts    []ui.Fact
	Draw     []ui.Fact
	Say      []string // the sentences of confidence
	Warn     string
	Factors  []factorLine
	Command  string
	Result   string
	Reports  string
	Lenses   string
	List     string
	Table    ui.Table
	Forms    []ui.Form
	Trail    ui.Trail
	External bool
}

func (s *Service) getLookback(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.lookbackPage(r, n, "", "", nil)
}

// lookbackPage shows a look-back; failed is the refusal of one of its forms, by name.
func (s *Service) lookbackPage(r *web.Request, n id.ID, form, typed string, failed error) (web.Response, error) {
	pq, err := r.List()
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	p := lookbackPage{}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		l, err := s.load(ctx, q, r.Actor, n, "lookback.read")
		if err != nil {
			return err
		}
		round, err := inspection.RoundByID(ctx, q, l.Round)
		if err != nil {
			return err
		}
		o, err := s.object(ctx, q, r.Actor, l)
		if err != nil {
			return err
		}
		seen, err := closedBy(ctx, q, s.policy, r.Actor, l.ID, "unit_id")
		if err != nil {
			return err
		}
		population := 0
		for _, k := range seen {
			population += k
		}
		p.L, p.Chip, p.External = l, stateChip(r, l.State), l.State == Committed && len(l.sealed) == 0
		p.Steps = steps(r, l)
		p.Facts = s.planFacts(r, l, round)
		p.Draw = s.drawFacts(r, l, population)
		if population > 0 && population == l.Population {
			p.List = address(l, "/population")
		}
		for _, f := range Factors() {
			p.Factors = append(p.Factors, factorLine{r.T("sample.factor." + f.Name), f.Weight})
		}
		if l.Attempt > 1 {
			p.Warn = r.T("lookback.attempts", l.Attempt)
		}
		if l.Seed != "" {
			p.Command = Command(l)
		}
		if l.State == Planned {
			if p.Say, err = s.preview(ctx, q, r, l); err != nil {
				return err
			}
		}
		if l.State == Sampled || l.State == Finished {
			if s.policy.Can(r.Actor, "lookback.result", o) == nil {
				p.Result = address(l, "/result")
				if s.policy.Can(r.Actor, "lookback_report.read", s.reportObject(l, "")) == nil {
					p.Reports = address(l, "/reports")
				}
			}
			if s.policy.Can(r.Actor, "lookback.lens", o) == nil {
				p.Lenses = address(l, "/lenses")
			}
			if _, p.Table, err = s.sampleTable(r, q, pq, sampleFilter{Lookback: l.ID}, address(l, "")); err != nil {
				return err
			}
		}
		p.Forms = s.lookbackForms(r, l, o, form, typed, failed)
		p.Trail, err = s.lookbackTrail(ctx, q, r, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Name: "lookback/lookback", Err: failed, Data: p, API: p.L, Crumbs: crumbs(r, ui.Crumb{Label: p.L.Name}), Mark: true}, nil
}

// Command is how anybody can re-run a draw from the published list.
func Command(l Lookback) string {
	out := "huikan lookback draw --seed " + l.Seed + " --digest " + l.Digest + " --size " + strconv.Itoa(l.Size) + " --risk-share " + strconv.Itoa(l.Options.RiskShare)
	if l.Options.EveryUnit {
		out += " --every-unit"
	}
	if l.Options.Stratum != "" {
		out += " --stratum " + l.Options.Stratum
	}
	if l.Options.Census {
		out += " --census"
	}
	return out + " population-" + l.Digest[:min(12, len(l.Digest))] + ".tsv"
}

func steps(r *web.Request, l Lookback) ui.Steps {
	order := []string{Planned, Committed, Sampled, Finished}
	at := slices.Index(order, l.State)
	out := ui.Steps{Label: r.T("lookback.steps")}
	for i, st := range order {
		state := "todo"
		if i < at || l.State == Finished {
			state = "done"
		} else if i == at {
			state = "now"
		}
		real := ""
		switch st {
		case Committed:
			real = l.CommittedAt
		case Sampled:
			real = l.RevealedAt
		}
		if real != "" {
			real = r.Moment(real)
		}
		out.Items = append(out.Items, ui.Step{Label: r.T("lookback.state." + st), State: state, Real: real})
	}
	return out
}

func (s *Service) planFacts(r *web.Request, l Lookback, round inspection.Round) []ui.Fact {
	units := make([]string, len(l.Units))
	for i, u := range l.Units {
		units[i] = s.Units.Short(u)
	}
	where := strings.Join(units, "、")
	if where == "" {
		where = r.T("lookback.all_units")
	}
	rounds := r.T("lookback.all_rounds")
	if len(l.Rounds) > 0 {
		rounds = r.T("lookback.n_rounds", len(l.Rounds))
	}
	period := r.T("lookback.until", string(l.To))
	if l.From != "" {
		period = r.T("lookback.between", string(l.From), string(l.To))
	}
	size := r.T("lookback.n_items", l.Size)
	if l.Options.Census {
		size = r.T("lookback.census")
	}
	every := r.T("word.nay")
	if l.Options.EveryUnit {
		every = r.T("word.yes")
	}
	stratum := r.T("lookback.stratum." + orNone(l.Options.Stratum))
	if l.Confidence > 0 && !l.Options.Census {
		size += r.T("lookback.size.stated", l.Detect, l.Confidence)
	}
	out := []ui.Fact{{Label: r.T("lookback.round"), Text: round.Name, Href: "/rounds/" + string(round.ID)}, {Label: r.T("lookback.by"), Text: s.Units.Name(l.By)},
		{Label: r.T("lookback.rounds"), Text: rounds}, {Label: r.T("lookback.period"), Text: period}, {Label: r.T("lookback.units"), Text: where, Wide: len(units) > 2},
		{Label: r.T("lookback.size"), Text: size}}
	if !l.Options.Census {
		out = append(out, ui.Fact{Label: r.T("lookback.risk_share"), Text: strconv.Itoa(l.Options.RiskShare) + "%"}, ui.Fact{Label: r.T("lookback.every_unit"), Text: every}, ui.Fact{Label: r.T("lookback.stratum"), Text: stratum})
	}
	return out
}

func (s *Service) drawFacts(r *web.Request, l Lookback, population int) []ui.Fact {
	if l.Commitment == "" {
		return nil
	}
	out := []ui.Fact{{Label: r.T("lookback.population"), Text: r.T("lookback.n_items", population)}, {Label: r.T("lookback.committed_at"), Text: r.Moment(l.CommittedAt)},
		{Label: r.T("lookback.digest"), Text: l.Digest, Wide: true}, {Label: r.T("lookback.commitment"), Text: l.Commitment, Wide: true}}
	if l.Seed != "" {
		out = append(out, ui.Fact{Label: r.T("lookback.seed"), Text: l.Seed, Wide: true}, ui.Fact{Label: r.T("lookback.salt"), Text: l.Salt, Wide: true},
			ui.Fact{Label: r.T("lookback.revealed_at"), Text: r.Moment(l.RevealedAt)})
	}
	return out
}

// preview says how many items a plan reaches now and what a sample of its size can find.
func (s *Service) preview(ctx context.Context, q db.Q, r *web.Request, l Lookback) ([]string, error) {
	closed, err := rectification.Closed(ctx, q, rectification.ClosedQuery{By: l.By})
	if err != nil {
		return nil, err
	}
	var roots []string
	for _, u := range l.Units {
		roots = append(roots, s.Units.Place(u).Path)
	}
	kin := r.Actor.Kin()
	n := 0
	for _, i := range closed {
		if !l.Admits(i, s.Units.Place(i.Unit).Path, roots) {
			continue
		}
		if len(kin) > 0 {
			who, err := access.Concerns(ctx, q, i.ID, i.Finding)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(who, func(p id.ID) bool { return slices.Contains(kin, p) }) {
				continue
			}
		}
		n++
	}
	if n == 0 {
		return []string{r.T("lookback.refuse.empty")}, nil
	}
	const share = 0.05 // a share of untrue close-outs that a look-back should not miss
	return []string{r.T("lookback.preview", n), r.T("lookback.discovery", int(share*100), DiscoverySize(n, share, Confidence))}, nil
}

func (s *Service) lookbackTrail(ctx context.Context, q db.Q, r *web.Request, l Lookback) (ui.Trail, error) {
	events, err := eventsOf(ctx, q, l.ID)
	if err != nil {
		return ui.Trail{}, err
	}
	var ids []id.ID
	for _, e := range events {
		ids = append(ids, e.Person)
	}
	names, err := s.names(ctx, q, ids...)
	if err != nil {
		return ui.Trail{}, err
	}
	var t ui.Trail
	for _, e := range events {
		text := e.Reason
		if e.Commitment != "" {
			text = strings.TrimSpace(text + "\n" + r.T("lookback.trail.commitment", e.Commitment, e.Digest))
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(e.At), Who: names[e.Person], What: r.T("lookback.did." + e.Do), Text: text})
	}
	return t, nil
}

// lookbackForms are the steps that the reader may take now, from the workflow table.
func (s *Service) lookbackForms(r *web.Request, l Lookback, o access.Object, form, typed string, failed error) []ui.Form {
	var out []ui.Form
	for _, st := range Flow.From(l.State) {
		if s.policy.Can(r.Actor, "lookback."+st.Do, o) != nil {
			continue
		}
		f := ui.Form{ID: st.Do, Action: address(l, "/"+st.Do), Rev: strconv.FormatInt(l.Rev, 10), Buttons: []ui.Button{{Label: r.T("lookback.do." + st.Do), Kind: "primary"}}}
		p := map[string]string{}
		value := ""
		if form == st.Do {
			p, value = r.Problems(failed), typed
		}
		switch st.Do {
		case "commit":
			f.Note = r.T("lookback.commit.note")
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "commitment", Label: r.T("lookback.own_commitment"), Value: value, Optional: true, Wide: true, Hint: r.T("lookback.own_commitment.hint"), Error: p["commitment"]}}}}
		case "reveal":
			f.Note = r.T("lookback.reveal.note")
			if len(l.sealed) == 0 {
				f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "seed", Label: r.T("lookback.seed"), Value: value, Error: p["seed"]}, {Name: "salt", Label: r.T("lookback.salt")}}}}
			}
		case "withdraw", "abandon":
			f.Buttons[0].Kind = "danger"
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, Value: value, MaxLen: maxReason, Wide: true, Error: p["reason"]}}}}
		}
		out = append(out, f)
	}
	if s.policy.Can(r.Actor, "lookback.add", o) == nil {
		p, value := map[string]string{}, ""
		if form == "add" {
			p, value = r.Problems(failed), typed
		}
		out = append(out, ui.Form{ID: "add", Action: address(l, "/add"), Note: r.T("lookback.add.note"), Buttons: []ui.Button{{Label: r.T("lookback.do.add")}},
			Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "no", Label: r.T("word.no"), Error: p["no"]}, {Name: "reason", Label: r.T("word.reason"), Value: value, Wide: true, Error: p["reason"]}}}}})
	}
	return out
}

// again shows a look-back's page with the refusal of one of its forms.
func (s *Service) again(r *web.Request, n id.ID, form, typed string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict) {
		return s.lookbackPage(r, n, form, typed, err)
	}
	return nil, err
}

func (s *Service) postCommit(r *web.Request) (web.Response, error) {
	var cmd CommitCmd
	return s.post(r, &cmd, "commit", func(n id.ID) (string, error) {
		_, err := s.Commit(r.Context(), r.Actor, n, cmd)
		return cmd.Commitment, err
	})
}

func (s *Service) postReveal(r *web.Request) (web.Response, error) {
	var cmd RevealCmd
	return s.post(r, &cmd, "reveal", func(n id.ID) (string, error) {
		_, err := s.Reveal(r.Context(), r.Actor, n, cmd)
		return cmd.Seed, err
	})
}

func (s *Service) postAdd(r *web.Request) (web.Response, error) {
	var cmd AddCmd
	return s.post(r, &cmd, "add", func(n id.ID) (string, error) { return cmd.Reason, s.Add(r.Context(), r.Actor, n, cmd) })
}

func (s *Service) postFinish(r *web.Request) (web.Response, error) {
	var cmd ReasonCmd
	return s.post(r, &cmd, "finish", func(n id.ID) (string, error) { return "", s.Finish(r.Context(), r.Actor, n, cmd.Rev) })
}

func (s *Service) postReason(do string, fn func(context.Context, actor.Actor, id.ID, ReasonCmd) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		var cmd ReasonCmd
		return s.post(r, &cmd, do, func(n id.ID) (string, error) { return cmd.Reason, fn(r.Context(), r.Actor, n, cmd) })
	}
}

// post decodes a command, runs it and shows the page again when it is refused;
// fn also gives what was typed.
func (s *Service) post(r *web.Request, cmd any, do string, fn func(id.ID) (string, error)) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := r.Decode(cmd); err != nil {
		return s.again(r, n, do, "", err)
	}
	typed, err := fn(n)
	if err != nil {
		return s.again(r, n, do, typed, err)
	}
	return web.Redirect{To: "/lookback/" + string(n), Done: "done.lookback." + do}, nil
}

// plain is a number of a form, empty for none.
func plain(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
