package inspection

import (
	"context"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org/intake"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/web"
)

// tableColumns are those of a table of findings; an export has them in the same order, so
// that it can be filled in and brought back.
var tableColumns = []sheet.Column{
	{Key: "unit", Names: []string{"被巡视单位", "单位", "unit"}, Required: true},
	{Key: "round", Names: []string{"轮次", "round"}},
	{Key: "category", Names: []string{"四个落实", "类别", "category"}, Required: true},
	{Key: "class", Names: []string{"问题分类", "分类", "class"}},
	{Key: "aspect", Names: []string{"方面", "aspect"}},
	{Key: "title", Names: []string{"问题", "问题标题", "title"}, Required: true},
	{Key: "fact", Names: []string{"具体表现", "事实", "fact"}, Required: true},
	{Key: "manifestations", Names: []string{"分项表现", "manifestations"}},
	{Key: "basis", Names: []string{"依据", "criterion"}},
	{Key: "cause", Names: []string{"原因", "cause"}},
	{Key: "consequence", Names: []string{"后果", "consequence"}},
	{Key: "severity", Names: []string{"严重程度", "severity"}, Required: true},
	{Key: "scope", Names: []string{"个性/共性", "个性共性", "scope"}, Required: true},
	{Key: "origin", Names: []string{"来源", "origin"}},
	{Key: "higher_cause", Names: []string{"涉上级原因", "是否涉上级原因", "higher cause"}},
	{Key: "responsible", Names: []string{"责任单位", "responsible unit"}},
	{Key: "amount", Names: []string{"金额（元）", "金额", "amount"}},
}

var catalogue = sync.OnceValue(func() map[string]map[string]string { return web.Words(wordFiles) })

// maxImport bounds the findings of one table.
const maxImport = 5000

// ImportFindings takes drafts in from a table, all or none: a team enters what it
// found at the units where it is. A row's faults name the column.
func (s *Service) ImportFindings(ctx context.Context, who actor.Actor, name string, r io.ReaderAt, size int64, dry bool) (*intake.Result, error) {
	if !s.policy.Ever(who, "finding.create") {
		return nil, fault.Denied("page", "finding.create: no role")
	}
	res, err := intake.Open(name, r, size, tableColumns)
	if err != nil {
		return nil, err
	}
	var list []Finding
	err = s.log.DB().Read(ctx, func(q db.Q) error { list, err = s.rowsOf(ctx, q, who, res); return err })
	if err != nil {
		return nil, err
	}
	if dry || !res.OK() || len(list) == 0 {
		return res, nil
	}
	err = s.log.Write(ctx, who, "finding.import", func(tx *audit.Tx) error {
		tx.Note("file", name)
		tx.Note("findings", len(list))
		for i := range list {
			if err := s.number(ctx, tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	res.Applied = true
	return res, nil
}

// rowsOf reads the rows; each unit must have one visit at which the actor may write.
func (s *Service) rowsOf(ctx context.Context, q db.Q, who actor.Actor, res *intake.Result) ([]Finding, error) {
	args := []any{VisitOnSite, VisitLeft}
	visits, err := visitsWhere(ctx, q, "v.state IN ($1, $2) AND "+s.policy.Filter(who, "finding.create", visitAccess, &args), args)
	if err != nil {
		return nil, err
	}
	rounds := map[id.ID]string{}
	for _, v := range visits {
		if rounds[v.Round] == "" {
			x, err := RoundByID(ctx, q, v.Round)
			if err != nil {
				return nil, err
			}
			rounds[v.Round] = x.Name
		}
	}
	var out []Finding
	lines := map[id.ID]Lineage{} // by dispatching unit
	for rec := range sheet.Records(res.Grid, res.Mapping) {
		if res.Total++; res.Total > maxImport {
			return nil, fault.Limit("finding.import.many", maxImport)
		}
		var bad fault.Fields
		f, ok := s.rowOf(rec, visits, rounds, &bad)
		f.Author = who.Person
		if cell := rec.Get("class"); cell != "" && f.By != "" {
			if _, known := lines[f.By]; !known {
				if lines[f.By], err = s.lineage(ctx, q, f.By); err != nil {
					return nil, err
				}
			}
			if e, is := fault.Of(s.classify(lines[f.By], &f, cell)); is {
				bad = append(bad, e.Fields...)
			}
		}
		if res.Bad(rec, bad) || !ok {
			continue
		}
		res.Added++
		out = append(out, f)
	}
	return out, nil
}

func (s *Service) rowOf(rec sheet.Record, visits []Visit, rounds map[id.ID]string, bad *fault.Fields) (Finding, bool) {
	meaning := func(column, prefix string, values []string) string {
		cell := rec.Get(column)
		v, ok := intake.Meaning(catalogue(), prefix, cell, values)
		if !ok {
			return cell
		}
		return v
	}
	u, ok := s.Units.Resolve(rec.Get("unit"))
	var at []Visit
	for _, v := range visits {
		if ok && v.Unit == u.ID && (rec.Get("round") == "" || rounds[v.Round] == rec.Get("round")) {
			at = append(at, v)
		}
	}
	switch {
	case !ok:
		bad.Add("unit", "unit.unknown", rec.Get("unit"))
	case len(at) != 1:
		bad.Add("unit", "finding.import.visit", u.Name, len(at))
	}
	yes, clear := intake.Yes(rec.Get("higher_cause"))
	if !clear {
		bad.Add("higher_cause", "finding.bad.choice", rec.Get("higher_cause"))
	}
	c := AddFindingCmd{Category: meaning("category", "finding.category.", Categories()), Aspect: rec.Get("aspect"), Title: rec.Get("title"), Fact: rec.Get("fact"), Manifestations: manyLines.Replace(rec.Get("manifestations")), Basis: rec.Get("basis"), Cause: rec.Get("cause"), Consequence: rec.Get("consequence"),
		Severity: meaning("severity", "finding.severity.", Severities()), Scope: meaning("scope", "finding.scope.", Scopes()), Origin: meaning("origin", "finding.origin.", Origins()), HigherCause: yes, Amount: rec.Get("amount"), Responsible: rec.Get("responsible")}
	f := Finding{ID: id.New(), State: Draft}
	if len(at) == 1 {
		v := at[0]
		f.Round, f.Visit, f.Team, f.Unit, f.By = v.Round, v.ID, v.Team, v.Unit, v.By
	}
	if err := s.into(&f, c); err != nil {
		if e, is := fault.Of(err); is {
			for _, x := range e.Fields {
				if x.Name != "responsible" || f.Unit != "" {
					*bad = append(*bad, x)
				}
			}
		}
	}
	return f, len(*bad) == 0
}

// findingSheet is the table of an export or a blank form.
func (s *Service) findingSheet(tr sheet.Translate, rows iter.Seq[[]string], full bool) sheet.Table {
	t := sheet.Table{Name: tr("menu.findings"), Freeze: 2, Rows: rows}
	choices := map[string][]string{}
	for key, vs := range map[string][]string{"category": Categories(), "severity": Severities(), "scope": Scopes(), "origin": Origins()} {
		for _, v := range vs {
			choices[key] = append(choices[key], tr("finding."+key+"."+v))
		}
	}
	if full {
		t.Columns = append(t.Columns, sheet.Field{Header: tr("word.no"), Width: 18, Kind: sheet.ID})
	} else {
		t.Blank = 500
	}
	for _, c := range tableColumns {
		f := sheet.Field{Header: c.Names[0], Width: 14, Choices: choices[c.Key]}
		switch c.Key {
		case "unit", "responsible", "class", "aspect":
			f.Width = 26
		case "title", "manifestations", "basis", "cause", "consequence":
			f.Width = 36
		case "fact":
			f.Width = 60
		case "amount":
			f.Kind = sheet.Number
		}
		t.Columns = append(t.Columns, f)
	}
	if full {
		t.Columns = append(t.Columns, sheet.Field{Header: tr("word.status"), Width: 12})
	}
	return t
}

// manyLines lets the manifestations of one cell stand behind semicolons.
var manyLines = strings.NewReplacer("；", "\n", ";", "\n")

// basisOf is the wording that a finding keeps, and what was written beside it.
func basisOf(f Finding) string {
	return strings.TrimSpace(f.CriterionText + "\n" + f.Basis)
}

const exportAtOnce = 1000

// exported reads the findings of a list part by part, so that memory does not
// grow with the list. *failed tells afterwards why it ended early.
func (s *Service) exported(ctx context.Context, who actor.Actor, lq page.Query, tr sheet.Translate, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		rounds, lines := map[id.ID]string{}, map[id.ID]Lineage{}
		last := id.ID("")
		for {
			var part []Finding
			*failed = s.log.DB().Read(ctx, func(q db.Q) (err error) {
				var args []any
				wide, err := s.widen(ctx, q, lq)
				if err != nil {
					return err
				}
				cond := s.findingCond(q, who, wide, &args)
				if last != "" {
					args = append(args, string(last))
					cond += " AND f.id > $" + strconv.Itoa(len(args))
				}
				if part, err = findingsWhere(ctx, q, cond, "f.id", exportAtOnce, args); err != nil {
					return err
				}
				for _, f := range part {
					if rounds[f.Round] == "" {
						x, err := RoundByID(ctx, q, f.Round)
						if err != nil {
							return err
						}
						rounds[f.Round] = x.Name
					}
					if _, known := lines[f.By]; !known && f.Class.Code != "" {
						if lines[f.By], err = s.lineage(ctx, q, f.By); err != nil {
							return err
						}
					}
				}
				return nil
			})
			if *failed != nil {
				return
			}
			for _, f := range part {
				class := ""
				if f.Class.Code != "" {
					if c, ok := lines[f.By].Today(f.Class.Of, f.Class.Code); ok {
						class = c.Label()
					}
				}
				if !yield(s.line(tr, f, rounds[f.Round], class)) {
					return
				}
			}
			if len(part) < exportAtOnce {
				return
			}
			last = part[len(part)-1].ID
		}
	}
}

// line is a finding as a row; class is the one of today that it has become.
func (s *Service) line(tr sheet.Translate, f Finding, round, class string) []string {
	w := func(prefix, v string) string {
		if v == "" {
			return ""
		}
		return tr(prefix + v)
	}
	responsible := ""
	if f.Responsible != f.Unit {
		responsible = s.Units.Name(f.Responsible)
	}
	return []string{f.No, s.Units.Name(f.Unit), round, w("finding.category.", f.Category), class, f.Aspect, f.Title, f.Fact, strings.ReplaceAll(WriteManifestations(f.Manifestations), "\n", "；"), basisOf(f), f.Cause, f.Consequence, w("finding.severity.", f.Severity), w("finding.scope.", f.Scope),
		w("finding.origin.", f.Origin), map[bool]string{true: tr("form.yes"), false: tr("form.no")}[f.HigherCause], responsible, strings.TrimSpace(yuan(f.Amount)), tr("finding.state." + f.State)}
}
