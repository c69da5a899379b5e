package contact_test

import (
	"net/url"
	"strings"
	"testing"

	"huikan/hantext"
	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
)

// A circular in the build of the published ones; every figure is made up.
const printed = `丙江省检察机关2025年第二季度记录报告有关重大事项情况
2025年第二季度，全省检察机关共记录报告过问或干预、插手检察办案等重大事项1,234件。其中，省检察院填报34件，市级检察院填报200件，基层检察院填报1000件，分别占比2.8%、16.2%和81.0%。
从月份看，4月填报400件，5月填报410件，6月填报424件。
从内容看，了解进展、陈述案情、反映情况、督促加快办理1186件，占比96.1%；接触交往38件，占比3.1%；违规过问或干预、插手检察办案10件，占比0.8%。
从对象看，检察人员100件，占比8.1%；非检察机关人员1134件，占比91.9%。`

func read(t *testing.T, text string) (contact.Published, error) {
	t.Helper()
	a, err := hantext.Clean([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return contact.ReadPublished(a)
}

// Contradictions of a published circular are flagged, and nothing else is.
func TestPublishedFiguresAreCheckedNotRepaired(t *testing.T) {
	for _, c := range []struct {
		what, old, new string
		want           []string // kind group printed follows
	}{
		{"as it should be", "", "", nil},
		{"a class lost nine", "插手检察办案10件", "插手检察办案1件", []string{"sum class : 1234, 1225", "share class 违规过问或干预、插手检察办案: 0.8, 0.08"}},
		{"a month too many", "6月填报424件", "6月填报425件", []string{"sum month : 1234, 1235"}},
		{"a share that is cut, not rounded", "占比96.1%", "占比96.2%", nil},
		{"a share that is wrong", "占比96.1%", "占比95.1%", []string{"share class 了解进展、陈述案情、反映情况、督促加快办理: 95.1, 96.11"}},
		{"another total", "1,234件", "1,334件", []string{"sum level : 1334, 1234", "sum month : 1334, 1234", "sum class : 1334, 1234", "sum asker : 1334, 1234"}},
		{"about so many", "基层检察院填报1000件", "基层检察院填报1000余件", nil},
	} {
		p, err := read(t, strings.Replace(printed, c.old, c.new, 1))
		if err != nil {
			t.Fatal(c.what, err)
		}
		var got []string
		for _, f := range p.Flags {
			if f.Kind == contact.FlagShare && strings.HasPrefix(c.what, "another") {
				continue // with another total every share is off
			}
			got = append(got, f.String())
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: flagged %q, want %q", c.what, got, c.want)
		}
		if p.Quarter != "2025-Q2" || len(p.Groups) != 4 || len(p.Groups[0].Lines) != 3 || !p.Groups[0].Lines[2].Has {
			t.Errorf("%s: %s %+v", c.what, p.Quarter, p.Groups)
		}
	}
	for _, text := range []string{"", "某院召开会议。", "2025年第二季度工作总结，办案12件。", strings.Replace(printed, "重大事项1,234件", "重大事项若干件", 1)} {
		if a, err := hantext.Clean([]byte(text)); err == nil {
			if _, err := contact.ReadPublished(a); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%.20s: %v", text, err)
			}
		}
	}
}

func FuzzReadPublished(f *testing.F) {
	f.Add(printed)
	f.Add("2024年第四季度重大事项99999999999件。其中，最高检1件，基层院%件")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := contact.ReadPublished(hantext.Article{Body: strings.Split(text, "\n")})
		if err != nil {
			return
		}
		for _, g := range p.Groups {
			sum := 0
			for _, l := range g.Lines {
				sum += l.N
			}
			if sum != g.Sum {
				t.Fatalf("%+v", g)
			}
		}
	})
}

// The office takes a circular in once; leaders read it, others do not know of it.
func TestTakePublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.who["office"]
		code, to := w.site.Post(t, "/register/published", url.Values{"text": {strings.Replace(strings.ReplaceAll(printed, "丙江省", "河南省"), "10件", "1件", 1)}})
		if code != 303 {
			t.Fatalf("%d %.300s", code, to)
		}
		if code, body := w.site.Get(t, "/register/published"); code != 200 || !strings.Contains(body, henanName) {
			t.Errorf("%d: the list does not name the unit", code)
		}
		if code, _ := w.site.Post(t, "/register/published", url.Values{"text": {strings.Replace(strings.ReplaceAll(printed, "丙江省", "河南省"), "10件", "1件", 1)}}); code != 409 {
			t.Errorf("a second time: %d", code)
		}
		for _, v := range []url.Values{{}, {"text": {"某院召开会议。"}}, {"text": {printed}, "unit": {"没有的院"}}} {
			if code, _ := w.site.Post(t, "/register/published", v); code != 422 {
				t.Errorf("%v: %d", v, code)
			}
		}
		_, api := w.site.Get(t, "/api/v1/register/published")
		n := strings.SplitN(strings.SplitN(api, `"id":"`, 2)[1], `"`, 2)[0]
		for login, want := range map[string]int{"office": 200, "boss": 200, "upper": 200, "staff": 404, "head": 404, "sysadmin": 404} {
			w.site.Actor = w.who[login]
			for _, path := range []string{"/register/published/" + n, "/register/published"} {
				if code, _ := w.site.Get(t, path); code != want {
					t.Errorf("%s reads %s: %d", login, path, code)
				}
			}
			if login != "office" && login != "upper" {
				if code, _ := w.site.Post(t, "/register/published", url.Values{"text": {printed}}); code != 404 {
					t.Errorf("%s takes one in: %d", login, code)
				}
			}
		}
	})
}
