package inspection

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

const firstClasses = "D01｜财务管理｜纪律\nD02｜采购｜discipline\nD03｜公务用车｜discipline\nT01｜学习｜theory"

func TestClassesSayWhereEachOneGoes(t *testing.T) {
	before := []Class{{Code: "D01", Name: "财务管理", Category: "discipline"}, {Code: "D02", Name: "采购", Category: "discipline"}}
	for _, tc := range []struct {
		name, in string
		want     []Class
		bad      string // key of the first fault
	}{
		{"kept, and a new one", "D01|财务管理|discipline\nD02\t采购\tdiscipline\n\nD03｜公务用车｜discipline｜-", []Class{{"D01", "财务管理", "discipline", []string{"D01"}, nil}, {"D02", "采购", "discipline", []string{"D02"}, nil}, {"D03", "公务用车", "discipline", nil, nil}}, ""},
		{"joined", "D09|财务与采购|discipline|D01、D02", []Class{{"D09", "财务与采购", "discipline", []string{"D01", "D02"}, nil}}, ""},
		{"swapped codes", "D02|财务管理|discipline|D01\nD01|采购|discipline|D02", []Class{{"D02", "财务管理", "discipline", []string{"D01"}, nil}, {"D01", "采购", "discipline", []string{"D02"}, nil}}, ""},
		{"divided", "D01|费用|discipline|D01+\nD03|报销|discipline|D01+\nD02|采购|discipline", []Class{{"D01", "费用", "discipline", nil, []string{"D01"}}, {"D03", "报销", "discipline", nil, []string{"D01"}}, {"D02", "采购", "discipline", []string{"D02"}, nil}}, ""},
		{"a part and a whole", "D03|报销|discipline|D02、D01+\nD04|费用|discipline|D01+", []Class{{"D03", "报销", "discipline", []string{"D02"}, []string{"D01"}}, {"D04", "费用", "discipline", nil, []string{"D01"}}}, ""},
		{"divided among one", "D01|费用|discipline|D01+\nD02|采购|discipline", nil, "taxonomy.bad.one_part"},
		{"divided and whole", "D01|费用|discipline|D01\nD03|报销|discipline|D01+\nD04|补贴|discipline|D01+\nD02|采购|discipline", nil, "taxonomy.bad.whole"},
		{"a part of none", "D01|费用|discipline|D01、X9+\nD02|采购|discipline|D02、X9+", nil, "taxonomy.bad.was"},
		{"one is lost", "D01|财务管理|discipline", nil, "taxonomy.bad.lost"},
		{"one is taken twice", "D01|财务管理|discipline\nD03|财务|discipline|D01\nD02|采购|discipline", nil, "taxonomy.bad.taken"},
		{"no such code before", "D01|财务管理|discipline|X9\nD02|采购|discipline", nil, "taxonomy.bad.was"},
		{"a code twice", "D01|财务管理|discipline\nD01|采购|discipline|D02", nil, "taxonomy.bad.double"},
		{"too few cells", "D01|财务管理\nD02|采购|discipline", nil, "taxonomy.bad.line"},
		{"no implementation", "D01|财务管理|其他\nD02|采购|discipline", nil, "taxonomy.bad.category"},
		{"a code with blanks", "D 01|财务管理|discipline|D01\nD02|采购|discipline", nil, "taxonomy.bad.code"},
		{"no name", "D01||discipline\nD02|采购|discipline", nil, "taxonomy.bad.name"},
		{"nothing", " \n", nil, "error.required"},
	} {
		var bad fault.Fields
		got := ParseClasses(tc.in, before, &bad)
		if tc.bad == "" && (len(bad) > 0 || !slices.EqualFunc(got, tc.want, sameClass)) || tc.bad != "" && (len(bad) == 0 || bad[0].Key != tc.bad) {
			t.Errorf("%s: %+v, %+v", tc.name, got, bad)
		}
		if tc.bad == "" && !slices.EqualFunc(readClasses(WriteClasses(got)), got, sameClass) {
			t.Errorf("%s: came back as %+v", tc.name, readClasses(WriteClasses(got)))
		}
	}
}

func sameClass(a, b Class) bool {
	return a.Code == b.Code && a.Name == b.Name && a.Category == b.Category && slices.Equal(a.Was, b.Was) && slices.Equal(a.Part, b.Part)
}

func FuzzClasses(f *testing.F) {
	for _, s := range []string{firstClasses, "D01|a|theory|D01+\nD03|b|theory|D01+、D02", "D01|a|theory|-", "|||", "D01\ta\ttheory\tD01,D02"} {
		f.Add(s)
	}
	before := []Class{{Code: "D01"}, {Code: "D02"}}
	f.Fuzz(func(t *testing.T, s string) {
		var bad fault.Fields
		got := ParseClasses(s, before, &bad)
		if len(bad) > 0 {
			return
		}
		// What is accepted comes back the same, and every class before goes to exactly one.
		if back := ParseClasses(WriteClasses(got), before, &bad); len(bad) > 0 || !slices.EqualFunc(back, got, sameClass) {
			t.Fatalf("%q: %+v came back as %+v (%v)", s, got, back, bad)
		}
		for _, b := range before {
			n, parts := 0, 0
			for _, c := range got {
				if slices.Contains(c.Was, b.Code) {
					n++
				}
				if slices.Contains(c.Part, b.Code) {
					parts++
				}
			}
			if n+min(parts, 1) != 1 || parts == 1 {
				t.Fatalf("%q: %s goes to %d classes and %d parts", s, b.Code, n, parts)
			}
		}
	})
}

// A finding keeps the class of its day; the version in force counts it under what
// its class has become, over two changes, and lists the very findings.
func figuresCompareOverVersions(t *testing.T, k *platformtest.Kit, w *world) {
	ctx := context.Background()
	second := platformtest.As("second", actor.Office, w.spp)
	draft := func(title, classes string) Taxonomy {
		t.Helper()
		return must(w.s.DraftTaxonomy(ctx, w.office, TaxonomyCmd{Title: title, Source: "文件", Classes: classes}))(t)
	}
	_, err := w.s.DraftTaxonomy(ctx, w.inspector, TaxonomyCmd{Title: "分类", Source: "文件", Classes: "A1|a|theory"})
	platformtest.WantKind(t, "an inspector drafts classes", err, fault.KindNotFound)
	_, err = w.s.DraftTaxonomy(ctx, w.office, TaxonomyCmd{Title: "分类", Source: "文件"})
	platformtest.WantKind(t, "no classes", err, fault.KindInvalid)
	one := draft("第一版", strings.ReplaceAll(firstClasses, "｜纪律", "｜discipline"))
	_, err = w.s.DraftTaxonomy(ctx, w.office, TaxonomyCmd{Title: "再来一版", Source: "文件", Classes: firstClasses})
	platformtest.WantKind(t, "a second draft", err, fault.KindState)
	_, err = w.s.DecideTaxonomy(ctx, w.office, one.ID, "publish", one.Rev)
	platformtest.WantKind(t, "the author publishes", err, fault.KindForbidden)
	_, err = w.s.DecideTaxonomy(ctx, w.stranger, one.ID, "publish", one.Rev)
	platformtest.WantKind(t, "a stranger publishes", err, fault.KindNotFound)
	waits := func(who actor.Actor) (n int) {
		list, err := w.s.todo(ctx, who)
		check(t, err)
		for _, x := range list {
			if x.Href == "/taxonomies/"+string(one.ID) {
				n++
			}
		}
		return n
	}
	if waits(second) != 1 || waits(w.office) != 0 || waits(w.inspector) != 0 || waits(w.stranger) != 0 {
		t.Error("the draft waits for somebody else than a second person of the office")
	}
	find := func(title, class string) Finding {
		t.Helper()
		c := cmd(w.visit.ID, title)
		c.Class = class
		return must(w.s.AddFinding(ctx, w.inspector, c))(t)
	}
	bad := cmd(w.visit.ID, "草稿的分类")
	bad.Class = "D01"
	_, err = w.s.AddFinding(ctx, w.inspector, bad)
	platformtest.WantKind(t, "a class of a draft", err, fault.KindInvalid)
	one = must(w.s.DecideTaxonomy(ctx, second, one.ID, "publish", one.Rev))(t)
	_, err = w.s.EditTaxonomy(ctx, w.office, one.ID, TaxonomyCmd{Title: "改写", Source: "文件", Classes: firstClasses})
	platformtest.WantKind(t, "change what is published", err, fault.KindState)
	bad.Class = "T01"
	_, err = w.s.AddFinding(ctx, w.inspector, bad)
	platformtest.WantKind(t, "a class of another implementation", err, fault.KindInvalid)
	money, buys := find("差旅费超标报销", "D01"), find("采购未公开", "采购")
	find("公车私用", "D03 公务用车")

	two := draft("第二版", "D11|财务与采购|discipline|D01、D02\nD03|公务用车|discipline\nT01|学习|theory")
	two = must(w.s.EditTaxonomy(ctx, second, two.ID, TaxonomyCmd{Title: "第二版", Source: "文件", Classes: "D11|财务与采购|discipline|D01、D02\nD01|公务用车|discipline|D03\nT01|学习|theory", Rev: two.Rev}))(t)
	_, err = w.s.DecideTaxonomy(ctx, second, two.ID, "publish", two.Rev)
	platformtest.WantKind(t, "who changed it last publishes", err, fault.KindForbidden)
	two = must(w.s.DecideTaxonomy(ctx, w.office, two.ID, "publish", two.Rev))(t)
	car := find("公车登记不全", "D01") // the code now means another class
	three := draft("第三版", "D20|财务与采购管理|discipline|D11\nD01|公务用车|discipline\nT01|学习|theory")
	dropped := must(w.s.DecideTaxonomy(ctx, w.office, three.ID, "drop", three.Rev))(t)
	_, err = w.s.DecideTaxonomy(ctx, second, dropped.ID, "publish", dropped.Rev)
	platformtest.WantKind(t, "publish what was dropped", err, fault.KindState)
	three = draft("第四版", "D20|财务与采购管理|discipline|D11\nD01|公务用车|discipline\nT01|学习|theory")
	three = must(w.s.DecideTaxonomy(ctx, second, three.ID, "publish", three.Rev))(t)

	// Changing other words of an old finding leaves its class as it was.
	c := w.s.cmdOf(money)
	c.Title = "差旅费超标准报销"
	money = must(w.s.EditFinding(ctx, w.inspector, money.ID, c))(t)
	if money.Class != (Coded{one.ID, "D01"}) || buys.Class != (Coded{one.ID, "D02"}) || car.Class != (Coded{two.ID, "D01"}) {
		t.Errorf("%+v %+v %+v", money.Class, buys.Class, car.Class)
	}
	listed := func(class Coded) (titles []string) {
		fs, _, err := w.s.ListFindings(ctx, w.inspector, page.Query{Size: 50, Filter: url.Values{"class": {class.text()}}})
		check(t, err)
		for _, f := range fs {
			titles = append(titles, f.Title)
		}
		slices.Sort(titles)
		return titles
	}
	for class, want := range map[Coded][]string{
		{three.ID, "D20"}: {"差旅费超标准报销", "采购未公开"}, {three.ID, "D01"}: {"公车登记不全", "公车私用"}, {three.ID, "T01"}: nil,
		{one.ID, "D01"}: {"差旅费超标准报销"}, {"nothing", "D01"}: nil,
	} {
		if got := listed(class); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", class, got, want)
		}
	}
	site := k.Serve(t, words(), w.s.Room())
	site.Actor = w.inspector
	for path, want := range map[string][]string{
		"/findings/" + string(money.ID): {"D01 财务管理", "D20 财务与采购管理"}, "/taxonomies/" + string(three.ID): {"财务与采购管理", "第 1 版 D01 财务管理：1"},
		"/findings/" + string(money.ID) + "/edit": {"D01 财务管理（第 1 版）", "D20 财务与采购管理"}, "/taxonomies": {"第四版", "已放弃", "历史版本"},
		"/taxonomies/" + string(dropped.ID): {"D20"},
	} {
		code, body := site.Get(t, path)
		for _, word := range want {
			if code != 200 || !strings.Contains(body, word) {
				t.Errorf("%s: %d, without %q", path, code, word)
			}
		}
	}
	if _, body := site.Get(t, "/taxonomies/"+string(dropped.ID)); strings.Contains(body, "公务用车：") {
		t.Error("a dropped version counts findings")
	}
	check(t, k.Log.Write(ctx, program, "test.feedback", func(tx *auditTx) error {
		tx.Touch("inspection_finding", money.ID)
		_, err := tx.Exec(ctx, "UPDATE inspection_finding SET state = $1 WHERE id = $2", FedBack, string(money.ID))
		return err
	}))
	site.Actor = w.head
	if code, body := site.Get(t, "/findings/"+string(money.ID)); code != 200 || !strings.Contains(body, "D01 财务管理") || strings.Contains(body, "/taxonomies/") {
		t.Errorf("the unit's page of a finding, %d, leads to classes that do not open for it", code)
	}
	check(t, w.DB.Read(ctx, func(q db.Q) error {
		l, err := w.s.lineage(ctx, q, w.prefec.Unit)
		if now, ok := l.Now(); !ok || now.ID != three.ID {
			t.Errorf("a unit below has the classes %+v", now)
		}
		return err
	}))
	site.Actor = w.stranger
	if code, _ := site.Get(t, "/taxonomies/"+string(three.ID)); code != 404 {
		t.Errorf("a stranger reads the classes: %d", code)
	}
}
