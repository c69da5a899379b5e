package screening

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/vault"
)

func parts() platformtest.Parts {
	tables := append(append([]string{}, org.Tables...), person.Tables...)
	return platformtest.Parts{Schemas: []fs.FS{org.Schema, person.Schema, Schema}, Tables: append(tables, Tables...),
		Rules: append(append(org.Rules(), person.Rules()...), Rules()...)}
}

// world is the rooms over a small tree.
type world struct {
	*platformtest.Kit
	*Service
	org    *org.Service
	people *person.Service
}

func open(t *testing.T, k *platformtest.Kit) *world {
	t.Helper()
	o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	for _, c := range []org.AddUnitCmd{
		{Code: "00000000", Name: "最高人民检察院", Level: 1, Kind: "spp"},
		{Code: "41000000", Name: "河南省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Coverage: "410000"},
		{Code: "41070000", Name: "新乡市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000", Coverage: "410700"},
		{Code: "41070200", Name: "新乡市红旗区人民检察院", Level: 4, Kind: "basic", Parent: "41070000", Coverage: "410702"},
		{Code: "33000000", Name: "浙江省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Coverage: "330000"},
	} {
		if _, err := o.Add(context.Background(), program0, c); err != nil {
			t.Fatal(err)
		}
	}
	files, err := vault.Open(k.Dir, k.Keys)
	if err != nil {
		t.Fatal(err)
	}
	dir := o.Directory()
	p := person.New(person.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Dir: dir})
	find := func(text string) []id.ID {
		if u, ok := dir.Resolve(text); ok {
			return []id.ID{u.ID}
		}
		return nil
	}
	return &world{Kit: k, org: o, people: p, Service: New(Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Files: files, Dir: dir, People: p, Find: find})}
}

var program0 = actor.Program("test")

func (w *world) place(t testing.TB, name string) access.Place {
	t.Helper()
	u, ok := w.org.Directory().ByName(name)
	if !ok {
		t.Fatalf("no unit %s", name)
	}
	return w.org.Directory().Place(u.ID)
}

// The people of the tests: two readers of the province, one of another, the
// liaison of the justice administration, personnel.
func (w *world) as(t testing.TB, who string) actor.Actor {
	t.Helper()
	henan, zhejiang := w.place(t, "河南省人民检察院"), w.place(t, "浙江省人民检察院")
	switch who {
	case "reader":
		return platformtest.As("p-reader", actor.InternalSupervision, henan)
	case "second":
		return platformtest.As("p-second", actor.InternalSupervision, henan)
	case "stranger":
		return platformtest.As("p-stranger", actor.InternalSupervision, zhejiang)
	case "bar":
		return platformtest.As("p-bar", actor.BarLiaison, henan)
	case "personnel":
		return platformtest.As("p-personnel", actor.Personnel, henan)
	case "staff":
		return platformtest.As("p-staff", actor.Staff, henan)
	}
	t.Fatalf("nobody is %s", who)
	return actor.Actor{}
}

// citizen makes a valid ID number.
func citizen(region string, birth clock.Date, serial int) string {
	n := region + string(birth[:4]) + string(birth[5:7]) + string(birth[8:]) + fmt.Sprintf("%03d", serial)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(n[i]-'0')
	}
	return n + string("10X98765432"[sum%11])
}

const staffHead = "人员编号,姓名,性别,出生日期,证件号码,原单位,状态,离任日期,职级,职务,班子成员\n"

var staffRows = []string{
	"S1,欧阳振鹏,男,1975-03-12," + citizen("410702", "1975-03-12", 11) + ",新乡市红旗区人民检察院,辞职,2025-03-10,四级高级检察官,检察官,否",
	"S2,赫连秀芳,女,1980-07-01," + citizen("410702", "1980-07-01", 22) + ",新乡市人民检察院,退休,2019-01-05,一级检察官,检察官,否",
	"S3,司徒建业,男,1983-09-09," + citizen("410105", "1983-09-09", 31) + ",河南省人民检察院,在职,,二级检察官,检察官,否",
}

const relativeHead = "亲属编号,人员编号,关系,姓名,性别,出生日期,证件号码,工作单位,居住地\n"

var relativeRows = []string{"R1,S3,妻子,慕容雪娇,女,1985-02-02," + citizen("410105", "1985-02-02", 42) + ",,郑州市"}

const lawyerHead = "姓名,性别,出生日期,身份证号,执业证号,律师事务所,执业地市,省份,状态,身份\n"

var lawyerRows = []string{
	"歐陽振鵬,男,1975-03-12," + citizen("410702", "1975-03-12", 11) + ",14107202510000001,河南元和律师事务所,红旗区,河南省,执业,聘用律师",
	"慕容雪娇,女,1985-02," + citizen("410105", "1985-02-02", 42) + ",14101201010000002,河南正明律师事务所,郑州市,河南省,执业,合伙人",
	"张伟,男,1990-01-01," + citizen("330102", "1990-01-01", 51) + ",13301201510000003,浙江安然律师事务所,杭州市,浙江省,执业,",
}

// bring takes a register in from rows of a .csv.
func (w *world) bring(t testing.TB, who actor.Actor, kind, source, head string, rows ...string) Imported {
	t.Helper()
	res, err := w.tryBring(who, ImportCmd{Kind: kind, Source: source}, head+strings.Join(rows, "\n")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if !res.Applied {
		t.Fatalf("%s was not taken in: %+v", kind, res.Faults)
	}
	return res
}

func (w *world) tryBring(who actor.Actor, cmd ImportCmd, text string) (Imported, error) {
	return w.Import(context.Background(), who, cmd, cmd.Kind+".csv", strings.NewReader(text), int64(len(text)))
}

// standing brings all registers in and screens them.
func (w *world) standing(t testing.TB) Run {
	t.Helper()
	reader := w.as(t, "reader")
	w.bring(t, reader, Staff, "政治部", staffHead, staffRows...)
	w.bring(t, reader, Relatives, "政治部", relativeHead, relativeRows...)
	w.bring(t, w.as(t, "bar"), Lawyers, "司法厅", lawyerHead, lawyerRows...)
	run, err := w.Run(context.Background(), reader)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// all lists the hits that somebody sees.
func (w *world) all(t testing.TB, who actor.Actor, states ...string) []Hit {
	t.Helper()
	var out []Hit
	err := w.DB.Read(context.Background(), func(q dbQ) (err error) {
		out, err = w.visibleHits(context.Background(), q, who, hitFilter{States: states}, nil, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hit is the hit of a person of ours by name.
func (w *world) hit(t testing.TB, who actor.Actor, name string) Hit {
	t.Helper()
	for _, h := range w.all(t, who) {
		if h.Name == name || h.Kin == name {
			return h
		}
	}
	t.Fatalf("no hit of %s", name)
	return Hit{}
}
