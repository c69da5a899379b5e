package screening

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org/tree"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
	"huikan/linkage"
)

type hitPage struct {
	H         Hit
	Title     string
	Chip      ui.Chip
	Say       string // the verdict in one sentence
	Facts     []ui.Fact
	Compare   ui.Table
	Why       []string
	Pivot     string
	Verdicts  []verdictView
	Earlier   ui.Table
	Forms     []ui.Form
	Send      *ui.Form
	Warnings  ui.Table
	Trail     ui.Trail
	Person    string
	Review    bool
	Left      string // how many wait
	Skip      string
	Keys      []ui.Button
	KeysForm  string
	Rev       string
	Place     string
	Consequen []string
}

type verdictView struct {
	Chip     ui.Chip
	Rule     string
	Article  string
	Sentence string
	Until    string
	Flag     any
	Mark     string
}

// hitView is all that the page of a hit shows.
type hitView struct {
	h        Hit
	verdicts []rules.Verdict
	judged   []Judgement
	earlier  []Hit
	warnings []Warning
	names    map[id.ID]string
}

func (s *Service) gather(ctx context.Context, r *web.Request, n id.ID) (hitView, error) {
	var v hitView
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.h, err = s.load(ctx, q, r.Actor, n); err != nil {
			return err
		}
		if v.judged, err = judgementsOf(ctx, q, n); err != nil {
			return err
		}
		if v.earlier, err = s.earlier(ctx, q, r.Actor, v.h); err != nil {
			return err
		}
		if v.warnings, _, err = s.visibleWarnings(ctx, q, r.Actor, warningFilter{Hit: n}, "", 20); err != nil {
			return err
		}
		var ids []id.ID
		for _, j := range v.judged {
			ids = append(ids, j.Person)
		}
		if v.names, err = names(ctx, q, ids...); err != nil {
			return err
		}
		v.verdicts, err = s.verdicts(ctx, q, &v.h)
		return err
	})
	return v, err
}

func lang(r *web.Request) linkage.Language {
	if r.Lang == "en" {
		return linkage.English
	}
	return linkage.Chinese
}

func (s *Service) getHit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return s.hitPage(r, n, "", nil, false)
}

// sayHit says in a sentence what a hit is.
func sayHit(r *web.Request, h Hit) string {
	how := h.Band
	if h.State == Confirmed {
		how = Confirmed
	}
	return r.T("screening.say."+how, h.Firm, h.Lawyer, share100(h.Probability))
}

// hitPage shows a hit; after a refusal with the reasons at the form that failed.
func (s *Service) hitPage(r *web.Request, n id.ID, failed string, refused error, review bool) (web.Response, error) {
	v, err := s.gather(r.Context(), r, n)
	if err != nil {
		return nil, err
	}
	name, sub := whom(r, v.h)
	p := hitPage{H: v.h, Title: name + " – " + v.h.Lawyer, Chip: matchChip(r, v.h.State), Facts: s.hitFacts(r, v, sub), Compare: s.compare(r, v.h), Verdicts: s.verdictViews(r, v.verdicts),
		Earlier: s.earlierTable(r, v.earlier), Trail: s.hitTrail(r, v), Review: review, Rev: web.Rev(v.h.Rev), Place: page.Cursor(placeOf(v.h)...), Warnings: s.warningTable(r, v.warnings)}
	p.Say = sayHit(r, v.h)
	p.Why = v.h.Score.Reasons(lang(r), len(v.h.Score.Evidence))
	if x := v.h.Score.Pivot; x != nil {
		p.Pivot = r.T("screening.pivot", linkage.Phrase(lang(r), x.Field, x.Level), share100(x.Probability))
	}
	if v.h.pair.LeftKind == Staff {
		p.Person = "/screening/persons/" + url.PathEscape(v.h.Left)
	} else if o := s.ownerKey(r.Context(), v.h); o != "" {
		p.Person = "/screening/persons/" + url.PathEscape(o)
	}
	if review {
		s.keys(r, &p, v.h)
	} else {
		p.Forms = s.judgeForms(r, v.h, failed, refused)
		p.Send = s.sendForm(r, v, failed, refused)
	}
	api := struct {
		Hit
		Verdicts    []rules.Verdict `json:"verdicts"`
		Explanation rules.Text      `json:"explanation"`
		Judgements  []Judgement     `json:"judgements"`
		Warnings    []Warning       `json:"warnings"`
		Steps       []string        `json:"steps"`
	}{v.h, v.verdicts, rules.Text{ZH: v.h.Score.Explain(linkage.Chinese), EN: v.h.Score.Explain(linkage.English)}, v.judged, v.warnings, s.mayJudge(r.Actor, v.h)}
	tpl := "screening/hit"
	if review {
		tpl = "screening/review"
	}
	return web.Page{Name: tpl, Data: p, API: api, Err: refused, Mark: true, Crumbs: crumbs(r, ui.Crumb{Label: p.Title})}, nil
}

// ownerKey is the key of the declarer of a relative.
func (s *Service) ownerKey(ctx context.Context, h Hit) string {
	if h.Person != "" {
		return "person:" + string(h.Person)
	}
	b, err := s.quick(ctx)
	if err != nil {
		return "" // only a link is left out
	}
	no := h.pair.Owner.At(Staff, "staff_id")
	for _, v := range b.versions {
		if k := Staff + ":" + v.Source + ":" + no; v.Kind == Staff && no != "" {
			if _, ok := b.ours.find(k); ok {
				return k
			}
		}
	}
	return ""
}

func (s *Service) hitFacts(r *web.Request, v hitView, sub string) []ui.Fact {
	h := v.h
	out := []ui.Fact{{Label: r.T("screening.kind"), Text: sub}, {Label: r.T("word.unit"), Text: s.Units.Name(h.Unit)},
		{Label: r.T("screening.departed"), Text: dash(string(h.DepartedOn))},
		{Label: r.T("screening.rank"), Text: dash(h.pair.Question.Subject.Rank)},
		{Label: r.T("screening.probability"), Text: share100(h.Probability), Sub: r.T("screening.bits", fmt.Sprintf("%.1f", h.Score.Bits))},
		{Label: r.T("screening.budget"), Text: namesakes(h.Score.Namesakes), Sub: r.T("screening.budget.hint")},
		{Label: r.T("screening.verdict"), Chips: []ui.Chip{outcomeChip(r, h.Outcome)}},
		{Label: r.T("screening.until"), Text: until(r, h.Until, h.Life), Flag: ui.Due(r.Words(), string(h.Until), string(s.today()))},
		{Label: r.T("screening.model"), Text: h.Model, Sub: r.T("screening.edition", h.Edition)}}
	if h.Lead != "" {
		out = append(out, ui.Fact{Label: r.T("screening.lead"), Text: h.Lead, Sub: r.T("screening.lead.only")})
	}
	return out
}

// compare sets the fields of both rows beside each other, with what each is worth.
func (s *Service) compare(r *web.Request, h Hit) ui.Table {
	kind, left, right := h.pair.LeftKind, h.pair.Left, h.pair.Right
	t := ui.Table{ID: "cmp", Caption: r.T("screening.compare"), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("screening.field")}, {Label: r.T("screening.ours")}, {Label: r.T("screening.theirs")}, {Label: r.T("screening.agree")}, {Label: r.T("screening.worth"), Num: true}}}
	at := func(keys ...string) string {
		var out []string
		for _, k := range keys {
			if x := left.At(kind, k); x != "" {
				out = append(out, x)
			}
		}
		return strings.Join(out, " ")
	}
	unit := at("unit_name", "unit")
	if unit == "" || isCode(unit) {
		unit = s.Units.Name(h.Unit)
	}
	if kind == Relatives {
		unit = at("employer")
	}
	lines := []struct{ field, ours, theirs string }{
		{"name", at("name", "former_name"), right.At(Lawyers, "name")},
		{"birth", at("birth_date"), right.At(Lawyers, "birth_date")},
		{"id", person.MaskIDNumber(at("id_no")), person.MaskIDNumber(right.At(Lawyers, "id_no"))},
		{"sex", sexWord(r, at("gender")), sexWord(r, right.At(Lawyers, "gender"))},
		{"place", at("residence", "province"), strings.TrimSpace(right.At(Lawyers, "province") + right.At(Lawyers, "firm_city"))},
		{"org", unit, strings.Trim(right.At(Lawyers, "firm_name")+" / "+right.At(Lawyers, "former_employer"), " /")},
		{"category", sexless(r, kind, at("relation", "status")), right.At(Lawyers, "status")},
	}
	for _, l := range lines {
		agree, bits := r.T("screening.no_evidence"), "—"
		class := "off"
		for _, e := range h.Score.Evidence {
			if e.Field == l.field {
				agree, bits = linkage.Phrase(lang(r), e.Field, e.Level), fmt.Sprintf("%+.1f", e.Bits)
				class = "ok"
				if e.Bits < 0 {
					class = "late"
				}
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("screening.field." + l.field)}, {Text: dash(l.ours)}, {Text: dash(l.theirs)}, {Chips: []ui.Chip{{Class: class, Word: agree}}}, {Text: bits}}})
	}
	t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("screening.field.prior")}, {Text: "—"}, {Text: "—"}, {Text: r.T("screening.prior")}, {Text: fmt.Sprintf("%+.1f", h.Score.Prior)}}})
	if h.Score.Rivals != 0 {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("screening.field.rivals")}, {Text: "—"}, {Text: "—"}, {Text: r.T("screening.rivals")}, {Text: fmt.Sprintf("%+.1f", h.Score.Rivals)}}})
	}
	return t
}

func isCode(s string) bool { return digitsIn(s) == len(s) }

func sexWord(r *web.Request, s string) string {
	switch s {
	case person.Male, person.Female:
		return r.T("person.gender." + s)
	}
	return s
}

// sexless shows the kind of a row in words.
func sexless(r *web.Request, kind, cell string) string {
	if kind == Relatives {
		if m := meaning("relation", cell); m != "" {
			return r.T("relative.relation." + m)
		}
		return cell
	}
	if m := meaning("status", cell); m != "" {
		return r.T("screening.leaving." + m)
	}
	return cell
}

func (s *Service) verdictViews(r *web.Request, vs []rules.Verdict) []verdictView {
	var out []verdictView
	for _, v := range vs {
		x := verdictView{Chip: outcomeChip(r, v.Outcome), Rule: ruleName(v.Rule), Article: v.Article.In(r.Lang), Sentence: v.Sentence.In(r.Lang), Until: until(r, v.Until, v.Life)}
		if v.Mark != "" && v.Mark != "sure" {
			x.Mark = r.T("rules.mark." + v.Mark)
		}
		out = append(out, x)
	}
	return out
}

// ruleName is what people call a rule: B6 of B6.service. What no register shows has no name.
func ruleName(key string) string {
	id, _, _ := strings.Cut(key, ".")
	if id == "N" {
		return ""
	}
	return id
}

func (s *Service) earlierTable(r *web.Request, list []Hit) ui.Table {
	t := ui.Table{ID: "earlier", Caption: r.T("screening.earlier"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("screening.who")}, {Label: r.T("screening.lawyer")},
		{Label: r.T("screening.probability"), Num: true}, {Label: r.T("word.status")}}, Empty: ui.EmptyState{Title: r.T("screening.earlier.none")}}
	for _, h := range list {
		name, sub := whom(r, h)
		t.Rows = append(t.Rows, ui.Row{Href: "/screening/hits/" + string(h.ID), Cells: []ui.Cell{{Text: name, Sub: sub}, {Text: h.Lawyer, Sub: h.Firm}, {Text: share100(h.Probability)},
			{Chips: []ui.Chip{matchChip(r, h.State)}}}})
	}
	return t
}

func (s *Service) hitTrail(r *web.Request, v hitView) ui.Trail {
	var t ui.Trail
	for _, j := range v.judged {
		who := v.names[j.Person]
		if j.Person == "" {
			who = r.T("role.system")
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(j.At), Who: who, What: r.T("match.did." + j.Act), Text: j.Reason})
	}
	t.Entries = append(t.Entries, ui.Entry{At: r.Moment(v.h.FoundAt), Who: r.T("role.system"), What: r.T("match.did.found"), Text: v.h.Score.Explain(lang(r))})
	return t
}

func (s *Service) judgeForms(r *web.Request, h Hit, failed string, refused error) []ui.Form {
	var out []ui.Form
	keys := map[string]string{"hit": "h", "no": "n", "unsure": "u", "confirm": "a", "return": "r"}
	for _, do := range s.mayJudge(r.Actor, h) {
		f := ui.Form{ID: do, Action: "/screening/hits/" + string(h.ID) + "/" + do, Rev: web.Rev(h.Rev), Buttons: []ui.Button{{Label: r.T("match.do." + do), Key: keys[do]}}}
		if do == "hit" || do == "confirm" {
			f.Buttons[0].Kind = "primary"
		}
		p := ""
		if do == failed {
			p = r.Problems(refused)["reason"]
		}
		f.Sets = []ui.Fieldset{{Legend: r.T("match.legend." + do), Fields: []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, MaxLen: maxReason, Wide: true,
			Optional: !slices.Contains(needReason, do), Error: p}}}}
		out = append(out, f)
	}
	return out
}

// keys are the three answers of the review, one key each.
func (s *Service) keys(r *web.Request, p *hitPage, h Hit) {
	key := map[string]string{"hit": "h", "no": "n", "unsure": "u", "confirm": "h", "return": "n"}
	for _, do := range s.mayJudge(r.Actor, h) {
		if do == "reopen" {
			continue
		}
		b := ui.Button{Label: r.T("match.do."+do) + " (" + strings.ToUpper(key[do]) + ")", Action: "/screening/hits/" + string(h.ID) + "/" + do, Key: key[do], Form: "answer"}
		if do == "hit" || do == "confirm" {
			b.Kind = "primary"
		}
		p.Keys = append(p.Keys, b)
	}
	p.Skip = "/screening/review?after=" + url.QueryEscape(p.Place)
}

func (s *Service) getReview(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	return s.reviewAt(r, q.After)
}

type donePage struct {
	Tabs  ui.Tabs
	Empty ui.EmptyState
}

func (s *Service) reviewAt(r *web.Request, after []string) (web.Response, error) {
	var next Hit
	err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) {
		if next, err = s.Next(r.Context(), q, r.Actor, after); err != nil || next.ID != "" || len(after) == 0 {
			return err
		}
		next, err = s.Next(r.Context(), q, r.Actor, nil) // from the beginning again
		return err
	})
	if err != nil {
		return nil, err
	}
	if next.ID == "" {
		return web.Page{Name: "screening/done", Data: donePage{tabs(r, "/screening"), ui.EmptyState{Title: r.T("screening.review.done"), Text: r.T("screening.review.done.text"),
			Next: ui.Link{Label: r.T("screening.tab.hits"), Href: "/screening"}}}, Crumbs: crumbs(r, ui.Crumb{Label: r.T("screening.review")})}, nil
	}
	return s.hitPage(r, next.ID, "", nil, true)
}

func (s *Service) postJudge(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var cmd JudgeCmd
		if err := r.Decode(&cmd); err != nil {
			return nil, err
		}
		err = s.Judge(r.Context(), r.Actor, n, do, cmd)
		if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindConflict)) {
			return s.hitPage(r, n, do, err, false)
		}
		if err != nil {
			return nil, err
		}
		if cmd.After != "" && !r.API() {
			return web.Redirect{To: "/screening/review?after=" + url.QueryEscape(cmd.After), Done: "done.match." + do}, nil
		}
		return web.Redirect{To: "/screening/hits/" + string(n), Done: "done.match." + do}, nil
	}
}

// sendForm warns the bar authority of a confirmed hit; its text is the verdict,
// to be changed before it goes.
func (s *Service) sendForm(r *web.Request, v hitView, failed string, refused error) *ui.Form {
	if v.h.State != Confirmed || s.policy.Can(r.Actor, "warning.send", hitObject(s, v.h)) != nil || slices.ContainsFunc(v.warnings, func(w Warning) bool { return w.Kind == OfHit }) {
		return nil
	}
	var body []string
	for _, x := range v.verdicts {
		if x.Outcome == rules.Banned || x.Outcome == rules.Recuse || x.Outcome == rules.Limited {
			body = append(body, x.Sentence.ZH)
		}
	}
	if len(body) == 0 {
		body = append(body, r.T("warning.body.plain", v.h.Lawyer, v.h.Firm))
	}
	p := map[string]string{}
	if failed == "send" {
		p = r.Problems(refused)
	}
	return &ui.Form{ID: "send", Action: "/screening/warnings", Hidden: []ui.Pair{{Name: "hit", Value: string(v.h.ID)}}, Note: r.T("warning.send.note", regionName(v.h.Region)),
		Sets: []ui.Fieldset{{Legend: r.T("warning.send"), Fields: []ui.Field{{Name: "body", Label: r.T("warning.body"), Kind: ui.FieldArea, Rows: 6, MaxLen: maxBody, Value: strings.Join(body, "\n"), Wide: true, Error: p["body"]},
			{Name: "due", Label: r.T("warning.due"), Kind: ui.FieldDate, Optional: true, Hint: r.T("warning.due.hint", answerDays), Error: p["due"]}}}},
		Buttons: []ui.Button{{Label: r.T("warning.send"), Kind: "primary"}}}
}

func regionName(code string) string { return dash(tree.RegionName(code)) }
