package inspection

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// The findings of a divided class wait until each is decided, one by one or by its
// aspect; none is lost in any figure, and each keeps the class of its day.
func TestADividedClassIsDecidedFindingByFinding(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		second := platformtest.As("second", w.office.Grants[0].Role, w.spp)
		publish := func(title, classes string) Taxonomy {
			t.Helper()
			x := must(w.s.DraftTaxonomy(ctx, w.office, TaxonomyCmd{Title: title, Source: "文件", Classes: classes}))(t)
			return must(w.s.DecideTaxonomy(ctx, second, x.ID, "publish", x.Rev))(t)
		}
		find := func(title, class, aspect string) Finding {
			t.Helper()
			c := cmd(w.visit.ID, title)
			c.Class, c.Aspect = class, aspect
			f := must(w.s.AddFinding(ctx, w.inspector, c))(t)
			f = must(w.s.Decide(ctx, w.leader, f.ID, "submit", DecideCmd{}))(t)
			return must(w.s.Decide(ctx, w.leader, f.ID, "confirm", DecideCmd{}))(t)
		}
		one := publish("第一版", "D01|财务|discipline\nD02|采购|discipline\nT01|学习|theory")
		a, b, c, buys := find("差旅", "D01", "报销"), find("补贴", "D01", "津贴"), find("交通", "D01", "报销"), find("招标", "D02", "")

		// The dry run says how many would be undecided, and nothing is written.
		draft := must(w.s.DraftTaxonomy(ctx, w.office, TaxonomyCmd{Title: "第二版", Source: "文件", Classes: "D11|报销|discipline|D01+\nD12|津贴补贴|discipline|D01+\nD02|采购|discipline\nT01|学习|theory"}))(t)
		site := k.Serve(t, words(), w.s.Room())
		site.Actor = w.office
		if code, body := site.Get(t, "/taxonomies/"+string(draft.ID)); code != 200 || !strings.Contains(body, "D01 财务 的一部分") || !strings.Contains(body, "拆分后待定") {
			t.Errorf("the dry run: %d", code)
		}
		two := must(w.s.DecideTaxonomy(ctx, second, draft.ID, "publish", draft.Rev))(t)
		three := publish("第三版", "D21|报销|discipline|D11\nD12|津贴补贴|discipline\nD02|采购|discipline\nT01|学习|theory")

		count := func(filter, value string) int {
			t.Helper()
			fs, _, err := w.s.ListFindings(ctx, w.office, page.Query{Size: 50, Filter: url.Values{filter: {value}}})
			check(t, err)
			return len(fs)
		}
		total := func() int {
			return count("undecided", string(three.ID)) + count("class", Coded{three.ID, "D21"}.text()) + count("class", Coded{three.ID, "D12"}.text()) + count("class", Coded{three.ID, "D02"}.text())
		}
		if n := count("undecided", string(three.ID)); n != 3 || total() != 4 {
			t.Fatalf("%d undecided, %d in all", n, total())
		}
		wait := func(what string, c DecideClassCmd, kind fault.Kind) {
			t.Helper()
			_, err := w.s.DecideClass(ctx, w.office, three.ID, c)
			platformtest.WantKind(t, what, err, kind)
		}
		reimbursed, allowance := Coded{two.ID, "D11"}.text(), Coded{two.ID, "D12"}.text()
		wait("a class that is no part", DecideClassCmd{Finding: a.ID, Class: Coded{three.ID, "D02"}.text()}, fault.KindInvalid)
		wait("what is not divided", DecideClassCmd{Finding: buys.ID, Class: reimbursed}, fault.KindInvalid)
		wait("no such finding", DecideClassCmd{Finding: id.New(), Class: reimbursed}, fault.KindInvalid)
		_, err := w.s.DecideClass(ctx, w.inspector, three.ID, DecideClassCmd{Finding: a.ID, Class: reimbursed})
		platformtest.WantKind(t, "an inspector decides", err, fault.KindNotFound)
		_, err = w.s.DecideClass(ctx, w.office, one.ID, DecideClassCmd{Finding: a.ID, Class: reimbursed})
		platformtest.WantKind(t, "by an old version", err, fault.KindState)

		if n := must(w.s.DecideClass(ctx, w.office, three.ID, DecideClassCmd{Finding: b.ID, Class: allowance}))(t); n != 1 {
			t.Errorf("%d decided", n)
		}
		if n := must(w.s.DecideClass(ctx, w.office, three.ID, DecideClassCmd{Was: Coded{one.ID, "D01"}.text(), Aspect: "报销", Class: reimbursed}))(t); n != 2 {
			t.Errorf("%d decided by their aspect", n)
		}
		wait("again", DecideClassCmd{Finding: a.ID, Class: allowance}, fault.KindInvalid)
		for class, want := range map[string]int{"D21": 2, "D12": 1, "D02": 1} { // what was decided went on to the third version
			if n := count("class", Coded{three.ID, class}.text()); n != want {
				t.Errorf("%s: %d, want %d", class, n, want)
			}
		}
		if count("undecided", string(three.ID)) != 0 || total() != 4 {
			t.Errorf("%d in all", total())
		}
		check(t, w.DB.Read(ctx, func(q db.Q) error {
			for _, f := range []Finding{a, b, c} {
				now, err := FindingByID(ctx, q, f.ID)
				if err != nil || now.Class != (Coded{one.ID, "D01"}) || now.Decided.Code == "" {
					t.Errorf("%s: %+v, decided %+v: %v", f.Title, now.Class, now.Decided, err)
				}
			}
			return nil
		}))
		for path, want := range map[string]string{"/taxonomies/" + string(three.ID): "D01 财务：2", "/taxonomies/" + string(three.ID) + "/undecided": "没有待定的问题", "/findings/" + string(a.ID): "D21 报销"} {
			if code, body := site.Get(t, path); code != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d, without %q", path, code, want)
			}
		}
	})
}
