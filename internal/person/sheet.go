package person

import (
	"context"
	"io"
	"iter"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/intake"
	"huikan/internal/org/tree"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/web"
)

// Report is what an import of people did or would do.
type Report = intake.Result

// columns of a table of people; the same come back from an export, there with
// the ID number masked.
var columns = []sheet.Column{
	{Key: "staff_no", Names: []string{"工号", "人员编号", "staff number", "staff no"}, Required: true},
	{Key: "name", Names: []string{"姓名"}, Required: true},
	{Key: "gender", Names: []string{"性别", "sex"}},
	{Key: "birth", Names: []string{"出生日期", "出生年月日", "date of birth", "born"}},
	{Key: "id_number", Names: []string{"公民身份号码", "身份证号", "身份证号码", "证件号码", "id number"}},
	{Key: "native", Names: []string{"籍贯", "native place"}},
	{Key: "unit", Names: []string{"单位", "单位名称", "单位代码", "所在单位"}, Required: true},
	{Key: "department", Names: []string{"部门", "内设机构", "所在部门"}},
	{Key: "title", Names: []string{"职务", "岗位", "post"}},
	{Key: "rank", Names: []string{"等级", "职级", "检察官等级"}},
	{Key: "leadership", Names: []string{"班子成员", "是否班子成员", "领导班子成员", "member of the leadership"}},
	{Key: "from", Names: []string{"任职日期", "任职时间", "in post since"}},
	{Key: "status", Names: []string{"状态", "人员状态"}},
	{Key: "departed_on", Names: []string{"离任日期", "离职日期", "departed on", "left on"}},
}

var catalogue = sync.OnceValue(func() map[string]map[string]string { return web.Words(files) })

// personRow reads one row; what cannot be read is noted in f.
func personRow(rec sheet.Record, f *fault.Fields) NewPerson {
	n := NewPerson{StaffNo: rec.Get("staff_no"), Name: rec.Get("name"), IDNumber: rec.Get("id_number"), Native: regionOf(rec.Get("native")),
		Unit: rec.Get("unit"), Title: rec.Get("title"), Rank: rec.Get("rank")}
	f.Need("staff_no", n.StaffNo)
	if masked(n.IDNumber) {
		n.IDNumber = ""
	}
	meaning := func(column, prefix string, values ...string) string {
		cell := rec.Get(column)
		v, ok := intake.Meaning(catalogue(), prefix, cell, values)
		if !ok && cell != "" {
			f.Add(column, "person.error."+column, cell)
		}
		return v
	}
	n.Gender = meaning("gender", "person.gender.", Male, Female)
	n.Status = meaning("status", "person.state.", Flow.States()...)
	date := func(column string) clock.Date {
		cell := rec.Get(column)
		if cell == "" {
			return ""
		}
		d, err := clock.ParseDate(cell)
		if err != nil {
			f.Add(column, "error.date", cell)
		}
		return d
	}
	n.Birth, n.From, n.DepartedOn = date("birth"), date("from"), date("departed_on")
	yes, ok := intake.Yes(rec.Get("leadership"))
	if !ok {
		f.Add("leadership", "person.error.leadership", rec.Get("leadership"))
	}
	n.Leadership = yes
	return n
}

// ImportPeople takes people in from a table, all or none. A row whose staff
// number is there already changes that person: a dry run lists before and after.
func (s *Service) ImportPeople(ctx context.Context, who actor.Actor, name string, r io.ReaderAt, size int64, dryRun bool) (*Report, error) {
	if !s.Policy.Ever(who, "person.import") {
		return nil, fault.Denied("page", "person.import: no role")
	}
	res, err := intake.Open(name, r, size, columns)
	if err != nil {
		return nil, err
	}
	b := &batch{s: s, who: who, res: res, numbers: map[string]int{}, blinds: map[string]int{}, departments: map[id.ID]map[string]id.ID{}, may: map[id.ID]bool{}}
	err = s.Log.DB().Read(ctx, func(q db.Q) error { return b.read(ctx, q) })
	if err != nil {
		return nil, err
	}
	if dryRun || !res.OK() || len(b.people)+len(b.updates) == 0 {
		return res, nil
	}
	err = s.Log.Write(ctx, who, "person.import", func(tx *audit.Tx) error {
		tx.Note("file", name)
		tx.Note("added", len(b.people))
		tx.Note("changed", len(b.updates))
		for _, u := range b.updates {
			if err := s.apply(ctx, tx, who, u, name); err != nil {
				return err
			}
		}
		return s.insert(ctx, tx, b.people, b.posts)
	})
	if err != nil {
		return nil, err
	}
	res.Applied = true
	return res, nil
}

// batch is an import on its way in.
type batch struct {
	s               *Service
	who             actor.Actor
	res             *Report
	people          []Person
	updates         []update
	posts           []Post
	numbers, blinds map[string]int // first row of each value
	departments     map[id.ID]map[string]id.ID
	may             map[id.ID]bool
}

const rowsAtOnce = 500

func (b *batch) read(ctx context.Context, q db.Q) error {
	var part []sheet.Record
	for rec := range sheet.Records(b.res.Grid, b.res.Mapping) {
		b.res.Total++
		if part = append(part, rec); len(part) == rowsAtOnce {
			if err := b.judge(ctx, q, part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
	return b.judge(ctx, q, part)
}

// judge looks at some rows together, so that the database is asked seldom.
func (b *batch) judge(ctx context.Context, q db.Q, part []sheet.Record) error {
	people, news, faults := make([]Person, len(part)), make([]NewPerson, len(part)), make([]fault.Fields, len(part))
	var numbers, blinds []string
	for i, rec := range part {
		news[i] = personRow(rec, &faults[i])
		people[i] = b.s.shape(news[i], &faults[i])
		numbers = append(numbers, people[i].StaffNo)
		if people[i].blind != "" {
			blinds = append(blinds, people[i].blind)
		}
	}
	there, err := found(ctx, q, "staff_no", numbers)
	if err != nil {
		return err
	}
	known, err := found(ctx, q, "id_blind", blinds)
	if err != nil {
		return err
	}
	for i, rec := range part {
		p := &people[i]
		if n, ok := there[p.StaffNo]; ok {
			if err := b.again(ctx, q, rec, n, news[i], *p, known, faults[i]); err != nil {
				return err
			}
			continue
		}
		if err := b.one(ctx, q, rec, p, known, &faults[i]); err != nil {
			return err
		}
		if b.res.Bad(rec, faults[i]) {
			continue
		}
		b.res.Added++
		b.people = append(b.people, *p)
		news[i].Department = p.Department
		if post, ok := news[i].post(*p); ok {
			b.posts = append(b.posts, post)
		}
	}
	return nil
}

// one judges a new person against the rest of the table, the register and the
// actor's reach.
func (b *batch) one(ctx context.Context, q db.Q, rec sheet.Record, p *Person, known map[string]id.ID, f *fault.Fields) error {
	if first, twice := b.numbers[p.StaffNo]; twice {
		f.Add("staff_no", "intake.twice", first)
	}
	b.numbers[p.StaffNo] = rec.Row
	if p.blind != "" {
		if first, twice := b.blinds[p.blind]; twice {
			f.Add("id_number", "intake.twice", first)
		}
		if _, taken := known[p.blind]; taken {
			f.Add("id_number", "person.error.id_taken", p.StaffNo)
		}
		b.blinds[p.blind] = rec.Row
	}
	if p.Unit == "" {
		return nil // said already
	}
	if _, asked := b.may[p.Unit]; !asked {
		b.may[p.Unit] = b.s.canAt(b.who, "person.import", p.Unit) == nil
	}
	if !b.may[p.Unit] {
		f.Add("unit", "person.error.unit", rec.Get("unit"))
		return nil
	}
	return b.department(ctx, q, rec, p, f)
}

func (b *batch) department(ctx context.Context, q db.Q, rec sheet.Record, p *Person, f *fault.Fields) error {
	name := rec.Get("department")
	if name == "" {
		return nil
	}
	if b.departments[p.Unit] == nil {
		ds, err := org.Departments(ctx, q, p.Unit)
		if err != nil {
			return err
		}
		b.departments[p.Unit] = map[string]id.ID{}
		for _, d := range ds {
			if d.To == "" {
				b.departments[p.Unit][d.Name] = d.ID
			}
		}
	}
	n, ok := b.departments[p.Unit][name]
	if !ok {
		f.Add("department", "person.error.no_department", name)
	}
	p.Department = n
	return nil
}

// table is the export of people; rows come as they are read.
func (s *Service) table(tr sheet.Translate, identity bool, rows iter.Seq[[]string]) sheet.Table {
	t := sheet.Table{Name: tr("person.list"), Freeze: 2, Rows: rows}
	for _, c := range columns {
		f := sheet.Field{Header: tr("person.column." + c.Key), Width: 14}
		switch c.Key {
		case "staff_no":
			f.Kind = sheet.ID
		case "id_number":
			f.Kind, f.Width, f.Hidden = sheet.ID, 22, !identity
		case "birth", "from", "departed_on":
			f.Kind = sheet.Date
		case "unit", "title", "department":
			f.Width = 30
		case "gender":
			f.Choices = []string{tr("person.gender.male"), tr("person.gender.female")}
		case "status":
			for _, st := range Flow.States() {
				f.Choices = append(f.Choices, tr("person.state."+st))
			}
		case "leadership":
			f.Choices = []string{tr("word.yes"), tr("word.nay")}
		}
		t.Columns = append(t.Columns, f)
	}
	return t
}

const exportAtOnce = 1000

// exported reads the people of a list part by part, so that memory does not grow
// with the list. *failed tells afterwards why it ended early.
func (s *Service) exported(ctx context.Context, who actor.Actor, lq ListQuery, tr sheet.Translate, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		l := s.listing(who, lq)
		permit := func(args *[]any) string { return s.filter(who, "person.export", args) }
		for {
			var part []Person
			var departments map[id.ID]string
			*failed = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
				if part, err = l.page(ctx, q, permit, exportAtOnce); err != nil {
					return err
				}
				departments, err = org.DepartmentNames(ctx, q, departmentIDs(part)...)
				return err
			})
			if *failed != nil {
				return
			}
			for _, p := range part {
				number, err := s.Masked(who, p)
				if err != nil {
					*failed = err
					return
				}
				if !yield(s.line(tr, p, number, departments[p.Department])) {
					return
				}
			}
			if len(part) < exportAtOnce {
				return
			}
			l.after = l.key(part[len(part)-1])
		}
	}
}

func (s *Service) line(tr sheet.Translate, p Person, number, department string) []string {
	gender, leads := "", tr("word.nay")
	if p.Gender != "" {
		gender = tr("person.gender." + p.Gender)
	}
	if p.Leadership {
		leads = tr("word.yes")
	}
	return []string{p.StaffNo, p.Name, gender, string(p.Birth), number, tree.RegionName(p.Native), s.Dir.Name(p.Unit), department, p.Title, p.Rank, leads, "",
		tr("person.state." + p.Status), string(p.DepartedOn)}
}

func departmentIDs(ps []Person) []id.ID {
	var out []id.ID
	for _, p := range ps {
		if p.Department != "" {
			out = append(out, p.Department)
		}
	}
	return out
}
