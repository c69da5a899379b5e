package rectification

import (
	"slices"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) folderRoutes() []web.Route {
	read := "rectify_folder.read"
	return []web.Route{
		{Method: "GET", Path: "/rectify", Action: read, Do: s.getFolders},
		{Method: "GET", Path: "/rectify/{id}", Action: read, Do: s.getFolder},
		{Method: "GET", Path: "/rectify/{id}/acts/{act}", Action: read, Do: s.getAct},
		{Method: "POST", Path: "/rectify/{id}/acts/{act}", Action: read, In: ActCmd{}, Do: s.postAct},
		{Method: "GET", Path: "/rectify/{id}/orders/new", Action: "rectify_folder.order", Do: s.getNewOrder},
		{Method: "POST", Path: "/rectify/{id}/orders/new", Action: "rectify_folder.order", In: OrderCmd{}, Do: s.postNewOrder},
		{Method: "GET", Path: "/rectify-orders/{id}", Action: read, Do: s.getOrder},
		{Method: "POST", Path: "/rectify-orders/{id}/{do}", Action: read, In: OrderCmd{}, Do: s.postOrder},
		{Method: "GET", Path: "/rectify-papers/{id}", Action: read, Do: s.getPaper},
		{Method: "POST", Path: "/rectify-papers/{id}/{do}", Action: read, In: PaperCmd{}, Do: s.postPaper},
		{Method: "GET", Path: "/rectify-rounds/{id}", Action: "rectify_round.set", Do: s.getRound},
		{Method: "POST", Path: "/rectify-rounds/{id}", Action: "rectify_round.set", In: RoundCmd{}, Do: s.postRound},
	}
}

// FolderRow is one line of the list of folders.
type FolderRow struct {
	Folder
	Name string `json:"name"` // of the round
}

func (s *Service) getFolders(r *web.Request) (web.Response, error) {
	p, err := r.List()
	if err != nil {
		return nil, err
	}
	var list []Folder
	names := map[id.ID]string{}
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		var w where
		w.conds = append(w.conds, s.policy.Filter(r.Actor, "rectify_folder.read", folderColumns, &w.args))
		var before id.ID
		if len(p.After) == 1 {
			before = id.ID(p.After[0])
		}
		if list, err = listFolders(r.Context(), q, w, before, p.Size+1); err != nil {
			return err
		}
		for _, f := range list {
			if names[f.Round] == "" {
				round, err := inspection.RoundByID(r.Context(), q, f.Round)
				if err != nil && !fault.Is(err, fault.KindNotFound) {
					return err
				}
				names[f.Round] = round.Name
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := ui.Table{ID: "folders", Caption: r.T("menu.rectify_folders"), NoDrawer: true, Base: "/rectify", Params: r.URL.Query(),
		Empty: ui.EmptyState{Title: r.T("rectify_folder.empty"), Text: r.T("rectify_folder.empty.text")}}
	for _, k := range []string{"unit", "round", "fed_back", "plan_due", "report_due", "focus_end", "evaluate_due", "grade"} {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("rectify_folder." + k), Nowrap: k != "unit" && k != "round"})
	}
	more := len(list) > p.Size
	if more {
		list = list[:p.Size]
	}
	rows := []FolderRow{}
	for _, f := range list {
		rows = append(rows, FolderRow{f, names[f.Round]})
		grade := ui.Cell{}
		if f.Grade != "" {
			grade.Chips = []ui.Chip{chip(r, "rectify_folder.grade."+f.Grade)}
		}
		t.Rows = append(t.Rows, ui.Row{Href: folderPath(f.ID), Cells: []ui.Cell{{Text: s.Units.Short(f.Unit), Title: s.Units.Name(f.Unit)}, {Text: names[f.Round]}, {Text: string(f.FedBack)},
			{Text: string(f.PlanDue)}, {Text: string(f.Report)}, {Text: string(f.FocusEnd)}, {Text: string(f.Evaluate)}, grade}})
	}
	if more {
		v := without(r.URL.Query())
		v.Set("after", page.Cursor(string(list[len(list)-1].ID)))
		t.Pager = &ui.Pager{Next: address("/rectify", v), Count: len(rows), PerPage: p.Size}
	}
	return web.Page{Name: "rectification/folders", Data: t, API: rows, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.rectification")}}}, nil
}

func folderPath(n id.ID) string { return "/rectify/" + string(n) }

// FolderView is everything that the page of a folder shows.
type FolderView struct {
	Measures Tally            `json:"measures"` // each counted once, however many items it serves
	Folder   Folder           `json:"folder"`
	Round    string           `json:"round"`
	Items    []Item           `json:"items"`
	Papers   []Document       `json:"papers"`
	Acts     []Act            `json:"acts"`
	Orders   []Order          `json:"orders"`
	Claimed  map[id.ID]string `json:"claimed"` // item → member of the leadership
	Names    map[id.ID]string `json:"-"`
	Rule     DeadlineRule     `json:"rule"`
	Half     *HalfLife        `json:"half,omitempty"`
	Source   string           `json:"source"`
}

// maxFolderItems bounds what one folder shows; the ledger has the rest.
const maxFolderItems = 500

// Folder reads a folder with its papers, acts, orders and the items that the
// reader may see.
func (s *Service) Folder(r *web.Request, n id.ID) (v FolderView, err error) {
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		f, err := s.loadFolder(r.Context(), q, r.Actor, n, "")
		if err != nil {
			return err
		}
		v = FolderView{Folder: f, Claimed: map[id.ID]string{}}
		w := s.readable(r.Actor, "item.read")
		w.add("i.round_id = $%d AND i.unit_id = $%d", string(f.Round), string(f.Unit))
		if v.Items, err = itemsOf(r.Context(), q, w, maxFolderItems); err != nil {
			return err
		}
		if v.Papers, err = Papers(r.Context(), q, f.ID); err != nil {
			return err
		}
		if v.Acts, err = actsOf(r.Context(), q, f.ID); err != nil {
			return err
		}
		var ow where
		ow.add("o.folder_id = $%d", string(f.ID))
		if v.Orders, err = ordersWhere(r.Context(), q, ow, 200); err != nil {
			return err
		}
		measures, err := measuresOf(r.Context(), q, v.Items)
		if err != nil {
			return err
		}
		for _, m := range measures {
			if v.Measures.All++; m.State == MeasureDone {
				v.Measures.Done++
			}
		}
		visible := map[id.ID]bool{}
		for _, i := range v.Items {
			visible[i.ID] = true
		}
		// What hangs on an item that the reader may not see is not shown either.
		v.Acts = slices.DeleteFunc(v.Acts, func(a Act) bool { return a.Item != "" && !visible[a.Item] })
		v.Orders = slices.DeleteFunc(v.Orders, func(o Order) bool { return o.Item != "" && !visible[o.Item] })
		var ids []id.ID
		for _, a := range v.Acts {
			ids = append(ids, a.By)
			if a.Kind == ActMember {
				v.Claimed[a.Item] = a.Who
			}
		}
		for _, p := range v.Papers {
			ids = append(ids, p.Signer, p.Judge)
		}
		round, err := inspection.RoundByID(r.Context(), q, f.Round)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		v.Round = round.Name
		set, err := roundSetting(r.Context(), q, f.Round)
		if err != nil {
			return err
		}
		v.Source = set.Source
		v.Rule, _ = Rule(f.Rule)
		h, _, ok, err := s.half(r.Context(), q, r.Actor, f.Unit)
		if err != nil {
			return err
		}
		if ok {
			v.Half = &h
		}
		v.Names, err = s.names(r.Context(), q, ids...)
		return err
	})
	return v, err
}

type folderPage struct {
	Title   string
	Facts   ui.Facts
	Lacks   []ui.Notice
	Stats   ui.Stats
	Papers  ui.Table
	Claims  ui.Table
	Orders  ui.Table
	Trail   ui.Trail
	Actions []ui.Button
	Lists   []ui.Link // the three lists as workbooks
}

func (s *Service) getFolder(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.Folder(r, n)
	if err != nil {
		return nil, err
	}
	f := v.Folder
	o := s.folderObject(f)
	p := folderPage{Title: s.Units.Name(f.Unit) + " · " + v.Round}
	date := func(key string, d string, done bool) ui.Fact {
		x := ui.Fact{Label: r.T("rectify_folder." + key), Text: d}
		if !done {
			x.Flag = ui.Due(r.T, d, string(r.Today()))
		}
		return x
	}
	handed := s.handed(v)
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("rectify_folder.fed_back"), Text: string(f.FedBack)}, date("plan_due", string(f.PlanDue), planned(v.Items)), date("report_due", string(f.Report), handed),
		date("focus_end", string(f.FocusEnd), true), date("evaluate_due", string(f.Evaluate), f.Grade != ""),
		{Label: r.T("rectify_folder.rule"), Text: v.Rule.Name(r.Lang), Sub: d2(v.Rule.Source, v.Source), Wide: true}}}
	if s.policy.Can(r.Actor, "rectify_round.set", o) == nil {
		p.Facts.Items[len(p.Facts.Items)-1].Href = "/rectify-rounds/" + string(f.Round)
	}
	if f.Grade != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("rectify_folder.grade"), Chips: []ui.Chip{chip(r, "rectify_folder.grade."+f.Grade)}})
	}
	for _, l := range s.lacks(r, v) {
		p.Lacks = append(p.Lacks, l)
	}
	p.Stats = s.folderStats(r, v)
	for _, l := range []string{"problems", "tasks", "duties", "effects"} {
		if s.policy.Ever(r.Actor, "item.export") {
			p.Lists = append(p.Lists, ui.Link{Label: r.T("item.list." + l), Href: "/ledger/export?format=xlsx&view=all&list=" + l + "&round=" + string(f.Round) + "&unit=" + string(f.Unit)})
		}
	}
	p.Papers, p.Claims, p.Orders, p.Trail = s.paperTable(r, v), s.claimTable(r, v), s.orderTable(r, v), s.folderTrail(r, v)
	for _, k := range append(ActKinds(), "order") {
		if s.policy.Can(r.Actor, "rectify_folder."+k, o) != nil {
			continue
		}
		href := folderPath(f.ID) + "/acts/" + k
		if k == "order" {
			href = folderPath(f.ID) + "/orders/new"
		}
		p.Actions = append(p.Actions, ui.Button{Label: r.T("rectify_folder.do." + k), Href: href})
	}
	return web.Page{Name: "rectification/folder", Data: p, API: v, Mark: true, Crumbs: s.folderCrumbs(r, v)}, nil
}

func (s *Service) folderCrumbs(r *web.Request, v FolderView, more ...string) []ui.Crumb {
	out := []ui.Crumb{{Label: r.T("menu.rectify_folders"), Href: "/rectify"}, {Label: s.Units.Short(v.Folder.Unit) + " " + v.Round}}
	for _, m := range more {
		out[1].Href = folderPath(v.Folder.ID)
		out = append(out, ui.Crumb{Label: m})
	}
	return out
}

func planned(items []Item) bool {
	return !slices.ContainsFunc(items, func(i Item) bool { return i.State == StateToClaim || i.State == StatePlanning })
}

// handed tells whether both reports were signed.
func (s *Service) handed(v FolderView) bool {
	return !slices.ContainsFunc(v.Papers, func(p Document) bool { return !published(p.Kind) && p.State == PaperDraft })
}

// lacks names what the unit's leadership still owes, with the way to it.
func (s *Service) lacks(r *web.Request, v FolderView) []ui.Notice {
	var out []ui.Notice
	add := func(key, href, class string, args ...any) {
		n := ui.Notice{Class: class, Text: r.T("rectify_folder.lacks."+key, args...)}
		if href != "" {
			n.Link = ui.Link{Label: r.T("rectify_folder.lacks.go"), Href: href}
		}
		out = append(out, n)
	}
	base, o := folderPath(v.Folder.ID), s.folderObject(v.Folder)
	may := func(act, href string) string {
		if s.policy.Can(r.Actor, "rectify_folder."+act, o) == nil {
			return href
		}
		return ""
	}
	if !slices.ContainsFunc(v.Acts, func(a Act) bool { return a.Kind == ActMeeting }) {
		add("meeting", may(ActMeeting, base+"/acts/meeting"), "wait")
	}
	left := 0
	for _, i := range v.Items {
		if v.Claimed[i.ID] == "" {
			left++
		}
	}
	if left > 0 {
		add("claims", may(ActMember, base+"/acts/member_claim"), "wait", left)
	}
	for _, p := range v.Papers {
		if p.State == PaperDraft && v.Folder.Report.Before(r.Today()) && !published(p.Kind) {
			add("report", "/rectify-papers/"+string(p.ID), "late", r.T("rectify_paper.kind."+p.Kind))
		}
	}
	if v.Folder.Grade == "" && v.Folder.Evaluate.Before(r.Today()) {
		add("evaluation", may(ActEvaluate, base+"/acts/evaluate"), "late", string(v.Folder.Evaluate))
	}
	return out
}

func (s *Service) folderStats(r *web.Request, v FolderView) ui.Stats {
	var closed, aside, overdue, checked, held int
	for _, i := range v.Items {
		if i.State == StateClosed {
			closed++
		}
		if i.IsAside() {
			aside++
		}
		if i.Overdue(r.Today()) {
			overdue++
		}
		if i.Verified != "" {
			checked++
		}
		if i.Verified == Held {
			held++
		}
	}
	list := func(view string) string {
		return "/ledger?round=" + string(v.Folder.Round) + "&unit=" + string(v.Folder.Unit) + "&view=" + view
	}
	late := ui.Stat{Label: r.T("item.view.overdue"), Value: strconv.Itoa(overdue), Href: list(ViewOverdue)}
	if overdue > 0 {
		late.Class = "late"
	}
	out := ui.Stats{Items: []ui.Stat{{Label: r.T("rectify_folder.items"), Value: strconv.Itoa(len(v.Items)), Href: list(ViewAll)},
		{Label: r.T("item.state.closed"), Value: strconv.Itoa(closed), Href: list(ViewAll) + "&state=closed"}, late,
		{Label: r.T("rectify_folder.checked"), Value: strconv.Itoa(checked), Note: r.T("rectify_folder.held", held), Define: r.T("rectify_folder.checked.define")}}}
	if v.Measures.All > 0 {
		out.Items = append(out.Items, measureStat(r.T, v.Measures.Done, v.Measures.All, list(ViewAll)+"&list=tasks"))
	}
	if aside > 0 {
		out.Items = append(out.Items, ui.Stat{Label: r.T("aside.title"), Value: strconv.Itoa(aside), Href: list(ViewAside), Define: r.T("aside.define")})
	}
	if v.Half != nil {
		out.Items = slices.Replace(out.Items, 1, 2, RateStat(r.T, closed, len(v.Items), list(ViewAll)+"&state=closed"), v.Half.Stat(r.T))
	}
	return out
}

func (s *Service) paperTable(r *web.Request, v FolderView) ui.Table {
	t := ui.Table{ID: "papers", Caption: r.T("rectify_folder.papers"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rectify_paper.kind")}, {Label: r.T("word.status")}, {Label: r.T("rectify_paper.signer")}, {Label: r.T("rectify_paper.judge")}}}
	for _, p := range v.Papers {
		row := ui.Row{Href: "/rectify-papers/" + string(p.ID), Cells: []ui.Cell{{Text: r.T("rectify_paper.kind." + p.Kind), Sub: p.Title}, {Chips: []ui.Chip{chip(r, "rectify_paper.state."+p.State)}},
			{Text: v.Names[p.Signer]}, {Text: v.Names[p.Judge], Sub: p.Opinion}}}
		if p.SignedAt != "" {
			row.Cells[2].Sub = r.Moment(p.SignedAt)
		}
		if p.State == PaperOut {
			row.Cells[1].Sub = string(p.Published)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Service) claimTable(r *web.Request, v FolderView) ui.Table {
	t := ui.Table{ID: "claims", Caption: r.T("rectify_folder.claims"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("item.empty"), Text: r.T("rectify_folder.empty.text")},
		Columns: []ui.Column{{Label: r.T("item.no"), Nowrap: true}, {Label: r.T("item.title")}, {Label: r.T("rectify_folder.member")}, {Label: r.T("item.lead")}, {Label: r.T("item.due"), Nowrap: true}, {Label: r.T("item.state")}}}
	for _, i := range v.Items {
		member := ui.Cell{Text: v.Claimed[i.ID]}
		if member.Text == "" {
			member.Chips = []ui.Chip{{Class: "off", Word: r.T("rectify_folder.unclaimed")}}
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/items/" + string(i.ID), Cells: []ui.Cell{{Text: i.No}, {Text: i.Title, Clamp: true}, member, {Text: i.Lead}, {Text: string(i.Due), Flag: dueFlag(r, i)},
			{Chips: []ui.Chip{chip(r, "item.state."+i.State)}}}})
	}
	return t
}

func (s *Service) orderTable(r *web.Request, v FolderView) ui.Table {
	t := ui.Table{ID: "orders", Caption: r.T("rectify_folder.orders"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("rectify_order.demand")}, {Label: r.T("item.due"), Nowrap: true}, {Label: r.T("word.status")}, {Label: r.T("rectify_order.answer")}}}
	for _, o := range v.Orders {
		due := ui.Cell{Text: string(o.Due)}
		if o.State == OrderIssued {
			due.Flag = ui.Due(r.T, string(o.Due), string(r.Today()))
		}
		t.Rows = append(t.Rows, ui.Row{Href: "/rectify-orders/" + string(o.ID), Cells: []ui.Cell{{Text: o.Demand, Clamp: true}, due, {Chips: []ui.Chip{chip(r, "rectify_order.state."+o.State)}}, {Text: o.Answer, Clamp: true}}})
	}
	return t
}

func (s *Service) folderTrail(r *web.Request, v FolderView) ui.Trail {
	out := ui.Trail{Empty: r.T("rectify_folder.no_acts")}
	no := map[id.ID]string{}
	for _, i := range v.Items {
		no[i.ID] = i.No
	}
	for _, a := range slices.Backward(v.Acts) {
		what := r.T("rectify_folder.act." + a.Kind)
		text := a.Text
		switch a.Kind {
		case ActHandOver:
			text = a.Who + " → " + a.To + "\n" + text
		case ActMember:
			text = a.Who + "：" + no[a.Item]
		case ActEvaluate:
			what += " · " + r.T("rectify_folder.grade."+a.Grade)
		default:
			text = a.Who + "\n" + text
		}
		out.Entries = append(out.Entries, ui.Entry{At: string(a.On), Who: v.Names[a.By], What: what, Text: text, Class: "run"})
	}
	return out
}

// foldersFor lists the folders for which the reader holds an action, with the
// names of their rounds.
func (s *Service) foldersFor(r *web.Request, action string) (out []FolderRow, err error) {
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		var w where
		w.conds = append(w.conds, s.policy.Filter(r.Actor, action, folderColumns, &w.args))
		list, err := listFolders(r.Context(), q, w, "", maxFolderItems)
		if err != nil {
			return err
		}
		names := map[id.ID]string{}
		rows := make([]FolderRow, 0, len(list))
		for _, f := range list {
			if names[f.Round] == "" {
				round, err := inspection.RoundByID(r.Context(), q, f.Round)
				if err != nil && !fault.Is(err, fault.KindNotFound) {
					return err
				}
				names[f.Round] = round.Name
			}
			rows = append(rows, FolderRow{f, names[f.Round]})
		}
		out = rows
		return nil
	})
	return out, err
}
