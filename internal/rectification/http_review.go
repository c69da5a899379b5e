package rectification

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func applyForm(r *web.Request, d Dossier, c ApplyCmd, p map[string]string) ui.Form {
	ms := ui.Field{Name: "measures", Label: r.T("item.measures_done"), Kind: ui.FieldChecks, Wide: true, Error: p["measures"]}
	for _, o := range measureOptions(r, d)[1:] {
		ms.Options = append(ms.Options, o)
	}
	for _, m := range c.Measures {
		ms.Values = append(ms.Values, string(m))
	}
	return ui.Form{Action: "/items/" + string(d.Item.ID) + "/apply", Rev: fmt.Sprint(d.Item.Rev), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "statement", Label: r.T("item.statement"), Kind: ui.FieldArea, Rows: 6, Value: c.Statement, Wide: true, Error: p["statement"], Hint: r.T("item.statement.hint")},
		ms,
		{Name: "claimed", Label: r.T("item.claimed"), Kind: ui.FieldSelect, Value: c.Claimed, Options: choices(r, "item.claimed.", ClaimedStatuses()), Error: p["claimed"]},
		{Name: "claimed_word", Label: r.T("item.claimed_word"), Value: c.ClaimedWord, Optional: true, Error: p["claimed_word"], Hint: r.T("item.claimed_word.hint")},
	}}}, Note: r.T("item.apply.note"), Buttons: []ui.Button{{Label: r.T("item.do.apply"), Kind: "primary"}}}
}

func (s *Service) getApply(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.apply")
	if err != nil {
		return nil, err
	}
	c := ApplyCmd{Claimed: Done, ClaimedWord: d.Item.ClaimedWord}
	for _, m := range d.Measures {
		if m.State == MeasureDone {
			c.Measures = append(c.Measures, m.ID)
		}
	}
	return s.formOf(r, d, "item.do.apply", applyForm(r, d, c, nil), nil, nil)
}

func (s *Service) postApply(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c ApplyCmd
	if err = r.Decode(&c); err == nil {
		err = s.Apply(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict) {
		return s.formOf(r, d, "item.do.apply", applyForm(r, d, c, r.Problems(err)), err, nil)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "apply"), nil
}

type reviewPage struct {
	Item    Item
	Facts   ui.Facts
	Checks  []ui.Notice
	Blocked string
	Rounds  string
	Compare ui.Compare
	Unread  []ui.StoredFile
	OpenAll string
	Claims  ui.Table
	Trail   ui.Trail
	Listed  ui.Table // the claims one by one
	Chain   ui.Steps
	Sites   ui.Table
	Posts   []post
	Bar     []ui.Button
	Site    *ui.Form
	Judge   []ui.Form
	Approve *ui.Form
	Return  *ui.Form
	Prolong *ui.Form
}

// reviewFacts is what the reviewer's page is made of.
type reviewFacts struct {
	Dossier
	App     Closing        `json:"application"`
	Checks  []Check        `json:"checks"`
	Read    map[id.ID]bool `json:"read"`
	Alike   []Twin         `json:"twins"`
	Blocked string         `json:"blocked"`
}

func (s *Service) reviewFacts(ctx context.Context, q db.Q, who actor.Actor, i Item) (reviewFacts, error) {
	var f reviewFacts
	var err error
	if f.Dossier, err = s.Dossier(ctx, q, i); err != nil {
		return f, err
	}
	if n := len(f.Closings); n > 0 {
		f.App = f.Closings[n-1]
	}
	if f.Read, err = readSince(ctx, q, i.ID, who.Person, f.App.At); err != nil {
		return f, err
	}
	if f.Alike, err = s.Twins(ctx, q, who, i.ID, f.Evidence); err != nil {
		return f, err
	}
	f.Checks = Checks(i, f.Measures, f.Progress, f.Evidence)
	if i.Level == LevelUnit && s.policy.Can(who, "item.sign", Object(i, s.Units)) == nil && who.Has(actor.UnitHead) {
		return f, nil // the unit's leading group signs first; what it may not judge has no form
	}
	if err := s.judge(ctx, q, who, i); err != nil {
		x, ok := fault.Of(err)
		if !ok {
			return f, err
		}
		f.Blocked = x.Key
	}
	return f, nil
}

func (s *Service) getReview(r *web.Request) (web.Response, error) {
	return s.review(r, DecideCmd{}, "", nil)
}

// review is the reviewer's page (claims beside evidence). open=all or open=<id>
// opens evidence in it; each opening is an entry of the log.
func (s *Service) review(r *web.Request, c DecideCmd, do string, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f reviewFacts
	read := func(q db.Q) error {
		i, err := s.load(r.Context(), q, r.Actor, n, "item.review")
		if err != nil {
			return err
		}
		f, err = s.reviewFacts(r.Context(), q, r.Actor, i)
		return err
	}
	if err := s.log.DB().Read(r.Context(), read); err != nil {
		return nil, err
	}
	var opened []ui.Preview
	if want := r.Param("open"); want != "" {
		for _, e := range InForce(f.Evidence) {
			if want != "all" && want != string(e.ID) {
				continue
			}
			if _, _, err := s.Evidence(r.Context(), r.Actor, e.ID); err != nil {
				return nil, err
			}
			p, _, err := s.preview(r, f.Dossier, e)
			if err != nil {
				return nil, err
			}
			opened = append(opened, p)
			f.Read[e.ID] = true
		}
	}
	return web.Page{Name: "rectification/review", Data: s.reviewPage(r, f, opened, c, do, failed), API: f, Err: failed, Mark: true,
		Crumbs: append([]ui.Crumb{{Label: r.T("menu.review"), Href: "/review"}}, crumbs(r, f.Item, r.T("item.do.review"))[1:]...)}, nil
}

func (s *Service) reviewPage(r *web.Request, f reviewFacts, opened []ui.Preview, c DecideCmd, do string, failed error) reviewPage {
	i := f.Item
	p := reviewPage{Item: i, Facts: s.facts(r, f.Dossier), Claims: s.measureTable(r, f.Dossier), Trail: s.progressTrail(r, f.Dossier)}
	if f.Blocked != "" {
		p.Blocked = r.T(f.Blocked)
	}
	p.Checks = append(p.Checks, s.twinNotices(r, f)...)
	for _, x := range f.Checks {
		p.Checks = append(p.Checks, ui.Notice{Class: x.Class, Text: r.T(x.Key, x.Args...)})
	}
	returns := 0
	for _, x := range f.Closings {
		if x.Decision == DecisionReturned {
			returns++
		}
	}
	if i.State == StateApplied {
		p.Rounds = r.T("item.round_of", f.App.No, returns)
		doneText := make([]string, len(f.App.Measures))
		for n, m := range f.App.Measures {
			doneText[n] = f.measureNo(m)
		}
		p.Compare = ui.Compare{
			Left: ui.Side{Title: r.T("item.claims"), Quiet: true, Note: d2(r.Moment(f.App.At), f.name(r, f.App.By)), Facts: []ui.Fact{
				{Label: r.T("item.statement"), Text: f.App.Statement, Wide: true, Verbatim: true},
				{Label: r.T("item.measures_done"), Text: strings.Join(doneText, "、"), Wide: true},
				{Label: r.T("item.claimed"), Chips: []ui.Chip{chip(r, "item.claimed."+i.Claimed)}, Sub: i.ClaimedWord}}},
			Right: ui.Side{Title: r.T("item.evidence"), Files: opened}}
		unread := Unread(f.Evidence, f.Read)
		p.Compare.Right.Note, p.Compare.Right.Quiet = r.T("item.unread", len(unread)), len(unread) > 0
		for _, e := range unread {
			p.Unread = append(p.Unread, ui.StoredFile{Name: e.Name, Href: "/items/" + string(i.ID) + "/review?open=" + string(e.ID), Meta: evidenceMeta(r, f.Dossier, e), Hash: e.Hash})
		}
		if len(unread) > 0 {
			p.OpenAll = "/items/" + string(i.ID) + "/review?open=all"
		}
	}
	p.Listed, p.Chain, p.Sites = s.claimsTable(r, f.Dossier, f.Dossier.Claims), chainSteps(r, f.Dossier, f.Chain), siteTable(r, f.Dossier)
	s.reviewForms(r, &p, f.Dossier, c, do, failed)
	return p
}

func d2(a, b string) string { return strings.Trim(a+" · "+b, " ·") }

// reviewForms are the decisions that the workflow and the policy allow.
func (s *Service) reviewForms(r *web.Request, p *reviewPage, d Dossier, c DecideCmd, do string, failed error) {
	if p.Blocked != "" {
		return
	}
	i, problems := d.Item, r.Problems(failed)
	s.reviewExtras(r, p, d, do, failed)
	o, base, rev := Object(i, s.Units), "/items/"+string(i.ID)+"/", fmt.Sprint(i.Rev)
	for _, st := range Flow.From(i.State) {
		if s.policy.Can(r.Actor, "item."+st.Do, o) != nil || !s.offered(r, d, st.Do) {
			continue
		}
		mine := c
		bad := problems
		if do != st.Do {
			mine, bad = DecideCmd{}, nil
		}
		f := ui.Form{ID: strings.ReplaceAll(st.Do, "_", "-"), Action: base + strings.ReplaceAll(st.Do, "_", "-"), Rev: rev}
		opinion := ui.Field{Name: "opinion", Label: r.T("item.opinion"), Kind: ui.FieldArea, Rows: 2, Value: mine.Opinion, Optional: true, Wide: true, Error: bad["opinion"]}
		button := ui.Button{Label: r.T("item.do." + st.Do)}
		switch st.Do {
		case "close", "approve_plan", "sign":
			button.Kind, button.Key, button.Confirm = "primary", "a", r.T("item."+st.Do+".confirm")
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{opinion}}}
			if borne := borneField(r, d, mine, bad); len(borne.Options) > 0 && (st.Do == "close" || st.Do == "sign" && i.Level == LevelOffice) {
				f.Sets[0].Fields = []ui.Field{borne, opinion}
			}
			p.Approve = &f
		case "return", "return_plan", "recall":
			button.Kind, button.Key = "danger", "r"
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "reasons", Label: r.T("item.reasons"), Kind: ui.FieldChecks, Values: mine.Reasons,
				Options: choices(r, "item.reason.", Reasons()), Optional: true, Wide: true, Error: bad["reasons"]}, opinion}}}
			p.Return = &f
		case "prolong":
			opinion.Optional = false
			f.Sets = []ui.Fieldset{{Fields: []ui.Field{{Name: "lasting", Label: r.T("item.lasting"), Kind: ui.FieldRadio, Value: mine.Lasting,
				Options: choices(r, "item.lasting.", []string{LastingPartial, LastingLong}), Wide: true, Error: bad["lasting"]}, opinion}}}
			p.Prolong = &f
		default:
			continue
		}
		f.Buttons = []ui.Button{button}
		jump := button
		jump.Confirm, jump.Key, jump.Href = "", "", "#"+f.ID
		p.Bar = append(p.Bar, jump)
	}
}

// offered leaves out decisions that the sign-off does not wait for: closing while
// a chain runs, a level that is another line's, taking back what has left the unit.
func (s *Service) offered(r *web.Request, d Dossier, do string) bool {
	i := d.Item
	switch do {
	case "close":
		return i.Level == ""
	case "sign":
		return i.Level != "" && maySign(r.Actor, i, i.Level, ofApplication(d.Signatures, i.Applications)) == nil
	case "recall":
		return i.Level == LevelUnit
	case "return", "prolong":
		return i.Level != LevelUnit
	}
	return true
}

// borneField lists the claims that nobody has found borne out yet.
func borneField(r *web.Request, d Dossier, c DecideCmd, bad map[string]string) ui.Field {
	f := ui.Field{Name: "borne", Label: r.T("claim.borne"), Kind: ui.FieldChecks, Wide: true, Hint: r.T("claim.borne.hint"), Error: bad["borne"]}
	for _, n := range c.Borne {
		f.Values = append(f.Values, string(n))
	}
	for _, x := range inForce(d.Claims) {
		if x.Checked == "" {
			f.Options = append(f.Options, ui.Option{Value: string(x.ID), Label: fmt.Sprintf("%d. %s", x.No, x.Text)})
		}
	}
	return f
}

// reviewExtras are the reviewer's other tools: a word on one claim, a check on
// the spot and its second signature.
func (s *Service) reviewExtras(r *web.Request, p *reviewPage, d Dossier, do string, failed error) {
	i, o := d.Item, Object(d.Item, s.Units)
	if i.State != StateApplied {
		return
	}
	if s.policy.Can(r.Actor, "item.judge_claim", o) == nil {
		for _, x := range inForce(d.Claims) {
			if x.Checked != "" {
				continue
			}
			p.Judge = append(p.Judge, ui.Form{ID: fmt.Sprintf("claim%d", x.No), Action: "/items/" + string(i.ID) + "/claims/" + string(x.ID) + "/judge", Rev: web.Rev(x.Rev), Hidden: []ui.Pair{{Name: "checked", Value: Unborne}},
				Sets: []ui.Fieldset{{Legend: fmt.Sprintf("%d. %s", x.No, x.Text), Fields: []ui.Field{{Name: "remark", Label: r.T("claim.remark"), Wide: true}}}}, Buttons: []ui.Button{{Label: r.T("claim.do.unborne"), Kind: "danger"}}})
		}
	}
	if s.policy.Can(r.Actor, "item.site", o) == nil {
		var err error
		if do == "site" {
			err = failed
		}
		f := siteForm(r, i, err)
		p.Site = &f
		for _, x := range d.Sites {
			if x.Second == "" && x.First != r.Actor.Person {
				p.Posts = append(p.Posts, post{ID: r.T("site.do.cosign", x.Place), Action: "/items/" + string(i.ID) + "/site/" + string(x.ID) + "/cosign"})
			}
		}
	}
}

// decide answers the reviewer's buttons. What he may not decide yet, or what
// somebody else decided meanwhile, brings his page back with his words in it.
func (s *Service) decide(do string, fn func(context.Context, actor.Actor, id.ID, DecideCmd) error) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c DecideCmd
		if err = r.Decode(&c); err == nil {
			err = fn(r.Context(), r.Actor, n, c)
		}
		if err == nil {
			return web.Redirect{To: "/review", Done: "done.item." + do, API: map[string]string{"item": string(n)}}, nil
		}
		if k := fault.KindOf(err); slices.Contains([]fault.Kind{fault.KindInvalid, fault.KindConflict, fault.KindState}, k) {
			return s.review(r, c, do, err)
		}
		return nil, err
	}
}

func (s *Service) reopenForm(r *web.Request, d Dossier, c ReopenCmd, err error) (web.Response, error) {
	f := ui.Form{Action: "/items/" + string(d.Item.ID) + "/reopen", Rev: fmt.Sprint(d.Item.Rev), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Value: c.Reason, Wide: true, Error: r.Problems(err)["reason"]}}}},
		Note: r.T("item.reopen.note"), Buttons: []ui.Button{{Label: r.T("item.do.reopen"), Kind: "danger"}}}
	return s.formOf(r, d, "item.do.reopen", f, err, nil)
}

func (s *Service) getReopen(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "item.reopen")
	if err != nil {
		return nil, err
	}
	return s.reopenForm(r, d, ReopenCmd{}, nil)
}

func (s *Service) postReopen(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c ReopenCmd
	if err = r.Decode(&c); err == nil {
		err = s.ReopenBy(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict) {
		return s.reopenForm(r, d, c, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "reopen"), nil
}

// extensionPage asks for more time, or judges the request that waits.
func (s *Service) extensionPage(r *web.Request, d Dossier, c ExtendCmd, opinion string, err error) (web.Response, error) {
	i, p, o := d.Item, r.Problems(err), Object(d.Item, s.Units)
	base := "/items/" + string(i.ID) + "/extension"
	t := ui.Table{ID: "ext", Caption: r.T("item.extensions"), NoDrawer: true}
	for _, k := range []string{"no", "from", "to", "reason", "state"} {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("extension." + k), Nowrap: k == "from" || k == "to"})
	}
	waits := false
	for _, e := range d.Extensions {
		waits = waits || e.State == ExtensionAsked
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: fmt.Sprint(e.No)}, {Text: string(e.From)}, {Text: string(e.To)}, {Text: e.Reason},
			{Text: r.T("extension.state." + e.State), Sub: e.Opinion}}})
	}
	var f ui.Form
	switch {
	case waits && s.policy.Can(r.Actor, "item.judge_extension", o) == nil:
		f = ui.Form{Action: base + "/judge", Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "opinion", Label: r.T("item.opinion"), Kind: ui.FieldArea, Value: opinion,
			Optional: true, Wide: true, Error: p["opinion"]}}}}, Buttons: []ui.Button{
			{Label: r.T("extension.do.grant"), Kind: "primary", Name: "grant", Value: "1"}, {Label: r.T("extension.do.refuse"), Kind: "danger", Name: "grant", Value: "0"}}}
	case !waits && Working(i.State) && s.policy.Can(r.Actor, "item.extend", o) == nil:
		f = ui.Form{Action: base, Sets: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "to", Label: r.T("extension.to"), Kind: ui.FieldDate, Value: string(c.To), Error: p["to"]},
			{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Value: c.Reason, Wide: true, Error: p["reason"]}}}},
			Buttons: []ui.Button{{Label: r.T("item.do.extend"), Kind: "primary"}}}
	}
	return s.formOf(r, d, "item.extensions", f, err, func(fp *formPage) {
		fp.Table = &t
		if len(f.Sets) == 0 {
			fp.Form = nil
		}
	})
}

func (s *Service) getExtension(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	return s.extensionPage(r, d, ExtendCmd{To: nextMonth(d.Item.Due, r.Today())}, "", nil)
}

func (s *Service) postExtension(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c ExtendCmd
	if err = r.Decode(&c); err == nil {
		err = s.AskExtension(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.extensionPage(r, d, c, "", err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "extend"), nil
}

func (s *Service) postJudgeExtension(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	var c JudgeExtensionCmd
	if err = r.Decode(&c); err == nil {
		err = s.JudgeExtension(r.Context(), r.Actor, d.Item.ID, c)
	}
	if fault.Is(err, fault.KindInvalid) {
		return s.extensionPage(r, d, ExtendCmd{}, c.Opinion, err)
	}
	if err != nil {
		return nil, err
	}
	return done(d.Item.ID, "judge_extension"), nil
}
