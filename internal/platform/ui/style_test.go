package ui

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func readAsset(t *testing.T, name string) string {
	t.Helper()
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	raw, ok := a.Read(name)
	if !ok {
		t.Fatalf("no asset %s", name)
	}
	return string(raw)
}

var tokenForm = regexp.MustCompile(`--([a-z0-9-]+):(#[0-9a-f]{3,6})\b`)

// tokens reads the colours of the rule that starts with head.
func tokens(t *testing.T, css, head string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(css, head)
	if !ok {
		t.Fatalf("style sheet has no rule %s", head)
	}
	body, _, _ := strings.Cut(rest, "}")
	out := map[string]string{}
	for _, m := range tokenForm.FindAllStringSubmatch(body, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	h := strings.TrimPrefix(hex, "#")
	if len(h) == 3 {
		h = string([]byte{h[0], h[0], h[1], h[1], h[2], h[2]})
	}
	n, err := strconv.ParseUint(h, 16, 32)
	if err != nil || len(h) != 6 {
		t.Fatalf("bad colour %q", hex)
	}
	part := func(shift uint) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// WCAG 2.2: 1.4.3 asks 4.5 for text, 1.4.11 asks 3 for controls and marks.
func TestContrastOfEveryTokenPair(t *testing.T) {
	css := readAsset(t, "app.css")
	themes := map[string]map[string]string{
		"light": tokens(t, css, ":root{"), "auto dark": tokens(t, css, ":root[data-theme=auto]{"), "dark": tokens(t, css, ":root[data-theme=dark]{"),
	}
	type pair struct {
		front, back string
		least       float64
	}
	var pairs []pair
	for _, back := range []string{"bg", "surface", "soft", "field", "brand-soft"} {
		for _, text := range []string{"text", "muted", "link"} {
			pairs = append(pairs, pair{text, back, 4.5})
		}
		pairs = append(pairs, pair{"late", back, 4.5}, pair{"edge", back, 3})
	}
	for _, class := range ChipClasses {
		pairs = append(pairs, pair{class, class + "-bg", 4.5}, pair{class, "surface", 4.5}, pair{class, "bg", 4.5}, pair{"text", class + "-bg", 4.5}, pair{"link", class + "-bg", 4.5})
	}
	for k := range 5 {
		ink := "lo"
		if k >= 3 {
			ink = "hi"
		}
		pairs = append(pairs, pair{ink, fmt.Sprintf("r%d", k), 4.5})
	}
	for k := 1; k <= 6; k++ {
		pairs = append(pairs, pair{fmt.Sprintf("c%d", k), "surface", 3})
	}
	pairs = append(pairs, pair{"brand-ink", "brand", 4.5}, pair{"red-ink", "red", 4.5}, pair{"head-ink", "head", 4.5}, pair{"red", "surface", 3}, pair{"brand", "surface", 3})
	for name, theme := range themes {
		for _, p := range pairs {
			front, back := theme[p.front], theme[p.back]
			if front == "" || back == "" {
				t.Errorf("%s: token %s or %s is missing", name, p.front, p.back)
				continue
			}
			if got := contrast(t, front, back); got < p.least {
				t.Errorf("%s: %s %s on %s %s has contrast %.2f, want %.1f", name, p.front, front, p.back, back, got, p.least)
			}
		}
	}
}

func TestContrastFormula(t *testing.T) {
	if got := contrast(t, "#000", "#ffffff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white = %.2f, want 21", got)
	}
	if got := contrast(t, "#777", "#fff"); math.Abs(got-4.48) > 0.01 {
		t.Errorf("#777 on white = %.2f, want 4.48", got)
	}
}

func TestBothDarkThemesAgree(t *testing.T) {
	css := readAsset(t, "app.css")
	chosen, system := tokens(t, css, ":root[data-theme=dark]{"), tokens(t, css, ":root[data-theme=auto]{")
	for name, value := range tokens(t, css, ":root{") {
		if chosen[name] == "" || chosen[name] != system[name] {
			t.Errorf("token %s: light %s, dark %q, auto dark %q", name, value, chosen[name], system[name])
		}
	}
}

// notInChromium87 lists what old domestic browsers do not understand and silently drop whole rules for.
var notInChromium87 = map[string][]string{
	"app.css": {":has(", "@layer", "@container", "light-dark(", "color-mix(", "oklch(", ":is(", "@property", "subgrid", "inset:", "aspect-ratio", "dvh", "overflow:clip", "text-wrap", "@scope", "@starting-style", "popover", "anchor("},
	"app.js":  {".at(", "structuredClone", "Object.hasOwn", "findLast", "groupBy", "replaceAll(", "??=", "||=", "&&=", "toSorted", "toReversed", ".showPopover", "import(", "eval(", "new Function", "document.write", "onclick=", "insertAdjacentHTML", "outerHTML", "localStorage"},
}

func TestOnlyWhatOldBrowsersUnderstand(t *testing.T) {
	notInChromium87["palette.js"] = notInChromium87["app.js"]
	notInChromium87["picture.js"] = notInChromium87["app.js"]
	for file, list := range notInChromium87 {
		text := readAsset(t, file)
		for _, bad := range list {
			if strings.Contains(text, bad) {
				t.Errorf("%s uses %q", file, bad)
			}
		}
	}
	// Nesting: a '{' inside a rule that is not an at-rule.
	depth, at := 0, []bool{}
	css := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(readAsset(t, "app.css"), "")
	start := 0
	for i, r := range css {
		switch r {
		case '{':
			head := strings.TrimSpace(css[start:i])
			if depth > 0 && !at[depth-1] {
				t.Errorf("nested rule %q", head)
			}
			at = append(at[:depth], strings.HasPrefix(head, "@"))
			depth++
			start = i + 1
		case '}':
			depth--
			start = i + 1
		case ';':
			start = i + 1
		}
	}
	if depth != 0 {
		t.Errorf("style sheet ends at depth %d", depth)
	}
}

func TestAssetSizes(t *testing.T) {
	for file, most := range map[string]int{"app.css": 26 * 1024, "app.js": 11 * 1024, "palette.js": 4 * 1024, "picture.js": 2 * 1024, "logo.svg": 1024} {
		if got := len(readAsset(t, file)); got > most {
			t.Errorf("%s has %d bytes, at most %d", file, got, most)
		}
	}
}

func TestPitfallsStayClosed(t *testing.T) {
	css := readAsset(t, "app.css")
	for _, want := range []string{"[hidden]", "scroll-padding", "@media screen and (max-width:900px)", "@media (pointer:coarse)", "@media (forced-colors:active)", "@media (prefers-reduced-motion:reduce)", "@media print", "display:table-header-group"} {
		if !strings.Contains(css, want) {
			t.Errorf("style sheet lacks %s", want)
		}
	}
	if strings.Contains(css, "@media (max-width") {
		t.Error("a width rule without screen would give printed pages the phone layout")
	}
	for _, m := range regexp.MustCompile(`font-size:\.(\d+)rem`).FindAllStringSubmatch(css, -1) {
		share, err := strconv.ParseFloat("0."+m[1], 64)
		if err != nil || share*15 < 12 {
			t.Errorf("font %s falls below 12 px", m[0])
		}
	}
}
