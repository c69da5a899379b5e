package org

import (
	"context"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/org/intake"
	"huikan/internal/org/tree"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/web"
)

// Report is what an import of units did or would do.
type Report = intake.Result

// columns of a table of units; the same come back from an export.
var columns = []sheet.Column{
	{Key: "code", Names: []string{"单位代码", "代码", "unit code"}, Required: true},
	{Key: "name", Names: []string{"单位名称", "名称", "unit name"}, Required: true},
	{Key: "short", Names: []string{"简称", "short name"}},
	{Key: "level", Names: []string{"层级", "级别"}, Required: true},
	{Key: "kind", Names: []string{"类别", "类型"}},
	{Key: "parent", Names: []string{"上级单位", "上级代码", "上级"}, Required: true},
	{Key: "region", Names: []string{"驻地区划", "所在区划", "seat"}},
	{Key: "coverage", Names: []string{"管辖区划", "管辖范围"}},
	{Key: "from", Names: []string{"成立日期", "founded"}},
}

// usualKind is the kind of a level when the table has none.
var usualKind = map[int]string{tree.LevelSPP: string(tree.KindSPP), tree.LevelProvincial: string(tree.KindProvincial),
	tree.LevelPrefecture: string(tree.KindPrefecture), tree.LevelBasic: string(tree.KindBasic)}

// catalogue are the words by which tables name levels and kinds.
var catalogue = sync.OnceValue(func() map[string]map[string]string { return web.Words(files) })

// unitRow reads one row; what cannot be read is noted in f.
func unitRow(rec sheet.Record, f *fault.Fields) AddUnitCmd {
	words := catalogue()
	cmd := AddUnitCmd{Code: strings.ToUpper(rec.Get("code")), Name: rec.Get("name"), Short: rec.Get("short"), Parent: rec.Get("parent"),
		Region: rec.Get("region"), Coverage: rec.Get("coverage")}
	f.Need("code", cmd.Code)
	if v, ok := intake.Meaning(words, "unit.level.", rec.Get("level"), []string{"1", "2", "3", "4"}); ok {
		cmd.Level, _ = strconv.Atoi(v) // one of the four
	} else {
		f.Add("level", "unit.error.level", rec.Get("level"))
	}
	cmd.Kind = usualKind[cmd.Level]
	if cell := rec.Get("kind"); cell != "" {
		v, ok := intake.Meaning(words, "unit.kind.", cell, Kinds())
		if !ok {
			f.Add("kind", "unit.error.kind", cell)
		}
		cmd.Kind = v
	}
	if cell := rec.Get("from"); cell != "" {
		d, err := clock.ParseDate(cell)
		if err != nil {
			f.Add("from", "error.date", cell)
		}
		cmd.From = d
	}
	return cmd
}

// errRolledBack ends the transaction of a dry run.
var errRolledBack = fault.State("intake.rolled_back")

// ImportUnits takes units in from a table, all or none. Rows may stand in any
// order; a row that says what is there already is passed over. A dry run does
// everything but keep it.
func (s *Service) ImportUnits(ctx context.Context, who actor.Actor, name string, r io.ReaderAt, size int64, dryRun bool) (*Report, error) {
	if !s.Policy.Ever(who, "unit.import") {
		return nil, fault.Denied("page", "unit.import: no role")
	}
	var res *Report
	err := s.write(ctx, who, "unit.import", func(tx *audit.Tx) (err error) {
		if res, err = intake.Open(name, r, size, columns); err != nil {
			return err
		}
		if err := s.importRows(ctx, tx, who, res); err != nil {
			return err
		}
		if dryRun || !res.OK() || res.Added == 0 {
			return errRolledBack
		}
		tx.Note("file", name)
		tx.Note("added", res.Added)
		return nil
	})
	if err != nil && fault.KindOf(err) == fault.KindState && res != nil {
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	res.Applied = true
	return res, nil
}

// row is one row on its way in.
type row struct {
	rec  sheet.Record
	cmd  AddUnitCmd
	done bool
}

// importRows adds rows once their parents are there: a table need not be in order.
func (s *Service) importRows(ctx context.Context, tx *audit.Tx, who actor.Actor, res *Report) error {
	var rows []*row
	wanted := map[string]int{} // codes and names of the table
	for rec := range sheet.Records(res.Grid, res.Mapping) {
		res.Total++
		var f fault.Fields
		cmd := unitRow(rec, &f)
		if first, twice := wanted[cmd.Code]; twice {
			f.Add("code", "intake.twice", first)
		}
		if res.Bad(rec, f) {
			continue
		}
		wanted[cmd.Code], wanted[cmd.Name] = rec.Row, rec.Row
		rows = append(rows, &row{rec: rec, cmd: cmd})
	}
	added := map[string]string{} // name → code
	settled := map[string]bool{} // codes
	for again := true; again; {
		again = false
		for _, x := range rows {
			if x.done {
				continue
			}
			if code, ok := added[x.cmd.Parent]; ok {
				x.cmd.Parent = code
			} else if _, waits := wanted[x.cmd.Parent]; waits && x.cmd.Parent != "" && !settled[x.cmd.Parent] {
				continue
			}
			x.done, again = true, true
			if err := s.importRow(ctx, tx, who, res, x); err != nil {
				return err
			}
			added[x.cmd.Name], settled[x.cmd.Code] = x.cmd.Code, true
		}
	}
	for _, x := range rows {
		if !x.done {
			res.Bad(x.rec, fault.Fields{{Name: "parent", Key: "unit.error.circle", Args: []any{x.cmd.Name, x.cmd.Parent}}})
		}
	}
	return nil
}

func (s *Service) importRow(ctx context.Context, tx *audit.Tx, who actor.Actor, res *Report, x *row) error {
	if there, err := unitByCode(ctx, tx, x.cmd.Code); err == nil {
		if s.says(there, x.cmd) {
			res.Same++
			return nil
		}
		res.Bad(x.rec, fault.Fields{{Name: "code", Key: "unit.error.differs", Args: []any{x.cmd.Code, there.Name}}})
		return nil
	} else if !fault.Is(err, fault.KindNotFound) {
		return err
	}
	_, err := s.add(ctx, tx, who, "unit.import", x.cmd)
	f, ok := fault.Of(err)
	switch {
	case err == nil:
		res.Added++
	case ok && f.Kind == fault.KindInvalid:
		res.Bad(x.rec, f.Fields)
	case ok && f.Kind == fault.KindNotFound:
		res.Bad(x.rec, fault.Fields{{Name: "parent", Key: "unit.error.no_parent", Args: []any{x.cmd.Parent}}})
	default:
		return err
	}
	return nil
}

// says tells whether a row repeats what is there.
func (s *Service) says(u Unit, cmd AddUnitCmd) bool {
	parent, _ := s.dir.Resolve(cmd.Parent)
	return u.Name == cmd.Name && u.Level == cmd.Level && parent.ID == u.Parent && (cmd.Short == "" || cmd.Short == u.Short) &&
		u.Kind == cmd.Kind && (cmd.Coverage == "" || slices.Equal(regions([]string{cmd.Coverage}), u.Coverage))
}

// unitTable is the export; the same columns can be imported again.
func (s *Service) unitTable(tr sheet.Translate, units []Unit) sheet.Table {
	t := sheet.Table{Name: tr("unit.list"), Freeze: 2, Rows: unitRows(s.dir, tr, units)}
	for _, c := range columns {
		f := sheet.Field{Header: tr("unit.column." + c.Key), Width: 18}
		switch c.Key {
		case "code", "parent", "region", "coverage":
			f.Kind = sheet.ID
		case "name":
			f.Width = 40
		case "from":
			f.Kind = sheet.Date
		case "level", "kind":
			for _, v := range map[string][]string{"level": {"1", "2", "3", "4"}, "kind": Kinds()}[c.Key] {
				f.Choices = append(f.Choices, tr("unit."+c.Key+"."+v))
			}
		}
		t.Columns = append(t.Columns, f)
	}
	return t
}

func unitRows(d *Directory, tr sheet.Translate, units []Unit) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, u := range units {
			parent, _ := d.Unit(u.Parent)
			if !yield([]string{u.Code, u.Name, u.Short, tr("unit.level." + strconv.Itoa(u.Level)), tr("unit.kind." + u.Kind), parent.Code, u.Region,
				strings.Join(u.Coverage, ","), string(u.From)}) {
				return
			}
		}
	}
}
