package person_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/sheet"
)

// A row about somebody who is there changes him; what cannot be meant for him is
// refused by name, and then nothing of the file is kept.
func TestImportChangesWhoIsThere(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.plant(t)
		number, other := idNumber("410702", "1990-02-03", 5), idNumber("410702", "1990-02-03", 7)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(w.people.AddMany(ctx, program, []person.NewPerson{
			{StaffNo: "A1", Name: "张三", Gender: "male", IDNumber: number, Unit: "新乡市人民检察院", Title: "检察官", Rank: "三级检察官", From: "2020-01-01"},
			{StaffNo: "A2", Name: "李四", Unit: "新乡市人民检察院", Title: "书记员", From: "2021-01-01"},
			{StaffNo: "A3", Name: "王五", Unit: "郑州市人民检察院", Title: "检察官", From: "2019-01-01"},
			{StaffNo: "A4", Name: "赵六", Unit: "郑州市人民检察院", Status: person.Retired, DepartedOn: "2022-01-01"},
		}))
		head := "工号,姓名,性别,身份证号,单位,职务,等级,任职日期,状态,离任日期\n"
		run := func(rows string, dry bool) *person.Report {
			t.Helper()
			res, err := w.people.ImportPeople(ctx, program, "人员.csv", strings.NewReader(head+rows), int64(len(head+rows)), dry)
			must(err)
			return res
		}
		for _, c := range []struct{ name, row, column, key string }{
			{"another name", "A2,李斯,,,新乡市人民检察院,,,,,", "name", "person.error.other_name"},
			{"another ID number", "A1,张三,," + other + ",新乡市人民检察院,,,,,", "id_number", "person.error.other_id"},
			{"an ID number of somebody else", "A2,李四,," + number + ",新乡市人民检察院,,,,,", "id_number", "person.error.id_taken"},
			{"a move without a date", "A2,李四,,,郑州市人民检察院,,,,,", "from", "person.error.since"},
			{"a post before the present one", "A2,李四,,,新乡市人民检察院,检察官助理,,2020-05-01,,", "from", "person.error.post_before"},
			{"leaving without a date", "A2,李四,,,新乡市人民检察院,,,,退休,", "departed_on", "person.error.departed_when"},
			{"coming back", "A4,赵六,,,郑州市人民检察院,,,,在职,", "status", "person.error.state_by_table"},
			{"a post for somebody who left", "A4,赵六,,,郑州市人民检察院,顾问,,2023-01-01,退休,2022-01-01", "staff_no", "person.error.departed"},
			{"one person twice", "A3,王五,,,郑州市人民检察院,,,,,\nA3,王五,,,郑州市人民检察院,,,,,", "staff_no", "intake.twice"},
		} {
			res := run("A3,王五,女,,郑州市人民检察院,,,,,\n"+c.row+"\n", false)
			if c.name == "one person twice" {
				res = run(c.row+"\n", false)
			}
			if res.Applied || !slices.ContainsFunc(res.Faults, func(e sheet.RowError) bool { return e.Column == c.column && e.Key == c.key }) {
				t.Errorf("%s: applied %v, %v", c.name, res.Applied, res.Faults)
			}
		}
		ids := map[string]id.ID{}
		for _, no := range []string{"A1", "A2", "A3"} {
			got, err := w.people.Find(ctx, program, no, "", 5)
			if err != nil || len(got) != 1 {
				t.Fatalf("%s: %v %v", no, got, err)
			}
			ids[no] = got[0].ID
		}
		find := func(no string) (p person.Person) {
			t.Helper()
			must(w.DB.Read(ctx, func(q db.Q) (err error) { p, err = person.ByID(ctx, q, ids[no]); return err }))
			return p
		}
		three := find("A3")
		if three.Gender != "" {
			t.Fatal("a refused file left a change behind")
		}

		rows := "A1,张三丰,," + number + ",新乡市人民检察院,副检察长,二级检察官,2023-05-01,,\n" +
			"A2,李四,女,,新乡市人民检察院,书记员,,,退休,2024-06-30\n" +
			"A3,王五,," + other + ",卫辉市人民检察院,检察长,,2024-01-01,,\n" +
			"A4,赵六,,,郑州市人民检察院,,,,退休,2022-01-01\n" +
			"A5,周七,,,郑州市人民检察院,,,,,\n"
		res := run(rows, true)
		if !res.OK() || res.Applied || res.Added != 1 || res.Changed != 3 || res.Same != 1 {
			t.Fatalf("dry run: %+v %v", res, res.Faults)
		}
		var said []string
		for _, c := range res.Changes {
			said = append(said, c.What+" "+c.Column+" "+c.Before+" → "+c.After)
		}
		for _, want := range []string{"张三 name 张三 → 张三丰", "张三 title 检察官 → 副检察长", "李四 gender  → person.gender.female", "王五 unit 郑州市人民检察院 → 卫辉市人民检察院", "李四 status person.state.serving → person.state.retired"} {
			if !slices.Contains(said, want) {
				t.Errorf("the dry run does not say %q: %q", want, said)
			}
		}
		if strings.Contains(strings.Join(said, " "), other) {
			t.Error("the dry run shows an ID number")
		}
		if res = run(rows, false); !res.Applied {
			t.Fatalf("not applied: %v", res.Faults)
		}
		if p := find("A1"); p.Name != "张三丰" || p.Title != "副检察长" || p.Rank != "二级检察官" {
			t.Errorf("A1 is %+v", p)
		}
		if p := find("A2"); p.Status != person.Retired || p.DepartedOn != "2024-06-30" || p.Gender != "female" {
			t.Errorf("A2 is %+v", p)
		}
		p := find("A3")
		if p.Title != "检察长" || p.Birth != "1990-02-03" || !p.HasIDNumber() {
			t.Errorf("A3 is %+v", p)
		}
		must(w.DB.Read(ctx, func(q db.Q) error {
			facts, err := person.RecusalFacts(ctx, q, three.ID)
			if !slices.Contains(facts.FormerUnits, three.Unit) {
				t.Error("the move leaves no entry of the former unit")
			}
			return err
		}))
		if again := run(rows, false); !again.OK() || again.Changed != 0 || again.Same != 5 {
			t.Errorf("the same file again: %+v %v", again, again.Faults)
		}
		stranger := platformtest.As("stranger", "personnel", w.place(t, "浙江省人民检察院"))
		body := head + "A1,张三丰,女,,新乡市人民检察院,,,,,\n"
		res, err := w.people.ImportPeople(ctx, stranger, "人员.csv", strings.NewReader(body), int64(len(body)), false)
		must(err)
		if res.Applied || len(res.Faults) == 0 || strings.Contains(strings.Join(res.Lines(func(k string, a ...any) string { return k }), ""), "张三丰") {
			t.Errorf("somebody else's people: %+v", res.Faults)
		}
	})
}
