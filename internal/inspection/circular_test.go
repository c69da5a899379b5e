package inspection

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"huikan/hantext"
)

// extract reads a file of testdata as the command does.
func extract(t *testing.T, file string) (hantext.Article, Circular) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := hantext.Clean(raw)
	if err != nil {
		t.Fatal(err)
	}
	return a, ExtractCircular(a)
}

// TestCircularsOfSevenBuilds holds whole results; the expected files were
// written after reading the texts, one build of circular each.
func TestCircularsOfSevenBuilds(t *testing.T) {
	files, err := filepath.Glob("testdata/circulars/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d circulars, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, c := extract(t, file)
			got, err := json.MarshalIndent(c, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".expected.json")
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("got %s", got)
			}
			everySentence(t, a, c)
		})
	}
}

var ordinal = regexp.MustCompile(`^(?:第?[一二三四五六七八九十]{1,3}是?$|[一二三四五六七八九十]{1,3}是)`)

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// everySentence looks for the characters of each clause of the body in what the
// circular says: nothing may be dropped.
func everySentence(t failer, a hantext.Article, c Circular) {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Errorf("%v", err)
	}
	said := han(string(raw))
	for i, p := range a.Body {
		for _, clause := range strings.FieldsFunc(p, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
			clause = ordinal.ReplaceAllString(clause, "")
			if len([]rune(clause)) < 3 || strings.Contains(said, clause) || slices.Contains(allLabels, clause) || formula(clause) {
				continue
			}
			t.Errorf("paragraph %d: %q of %q is nowhere", i+1, clause, p)
		}
	}
}

func han(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Han, r) {
			return r
		}
		return ' '
	}, s)
}

var allLabels = func() (out []string) {
	for _, words := range labels {
		out = append(out, words...)
	}
	for _, words := range columnWords {
		out = append(out, words...)
	}
	return out
}()

// formula recognises what stands for a heading's form or a status, not content.
func formula(clause string) bool {
	rest := problemEnd().ReplaceAllString(problemStart().ReplaceAllString(clause, ""), "")
	return rest == "" || statusSentence().MatchString(clause) || strings.Trim(rest, "关于针对的问题整改情况一二三四五六七八九十是该") == ""
}

func TestNoSentenceIsDropped(t *testing.T) {
	word := rapid.SampledFrom([]string{"修订请示清单", "召开专题会议", "开展案件评查", "公示采购结果", "走访辖区企业", "补齐会议记录", "约谈科室负责人"})
	rapid.Check(t, func(t *rapid.T) {
		var body []string
		n := rapid.IntRange(1, 12).Draw(t, "paragraphs")
		for range n {
			w := word.Draw(t, "word")
			body = append(body, rapid.SampledFrom([]string{"一、" + w + "情况", "（一）" + w + "方面", "1.关于“" + w + "不力”问题的整改。", "整改情况：已完成。" + w + "。责任部门：办公室。",
				w + "，" + w + "。", "2." + w + "。3." + w + "；", "整改措施：一是" + w + "；二是" + w + "。", "①" + w + "②" + w, "责任领导：" + w + "，完成时限：" + w + "。",
				"（1）" + w + "：" + w, "问题1：" + w, "以上问题" + w + "。", w + "（已完成）", "  " + w + "|" + w + "|" + w}).Draw(t, "form"))
		}
		a := hantext.Article{Title: "某院党组关于巡察整改情况的通报", Body: body}
		everySentence(t, a, ExtractCircular(a))
	})
}

func TestClaimOf(t *testing.T) {
	for word, want := range map[string]string{"已完成": "done", "完成整改": "done", "整改到位": "done", "已销号": "done", "基本完成": "basically_done", "取得明显成效": "basically_done",
		"阶段性完成": "stage_done", "正在整改": "in_progress", "持续推进": "long_term", "长期坚持": "long_term", "未完成": "not_done", "未启动": "not_started",
		"整改到位，长期坚持": "long_term", "正在复核": "", "": ""} {
		if got := ClaimOf(word); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

func TestLostFiguresAreNotGuessed(t *testing.T) {
	_, c := extract(t, "testdata/circulars/05-lost-digits.txt")
	if c.End != nil || c.Totals.Measures != nil {
		t.Errorf("guessed end %v, measures %v", c.End, c.Totals.Measures)
	}
	for _, want := range []string{"5月924日", "4个方面1640个", "151整改措施", "2023年1231日"} {
		if !slices.ContainsFunc(c.Warnings, func(w Warning) bool { return w.Kind == WarnNumber && strings.Contains(w.Text, want) }) {
			t.Errorf("no warning of %s", want)
		}
	}
}

func TestDamagedTotalsAreWarnedOf(t *testing.T) {
	a := hantext.Article{Title: "中共甲县人民检察院党组关于巡察整改情况的通报", Body: []string{"巡察反馈1个方面、3个问题，3个问题中已完成2个。",
		"1.关于“记录不全”问题的整改。", "整改情况：已完成。", "2.关于“回复超期”问题的整改。", "整改情况：未完成。"}}
	var differ int
	for _, w := range ExtractCircular(a).Warnings {
		if w.Kind == WarnTotal {
			differ++
		}
	}
	if differ != 3 { // sum of states, number of findings, number done
		t.Errorf("%d contradictions named", differ)
	}
}

func FuzzExtractCircular(f *testing.F) {
	files, _ := filepath.Glob("testdata/circulars/*.txt") // no seeds is no failure of the fuzz itself
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Fuzz(func(t *testing.T, text string) {
		body := strings.Split(text, "\n")
		a := hantext.Article{Title: body[0], Body: body[1:]}
		if _, err := json.Marshal(ExtractCircular(a)); err != nil {
			t.Fatal(err)
		}
	})
}
