package org_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/ui/uitest"
)

// sound asks for pages in both languages and judges their markup and words.
func sound(t *testing.T, site *platformtest.Site, paths ...string) {
	t.Helper()
	for _, lang := range []string{"zh", "en"} {
		for _, p := range paths {
			r := httptest.NewRequest("GET", p, nil)
			r.Header.Set("Accept-Language", lang)
			code, body := site.Send(t, r)
			if code != 200 || strings.Contains(body, "⟦") {
				t.Errorf("%s %s: %d %.300s", lang, p, code, body)
			}
			for _, f := range uitest.Check(body) {
				t.Errorf("%s %s: %s", lang, p, f)
			}
		}
	}
}

func TestPages(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		site := k.Serve(t, s.Room())
		site.Actor = platformtest.As("p", actor.Personnel, s.Directory().Place(""))
		sound(t, site, "/units") // empty
		if err := s.SeedTree(ctx, program); err != nil {
			t.Fatal(err)
		}
		site.Actor = platformtest.As("p", actor.Personnel, s.Directory().Place(s.Directory().Root().ID))
		u, _ := s.Directory().ByName("河南省人民检察院")
		base := "/units/" + string(u.ID)
		long := strings.Repeat("长", 200)
		worst, err := s.Add(ctx, program, org.AddUnitCmd{Code: "4199000Z", Name: long, Short: long[:180], Level: 3, Kind: "dispatched", Parent: u.Code})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Rename(ctx, program, worst.ID, org.RenameUnitCmd{Rev: 1, Name: long[3:], From: "2026-01-01", Reason: long}); err != nil {
			t.Fatal(err)
		}
		ds, err := s.AddDepartment(ctx, program, worst.ID, org.DepartmentCmd{Name: long, Kind: "business"})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, site, "/units", "/units?q=hnsjcy", "/units?level=3&per=20", "/units?under=河南省人民检察院&kind=dispatched", "/units?closed=1", base, base+"/edit", base+"/rename",
			base+"/move", base+"/close", base+"/department", "/departments/"+string(ds.ID)+"/edit", "/units/new", "/units/import", "/units/"+string(worst.ID))
		code, body := site.Get(t, "/pick/units?q=hnsjcy")
		if code != 200 || !strings.Contains(body, `{"value":"`+string(u.ID)+`","label":"河南省人民检察院"}`) {
			t.Errorf("picker: %d %s", code, body)
		}
		code, body = site.Get(t, "/units/export?as=csv&under=41070000")
		if code != 200 || !strings.Contains(body, "41070000,新乡市人民检察院") || strings.Contains(body, "郑州") {
			t.Errorf("export: %d %.300s", code, body)
		}
		if code, _ = site.Get(t, "/units/import/template"); code != 200 {
			t.Errorf("template: %d", code)
		}
	})
}

func TestForms(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := service(k)
		us := small(t, s)
		site := k.Serve(t, s.Room())
		henan := us["河南省人民检察院"]
		site.Actor = platformtest.As("p", actor.Personnel, s.Directory().Place(henan.ID))
		base := "/units/" + string(us["新乡市人民检察院"].ID)
		post := func(path string, code int, has string, kv ...string) {
			t.Helper()
			v := url.Values{}
			for i := 0; i < len(kv); i += 2 {
				v.Set(kv[i], kv[i+1])
			}
			got, body := site.Post(t, path, v)
			if got != code || !strings.Contains(body, has) {
				t.Errorf("%s: %d, has %q %t", path, got, has, strings.Contains(body, has))
			}
		}
		post("/units/new", 422, "八位数字", "code", "41", "name", "郑州市人民检察院", "level", "3", "kind", "prefecture", "parent", "河南省人民检察院")
		post("/units/new", 303, "/units/", "code", "41010000", "name", "郑州市人民检察院", "level", "3", "kind", "prefecture", "parent", "河南省人民检察院")
		post("/units/new", 404, "", "code", "33010000", "name", "杭州市人民检察院", "level", "3", "kind", "prefecture", "parent", "浙江省人民检察院")
		post(base+"/edit", 422, "没有这个类别", "rev", "1", "short", "新乡院", "kind", "court")
		post(base+"/edit", 303, base, "rev", "1", "short", "新乡院", "kind", "prefecture")
		post(base+"/edit", 409, "<span>"+us["新乡市人民检察院"].Short+"</span>", "rev", "1", "short", "我的简称", "kind", "prefecture") // what both began with
		post(base+"/edit", 409, "我的简称", "rev", "1", "short", "我的简称", "kind", "prefecture")
		post(base+"/move", 422, "请填写此项", "rev", "2", "parent", "河南省人民检察院")
		post(base+"/close", 422, "仍在运行", "rev", "2", "on", "2026-01-01", "reason", "x")
		post(base+"/rename", 303, base, "rev", "2", "name", "牧野市人民检察院", "from", "2026年1月1日", "reason", "更名")
		post(base+"/usual-departments", 303, base)
		post(base+"/usual-departments", 409, "已有内设机构")
		post(base+"/department", 422, "同名机构", "name", "办公室", "kind", "management")
		post("/units/"+string(id.New())+"/edit", 404, "", "rev", "1")
		post("/units/import", 422, "请选择文件", "token", "")
	})
}
