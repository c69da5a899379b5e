package screening

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
)

type personPage struct {
	Name     string
	Lead     string
	Say      []string
	Facts    []ui.Fact
	Clock    template.HTML
	Graph    template.HTML
	Clocks   []verdictView
	Hits     ui.Table
	Kin      ui.Table
	Tell     *ui.Form
	Talk     *ui.Form
	TalkOpen bool // a refusal is shown
	Excuse   *ui.Form
	Excused  bool // the same
	Talks    ui.Table
}

// personTyped is what was written into the forms of the page.
type personTyped struct {
	tell   LeavingCmd
	talk   TalkCmd
	excuse ExcuseCmd
}

func (s *Service) getPerson(r *web.Request) (web.Response, error) {
	return s.personPage(r, r.PathValue("key"), personTyped{}, nil)
}

func (s *Service) personPage(r *web.Request, key string, in personTyped, refused error) (web.Response, error) {
	b, err := s.quick(r.Context())
	if err != nil {
		return nil, err
	}
	at, ok := b.ours.find(key)
	if !ok {
		return nil, fault.NotFound("person")
	}
	l := b.ours.at(at)
	o := access.Object{Kind: "person", ID: l.person, Units: []access.Place{s.Units.Place(l.unit)}}
	if l.person != "" {
		o.Concerns = []id.ID{l.person}
	}
	if err := s.policy.Can(r.Actor, "screening.person", o); err != nil {
		return nil, err
	}
	_, e, err := s.law(r.Context(), RunCmd{})
	if err != nil {
		return nil, err
	}
	subject := s.subject(l)
	clocks := e.Clocks(subject, s.today())
	if subject.Serving {
		clocks = nil
	}
	keys := []string{l.key}
	kin := b.ours.kinOf(at)
	for _, i := range kin {
		keys = append(keys, b.ours.key(i))
	}
	var hits []Hit
	var talks []Departure
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		for _, k := range keys {
			hs, err := s.visibleHits(r.Context(), q, r.Actor, hitFilter{Left: k}, nil, 50)
			if err != nil {
				return err
			}
			hits = append(hits, hs...)
		}
		if r.Can("departure.list") {
			talks, _, err = s.visibleDepartures(r.Context(), q, r.Actor, departureFilter{Key: l.key}, "", 20)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p := personPage{Name: subject.Name, Facts: s.personFacts(r, l, subject), Clocks: s.verdictViews(r, clocks), Hits: s.hitsOf(r, hits), Kin: s.kinTable(r, b, kin), Graph: s.graph(r, b, l, kin, hits)}
	p.Talks = s.departureTable(r, talks)
	p.Talks.Empty = ui.EmptyState{Title: r.T("departure.person.none")}
	p.Lead = r.T("screening.serving")
	if subject.Serving {
		p.TalkOpen, p.Excused = in.talk.Key != "", in.excuse.Key != ""
		p.Talk, p.Excuse = s.talkForm(r, l, in.talk, only(refused, p.TalkOpen)), s.excuseForm(r, l, in.excuse, only(refused, p.Excused))
	}
	if !subject.Serving {
		p.Lead = r.T("screening.left_on", dash(string(subject.Departed)), r.T("screening.leaving."+or(subject.Leaving, "unknown")))
		p.Clock = timeline(r, clocks, s.today())
		p.Tell = s.tellForm(r, l, clocks, in.tell, refused)
	}
	for _, h := range hits {
		if h.State != Dismissed && h.State != Lapsed {
			p.Say = append(p.Say, sayHit(r, h)+" "+r.T("screening.say.outcome", r.T("screening.outcome."+h.Outcome)))
		}
	}
	if len(p.Say) == 0 {
		p.Say = []string{r.T("screening.say.none", b.at)}
	}
	api := struct {
		Subject rules.Subject   `json:"subject"`
		Clocks  []rules.Verdict `json:"clocks"`
		Hits    []Hit           `json:"hits"`
	}{subject, clocks, hits}
	return web.Page{Name: "screening/person", Data: p, API: api, Err: refused, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: subject.Name})}, nil
}

// only gives a refusal to the form that it is about.
func only(refused error, it bool) error {
	if it {
		return refused
	}
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (s *Service) personFacts(r *web.Request, l left, x rules.Subject) []ui.Fact {
	var served []string
	for _, o := range x.Offices {
		served = append(served, o.Name)
	}
	sep := map[string]string{"zh": "、", "en": ", "}[r.Lang]
	text := ""
	for i, n := range served {
		if i > 0 {
			text += sep
		}
		text += n
	}
	out := []ui.Fact{{Label: r.T("screening.served"), Text: dash(text), Wide: true}, {Label: r.T("screening.rank"), Text: dash(x.Rank)},
		{Label: r.T("screening.leader"), Text: yesNo(r, x.Leader)}, {Label: r.T("screening.civil"), Text: yesNo(r, x.Civil)}, {Label: r.T("screening.approved"), Text: yesNo(r, x.Approved)},
		{Label: r.T("register.key"), Text: l.row.At(Staff, "staff_id")}}
	if l.person != "" && r.Can("person.read") {
		out = append(out, ui.Fact{Label: r.T("screening.record"), Text: x.Name, Href: "/people/" + string(l.person)})
	}
	return out
}

func yesNo(r *web.Request, v string) string {
	switch v {
	case "yes":
		return r.T("word.yes")
	case "no":
		return r.T("word.nay")
	}
	return r.T("screening.unknown")
}

// timeline draws the clock of every restriction.
func timeline(r *web.Request, vs []rules.Verdict, today clock.Date) template.HTML {
	var spans []chart.Span
	for _, v := range vs {
		label := ruleName(v.Rule)
		if _, part, ok := strings.Cut(v.Rule, "."); ok && part == "service" {
			label = r.T("screening.rule.service", label)
		}
		x := chart.Span{Label: label, From: string(v.From), To: string(v.Until), Class: "late"}
		if v.Outcome == rules.Over {
			x.Class = "off"
		}
		if v.Outcome == rules.Unclear {
			x.Class = "wait"
		}
		if v.Life {
			x.Text = r.T("screening.life")
		}
		spans = append(spans, x)
	}
	if len(spans) == 0 {
		return ""
	}
	return chart.Timeline(chart.Frame{ID: "clock", Title: r.T("screening.clock"), Caption: r.T("screening.clock.caption"), Data: r.T("chart.data")}, spans, string(today),
		chart.TimelineWords{Label: r.T("screening.rule"), Period: r.T("screening.period"), Today: r.T("screening.today")})
}

func (s *Service) hitsOf(r *web.Request, hits []Hit) ui.Table {
	t := s.earlierTable(r, hits)
	t.ID, t.Caption, t.Empty = "hits", r.T("screening.tab.hits"), ui.EmptyState{Title: r.T("screening.none")}
	return t
}

func (s *Service) kinTable(r *web.Request, b *board, kin []int32) ui.Table {
	t := ui.Table{ID: "kin", Caption: r.T("screening.relatives"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("register.name")}, {Label: r.T("screening.relation")}, {Label: r.T("screening.employer")}},
		Empty: ui.EmptyState{Title: r.T("screening.relatives.none")}}
	for _, i := range kin {
		row := b.ours.row(i)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: row.At(Relatives, "name")}, {Text: sexless(r, Relatives, row.At(Relatives, "relation"))}, {Text: dash(row.At(Relatives, "employer"))}}})
	}
	return t
}

// maxNodes bounds a column of the graph; the tables below have everything.
const maxNodes = 12

// graph draws person – relatives – firms – cases.
func (s *Service) graph(r *web.Request, b *board, l left, kin []int32, hits []Hit) template.HTML {
	self := chart.Node{ID: l.key, Label: l.row.At(Staff, "name")}
	layers := [][]chart.Node{{self}, nil, nil, nil}
	var edges []chart.Edge
	put := func(layer int, n chart.Node) bool {
		if slices.ContainsFunc(layers[layer], func(x chart.Node) bool { return x.ID == n.ID }) {
			return true
		}
		if len(layers[layer]) >= maxNodes {
			return false
		}
		layers[layer] = append(layers[layer], n)
		return true
	}
	for _, i := range kin {
		x := b.ours.at(i)
		if put(1, chart.Node{ID: x.key, Label: x.row.At(Relatives, "name")}) {
			edges = append(edges, chart.Edge{From: l.key, To: x.key, Label: sexless(r, Relatives, x.row.At(Relatives, "relation"))})
		}
	}
	for _, h := range hits {
		if h.State == Dismissed || h.State == Lapsed {
			continue
		}
		if put(2, chart.Node{ID: "firm:" + h.Firm, Label: h.Firm, Href: "/screening/hits/" + string(h.ID)}) {
			edges = append(edges, chart.Edge{From: h.Left, To: "firm:" + h.Firm, Label: r.T("match.state." + h.State), Class: map[bool]string{true: "late", false: "wait"}[h.State == Confirmed]})
		}
		s.graphCases(b, h, put, &edges)
	}
	return chart.Relations(chart.Frame{ID: "graph", Title: r.T("screening.graph"), Caption: r.T("screening.graph.caption", len(kin), len(layers[2])), Data: r.T("chart.data")}, layers,
		[]string{r.T("screening.graph.person"), r.T("screening.graph.relative"), r.T("screening.graph.firm"), r.T("screening.graph.case")}, edges,
		chart.SankeyWords{From: r.T("screening.graph.from"), To: r.T("screening.graph.to"), Value: r.T("screening.graph.link")})
}

// graphCases adds the cases in which the lawyer of a hit is counsel.
func (s *Service) graphCases(b *board, h Hit, put func(int, chart.Node) bool, edges *[]chart.Edge) {
	if len(b.cases) == 0 || s.open(&h) != nil { // only the cases are left out
		return
	}
	row := h.pair.Right
	for _, c := range b.cases {
		if counselKey(c.At(Cases, "license_no"), c.At(Cases, "lawyer_name"), c.At(Cases, "firm_name")) != counselKey(row.At(Lawyers, "license_no"), row.At(Lawyers, "name"), row.At(Lawyers, "firm_name")) {
			continue
		}
		no := c.At(Cases, "case_no")
		if put(3, chart.Node{ID: "case:" + no, Label: no}) {
			*edges = append(*edges, chart.Edge{From: "firm:" + h.Firm, To: "case:" + no, Label: h.Lawyer})
		}
	}
}

// tellForm tells the bar authority of a departure (D2).
func (s *Service) tellForm(r *web.Request, l left, clocks []rules.Verdict, in LeavingCmd, refused error) *ui.Form {
	if s.policy.Can(r.Actor, "warning.send", access.Object{Kind: "match", State: Confirmed, Units: []access.Place{s.Units.Place(l.unit)}}) != nil {
		return nil
	}
	body := in.Body
	if body == "" {
		for _, v := range clocks {
			if v.Outcome != rules.Over {
				body += v.Sentence.ZH + "\n"
			}
		}
	}
	p := r.Problems(refused)
	return &ui.Form{ID: "tell", Action: "/screening/persons/" + url.PathEscape(l.key) + "/tell", Note: r.T("warning.leaving.note"),
		Sets: []ui.Fieldset{{Legend: r.T("warning.leaving"), Fields: []ui.Field{{Name: "body", Label: r.T("warning.body"), Kind: ui.FieldArea, Rows: 6, MaxLen: maxBody, Value: body, Wide: true, Error: p["body"]},
			{Name: "due", Label: r.T("warning.due"), Kind: ui.FieldDate, Optional: true, Value: string(in.Due), Hint: r.T("warning.due.hint", answerDays), Error: p["due"]}}}},
		Buttons: []ui.Button{{Label: r.T("warning.leaving")}}}
}

type calendarPage struct {
	Tabs  ui.Tabs
	Lead  string
	Table ui.Table
}

// horizon is how far ahead the calendar looks.
const horizon = 365

// Ending is one line of the calendar.
type Ending struct {
	Key      string     `json:"key"`
	Name     string     `json:"name"`
	Leaving  string     `json:"leaving"`
	Unit     string     `json:"unit"`
	Departed clock.Date `json:"departed_on"`
	Rule     string     `json:"rule"`
	Article  rules.Text `json:"article"`
	Until    clock.Date `json:"until"`
}

// getCalendar lists the restrictions that end within a year, the next first: of
// everybody who left, whether he was found in a firm or not.
func (s *Service) getCalendar(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	b, err := s.quick(r.Context())
	if err != nil {
		return nil, err
	}
	_, e, err := s.law(r.Context(), RunCmd{})
	if err != nil {
		return nil, err
	}
	today, may := s.today(), s.sieve(r.Actor, "match.read")
	list, count := onPage(s.endings(b, e, today), q.After, q.Size, func(x ending) []string { return x.place(b) },
		func(x ending) bool { return may.pass(b.ours.unit(x.at), b.ours.person(x.at)) })
	after := ""
	if len(list) > q.Size {
		list = list[:q.Size]
		after = page.Cursor(list[q.Size-1].place(b)...)
	}
	t := ui.Table{Caption: r.T("screening.tab.calendar"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("word.unit")}, {Label: r.T("screening.departed"), Nowrap: true}, {Label: r.T("screening.rule")},
		{Label: r.T("screening.until"), Nowrap: true}, {Label: r.T("screening.days_left"), Num: true}}, Empty: ui.EmptyState{Title: r.T("screening.calendar.none")}}
	api := struct {
		Endings []Ending `json:"endings"`
		Count   int      `json:"count"`
		After   string   `json:"after,omitempty"`
	}{Endings: []Ending{}, Count: count, After: after}
	for _, x := range list {
		l := b.ours.at(x.at)
		who := s.subject(l)
		api.Endings = append(api.Endings, Ending{l.key, who.Name, who.Leaving, s.Units.Name(l.unit), who.Departed, x.rule, x.article, x.until})
		t.Rows = append(t.Rows, ui.Row{Href: "/screening/persons/" + url.PathEscape(l.key), Cells: []ui.Cell{{Text: who.Name, Sub: r.T("screening.leaving." + or(who.Leaving, "unknown"))}, {Text: s.Units.Short(l.unit)}, {Text: string(who.Departed)},
			{Text: x.rule, Sub: x.article.In(r.Lang)}, {Text: string(x.until), Flag: ui.Due(r.Words(), string(x.until), string(today))}, {Text: strconv.Itoa(x.until.Sub(today))}}})
	}
	t.Pager = pagerOf(r, "/screening/calendar", after, len(q.After) > 0)
	t.Pager.Count = count
	return web.Page{Name: "screening/calendar", Data: calendarPage{tabs(r, "/screening/calendar"), r.T("screening.calendar.lead", count, horizon), t}, API: api, Mark: true,
		Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.calendar")})}, nil
}

type readersPage struct {
	Tabs  ui.Tabs
	Stats ui.Stats
	Table ui.Table
}

// getReaders shows how far first and second readers agree.
func (s *Service) getReaders(r *web.Request) (web.Response, error) {
	var rows []readerRow
	var agreed, returned int
	var who map[id.ID]string
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if rows, err = s.readersOf(r.Context(), q, r.Actor); err != nil {
			return err
		}
		if agreed, returned, err = s.pairsOfReaders(r.Context(), q, r.Actor); err != nil {
			return err
		}
		var ids []id.ID
		for _, x := range rows {
			ids = append(ids, x.Person)
		}
		who, err = names(r.Context(), q, ids...)
		return err
	})
	if err != nil {
		return nil, err
	}
	rate := "—"
	if agreed+returned > 0 {
		rate = percent(share(agreed, agreed+returned))
	}
	p := readersPage{Tabs: tabs(r, "/screening/readers"), Stats: ui.Stats{Items: []ui.Stat{{Label: r.T("readers.agreed"), Value: strconv.Itoa(agreed)}, {Label: r.T("readers.returned"), Value: strconv.Itoa(returned)},
		{Label: r.T("readers.rate"), Value: rate, Note: r.T("readers.rate.define")}}}}
	p.Table = ui.Table{Caption: r.T("screening.tab.readers"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("readers.reader")}, {Label: r.T("match.do.hit"), Num: true}, {Label: r.T("match.do.no"), Num: true},
		{Label: r.T("match.do.unsure"), Num: true}, {Label: r.T("readers.upheld"), Num: true}, {Label: r.T("readers.back"), Num: true}}, Empty: ui.EmptyState{Title: r.T("readers.none")}}
	for _, x := range rows {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: dash(who[x.Person])}, {Text: strconv.Itoa(x.Hit)}, {Text: strconv.Itoa(x.No)}, {Text: strconv.Itoa(x.Unsure)}, {Text: strconv.Itoa(x.Upheld)}, {Text: strconv.Itoa(x.Back)}}})
	}
	return web.Page{Name: "screening/readers", Data: p, API: rows, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.tab.readers")})}, nil
}
