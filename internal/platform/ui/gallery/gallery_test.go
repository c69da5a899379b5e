package gallery

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/uitest"
)

func newSet(t *testing.T) *ui.Set {
	t.Helper()
	set, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func render(t *testing.T, set *ui.Set, lang, page string, v ui.View) string {
	t.Helper()
	var b bytes.Buffer
	if err := set.Render(&b, lang, page, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every component in both languages, in all three states, as page and as drawer.
func TestEveryPageIsSound(t *testing.T) {
	set := newSet(t)
	for _, lang := range ui.Languages {
		for _, kind := range Kinds {
			data := PageData(set, lang, kind)
			for _, page := range set.Pages() {
				for _, partial := range []bool{false, true} {
					if _, ok := data[page]; !ok {
						t.Fatalf("page %s has no fixture", page)
					}
					if partial && page == "gallery/fragment" {
						continue // is a drawer itself
					}
					v := View(set, lang, kind, "/"+page, data[page])
					v.Partial = partial
					html := render(t, set, lang, page, v)
					for _, fault := range uitest.Check(html) {
						if page == "gallery/fragment" && strings.Contains(fault, "drawer-title") {
							continue // shown inside a page here, alone in the product
						}
						t.Errorf("%s %s %s partial=%v: %s", page, lang, kind, partial, fault)
					}
				}
			}
		}
	}
}

func TestForeignMarkupIsText(t *testing.T) {
	set := newSet(t)
	for page, data := range PageData(set, "zh", "worst") {
		html := render(t, set, "zh", page, View(set, "zh", "worst", "/x?a=<b>", data))
		if strings.Contains(html, "<script>alert") || strings.Contains(html, "<b>待认领") {
			t.Errorf("%s lets foreign markup through", page)
		}
	}
}

func TestPartialIsAFragment(t *testing.T) {
	set := newSet(t)
	v := View(set, "zh", "full", "/record", PageData(set, "zh", "full")["gallery/record"])
	v.Partial = true
	html := render(t, set, "zh", "gallery/record", v)
	for _, no := range []string{"<html", "<h1", "class=\"top\""} {
		if strings.Contains(html, no) {
			t.Errorf("drawer contains %s", no)
		}
	}
	if !strings.Contains(html, `id="drawer-title"`) {
		t.Error("drawer has no title")
	}
}

func TestEnglishPagesHoldNoChineseWords(t *testing.T) {
	set := newSet(t)
	for page, data := range PageData(set, "en", "full") {
		html := render(t, set, "en", page, View(set, "en", "full", "/x", data))
		html = strings.ReplaceAll(html, set.Words().T("en", "ui.other_language"), "")
		i := strings.IndexFunc(html, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF })
		if i >= 0 {
			t.Errorf("%s: Chinese in English page: %.80s", page, html[i:])
		}
	}
}

func TestListStateIsInItsAddress(t *testing.T) {
	set := newSet(t)
	html := render(t, set, "zh", "gallery/list", View(set, "zh", "full", "/list", PageData(set, "zh", "full")["gallery/list"]))
	for _, want := range []string{
		`aria-sort="ascending"><a href="/list?cols=no&amp;cols=title&amp;sort=-due&amp;status=run"`,
		`class="fc" href="/list?cols=no&amp;cols=title&amp;sort=due"`,
		`共 10,000&#43; 项`, `name="id" value="0"`, `class="due late">超期`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("ledger lacks %s", want)
		}
	}
}

func TestRefusedFormLeadsToItsFields(t *testing.T) {
	set := newSet(t)
	v := View(set, "zh", "worst", "/form", PageData(set, "zh", "worst")["gallery/form"])
	html := render(t, set, "zh", "gallery/form", v)
	for _, want := range []string{"<title>错误：", `role="alert"`, `<a href="#f-unit">`, `<a href="#f-nature-0">`, `aria-describedby="f-unit-hint f-unit-error"`, "data-sensitive"} {
		if !strings.Contains(html, want) {
			t.Errorf("refused form lacks %s", want)
		}
	}
}

func TestChartsCarryLinksTitlesAndData(t *testing.T) {
	f := fixture{t: newSet(t).Words().In("zh"), s: texts["zh"], kind: "full"}
	pictures := f.charts()
	for i, p := range pictures {
		html := string(p.Picture)
		if faults := uitest.Check(html); len(faults) > 0 {
			t.Errorf("chart %d: %v", i, faults)
		}
		hasLinks := strings.Contains(html, "<a href")
		if hasLinks != strings.Contains(html, `role="group"`) {
			t.Errorf("chart %d: links and role disagree", i)
		}
		if i < len(pictures)-1 && !(strings.Contains(html, "<details>") && strings.Contains(html, "<figcaption>")) {
			t.Errorf("chart %d lacks caption or data", i)
		}
		if strings.Contains(html, "NaN") || strings.Contains(html, "Inf") {
			t.Errorf("chart %d writes a number that is none", i)
		}
	}
	if !slices.ContainsFunc(pictures, func(p picture) bool { return strings.Contains(string(p.Picture), `url(#c3-h)`) }) {
		t.Error("second series is not hatched")
	}
}
