package screening

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui/uitest"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
	"huikan/internal/screening/rules"
)

// site serves the rooms; unknown words are errors.
func (w *world) site(t *testing.T, who actor.Actor) *platformtest.Site {
	t.Helper()
	s := w.Serve(t, w.org.Room(), w.people.Room(), w.Room(),
		web.Room{Name: "sheet", Words: web.Words(sheet.Words)}, web.Room{Name: "document", Words: web.Words(document.Words)}, web.Room{Name: "vault", Words: web.Words(vault.Words)})
	s.Actor = who
	return s
}

func TestEveryPageInBothLanguages(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, second, bar := w.as(t, "reader"), w.as(t, "second"), w.as(t, "bar")
		h := w.hit(t, reader, "欧阳振鹏")
		out := w.confirmed(t, h.ID)
		in, err := w.Tell(ctx, bar, TellCmd{Kind: OfApplication, Unit: "河南省人民检察院", Subject: "赫连秀芳", Firm: "某所", Body: "请出具意见"})
		if err != nil {
			t.Fatal(err)
		}
		vs, err := w.Versions(ctx, reader, "")
		if err != nil {
			t.Fatal(err)
		}
		site := w.site(t, reader)
		for _, lang := range []string{"zh", "en"} {
			for who, pages := range map[string][]string{
				"reader": {"/screening", "/screening?state=dismissed", "/screening?q=zzz", "/screening/review", "/screening/hits/" + string(h.ID), "/screening/hits/" + string(w.hit(t, reader, "慕容雪娇").ID),
					"/screening/persons/" + url.PathEscape(h.Left), "/screening/persons/" + url.PathEscape("staff:政治部:S3"), "/screening/calendar", "/screening/together", "/screening/readers", "/screening/registers",
					"/screening/registers/" + string(vs[0].ID), "/screening/import?kind=cases", "/screening/warnings", "/screening/yearly", "/screening/warnings/" + string(out.ID), "/screening/warnings/" + string(in.ID),
					"/screening/rules", "/screening/rules/2019-10-01", "/screening/clinic"},
				"bar": {"/screening/warnings", "/screening/yearly", "/screening/warnings/" + string(out.ID), "/screening/warnings/" + string(in.ID), "/screening/tell", "/screening/ask", "/screening/registers", "/screening/import?kind=lawyers"},
			} {
				site.Actor = map[string]actor.Actor{"reader": second, "bar": bar}[who]
				for _, p := range pages {
					r := httptest.NewRequest("GET", p, nil)
					r.Header.Set("Accept-Language", lang)
					status, body := site.Send(t, r)
					if status != 200 {
						t.Errorf("%s %s as %s: %d %s", lang, p, who, status, body)
						continue
					}
					for _, f := range uitest.Check(body) {
						t.Errorf("%s %s: %v", lang, p, f)
					}
				}
			}
		}
		site.Actor = bar
		for _, p := range []string{"/screening", "/screening/hits/" + string(h.ID), "/screening/persons/" + url.PathEscape(h.Left), "/screening/review", "/screening/rules", "/screening/clinic", "/screening/registers/" + string(vs[len(vs)-1].ID), "/screening/import?kind=staff"} {
			if status, _ := site.Get(t, p); status != 404 {
				t.Errorf("the liaison gets %s: %d", p, status)
			}
		}
		todo, err := w.Todo(ctx, bar)
		if err != nil || len(todo) != 1 || todo[0].Verb != "warning.do.receive" {
			t.Errorf("the liaison's list: %+v %v", todo, err)
		}
	})
}

// confirmed lets two readers confirm a hit and warns of it.
func (w *world) confirmed(t *testing.T, n id.ID) Warning {
	t.Helper()
	if err := w.Judge(ctx, w.as(t, "reader"), n, "hit", JudgeCmd{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Judge(ctx, w.as(t, "second"), n, "confirm", JudgeCmd{}); err != nil {
		t.Fatal(err)
	}
	out, err := w.Send(ctx, w.as(t, "reader"), SendCmd{Hit: n, Body: "请核实"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// post sends a register by the page's form.
func post(t *testing.T, s *platformtest.Site, fields map[string]string, name, body string) (int, string) {
	t.Helper()
	return postTo(t, s, "/screening/import", fields, name, body)
}

func postTo(t *testing.T, s *platformtest.Site, path string, fields map[string]string, name, body string) (int, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.Send(t, r)
}

func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

func TestARegisterComesInByThePage(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		site := w.site(t, w.as(t, "bar"))
		fields := map[string]string{"kind": "lawyers", "source": "司法厅", "as_of": "2026-03-01"}
		// Another layout: headings of their own.
		other := "律师大名,性别,生日,证件,证号,机构,地点\n欧阳振鹏,男,1975-03-12,410702197503120012,1,某所,郑州市\n"
		status, body := post(t, site, fields, "other.csv", other)
		if status != 422 || !strings.Contains(body, "姓名") {
			t.Errorf("unknown headings: %d", status)
		}
		token := between(body, `name="token" value="`, `"`)
		if token == "" {
			t.Fatal("the refused page offers no mapping")
		}
		form := url.Values{"kind": {"lawyers"}, "source": {"司法厅"}, "as_of": {"2026-03-01"}, "token": {token}, "map.name": {"律师大名"}, "map.id_no": {"证件"}, "map.birth_date": {"生日"},
			"map.license_no": {"证号"}, "map.firm_name": {"机构"}, "map.firm_city": {"地点"}}
		status, body = site.Post(t, "/screening/import", form)
		if status != 200 || !strings.Contains(body, "map.firm_name") {
			t.Fatalf("with a mapping: %d %s", status, body)
		}
		form.Set("apply", "1")
		status, to := site.Post(t, "/screening/import", form)
		if status != 303 {
			t.Fatalf("apply: %d %s", status, to)
		}
		// The next version of the source needs no mapping.
		status, body = post(t, site, fields, "other.csv", other+"司徒建业,男,1983-09-09,,2,某所,郑州市\n")
		if status != 200 || !strings.Contains(body, "新增 1") {
			t.Errorf("the mapping was not remembered: %d", status)
		}
		// Rows at fault come back in the file's own format.
		bad := lawyerHead + lawyerRows[0] + "\n,男,1975-03-12,,9,某所,郑州市,河南省,执业,\n"
		status, body = post(t, site, map[string]string{"kind": "lawyers", "source": "别处", "as_of": "2026-03-01"}, "bad.csv", bad)
		if status != 200 || !strings.Contains(body, "1 行有问题") {
			t.Fatalf("a row without name: %d", status)
		}
		status, body = site.Get(t, "/screening/import/bad"+strings.ReplaceAll(between(body, `href="/screening/import/bad`, `"`), "&amp;", "&"))
		lines := strings.Split(strings.TrimSpace(body), "\n")
		if status != 200 || len(lines) != 3 || !strings.Contains(lines[2], "必填") && !strings.Contains(lines[2], "填写") || !strings.Contains(lines[1], "歐陽振鵬") {
			t.Errorf("annotated copy: %d %q", status, body)
		}
	})
}

func TestTheCounterIsAnsweredWithReasons(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		site := w.site(t, w.as(t, "bar"))
		ask := func(in AskCmd) (int, Answer) {
			raw, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("POST", "/api/v1/screenings", bytes.NewReader(raw))
			r.Header.Set("Content-Type", "application/json")
			status, body := site.Send(t, r)
			var a Answer
			if status == 200 {
				if err := json.Unmarshal([]byte(body), &a); err != nil {
					t.Fatal(err)
				}
			}
			return status, a
		}
		status, a := ask(AskCmd{Name: "歐陽振鵬", IDNumber: citizen("410702", "1975-03-12", 11), Province: "河南省", City: "红旗区", Firm: "某所", Ref: "2026-1"})
		if status != 200 || a.Result != Restricted || len(a.Matches) != 1 || a.Matches[0].Until != "2028-03-10" || len(a.Matches[0].Reasons) == 0 || a.Matches[0].AskUnit != "新乡市红旗区人民检察院" {
			t.Errorf("restricted: %d %+v", status, a)
		}
		if status, a := ask(AskCmd{Name: "张三丰", Birth: "1999-01-01"}); status != 200 || a.Result != Clear || len(a.Matches) != 0 {
			t.Errorf("clear: %d %+v", status, a)
		}
		// Only name and birth: the counter learns whom to ask, not who it is.
		if status, a := ask(AskCmd{Name: "欧阳振鹏", Birth: "1975-03"}); status != 200 || a.Result != Review || len(a.Matches) == 0 || len(a.Matches[0].Verdicts) != 0 {
			t.Errorf("review: %d %+v", status, a)
		}
		if status, _ := ask(AskCmd{Name: "欧阳振鹏"}); status != 422 {
			t.Errorf("a name alone: %d", status)
		}
		site.Actor = w.as(t, "personnel")
		if status, _ := ask(AskCmd{Name: "欧阳振鹏", Birth: "1975-03-12"}); status != 404 {
			t.Errorf("personnel asks: %d", status)
		}
		site.Actor = w.as(t, "bar")
		if status, body := site.Post(t, "/screenings", url.Values{"name": {"欧阳振鹏"}, "id_number": {citizen("410702", "1975-03-12", 11)}, "city": {"红旗区"}}); status != 200 || !strings.Contains(body, "限制从业") {
			t.Errorf("by the page: %d", status)
		}
	})
}

// What stands on a page by a key has its word in both languages: difficulties of the labelled pairs, blanks of the rules' sentences.
func TestWhatIsShownByKeyHasItsWord(t *testing.T) {
	rep, err := Measure(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, x := range rep.ByTag {
		keys = append(keys, "clinic.tag."+x.Tag)
	}
	editions, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range editions {
		for _, x := range e.Rules {
			for _, b := range braces.FindAllString(x.ZH+x.EN, -1) {
				keys = append(keys, "rules.blank."+strings.Trim(b, "{}"))
			}
		}
	}
	if len(keys) < 40 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, lang := range []string{"zh", "en"} {
		raw, err := files.ReadFile("words." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if words[k] == "" {
				t.Errorf("%s has no word in %s", k, lang)
			}
		}
	}
}
