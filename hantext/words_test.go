package hantext

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStripPinyin(t *testing.T) {
	eight := strings.Repeat("對(duì)", 8)
	for _, c := range []struct {
		in, want string
		count    int
	}{
		{"歡迎訪問(wèn)本網(wǎng)", "歡迎訪問本網", 2},
		{"對(duì)此，對(dui4)此，對（duì）此", "對此，對此，對此", 3},
		{"通(bao)(bao)(bao)報", "通報", 3},
		{"黨組(kai)(kai)開展", "黨組開展", 2},
		{"情況:(zhang)長期", "情況:長期", 1},
		{"1(ge)個、44(ge)(ge)個", "1個、44個", 3},
		{"不符”(wen)問題", "不符”問題", 1},
		{"均(jun1)已", "均已", 1},
		{"女(nǚ)綠(lv4)呂(lu:3)略(lüè)", "女綠呂略", 4},
		{"和(hé)工(ɡōnɡ)", "和工", 2},
		{"訪問 (wèn) 你", "訪問 你", 1},
		{"訪問(we\u0300n)", "訪問", 1},
		{"巡視(xún shì)工作", "巡視工作", 1},
		{"訪問(fǎngwèn)某站，檢察(jiancha)機關(jīguān)，西安(xī'ān)", "訪問某站，檢察機關，西安", 4},
		{"會[huì]議", "會議", 1},
		{"(一)標題、最高檢(SPP)、手機(app)、人民(yuan)", "(一)標題、最高檢(SPP)、手機(app)、人民(yuan)", 0},
		{"(a) (b) [1] (2024) (第二次) (Li Ting)", "(a) (b) [1] (2024) (第二次) (Li Ting)", 0},
		{"在(at)此、中國(China)", "在(at)此、中國(China)", 0},
		{"某\uFFFD(qiè)", "某\uFFFD(qiè)", 0},
		{eight + "某\uFFFD(qiè)字，人民(yuan)，手機(app)", strings.Repeat("對", 8) + "某\uFFFD字，人民(yuan)，手機(app)", 9},
		{"會\n(huì)議", "會\n(huì)議", 0},
		{"(huì", "(huì", 0},
		{"", "", 0},
	} {
		got, noise := StripPinyin(c.in)
		if got != c.want || noise.Count != c.count {
			t.Errorf("StripPinyin(%q) = %q, %d; want %q, %d", c.in, got, noise.Count, c.want, c.count)
		}
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{
		"李婷": "lt", "单国强": "sgq", "仇和": "qh", "区小明": "oxm", "解放": "jf", "解明": "xm", "查理": "zl", "曾国": "zg", "乐天": "yt",
		"尉迟恭": "ycg", "重庆市人民检察院": "cqsrmjcy", "长兴县": "cxx", "檢察長": "jcz", "𠮷田": "𠮷t", "A组 3": "az3", "": "", "，。": "",
		"西藏自治区": "xzzzq", "政治部": "zzb",
	} {
		if got := Initials(in); got != want {
			t.Errorf("Initials(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMatchAndSearch(t *testing.T) {
	if got := NormalizeForMatch(" ＡＢＣ－１　檢察\u200B機關 "); got != "abc-1检察机关" {
		t.Errorf("NormalizeForMatch: %q", got)
	}
	for _, c := range []struct {
		in            string
		tokens, query []string
	}{
		{"檢察機關", []string{"检察", "察机", "机关", "关"}, []string{"检察 察机 机关"}},
		{"整", []string{"整"}, []string{"整*"}},
		{"ABC-123，整改", []string{"abc", "123", "整改", "改"}, []string{"abc", "123", "整改"}},
		{"整改,情况", []string{"整改", "改", "情况", "况"}, []string{"整改", "情况"}},
		{" —— ", nil, nil},
	} {
		if got := Bigrams(c.in); !reflect.DeepEqual(got, c.tokens) {
			t.Errorf("Bigrams(%q) = %q", c.in, got)
		}
		if got := Query(c.in); !reflect.DeepEqual(got, c.query) {
			t.Errorf("Query(%q) = %q", c.in, got)
		}
	}
}

// A phrase query over the tokens finds exactly the texts that hold the words.
func TestSearchIsSubstringSearch(t *testing.T) {
	piece := rapid.SampledFrom([]string{"整", "改", "问", "题", "，", "a1", " "})
	rapid.Check(t, func(rt *rapid.T) {
		doc := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(rt, "doc"), "")
		word := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"整", "改", "问"}), 1, 4).Draw(rt, "word"), "")
		stream := " " + strings.Join(Bigrams(doc), " ") + " "
		phrase := Query(word)[0]
		found := strings.Contains(stream, " "+phrase+" ")
		if prefix, ok := strings.CutSuffix(phrase, "*"); ok {
			found = strings.Contains(stream, " "+prefix)
		}
		if found != strings.Contains(doc, word) {
			rt.Fatalf("%q in %q: tokens say %v (%q)", word, doc, found, stream)
		}
	})
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"会议召开。会议要求抓好落实！", []string{"会议召开。", "会议要求抓好落实！"}},
		{"一是抓;二是管；三是查。", []string{"一是抓;", "二是管；", "三是查。"}},
		{"提出要求——深刻领会；抓实。", []string{"提出要求——", "深刻领会；", "抓实。"}},
		{"关于“制度不全。执行不严。”问题的整改。完成。", []string{"关于“制度不全。执行不严。”问题的整改。", "完成。"}},
		{"他强调：“要抓实。要见效！”会议结束。", []string{"他强调：“要抓实。", "要见效！”", "会议结束。"}},
		{"“看什么？怎么看？”是首要问题。", []string{"“看什么？", "怎么看？”", "是首要问题。"}},
		{"印发《关于整改。的通知》（试行！）后执行。", []string{"印发《关于整改。的通知》（试行！）后执行。"}},
		{"没有闭合“的引号。也要分开。", []string{"没有闭合“的引号。", "也要分开。"}},
		{"无标点", []string{"无标点"}},
		{"", nil},
	} {
		if got := Sentences(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("Sentences(%q) = %q", c.in, got)
		}
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("“看。看？”；——（一）。》」")
	f.Add("他说：“好。”。")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		if got := strings.Join(Sentences(s), ""); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
