package directive_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"huikan/hantext"
	"huikan/internal/directive"
)

// written shows a draft the way the expectations in testdata are kept: warnings,
// heads, demands with their paragraph, then every sentence with its class.
func written(d directive.Draft) string {
	var b strings.Builder
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "! %s\n", w)
	}
	for _, t := range d.Themes {
		fmt.Fprintf(&b, "# %s\n", t.Title)
		for _, r := range t.Requirements {
			fmt.Fprintf(&b, "%d %s\n", r.Paragraph, r.Quote)
		}
	}
	b.WriteString("---\n")
	for _, s := range d.Sentences {
		fmt.Fprintf(&b, "%s %s\n", s.Class, s.Text)
	}
	return b.String()
}

func TestExtractReadsMeetingsOfEveryBuild(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d texts, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(f, ".txt") + ".want")
		if err != nil {
			t.Fatal(err)
		}
		a, err := hantext.Clean(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(directive.Extract(a)); got != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", f, got, want)
		}
	}
}

func demands(body ...string) []string {
	var out []string
	for _, t := range directive.Extract(hantext.Article{Title: "会议", Body: body}).Themes {
		for _, r := range t.Requirements {
			out = append(out, r.Quote)
		}
	}
	return out
}

func TestWhatAsksAndWhatTells(t *testing.T) {
	for _, tc := range []struct {
		text string
		want string // joined by |
	}{
		{"会议强调，要把整改抓到底；要把制度立起来。", "要把整改抓到底|要把制度立起来"},
		{"会议指出，过去一年坚决惩治了一批案件，取得明显成效。", ""},
		{"主要做法值得推广，重要经验有三条。", ""},
		{"各单位务必于月底前报送方案。", "各单位务必于月底前报送方案"},
		{"各市级院须于9月底前报送自查情况。", "各市级院须于9月底前报送自查情况"},
		{"符合条件的无须重复报送。", ""},
		{"（一）各基层院主要负责人必须亲自研究整改方案，月底前报送责任清单。", "各基层院主要负责人必须亲自研究整改方案，月底前报送责任清单"},
		{"对已销号事项，三个月内必须开展回头看，比例不低于百分之三十。", "对已销号事项，三个月内必须开展回头看，比例不低于百分之三十"},
		{"逾期未完成的，应当书面说明理由。", "逾期未完成的，应当书面说明理由"},
		{"会议听取了汇报，对成绩予以肯定；各院必须逐项核对。", "各院必须逐项核对"},
		{"不得以任何理由拖延整改。", "不得以任何理由拖延整改"},
		{"会上，检察长回顾了全年工作——坚持从严治检；加强队伍建设。", ""},
		{"“既要出题，也要阅卷。”", "既要出题，也要阅卷"},
		{"“这不是口号。”", ""},
		{"“必须一件一件查清楚，不留尾巴。”", "必须一件一件查清楚，不留尾巴"},
		{"会议要求，一是立即自查；二是逐项销号；三是长期巩固。", "一是立即自查|二是逐项销号|三是长期巩固"},
	} {
		if got := strings.Join(demands(tc.text), "|"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.text, got, tc.want)
		}
	}
}

// sound is what holds for every text: quotes stand in their paragraph, every
// sentence is classed once, and the sentences are the body.
func sound(t interface {
	Fatalf(string, ...any)
}, a hantext.Article) {
	d := directive.Extract(a)
	for _, th := range d.Themes {
		if len(th.Requirements) == 0 {
			t.Fatalf("theme %q without a demand", th.Title)
		}
		for _, r := range th.Requirements {
			if r.Paragraph < 1 || r.Paragraph > len(a.Body) || r.Quote == "" || !strings.Contains(a.Body[r.Paragraph-1], r.Quote) {
				t.Fatalf("quote %q is not in paragraph %d", r.Quote, r.Paragraph)
			}
		}
	}
	again := make([]string, len(a.Body))
	for _, s := range d.Sentences {
		switch s.Class {
		case directive.ClassRequirement, directive.ClassBackground, directive.ClassReport, directive.ClassParticipants:
		default:
			t.Fatalf("sentence %q has class %q", s.Text, s.Class)
		}
		again[s.Paragraph-1] += s.Text
	}
	for i := range a.Body {
		if again[i] != a.Body[i] {
			t.Fatalf("paragraph %d became %q", i+1, again[i])
		}
	}
	if len(d.Themes) == 0 && len(d.Warnings) == 0 {
		t.Fatalf("nothing found and nothing said")
	}
}

func TestAnyMeetingIsSound(t *testing.T) {
	parts := []string{"会议强调，", "围绕“抓实基础”，", "提出要求——", "要", "必须", "“", "”", "‘", "’", "！", "。", "；", "，", "——", "一是", "二是", "三是", "坚持", "加强队伍建设",
		"对各组提出要求", "一、", "（一）", "1. ", "去年", "召开", "出席", "案件", "整改到位", "？", "（", "）", "a", " "}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "paragraphs")
		var a hantext.Article
		for range n {
			p := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 25).Draw(t, "parts"), "")
			a.Body = append(a.Body, p)
		}
		sound(t, a)
	})
}

func FuzzExtractIsSound(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add("围绕“”——；；“”！对提出要求")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // hantext hands on valid text only
		}
		sound(t, hantext.Article{Body: strings.Split(s, "\n")})
	})
}

// A report of three hundred pages is read in bounded time, even as one paragraph.
func TestALongReportIsReadInBoundedTime(t *testing.T) {
	sentence := "会议强调，要把第%d项任务落实到人；必须在年底前完成；“加强督促检查，逐项销号。”"
	var body []string
	for i := range 6000 {
		body = append(body, fmt.Sprintf(sentence, i))
	}
	for name, a := range map[string]hantext.Article{"paragraphs": {Body: body}, "one paragraph": {Body: []string{strings.Join(body, "")}},
		"open quotes": {Body: []string{strings.Repeat("“围绕“", 100000)}}} {
		start := time.Now()
		sound(t, a)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}
