package rectification

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) claimRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/items/{id}/claims", Action: "item.read", Do: s.getClaims},
		{Method: "POST", Path: "/items/{id}/claims", Action: "item.claims", In: ClaimWriteCmd{}, Do: s.postClaim1},
		{Method: "POST", Path: "/items/{id}/claims/split", Action: "item.claims", In: splitCmd{}, Do: s.postSplit},
		{Method: "GET", Path: "/items/{id}/claims/{claim}", Action: "item.claims", Do: s.getClaim1},
		{Method: "POST", Path: "/items/{id}/claims/{claim}", Action: "item.claims", In: ClaimWriteCmd{}, Do: s.postClaim1},
		{Method: "POST", Path: "/items/{id}/claims/{claim}/judge", Action: "item.judge_claim", In: JudgeClaimCmd{}, Do: s.postJudgeClaim},
		{Method: "POST", Path: "/items/{id}/sign", Action: "item.read", In: DecideCmd{}, Do: s.decide("sign", s.Sign)},
		{Method: "POST", Path: "/items/{id}/recall", Action: "item.read", In: DecideCmd{}, Do: s.decide("recall", s.Recall)},
		{Method: "POST", Path: "/items/{id}/site", Action: "item.site", In: SiteCmd{}, Do: s.postSite},
		{Method: "POST", Path: "/items/{id}/site/{site}/cosign", Action: "item.site", Do: s.postCosign},
		{Method: "GET", Path: "/review/signers", Action: "item.signers", Do: s.getSigners},
	}
}

type splitCmd struct {
	Statement string `json:"statement"`
}

func yuan(cents int64) string {
	if cents == 0 {
		return ""
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(cents)/100, 'f', 2, 64), ".00")
}

// test is what a look-back team will do about a claim.
func (c Claim) test(r *web.Request) string {
	if c.Test != "" {
		return c.Test
	}
	return r.T("claim.test." + c.Kind)
}

// claimTable lists the claims of an item; the link leads to the form, where the
// reader may change them.
func (s *Service) claimsTable(r *web.Request, d Dossier, claims []Claim) ui.Table {
	i := d.Item
	edit := Working(i.State) && s.policy.Can(r.Actor, "item.claims", Object(i, s.Units)) == nil
	t := ui.Table{ID: "claims", Caption: r.T("item.claim_list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("claim.empty"), Text: r.T("claim.empty.text")},
		Columns: []ui.Column{{Label: r.T("claim.no"), Nowrap: true}, {Label: r.T("claim.text")}, {Label: r.T("claim.evidence")}, {Label: r.T("claim.test")}, {Label: r.T("claim.checked")}}}
	for _, c := range inForce(claims) {
		row := ui.Row{ID: string(c.ID)}
		if edit {
			row.Href = "/items/" + string(i.ID) + "/claims/" + string(c.ID)
		}
		text := ui.Cell{Text: c.Text, Chips: []ui.Chip{{Class: "off", Word: r.T("claim.kind." + c.Kind)}}}
		if c.Cents > 0 {
			text.Sub = r.T("claim.yuan", yuan(c.Cents))
		}
		if c.Machine {
			text.Sub = strings.TrimSpace(text.Sub + " " + r.T("claim.machine"))
		}
		var names []string
		for _, e := range d.Evidence {
			if slices.Contains(c.Evidence, e.ID) {
				names = append(names, e.Name)
			}
		}
		bound := ui.Cell{Text: strings.Join(names, "、")}
		if len(names) == 0 {
			bound = ui.Cell{Chips: []ui.Chip{{Class: "late", Word: r.T("claim.bare")}}}
		}
		row.Cells = []ui.Cell{{Text: strconv.Itoa(c.No)}, text, bound, {Text: c.test(r)}, {Chips: []ui.Chip{chip(r, "claim.checked."+orNone(c.Checked))}, Sub: c.Remark}}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func claimForm(r *web.Request, d Dossier, x Claim, c ClaimWriteCmd, err error) ui.Form {
	p := r.Problems(err)
	action := "/items/" + string(d.Item.ID) + "/claims"
	f := ui.Form{Action: action, Draft: true, Note: r.T("claim.note"), Buttons: []ui.Button{{Label: r.T("claim.do.add"), Kind: "primary"}}}
	if x.ID != "" {
		f.Action, f.Rev = action+"/"+string(x.ID), web.Rev(x.Rev)
		f.Buttons = []ui.Button{{Label: r.T("claim.do.save"), Kind: "primary"}, {Label: r.T("claim.do.drop"), Kind: "danger", Name: "drop", Value: "1"}}
	}
	ev := ui.Field{Name: "evidence", Label: r.T("claim.evidence"), Kind: ui.FieldChecks, Wide: true, Error: p["evidence"]}
	for _, e := range InForce(d.Evidence) {
		ev.Options = append(ev.Options, ui.Option{Value: string(e.ID), Label: e.Name})
	}
	for _, n := range c.Evidence {
		ev.Values = append(ev.Values, string(n))
	}
	f.Sets = []ui.Fieldset{{Fields: []ui.Field{
		{Name: "text", Label: r.T("claim.text"), Kind: ui.FieldArea, Rows: 2, Value: c.Text, Wide: true, Error: p["text"], Hint: r.T("claim.text.hint")},
		{Name: "kind", Label: r.T("claim.kind"), Kind: ui.FieldSelect, Value: c.Kind, Options: choices(r, "claim.kind.", ClaimKinds()), Error: p["kind"]},
		{Name: "amount", Label: r.T("claim.amount"), Kind: ui.FieldNumber, Value: c.Amount, Optional: true, Error: p["amount"]},
		ev,
		{Name: "test", Label: r.T("claim.test"), Kind: ui.FieldArea, Rows: 2, Value: c.Test, Optional: true, Wide: true, Error: p["test"], Hint: r.T("claim.test.hint")}}}}
	f.Problems = unplaced(f, p)
	return f
}

func (s *Service) claimsPage(r *web.Request, claim id.ID, c ClaimWriteCmd, err error) (web.Response, error) {
	d, e := s.dossier(r, "")
	if e != nil {
		return nil, e
	}
	var x Claim
	if claim != "" {
		n := slices.IndexFunc(d.Claims, func(a Claim) bool { return a.ID == claim && !a.Dropped })
		if n < 0 {
			return nil, fault.NotFound("claim")
		}
		if x = d.Claims[n]; err == nil {
			c = ClaimWriteCmd{Kind: x.Kind, Text: x.Text, Amount: yuan(x.Cents), Evidence: x.Evidence, Test: x.Test}
		}
	}
	t := s.claimsTable(r, d, d.Claims)
	fp := formPage{Title: r.T("item.claim_list"), Table: &t, Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("item.title"), Text: d.Item.Title, Wide: true}}}}
	if Working(d.Item.State) && s.policy.Can(r.Actor, "item.claims", Object(d.Item, s.Units)) == nil {
		f := claimForm(r, d, x, c, err)
		f.Cancel = ui.Link{Label: r.T("act.back"), Href: "/items/" + string(d.Item.ID)}
		fp.Form = &f
		if claim == "" && len(inForce(d.Claims)) == 0 {
			fp.Second = &ui.Form{ID: "split", Action: "/items/" + string(d.Item.ID) + "/claims/split", Note: r.T("claim.split.note"), Sets: []ui.Fieldset{{Fields: []ui.Field{
				{Name: "statement", Label: r.T("item.statement"), Kind: ui.FieldArea, Rows: 5, Wide: true}}}}, Buttons: []ui.Button{{Label: r.T("claim.do.split")}}}
			fp.SecondTitle = r.T("claim.do.split")
		}
	}
	return web.Page{Name: "rectification/form", Data: fp, API: d.Claims, Err: err, Mark: true, Crumbs: crumbs(r, d.Item, r.T("item.claim_list"))}, nil
}

func (s *Service) getClaims(r *web.Request) (web.Response, error) {
	return s.claimsPage(r, "", ClaimWriteCmd{}, nil)
}

func (s *Service) getClaim1(r *web.Request) (web.Response, error) {
	n, err := r.ID("claim")
	if err != nil {
		return nil, err
	}
	return s.claimsPage(r, n, ClaimWriteCmd{}, nil)
}

func (s *Service) postClaim1(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var claim id.ID
	if r.PathValue("claim") != "" {
		if claim, err = r.ID("claim"); err != nil {
			return nil, err
		}
	}
	var c ClaimWriteCmd
	if err = r.Decode(&c); err == nil {
		err = s.WriteClaim(r.Context(), r.Actor, n, claim, c)
	}
	return stepped(err, func() (web.Response, error) { return s.claimsPage(r, claim, c, err) }, "/items/"+string(n)+"/claims", "done.item.claims")
}

func (s *Service) postSplit(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c splitCmd
	if err = r.Decode(&c); err == nil {
		err = s.SplitClaims(r.Context(), r.Actor, n, c.Statement)
	}
	return stepped(err, func() (web.Response, error) { return s.claimsPage(r, "", ClaimWriteCmd{}, err) }, "/items/"+string(n)+"/claims", "done.item.claims")
}

func (s *Service) postJudgeClaim(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	claim, err := r.ID("claim")
	if err != nil {
		return nil, err
	}
	var c JudgeClaimCmd
	if err = r.Decode(&c); err == nil {
		err = s.JudgeClaim(r.Context(), r.Actor, n, claim, c)
	}
	return stepped(err, func() (web.Response, error) { return s.review(r, DecideCmd{}, "judge_claim", err) }, "/items/"+string(n)+"/review", "done.item.judge_claim")
}

func (s *Service) postSite(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c SiteCmd
	if err = r.Decode(&c); err == nil {
		err = s.CheckSite(r.Context(), r.Actor, n, c)
	}
	return stepped(err, func() (web.Response, error) { return s.review(r, DecideCmd{}, "site", err) }, "/items/"+string(n)+"/review", "done.item.site")
}

func (s *Service) postCosign(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	site, err := r.ID("site")
	if err != nil {
		return nil, err
	}
	if err := s.CosignSite(r.Context(), r.Actor, n, site); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/items/" + string(n) + "/review", Done: "done.item.cosign"}, nil
}

// siteForm asks for a check on the spot.
func siteForm(r *web.Request, i Item, err error) ui.Form {
	p := r.Problems(err)
	f := ui.Form{ID: "site", Action: "/items/" + string(i.ID) + "/site", Draft: true, Note: r.T("site.note"), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "on", Label: r.T("site.on"), Kind: ui.FieldDate, Value: string(r.Today()), Error: p["on"]}, {Name: "place", Label: r.T("site.place"), Error: p["place"]},
		{Name: "asked", Label: r.T("site.asked"), Optional: true, Error: p["asked"]},
		{Name: "text", Label: r.T("site.text"), Kind: ui.FieldArea, Rows: 3, Wide: true, Error: p["text"]},
		{Name: "result", Label: r.T("site.result"), Kind: ui.FieldRadio, Options: choices(r, "site.result.", SiteResults()), Wide: true, Error: p["result"]}}}},
		Buttons: []ui.Button{{Label: r.T("site.do.record"), Kind: "primary"}}}
	return f
}

func siteTable(r *web.Request, d Dossier) ui.Table {
	t := ui.Table{ID: "sites", Caption: r.T("site.title"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("site.on"), Nowrap: true}, {Label: r.T("site.place")}, {Label: r.T("site.text")}, {Label: r.T("site.result")}, {Label: r.T("site.by")}}}
	for _, x := range d.Sites {
		by := ui.Cell{Text: d.name(r, x.First), Sub: d.name(r, x.Second)}
		if x.Second == "" {
			by.Chips = []ui.Chip{{Class: "wait", Word: r.T("site.unsigned")}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: string(x.On)}, {Text: x.Place, Sub: x.Asked}, {Text: x.Text}, {Chips: []ui.Chip{chip(r, "site.result."+x.Result)}}, by}})
	}
	return t
}

// chainSteps shows the signatures of the application in force.
func chainSteps(r *web.Request, d Dossier, chain string) ui.Steps {
	out := ui.Steps{Label: r.T("item.chain")}
	signs := ofApplication(d.Signatures, d.Item.Applications)
	if d.Item.Level == "" && len(signs) == 0 {
		return out // it was handed in before the round asked for a chain
	}
	for _, l := range strings.Fields(chain) {
		st := ui.Step{Label: r.T("item.level." + l), State: "todo"}
		for _, x := range signs {
			if x.Level == l {
				st.Real = d.name(r, x.Person)
			}
		}
		switch {
		case levelDone(signs, l) || d.Item.State == StateClosed:
			st.State = "done"
		case l == d.Item.Level:
			st.State = "now"
		}
		out.Items = append(out.Items, st)
	}
	return out
}

// tablePage is a page of one table with a sentence above.
type tablePage struct {
	Title, Lead string
	Notices     []ui.Notice
	Posts       []post
	Table       ui.Table
}
