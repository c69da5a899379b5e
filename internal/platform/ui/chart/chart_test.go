package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var frame = Frame{ID: "x", Title: `T<&>"'`, Caption: "C<", Data: "D"}

// draw makes every chart from the same foreign texts and numbers.
func draw(text, href string, v []float64) map[string]string {
	at := func(i int) float64 { return v[i%len(v)] }
	nodes := [][]Node{{{ID: "a", Label: text, Href: href}}, {{ID: "b", Label: text}, {ID: "c", Label: text}}}
	return map[string]string{
		"tile":     string(TileMap(frame, []Tile{{Name: text, Share: at(0), Text: text, Href: href}, {Name: "n", Col: 3, Row: 2, Share: at(1)}}, TileMapWords{Low: text, High: text})),
		"burn":     string(BurnDown(frame, Burn{Labels: []string{text, "b", "c"}, Plan: v, Real: v[:1], PlanWord: text, RealWord: text, Hrefs: []string{href}})),
		"bars":     string(Bars(frame, []string{text, "s"}, []BarRow{{Label: text, Values: v, Href: href, Hrefs: []string{href, href}}}, text)),
		"heat":     string(HeatMap(frame, Heat{Rows: []string{text, "r"}, Cols: []string{text, "c"}, Values: [][]float64{v, {at(0)}}, Href: func(int, int) string { return href }})),
		"sankey":   string(Sankey(frame, nodes, []Flow{{From: "a", To: "b", Value: at(0), Href: href}, {From: "a", To: "c", Value: at(1)}, {From: "b", To: "a", Value: 2}, {From: "a", To: "zz", Value: 1}}, SankeyWords{From: text})),
		"calendar": string(Calendar(frame, []string{text}, []CalendarRow{{Label: text, Href: href, Days: []Day{{Class: text, Mark: text, Text: text, Href: href}, {}}}}, []Day{{Class: "ok", Text: text}}, text)),
		"timeline": string(Timeline(frame, []Span{{Label: text, From: "2026-01-02", To: text, Class: text, Text: text, Href: href}, {From: "2026-05-01", To: "2026-01-01"}}, text, TimelineWords{Today: text})),
		"interval": string(Interval(frame, []Estimate{{Label: text, Low: at(0), Mid: at(1), High: at(2), Text: text, Href: href}}, 0, IntervalWords{})),
		"spark":    string(Spark(text, v)),
	}
}

// elements proves that a picture is well-formed and hands over every element.
func elements(picture string, see func(xml.StartElement)) error {
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			see(start)
		}
	}
}

// Whatever the data, a chart is well-formed, holds no foreign markup, no style, no number that is none.
func TestChartsStandAnyData(t *testing.T) {
	notNumber := regexp.MustCompile(`="[^"]*(NaN|Inf)[^"]*"`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c<>&"'甲乙 ]{0,40}`).Draw(t, "text")
		href := rapid.SampledFrom([]string{"", "/a?b=1&c=<", "javascript:x", "//evil", `/\evil`, "https://evil", "?q=1", "/\tx"}).Draw(t, "href")
		number := rapid.OneOf(rapid.Float64Range(0, 1e6), rapid.SampledFrom([]float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 1e-300}))
		values := rapid.SliceOfN(number, 3, 3).Draw(t, "values")
		for name, picture := range draw(text, href, values) {
			marks := 0
			err := elements(picture, func(e xml.StartElement) {
				marks++
				for _, a := range e.Attr {
					if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
						t.Fatalf("%s: attribute %s", name, a.Name.Local)
					}
					if a.Name.Local == "href" && a.Value != "/a?b=1&c=<" && a.Value != "?q=1" {
						t.Fatalf("%s: link to %q", name, a.Value)
					}
				}
			})
			if err != nil || marks == 0 {
				t.Fatalf("%s is not well-formed: %v\n%s", name, err, picture)
			}
			if bad := notNumber.FindString(picture); bad != "" && !strings.Contains(text, "NaN") {
				t.Fatalf("%s writes %s", name, bad)
			}
		}
	})
}

func TestChartsWithoutData(t *testing.T) {
	for name, picture := range map[string]string{
		"tile": string(TileMap(frame, nil, TileMapWords{})), "burn": string(BurnDown(frame, Burn{})), "bars": string(Bars(frame, nil, nil, "")),
		"heat": string(HeatMap(frame, Heat{})), "sankey": string(Sankey(frame, nil, nil, SankeyWords{})), "calendar": string(Calendar(frame, nil, nil, nil, "")),
		"timeline": string(Timeline(frame, nil, "", TimelineWords{})), "interval": string(Interval(frame, nil, 0, IntervalWords{})), "spark": string(Spark("", nil)),
	} {
		if err := elements(picture, func(xml.StartElement) {}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") || strings.Contains(picture, "<details>") {
			t.Errorf("%s draws something from nothing: %s", name, picture)
		}
	}
}

func TestBarsStartAtZeroAndKeepProportion(t *testing.T) {
	picture := string(Bars(frame, []string{"s"}, []BarRow{{Label: "a", Values: []float64{50}}, {Label: "b", Values: []float64{100}}}, ""))
	var widths []float64
	if err := elements(picture, func(e xml.StartElement) {
		class, w, h := "", "", ""
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "class":
				class = a.Value
			case "width":
				w = a.Value
			case "height":
				h = a.Value
			}
		}
		if e.Name.Local == "rect" && class == "s1" && h == "20" {
			n, err := strconv.ParseFloat(w, 64)
			if err != nil {
				t.Fatal(err)
			}
			widths = append(widths, n)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(widths) != 2 || math.Abs(widths[1]-2*widths[0]) > 0.2 {
		t.Fatalf("widths = %v", widths)
	}
}

func TestSankeyTableLeavesOutWhatIsNotDrawn(t *testing.T) {
	picture := draw("n", "", []float64{1, 2, 3})["sankey"]
	if got := strings.Count(picture, "<tr>"); got != 3 {
		t.Errorf("table has %d rows with its head, want 3", got)
	}
	if got := strings.Count(picture, `class="fw"`); got != 2*2 { // broad and slim
		t.Errorf("%d flows are drawn, want 2", got)
	}
}

func TestRampTurnsItsInk(t *testing.T) {
	for _, c := range []struct {
		share      float64
		class, ink string
	}{{0, "r0", "tl"}, {0.59, "r2", "tl"}, {0.6, "r3", "th"}, {1, "r4", "th"}, {7, "r4", "th"}, {-1, "r0", "tl"}, {math.NaN(), "rn", "m"}} {
		if class, ink := ramp(c.share); class != c.class || ink != c.ink {
			t.Errorf("ramp(%v) = %s %s, want %s %s", c.share, class, ink, c.class, c.ink)
		}
	}
}

func TestNiceMaxCoversItsValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(1e-6, 1e12).Draw(t, "v")
		if got := niceMax(v); got < v || got > v*2.6 {
			t.Fatalf("niceMax(%v) = %v", v, got)
		}
	})
}

func TestFitNeverExceedsItsRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(0, 60, -1).Draw(t, "s")
		room := rapid.Float64Range(14, 300).Draw(t, "room")
		if got := fit(s, room, 13); textWidth(got, 13) > room {
			t.Fatalf("fit(%q, %v) = %q", s, room, got)
		}
	})
}

// A name is read whole: broken over lines, no word in two where it has room, nothing lost.
func TestLabelsAreWrappedWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z]{1,8}( [a-z]{1,8}){0,5}|[甲乙丙，。]{1,40}`).Draw(t, "s")
		lines := wrap(s, 70, 13, 99)
		for _, l := range lines {
			if textWidth(l, 13) > 70 {
				t.Fatalf("the line %q of %q is wider than its room", l, s)
			}
		}
		join := ""
		if strings.Contains(s, " ") {
			join = " "
		}
		if got := strings.Join(lines, join); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
	if got := strings.Join(wrap("落实全面从严治党", 94, 12, 4), "|"); got != "落实全面|从严治党" {
		t.Errorf("one character is left alone: %s", got)
	}
	names := []string{"Rectification of earlier findings", "全省检察机关深化巡视整改推进会召开", "closed, not looked at"}
	layers := [][]Node{{{ID: "a", Label: names[0]}, {ID: "b", Label: names[1]}}, {{ID: "m", Label: "source"}}, {{ID: "z", Label: names[2]}}}
	drawn := string(Sankey(frame, layers, []Flow{{From: "a", To: "m", Value: 3}, {From: "b", To: "m", Value: 1}, {From: "m", To: "z", Value: 4}}, SankeyWords{}))
	heat := string(HeatMap(frame, Heat{Rows: names, Cols: names, Values: [][]float64{{1, 2, 3}}}))
	for _, picture := range []string{drawn, heat} {
		if strings.Contains(picture, "…") {
			t.Errorf("a name is cut: %s", picture)
		}
	}
}
