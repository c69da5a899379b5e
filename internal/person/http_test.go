package person_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

// scene is a site with three people: an officer of Henan, a staff member of
// Xinxiang and his wife who works in Zhengzhou.
type scene struct {
	*world
	site                      *platformtest.Site
	officer, staff, wife, far person.Person
}

func play(t *testing.T, k *platformtest.Kit) *scene {
	t.Helper()
	ctx := context.Background()
	s := &scene{world: open(t, k)}
	s.plant(t)
	add := func(n person.NewPerson) person.Person {
		t.Helper()
		p, err := s.people.Add(ctx, program, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	s.officer = add(person.NewPerson{StaffNo: "HN001", Name: "孙明", Unit: "河南省人民检察院", Title: "政治部干部", From: "2020-01-01"})
	s.staff = add(person.NewPerson{StaffNo: "HN002", Name: "李婷", IDNumber: idNumber("410702", "1985-05-06", 2), Unit: "新乡市人民检察院", Title: "检察官", From: "2019-03-01"})
	s.wife = add(person.NewPerson{StaffNo: "HN003", Name: "赵强", IDNumber: idNumber("410102", "1984-01-02", 1), Unit: "郑州市人民检察院"})
	s.far = add(person.NewPerson{StaffNo: "ZJ001", Name: "周平", Unit: "浙江省人民检察院"})
	s.site = k.Serve(t, s.org.Room(), s.people.Room())
	return s
}

func (s *scene) as(t *testing.T, p person.Person, r actor.Role, unit string) actor.Actor {
	t.Helper()
	a := platformtest.As(string(p.ID), r, s.place(t, unit))
	a.Unit, a.Path = p.Unit, s.org.Directory().Place(p.Unit).Path
	kin, err := s.kin(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.Related = kin
	return a
}

// An identity number finds its person for who may see the number, and nobody else;
// asking is noted without it.
func TestAnIdentityNumberFindsItsPerson(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		number := idNumber("410702", "1985-05-06", 2)
		for _, c := range []struct {
			name string
			who  actor.Actor
			text string
			want int
		}{
			{"personnel above", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), " " + strings.ToLower(number), 1},
			{"a number of nobody", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), idNumber("110101", "1990-01-01", 3), 0},
			{"a wrong number", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), number[:17] + "?", 0},
			{"personnel elsewhere", s.as(t, s.far, actor.Personnel, "浙江省人民检察院"), number, 0},
			{"a leader, who sees no number", s.as(t, s.officer, actor.Leader, "河南省人民检察院"), number, 0},
		} {
			got, err := s.people.ByNumber(context.Background(), c.who, c.text)
			if err != nil || len(got) != c.want {
				t.Errorf("%s: %d, want %d, %v", c.name, len(got), c.want, err)
			}
		}
	})
}

func TestWhoSeesWhom(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		secadmin := platformtest.As("sec", actor.SecAdmin, s.place(t, "最高人民检察院"))
		for _, c := range []struct {
			name string
			who  actor.Actor
			path string
			code int
			has  string
			not  string
		}{
			{"personnel above", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people/" + string(s.staff.ID), 200, "410***********", idNumber("410702", "1985-05-06", 2)},
			{"leader sees no number", s.as(t, s.officer, actor.Leader, "河南省人民检察院"), "/people/" + string(s.staff.ID), 200, "李婷", "410***"},
			{"leader sees no relatives", s.as(t, s.officer, actor.Leader, "河南省人民检察院"), "/people/" + string(s.staff.ID), 200, "李婷", "没有申报亲属"},
			{"himself", s.as(t, s.staff, actor.Staff, "新乡市人民检察院"), "/people/" + string(s.staff.ID), 200, "申报亲属", "办理退休"},
			{"colleague", s.as(t, s.wife, actor.Staff, "郑州市人民检察院"), "/people/" + string(s.staff.ID), 404, "", "李婷"},
			{"personnel of another province", s.as(t, s.far, actor.Personnel, "浙江省人民检察院"), "/people/" + string(s.staff.ID), 404, "", "李婷"},
			{"administrator", secadmin, "/people/" + string(s.staff.ID), 404, "", "李婷"},
			{"administrator's list", secadmin, "/people", 404, "", "李婷"},
			{"nobody there", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people/" + string(id.New()), 404, "", ""},
			{"list", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people?unit=河南省人民检察院", 200, "410***********", "周平"},
			{"list by initials", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people?q=lt", 200, "李婷", "赵强"},
			{"leader's list", s.as(t, s.officer, actor.Leader, "河南省人民检察院"), "/people", 200, "李婷", "410***"},
			{"own list", s.as(t, s.staff, actor.Staff, "新乡市人民检察院"), "/people", 200, "李婷", "赵强"},
			{"unknown unit", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people?unit=无此单位", 200, "没有符合条件", "李婷"},
			{"officer may not edit himself", s.as(t, s.officer, actor.Personnel, "河南省人民检察院"), "/people/" + string(s.officer.ID) + "/edit", 404, "", "孙明"},
			{"staff may not edit", s.as(t, s.staff, actor.Staff, "新乡市人民检察院"), "/people/" + string(s.staff.ID) + "/edit", 404, "", ""},
			{"staff may not export", s.as(t, s.staff, actor.Staff, "新乡市人民检察院"), "/people/export", 404, "", ""},
			{"picker", s.as(t, s.officer, actor.Office, "河南省人民检察院"), "/pick/people?q=李", 200, "李婷", "410***"},
			{"picker of another province", s.as(t, s.far, actor.Office, "浙江省人民检察院"), "/pick/people?q=李", 200, "[]", "李婷"},
		} {
			s.site.Actor = c.who
			code, body := s.site.Get(t, strings.ReplaceAll(c.path, "无此单位", url.QueryEscape("无此单位")))
			if code != c.code || !strings.Contains(body, c.has) || c.not != "" && strings.Contains(body, c.not) {
				t.Errorf("%s: %d, has %t, has not %t", c.name, code, strings.Contains(body, c.has), !strings.Contains(body, c.not))
			}
		}
	})
}

// Every page in both languages, as full as it gets, is sound markup without an
// unknown word.
func TestPagesAreSound(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		ctx := context.Background()
		long := strings.Repeat("长", 100)
		r, err := s.people.DeclareRelative(ctx, program, s.staff.ID, person.RelativeCmd{Relation: "spouse", Name: long, StaffNo: "HN003", Employer: long + long})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.people.AddEmployment(ctx, program, s.staff.ID, person.EmploymentCmd{Employer: long + long, Title: "干部", From: "2001-01-01", To: "2002-01-01"}); err != nil {
			t.Fatal(err)
		}
		s.site.Actor = s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		base := "/people/" + string(s.staff.ID)
		paths := []string{"/people", "/people?q=none", "/people?sort=-name&leadership=0&status=serving", "/people/new", "/people/import", base, base + "/edit", base + "/post", base + "/history",
			base + "/reveal", base + "/relative", base + "/relatives/" + string(r.ID) + "/correct", base + "/relatives/" + string(r.ID) + "/end", base + "/retire"}
		for _, lang := range []string{"zh", "en"} {
			for _, p := range paths {
				req := httptest.NewRequest("GET", p, nil)
				req.Header.Set("Accept-Language", lang)
				code, body := s.site.Send(t, req)
				if code != 200 || strings.Contains(body, "⟦") {
					t.Errorf("%s %s: %d %.200s", lang, p, code, body)
				}
				for _, f := range uitest.Check(body) {
					t.Errorf("%s %s: %s", lang, p, f)
				}
			}
		}
	})
}

func TestFormsKeepWhatWasTyped(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		s.site.Actor = s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		base := "/people/" + string(s.staff.ID)
		code, body := s.site.Post(t, base+"/edit", url.Values{"rev": {"1"}, "name": {"李婷婷"}, "gender": {"male"}})
		if code != 422 || !strings.Contains(body, "李婷婷") || !strings.Contains(body, "不一致") {
			t.Errorf("a contradiction: %d", code)
		}
		code, to := s.site.Post(t, base+"/edit", url.Values{"rev": {"1"}, "name": {"李婷婷"}, "native": {"河南省新乡市"}})
		if code != 303 || !strings.HasPrefix(to, base) {
			t.Errorf("edit: %d %s", code, to)
		}
		code, body = s.site.Post(t, base+"/edit", url.Values{"rev": {"1"}, "name": {"李廷"}})
		if code != 409 || !strings.Contains(body, "李廷") || !strings.Contains(body, "李婷婷") || !strings.Contains(body, "<span>李婷</span>") {
			t.Errorf("a stale edit: %d, both versions %t %t and the first", code, strings.Contains(body, "李廷"), strings.Contains(body, "李婷婷"))
		}
		code, body = s.site.Post(t, base+"/reveal", url.Values{"reason": {""}})
		if code != 422 || strings.Contains(body, idNumber("410702", "1985-05-06", 2)) {
			t.Errorf("a reveal without reason: %d", code)
		}
		code, body = s.site.Post(t, base+"/reveal", url.Values{"reason": {"办理社保"}})
		if code != 200 || !strings.Contains(body, idNumber("410702", "1985-05-06", 2)) {
			t.Errorf("reveal: %d", code)
		}
	})
}

func upload(t *testing.T, s *scene, path, name, text string) (int, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, err := m.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.site.Send(t, r)
}

func TestImportIsPreviewedThenAllOrNothing(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		s.site.Actor = s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		good := idNumber("410702", "1990-02-03", 5)
		bad := good[:17] + string("0123456789X"[(strings.IndexByte("0123456789X", good[17])+1)%11])
		head := "工号,姓名,性别,身份证号,单位,职务,状态\n"
		code, body := upload(t, s, "/people/import", "人员.csv", head+"A1,张三,男,"+good+",新乡市人民检察院,检察官,在职\nA2,李四,男,"+bad+",新乡市人民检察院,,\nA3,王五,,,浙江省人民检察院,,\nA1,赵六,,,新乡市人民检察院,,上班\n")
		for _, want := range []string{"校验位", "不在您的管理范围内", "与第 2 行重复", "没有这个状态", "下载标注副本"} {
			if !strings.Contains(body, want) {
				t.Errorf("the preview does not say %s", want)
			}
		}
		if code != 200 {
			t.Errorf("preview: %d", code)
		}
		if got, err := s.people.Find(context.Background(), program, "A1", "", 5); err != nil || len(got) != 0 {
			t.Errorf("a faulty file left %d people, %v", len(got), err)
		}
		_, body = upload(t, s, "/people/import", "人员.csv", head+"A1,张三,男,"+good+",新乡市人民检察院,检察官,在职\nHN003,赵强,,,郑州市人民检察院,,\n")
		i := strings.Index(body, `name="token" value="`)
		if i < 0 {
			t.Fatalf("no way to import: %.300s", body)
		}
		token := body[i+len(`name="token" value="`):]
		token = token[:strings.IndexByte(token, '"')]
		s.site.Actor = s.as(t, s.far, actor.Personnel, "浙江省人民检察院")
		if code, _ := s.site.Post(t, "/people/import", url.Values{"token": {token}}); code != 409 {
			t.Errorf("somebody else's file: %d", code)
		}
		s.site.Actor = s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		if code, to := s.site.Post(t, "/people/import", url.Values{"token": {token}}); code != 303 {
			t.Errorf("import: %d %s", code, to)
		}
		got, err := s.people.Find(context.Background(), program, "A1", "", 5)
		if err != nil || len(got) != 1 || got[0].Birth != "1990-02-03" || got[0].Title != "检察官" {
			t.Errorf("imported %v, %v", got, err)
		}
		code, body = s.site.Get(t, "/people/export?as=csv")
		if code != 200 || !strings.Contains(body, "A1,张三,男,1990-02-03,410***********") || strings.Contains(body, good) || strings.Contains(body, "周平") {
			t.Errorf("export: %d %s", code, body)
		}
	})
}
