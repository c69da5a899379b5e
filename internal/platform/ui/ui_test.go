package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
)

func newSet(t *testing.T) *Set {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func room(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func TestAddRoomRefuses(t *testing.T) {
	ok := `{{define "main"}}x{{end}}`
	both := func(zh, en string) map[string]map[string]string {
		return map[string]map[string]string{"zh": {"r.a": zh}, "en": {"r.a": en}}
	}
	cases := []struct {
		name  string
		pages fstest.MapFS
		words map[string]map[string]string
		want  string
	}{
		{"a page without main", room("a.html", `{{define "title"}}x{{end}}`), nil, `"main" is missing`},
		{"broken syntax", room("a.html", `{{define "main"}}{{if}}{{end}}`), nil, "missing value for if"},
		{"an unknown function", room("a.html", `{{define "main"}}{{safe "x"}}{{end}}`), nil, `function "safe" not defined`},
		{"an unknown component", room("a.html", `{{define "main"}}{{template "tabel" .}}{{end}}`), nil, `"tabel"`},
		{"an unescapable place", room("a.html", `{{define "main"}}<a href="{{if .}}"{{end}}>x</a>{{end}}`), nil, "different contexts"},
		{"an unknown word", room("a.html", `{{define "main"}}{{if .}}{{t "r.nothing"}}{{end}}{{end}}`), nil, `"r.nothing" is missing`},
		{"a word hidden in an argument", room("a.html", `{{define "main"}}{{chip "ok" (t "r.nothing")}}{{end}}`), nil, `"r.nothing" is missing`},
		{"a word in one language only", room("a.html", ok), map[string]map[string]string{"zh": {"r.a": "甲"}}, "missing in en"},
		{"an empty word", room("a.html", ok), both("甲", ""), "empty in en"},
		{"other placeholders", room("a.html", ok), both("甲{0}", "a {1}"), "placeholders"},
		{"a word that is taken", room("a.html", ok), map[string]map[string]string{"zh": {"ui.menu": "x"}, "en": {"ui.menu": "x"}}, "defined twice"},
		{"an unknown language", room("a.html", ok), map[string]map[string]string{"fr": {"r.a": "x"}}, `unknown catalogue language "fr"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			set := newSet(t)
			set.SetStrict(true)
			err := set.AddRoom("r", c.pages, c.words)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("AddRoom error = %v, want %q", err, c.want)
			}
		})
	}
}

func TestAddRoomRefusesAPageTwice(t *testing.T) {
	s := newSet(t)
	pages := room("a.html", `{{define "main"}}x{{end}}`)
	if err := s.AddRoom("r", pages, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.AddRoom("r", pages, nil); err == nil || !strings.Contains(err.Error(), "defined twice") {
		t.Errorf("second AddRoom = %v", err)
	}
}

func TestRoomsShareBlocksButPagesDoNot(t *testing.T) {
	s := newSet(t)
	pages := room(
		"_parts.html", `{{define "part"}}[shared {{.Title}}]{{end}}`,
		"a.html", `{{define "row"}}row of a{{end}}{{define "main"}}{{template "part" .}}{{template "row" .}}{{end}}`,
		"b.html", `{{define "row"}}row of b{{end}}{{define "main"}}{{template "row" .}}{{template "part" .}}{{end}}`,
	)
	if err := s.AddRoom("r", pages, nil); err != nil {
		t.Fatal(err)
	}
	// Rooms added after the first rendering must work too.
	render(t, s, "zh", "r/a", View{Title: "T"})
	if err := s.AddRoom("q", room("a.html", `{{define "row"}}row of q{{end}}{{define "main"}}{{template "row" .}}{{end}}`), nil); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{"r/a": "[shared T]row of a", "r/b": "row of b[shared T]", "q/a": "row of q"} {
		if html := render(t, s, "en", page, View{Title: "T"}); !strings.Contains(html, want) {
			t.Errorf("%s lacks %q", page, want)
		}
	}
	if got := strings.Join(s.Pages(), " "); got != "q/a r/a r/b ui/error" {
		t.Errorf("Pages() = %s", got)
	}
}

func render(t *testing.T, s *Set, lang, page string, v View) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Render(&b, lang, page, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRenderRefuses(t *testing.T) {
	s := newSet(t)
	if err := s.AddRoom("r", room("a.html", `{{define "main"}}{{t .Title}}{{.Data.None}}{{end}}`), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Render(io.Discard, "zh", "r/none", View{}); err == nil {
		t.Error("an unknown page is rendered")
	}
	if err := s.Render(io.Discard, "zh", "r/a", View{Title: "ui.menu", Data: map[string]int{}}); err == nil {
		t.Error("a missing field is rendered")
	}
	s.SetStrict(true)
	if err := s.Render(io.Discard, "zh", "r/a", View{Title: "no.such", Data: map[string]int{"None": 1}}); err == nil || !strings.Contains(err.Error(), "no.such") {
		t.Errorf("strict rendering of an unknown word = %v", err)
	}
	s.SetStrict(false)
	if html := render(t, s, "zh", "r/a", View{Title: "no.such", Data: map[string]int{"None": 1}}); !strings.Contains(html, "⟦no.such⟧") {
		t.Error("an unknown word is not visible")
	}
}

func TestRenderSetsLanguageAndPreferences(t *testing.T) {
	s := newSet(t)
	v := View{Size: "large", Data: ErrorPage{Title: "x"}}
	for lang, want := range map[string]string{"zh": `<html lang="zh-CN" data-theme="auto" data-size="large">`, "en": `<html lang="en" data-theme="auto"`, "xx": `<html lang="zh-CN"`} {
		if html := render(t, s, lang, "ui/error", v); !strings.Contains(html, want) {
			t.Errorf("%s page lacks %s", lang, want)
		}
	}
}

func TestWords(t *testing.T) {
	w := &Words{texts: map[string]map[string]string{}}
	text := map[string]string{"k": "{0} of {1}", "n": "{who} did {what}", "p": "{0} {0|day|days}", "plain": "x"}
	if err := w.add(map[string]map[string]string{"zh": text, "en": text}); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, key string
		args      []any
		want      string
	}{
		{"arguments in order", "k", []any{3, "7"}, "3 of 7"},
		{"a missing argument stays visible", "k", []any{3}, "3 of {1}"},
		{"an argument is not filled again", "k", []any{"{1}", "x"}, "{1} of x"},
		{"named by pairs", "n", []any{"who", "A", "what", 1}, "A did 1"},
		{"named by a map", "n", []any{map[string]any{"who": "A", "what": "B"}}, "A did B"},
		{"named by a map of texts", "n", []any{map[string]string{"who": "A", "what": "B"}}, "A did B"},
		{"one", "p", []any{1}, "1 day"},
		{"many", "p", []any{2}, "2 days"},
		{"nothing to fill", "plain", []any{1}, "x"},
		{"unknown key", "none", nil, "⟦none⟧"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := w.In("en")(c.key, c.args...); got != c.want {
				t.Errorf("T = %q, want %q", got, c.want)
			}
		})
	}
}

func TestSharedCatalogueIsComplete(t *testing.T) {
	w := newSet(t).Words()
	zh, en := w.Keys("zh"), w.Keys("en")
	if len(zh) < 150 || strings.Join(zh, " ") != strings.Join(en, " ") {
		t.Errorf("%d Chinese and %d English words", len(zh), len(en))
	}
	for _, key := range en {
		if strings.IndexFunc(w.T("en", key), func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0 && key != "ui.other_language" {
			t.Errorf("English word %s holds Chinese: %s", key, w.T("en", key))
		}
		if !strings.Contains(key, ".") || key != strings.ToLower(key) {
			t.Errorf("word key %q is not lower-case with a group", key)
		}
	}
}

func TestShownValues(t *testing.T) {
	var none *time.Time
	at := time.Date(2026, 3, 9, 17, 30, 0, 0, time.UTC)
	cases := []struct {
		name, got, want string
	}{
		{"an instant is shown as Beijing date", showDate(at), "2026-03-10"},
		{"a pointer to an instant", showDate(&at), "2026-03-10"},
		{"no instant", showDate(none), "—"},
		{"a civil date as text", showDate("2026-03-10"), "2026-03-10"},
		{"empty text", showDate(""), "—"},
		{"the zero time", showDate(time.Time{}), "—"},
		{"a moment", showMoment(at), "2026-03-10 01:30"},
		{"a moment as stored", showMoment("2026-03-09T17:30:00.000Z"), "2026-03-10 01:30"},
		{"thousands", showNumber(1234567), "1,234,567"},
		{"three digits", showNumber(-123), "-123"},
		{"negative thousands", showNumber(int64(-1234)), "-1,234"},
		{"a decimal", showNumber(1234.56), "1,234.6"},
		{"a whole decimal", showNumber(12.0), "12"},
		{"unknown", showNumber(nil), "—"},
		{"a share", showShare(0.924), "92.4%"},
		{"no share", showShare((*float64)(nil)), "—"},
		{"bytes", showSize(512), "512 B"},
		{"megabytes", showSize(5 << 20), "5 MB"},
		{"an address", href("/list", "q", "a b&c", "empty", ""), "/list?q=a+b%26c"},
		{"an address without query", href("/list"), "/list"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestAFilterCanBeKept(t *testing.T) {
	menu := []MenuGroup{{Items: []MenuItem{{Href: "/tasks"}, {Href: "/views"}}}}
	for _, c := range []struct {
		path string
		menu []MenuGroup
		want string
	}{
		{"/tasks?view=late&q=整改&done=done.task.sign&n=3&after=x", menu, "/views?address=" + url.QueryEscape("/tasks?q=%E6%95%B4%E6%94%B9&view=late")},
		{"/tasks", menu, ""},
		{"/tasks?q=&unit=&per=100", menu, ""},
		{"/tasks?done=done.task.sign", menu, ""},
		{"/views?address=/x", menu, ""},
		{"/tasks?view=late", menu[:0], ""},
	} {
		if got := (View{Path: c.path, Menu: c.menu}).KeepHref(); got != c.want {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
}

func TestDueFlag(t *testing.T) {
	tr := newSet(t).Words().In("zh")
	for _, c := range []struct{ due, today, want string }{
		{"2026-03-01", "2026-03-10", "超期 9 天"}, {"2026-03-10", "2026-03-10", "今日到期"}, {"2026-03-25", "2026-03-10", "临期 15 天"},
		{"2026-03-26", "2026-03-10", ""}, {"", "2026-03-10", ""}, {"2026-03-01", "", ""}, {"长期坚持", "2026-03-10", ""},
	} {
		got := string(Due(tr, c.due, c.today))
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("Due(%s, %s) = %q, want %q", c.due, c.today, got, c.want)
		}
	}
}

func TestChipEscapesAndKeepsToSixClasses(t *testing.T) {
	got := string(Chip{Class: `x" onload="y`, Word: "<b>"}.HTML())
	if !strings.Contains(got, `class="st off"`) || !strings.Contains(got, "&lt;b&gt;") {
		t.Errorf("chip = %s", got)
	}
}

func TestTableAddresses(t *testing.T) {
	table := Table{Base: "/l", Params: url.Values{"s": {"a", "b"}, "after": {"z"}, "sort": {"due"}, "per": {"50"}}, Filters: []Field{{Name: "s"}}}
	cases := []struct{ name, got, want string }{
		{"sorting starts at the beginning", table.SortHref(Column{Key: "no"}), "/l?per=50&s=a&s=b&sort=no"},
		{"sorting again turns the order", table.SortHref(Column{Key: "due", Sort: "asc"}), "/l?per=50&s=a&s=b&sort=-due"},
		{"one of two values goes", table.Without(ActiveFilter{Key: "s", Value: "a"}), "/l?per=50&s=b&sort=due"},
		{"clearing keeps the layout", table.ClearHref(), "/l?per=50&sort=due"},
		{"another length", table.PerHref(20), "/l?per=20&s=a&s=b&sort=due"},
		{"no query at all", Table{Base: "/l"}.ClearHref(), "/l"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
	if table.Params.Get("after") != "z" || len(table.Params["s"]) != 2 {
		t.Error("building addresses changed the query in force")
	}
	if keep := table.KeepForFilter(); len(keep) != 2 || keep[0].Name != "per" || keep[1].Name != "sort" {
		t.Errorf("filter form keeps %v", keep)
	}
}

func TestAssets(t *testing.T) {
	a := newSet(t).Assets()
	at := a.AssetPath("app.css")
	if !strings.HasPrefix(at, "/static/app-") || !strings.HasSuffix(at, ".css") || a.AssetPath("none") != "" {
		t.Fatalf("AssetPath = %s", at)
	}
	ask := func(method, path, encoding string) *http.Response {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		a.ServeAsset(w, r)
		return w.Result()
	}
	raw, _ := a.Read("app.css")
	plainAnswer := ask("GET", at, "gzip;q=0, br")
	if body, err := io.ReadAll(plainAnswer.Body); err != nil || !bytes.Equal(body, raw) || plainAnswer.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain answer has %d bytes, want %d", len(body), len(raw))
	}
	packed := ask("GET", at, "br, gzip")
	unzip, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(unzip); err != nil || !bytes.Equal(body, raw) {
		t.Errorf("packed answer differs: %v", err)
	}
	for key, want := range map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "text/css; charset=utf-8", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"} {
		if got := packed.Header.Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if r := ask("GET", "/static/app.css", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("a name without hash gives %d", r.StatusCode)
	}
	if body, err := io.ReadAll(ask("HEAD", at, "").Body); err != nil || len(body) != 0 {
		t.Errorf("HEAD gives %d bytes", len(body))
	}
}

func TestWatermarkFitsItsText(t *testing.T) {
	short, long := WatermarkSVG("甲"), WatermarkSVG(strings.Repeat("甲<", 60))
	if strings.Contains(long, "甲<甲") || len(long) <= len(short) {
		t.Error("the mark is not escaped")
	}
	size := func(svg string) string { return svg[strings.Index(svg, "width="):strings.Index(svg, "><text")] }
	if size(short) == size(long) {
		t.Error("the tile does not grow with its text")
	}
}

// A word that begins small inside of sentences begins large as a label.
func TestLabelsBeginWithACapital(t *testing.T) {
	for label, want := range map[string]string{"round": "Round", "Round": "Round", "轮次": "轮次", "": "", "§ 3": "§ 3"} {
		if got := capital(label); got != want {
			t.Errorf("%q became %q, want %q", label, got, want)
		}
	}
}
