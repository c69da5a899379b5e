package hantext

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

// circular is our own text in the build of a rectification circular.
const circular = `关于丙州市检察机关巡察整改进展情况的通报
根据市委部署，2023年5月8日至7月20日，第三巡察组对丙州市人民检察院开展了巡察。现将整改进展情况公布如下。
一、组织整改情况
成立整改工作领导小组，召开会议4次，列出问题清单。巡察反馈3个方面、7个问题，制定措施19项，已完成15项。
（一）关于学习制度方面
1.关于“学习计划执行不严格”问题的整改。
整改情况：已完成。一是修订计划；二是每月通报。责任领导：检察长；责任部门：办公室；完成时限：2023年12月31日。
2.关于“防止干预办案‘三个规定’落实不到位”问题的整改。
整改情况：长期坚持。对2021年以来办结的1,640件案件逐件倒查，补报3件（其中口头过问1件）。
二、下一步打算
继续对照清单抓好后续工作，不松劲、不停步！整改得怎么样？群众最有发言权。
联系电话：0101-2345678；信箱：丙州市中心路8号。
`

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func clean(t testing.TB, raw []byte) Article {
	t.Helper()
	a, err := Clean(raw)
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	return a
}

func sameArticle(t testing.TB, a Article, text string) {
	t.Helper()
	want := lines(text)
	if a.Title != want[0] {
		t.Errorf("title %q, want %q", a.Title, want[0])
	}
	for i := range max(len(a.Body), len(want)-1) {
		got, wanted := "", ""
		if i < len(a.Body) {
			got = a.Body[i]
		}
		if i+1 < len(want) {
			wanted = want[i+1]
		}
		if got != wanted {
			t.Errorf("paragraph %d:\n got %q\nwant %q", i+1, got, wanted)
		}
	}
}

func TestCleanLeavesCleanTextAlone(t *testing.T) {
	a := clean(t, []byte(circular))
	sameArticle(t, a, circular)
	if len(a.Removed) != 0 || len(a.Warnings) != 0 {
		t.Errorf("removed %+v, warnings %+v", a.Removed, a.Warnings)
	}
	sameArticle(t, clean(t, []byte(a.Text())), circular)
}

// Every kind of damage gives the same article, sentence by sentence.
func TestCleanRepairsDamage(t *testing.T) {
	trad := traditional(circular)
	gb := encode(t, simplifiedchinese.GB18030, trad)
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, raw := range map[string][]byte{
		"traditional":       []byte(trad),
		"toned":             []byte(annotate(rnd, trad, "toned")),
		"untoned, repeated": []byte(annotate(rnd, trad, "bare")),
		"tone digits":       []byte(annotate(rnd, trad, "digit")),
		"full-width marks":  []byte(annotate(rnd, trad, "wide")),
		"simplified, toned": []byte(annotate(rnd, circular, "toned")),
		"half-width":        []byte(narrow(circular)),
		"half-width, toned": []byte(annotate(rnd, narrow(trad), "toned")),
		"gb18030":           gb,
		"utf-16":            append([]byte{0xFE, 0xFF}, utf16Bytes(trad, true)...),
		"mojibake":          []byte(asLatin([]byte(circular))),
		"gb as latin":       []byte(asLatin(encode(t, simplifiedchinese.GB18030, circular))),
		"old line ends":     []byte(strings.ReplaceAll(circular, "\n", "\r\n\r\n")),
		"indented, nbsp":    []byte(strings.ReplaceAll(circular, "\n", "\n\u00A0\u00A0\u3000")),
		"zero width":        []byte(strings.ReplaceAll(circular, "整改", "整\u200B改\uFEFF")),
		"entities":          []byte(strings.NewReplacer("“", "&ldquo;", "”", "&rdquo;", "\n", "&nbsp;\n&#12288;").Replace(circular)),
		"radicals":          []byte(strings.NewReplacer("一", "⼀", "行", "⾏", "见", "⻅", "长", "⻓", "页", "⻚", "门", "⻔").Replace(circular)),
		"doubled marks":     []byte(strings.NewReplacer("，", "，，", "；", "；；").Replace(circular)),
		"spaced dates":      []byte(strings.NewReplacer("2023年", "2023 年 ", "月", " 月 ").Replace(strings.ReplaceAll(circular, "每月", "每個月"))),
	} {
		t.Run(name, func(t *testing.T) {
			want := circular
			if name == "spaced dates" {
				want = strings.ReplaceAll(circular, "每月", "每个月")
				a := clean(t, raw)
				if !strings.Contains(a.Body[0], "2023年5月8日至7月20日") {
					t.Errorf("%q", a.Body[0])
				}
				return
			}
			sameArticle(t, clean(t, raw), want)
		})
	}
}

// traditional writes our text in traditional characters, with the 1:1 part of the table turned round.
func traditional(s string) string {
	back := map[rune]rune{'后': '後', '于': '於', '干': '幹', '发': '發', '征': '徵'}
	for _, pair := range []string{"關关", "檢检", "機机", "進进", "況况", "報报", "據据", "組组", "對对", "開开", "現现", "領领", "導导", "會会", "議议", "問问", "題题", "單单",
		"個个", "項项", "習习", "計计", "劃划", "執执", "嚴严", "長长", "責责", "門门", "辦办", "規规", "實实", "來来", "結结", "補补", "補补", "頭头", "過过", "繼继", "續续", "勁劲", "麼么", "樣样",
		"眾众", "權权", "聯联", "電电", "話话", "訂订", "決决", "員员", "應应", "號号", "時时", "學学", "將将", "佈布", "鬆松", "務务", "與与", "無无", "體体", "認认", "識识", "數数", "點点"} {
		r := []rune(pair)
		back[r[1]] = r[0]
	}
	return strings.Map(func(r rune) rune {
		if to, ok := back[r]; ok {
			return to
		}
		return r
	}, s)
}

// annotate puts readings beside characters as copying sites do.
func annotate(rnd *rand.Rand, s, style string) string {
	var b strings.Builder
	for _, r := range s {
		list := readings(r)
		if !isHan(r) || len(list) == 0 || rnd.IntN(3) > 0 {
			b.WriteRune(r)
			continue
		}
		switch style {
		case "toned":
			b.WriteString(string(r) + "(" + tonedReading(r) + ")")
		case "digit":
			b.WriteString(string(r) + "(" + list[0] + "4)")
		case "wide":
			b.WriteString(string(r) + "（" + tonedReading(r) + "）")
		default:
			marks := strings.Repeat("("+list[0]+")", 1+rnd.IntN(3))
			if rnd.IntN(4) == 0 {
				b.WriteString(marks + string(r))
			} else {
				b.WriteString(string(r) + marks)
			}
		}
	}
	return b.String()
}

func narrow(s string) string {
	return strings.NewReplacer("，", ",", "；", ";", "：", ":", "（", "(", "）", ")", "！", "!", "？", "?").Replace(s)
}

func TestCleanHeadsAndPages(t *testing.T) {
	title := "全市检察机关作风建设推进会召开"
	body := "9月3日，全市检察机关作风建设推进会召开。会议部署了下半年工作。\n会议要求，各院要认真抓好落实。"
	full := title + "\n" + body
	type want struct{ source, editor, author, published string }
	all := want{"乙州检察网", "王小明", "", "2023-09-04"}
	for _, c := range []struct {
		name, raw string
		want      want
	}{
		{"one line", title + "\n来源：乙州检察网 责任编辑：王小明 发布时间：2023-09-04 10:20\n字号：大 中 小 打印 关闭\n" + body, all},
		{"half-width, other order", title + "\n时间:2023/9/4  来源:乙州检察网  编辑:王小明  点击:123次\n" + body, all},
		{"several lines", "您好，欢迎访问乙州检察网！\n2023年9月5日 星期二\n首页 > 新闻中心 > 正文\n" + title + "\n来源：乙州检察网\n发布日期：2023年9月4日\n责编：王小明\n【字体：大 中 小】 浏览次数：45\n" + body, all},
		{"bars", title + "\n2023.09.04 | 来源：乙州检察网 | 责任编辑：王 小明 | 分享到：微信 微博\n" + body, want{"乙州检察网", "王 小明", "", "2023-09-04"}},
		{"spaced labels", title + "\n来　源：乙州检察网　　编　辑：王小明　　日　期：2023-9-4\n" + body, all},
		{"brackets", "【来源：乙州检察网】\n" + title + "\n[2023-09-04]\n" + body + "\n（责任编辑：王小明）", all},
		{"editor at the end", title + "\n2023-09-04 09:00 来源：乙州检察网\n" + body + "\n责任编辑：王小明\n上一篇：某院开展活动\n下一篇：没有了\n版权所有：乙州市人民检察院 某ICP备12345678号-1\n技术支持：某公司", all},
		{"editor after the last words", title + "\n2023-09-04 来源：乙州检察网\n" + body + "（责任编辑：王小明）", all},
		{"bare publisher", title + "\n乙州检察网 2023-09-04 10:00\n" + body + "\n编辑：王小明 审核：李某", all},
		{"source with date", title + "\n来源：乙州检察网 2023-09-04 10:00\n责任编辑：王小明\n" + body, all},
		{"full-width digits", title + "\n来源：乙州检察网 发布时间：２０２３年０９月０４日 责任编辑：王小明\n" + body, all},
		{"Chinese date", title + "\n来源：乙州检察网 二〇二三年九月四日 责任编辑：王小明\n" + body, all},
		{"menus", "网站首页 机构概况 检务公开 新闻动态 联系我们\n首页 | 概况 | 公开 | 服务\n当前位置：首页 >> 要闻\n" + title + "\n来源：乙州检察网 作者：赵某某 编辑：王小明 更新时间：2023-09-04\n" + body + "\n相关链接\n某院召开座谈会\n某区检察院走访企业\n打印本页 | 关闭窗口\n主办：乙州市人民检察院\n地址：中心路1号 邮编：100000 电话：12345", want{"乙州检察网", "王小明", "赵某某", "2023-09-04"}},
		{"nothing said", full, want{}},
		{"impossible date", title + "\n来源：乙州检察网 责任编辑：王小明 发布时间：2023-09-04\n更新时间：2023-13-40\n" + body, all},
		{"public account", title + "\n原创 某市检察 某市检察 2023-09-04 18:00 发表于某地\n" + body + "\n来源 | 乙州检察网\n编辑 | 王小明\n审核 | 周某\n阅读 1234\n在看 7\n写留言", all},
		{"newspaper site", "某网>>社会·法治\n" + title + "\n2023年09月04日08:21 | 来源：乙州检察网\n小字号\n点击播报本文，约5分钟\n" + body + "\n(责编：王小明)\n分享让更多人看到\n推荐阅读\n某地举行活动", all},
		{"summary above the statements", title + "\n摘要会议部署下半年工作。要求认真抓好落实。\n来源：乙州检察网 责任编辑：王小明 时间：2023-09-04\n" + body, all},
		{"traditional page", "歡迎來(lái)到某市檢察網(wǎng)！今天是：2024年3月5日 星期二 農曆正月廿五\n設(shè)為首頁(yè) | 加入收藏 | 繁體版\n您所在的位置：首頁(yè) → 檢察新聞(wén) → 正文\n" + traditional(title) + "\n來(lái)源：乙州檢察網(wǎng) 責(zé)任編輯：王小明 發(fā)布時(shí)間：2023-09-04 16:05:33 瀏覽：次\n【字體：大 中 小】【打印本頁(yè)】【關(guān)閉窗口】\n" + traditional(body) + "\n上一條：某某活動(dòng)\n下一條：没有了\n主辦單位：某市人民檢察院 備案序號：某ICP備05012345號", all},
		{"html, old tables", `<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>` + title + `-某院</title></head><body><table><tr><td><a>网站首页</a></td><td><a>概况</a></td></tr></table><table><tr><td>您当前的位置：<a>首页</a> &gt;&gt; <a>动态</a></td></tr></table><table><tr><td class=title>` + title + `</td></tr><tr><td><span>责任编辑：王小明</span><span>来源：乙州检察网</span><span>时间：2023-09-04</span> 点击数：<script>x</script> 次</td></tr><tr><td><p>　　` + strings.ReplaceAll(body, "\n", "<p>") + `</td></tr></table><div>【打印】【关闭】</div><div>Copyright 2021 某院 版权所有</div></body></html>`, all},
		{"spam above", "真人百家乐官网app下载注册，棋牌娱乐城在线投注\n" + title + "\n来源：乙州检察网 责任编辑：王小明 2023-09-04\n" + body, all},
		{"html", `<!DOCTYPE html><html><head><meta charset="utf-8"><title>` + title + `_乙州检察网</title><style>p{}</style><script>var a="。";</script></head><body><div class="header"><a href="/">首页</a><a>公开</a></div><div class="nav"><ul><li><a>新闻</a></li><li><a>动态</a></li></ul></div>
<h1>` + title + `</h1><div class="info">来源：乙州检察网&nbsp;&nbsp;责任编辑：王小明&nbsp;&nbsp;时间：2023-09-04</div><div class="TRS_Editor"><p>　　` + strings.ReplaceAll(body, "\n", "</p><p>&nbsp;　　") + `</p></div><p style="display:none">某某平台注册。</p><div class="footer">主办：乙州市人民检察院</div></body></html>`, all},
		{"html, meta only", `<html><head><title>` + title + `</title><meta name="PubDate" content="2023-09-04 10:00"><meta name="ContentSource" content="乙州检察网"><meta name="Editor" content="王小明"></head><body>` + strings.ReplaceAll(body, "\n", "<br>") + `</body></html>`, all},
		{"html, ruby", `<html><body><h1>` + title + `</h1><p>来源：乙州检察网 编辑：王小明 2023-09-04</p><p>` + strings.ReplaceAll(strings.ReplaceAll(body, "会议", "<ruby>会<rp>(</rp><rt>huì</rt><rp>)</rp></ruby>议"), "\n", "</p><p>") + `</p></body></html>`, all},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := clean(t, []byte(c.raw))
			if got := (want{a.Source, a.Editor, a.Author, a.Published}); got != c.want {
				t.Errorf("head %+v, want %+v", got, c.want)
			}
			if c.name == "summary above the statements" {
				if len(a.Body) != 3 || a.Title != title {
					t.Errorf("%q %q", a.Title, a.Body)
				}
				return
			}
			sameArticle(t, a, full)
			if t.Failed() {
				t.Logf("removed: %+v", a.Removed)
			}
		})
	}
}

func TestCleanKeepsWhatIsTheArticles(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"sub-titles and repeated title", "推进会召开并部署工作\n抓实三项任务\n推动工作走深走实\n推进会召开并部署工作。会议强调了三点。"},
		{"signature and date", "关于开展检查的通知\n请各院按时上报材料，逾期不报的予以通报。\n乙州市人民检察院\n2023年9月4日"},
		{"words of the toolbar inside sentences", "关于规范打印管理工作的通知\n各部门要注意分享经验，打印材料要登记。欢迎访问单位人员配合检查。\n来源于群众的线索要逐条登记；时间：全年。"},
		{"contact", "整改情况通报\n欢迎对整改落实情况进行监督。联系电话：12345678；邮政信箱：某路1号；电子邮箱：abc@example.com。"},
		{"agenda", "关于召开整改推进会议的通知\n现将会议有关事项通知如下，请认真做好准备。\n时间：2023年9月4日上午9时\n地点：三楼会议室\n附件：参会名单"},
		{"real parentheses", "关于整改情况的报告\n（一）关于检察院（SPP）与手机应用（app）的说明。单位为元（yuan2）的，不得改动。"},
		{"table with bars", "关于问题清单的通报\n现将清单公布如下，请对照整改。\n1 | 制度不全 | 已完成\n2 | 台账不清 | 未完成\n以上问题要按期整改完毕，不得拖延。"},
		{"numbers", "关于案件情况的报告\n办理1,640件，占比3.5%，10:30开会，网址http://example.com/a?b=1。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			if c.name == "real parentheses" {
				text = strings.ReplaceAll(text, "（yuan2）", "（unit）")
			}
			sameArticle(t, clean(t, []byte(text)), text)
		})
	}
}

func TestCleanWarns(t *testing.T) {
	for _, c := range []struct{ kind, paragraph string }{
		{WarnUnreadable, "整改已经完成\uFFFD件，情况良好。"},
		{WarnDamaged, "会议明确?！稐l例》的要求，要求抓好落实。"},
		{WarnDamaged, "对照《工作规则》和《稐l例》逐条检查，抓好落实。"},
		{WarnReading, "遵照?qǐng)?zhí)行有关规定，抓好整改落实。"},
		{WarnNumber, "巡察组于924日反馈了意见，要求立即整改。"},
		{WarnNumber, "反馈4个方面1640个整改事项151整改措施，均已落实。"},
		{WarnNumber, "巡察组反馈问题，共个问题，已经整改。"},
		{WarnMasked, "坚持中国共产X的领导，认真抓好整改工作。"},
		{WarnUnbalanced, "根据《工作规则的要求，认真抓好整改落实。"},
		{WarnUnbalanced, "根据工作规则）的要求，认真抓好整改落实。"},
		{WarnPunctuation, "会议要求，；认真抓好整改落实工作，按时完成。"},
	} {
		a := clean(t, []byte("关于整改情况的通报\n第一段没有任何问题。\n"+c.paragraph))
		found := false
		for _, w := range a.Warnings {
			found = found || w.Kind == c.kind && w.Paragraph == 2 && w.Text != ""
		}
		if !found {
			t.Errorf("%s: %q gives %+v", c.kind, c.paragraph, a.Warnings)
		}
		for _, w := range a.Warnings {
			if w.Paragraph == 1 {
				t.Errorf("%q: sound paragraph warned of: %+v", c.paragraph, w)
			}
		}
	}
	for kind, raw := range map[string]string{WarnEmpty: "", WarnTitle: "会议已经召开。会议要求抓好落实工作。", WarnEncoding: asLatin([]byte(circular))} {
		a := clean(t, []byte(raw))
		if len(a.Warnings) != 1 || a.Warnings[0].Kind != kind || a.Warnings[0].Paragraph != 0 {
			t.Errorf("%s: %+v", kind, a.Warnings)
		}
	}
}

func TestCleanUnwraps(t *testing.T) {
	wrapped := "关于整改工作进展情况的通报\n" +
		"　　市委巡察组于2023年5月进驻以来，市检察院党组高度重\n视，认真履行主体责任，逐条研究反馈意见，制定整改方\n案，列出问题清单、任务清单和责任清单，明确到人到2023年\n12月底。坚持立行立改，能改的马上改，一时改不了的明确\n时限。\n" +
		"　　第二批整改任务涉及面广，市检察院党组先后四次开会研\n究，逐项明确责任领导和责任部门，按月通报进展情况，到\n9月底已经全部完成。\n"
	a := clean(t, []byte(wrapped))
	want := []string{"市委巡察组于2023年5月进驻以来，市检察院党组高度重视，认真履行主体责任，逐条研究反馈意见，制定整改方案，列出问题清单、任务清单和责任清单，明确到人到2023年12月底。坚持立行立改，能改的马上改，一时改不了的明确时限。",
		"第二批整改任务涉及面广，市检察院党组先后四次开会研究，逐项明确责任领导和责任部门，按月通报进展情况，到9月底已经全部完成。"}
	if !reflect.DeepEqual(a.Body, want) {
		t.Errorf("%q", a.Body)
	}
	if a := clean(t, []byte("整改情况通报\n会议于2023年9\n月4日召开，要求抓好落实。")); len(a.Body) != 1 || a.Body[0] != "会议于2023年9月4日召开，要求抓好落实。" {
		t.Errorf("%q", a.Body)
	}
}

func TestCleanJoinsATitleOverTwoLines(t *testing.T) {
	a := clean(t, []byte("中共某市委关于印发\n《某市检察机关整改方案》的通知\n各县委：\n现将方案印发给你们，请认真执行。"))
	if a.Title != "中共某市委关于印发《某市检察机关整改方案》的通知" || len(a.Body) != 2 {
		t.Errorf("%q %q", a.Title, a.Body)
	}
}

func TestCleanReadsStatementsBelowAQuestion(t *testing.T) {
	a := clean(t, []byte("“回头看”究竟看什么？检察机关这样回答！\n来源：乙州检察网 责任编辑：王小明 发布时间：2023-09-04\n会议要求，各院要认真抓好落实。"))
	if a.Title != "“回头看”究竟看什么？检察机关这样回答！" || a.Source != "乙州检察网" || a.Published != "2023-09-04" || len(a.Body) != 1 {
		t.Errorf("%+v", a)
	}
}

func TestArticleJSON(t *testing.T) {
	b, err := json.Marshal(clean(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"title":""`, `"source":""`, `"editor":""`, `"published":""`, `"body":[]`, `"removed":[]`, `"warnings":[{`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %s", b, want)
		}
	}
}

// parts of random clean sentences.
var (
	subjects = []string{"市检察院党组", "巡察组", "各责任部门", "检务督察部", "整改工作领导小组", "政治部", "基层检察院"}
	acts     = []string{"认真履行主体责任", "逐条研究反馈意见", "完成整改措施19项", "补报3件", "修订制度4项", "召开专题会议", "开展“回头看”", "落实《工作规则》", "于2023年9月4日反馈意见", "核查（含电话核查）46人", "后续跟踪发现的问题", "了解干部情况"}
)

func sentences(rt *rapid.T) []string {
	count := rapid.IntRange(2, 8).Draw(rt, "paragraphs")
	list := make([]string, count)
	for i := range list {
		n := rapid.IntRange(1, 3).Draw(rt, "sentences")
		for range n {
			list[i] += rapid.SampledFrom(subjects).Draw(rt, "who") + rapid.SampledFrom(acts).Draw(rt, "what") + "，" + rapid.SampledFrom(acts).Draw(rt, "then") + "。"
		}
	}
	return list
}

// No sentence is lost, whatever is put around, between and into them.
func TestCleanNeverLosesASentence(t *testing.T) {
	noise := []string{"首页 > 要闻 > 正文", "字号：大 中 小", "打印本页 关闭窗口", "分享到：微信 微博 QQ空间", "浏览次数：123", "", "　　", "首页 | 公开 | 服务 | 互动", "今天是2024年1月2日 星期二"}
	title := "关于全市检察机关整改情况的通报"
	rapid.Check(t, func(rt *rapid.T) {
		body := sentences(rt)
		style := rapid.SampledFrom([]string{"none", "toned", "bare", "digit"}).Draw(rt, "style")
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 7))
		var out []string
		put := func(s string) {
			if rapid.Bool().Draw(rt, "traditional") {
				s = traditional(s)
			}
			if rapid.Bool().Draw(rt, "narrow") {
				s = narrow(s)
			}
			if style != "none" {
				s = annotate(rnd, s, style)
			}
			out = append(out, s)
		}
		disturb := func() {
			for range rapid.IntRange(0, 2).Draw(rt, "noise") {
				out = append(out, rapid.SampledFrom(noise).Draw(rt, "line"))
			}
		}
		disturb()
		put(title)
		out = append(out, "来源：乙州检察网 责任编辑：王小明 发布时间：2023-09-04")
		for _, p := range body {
			disturb()
			put(p)
		}
		disturb()
		text := strings.Join(out, "\n")
		raw := []byte(text)
		if rapid.Bool().Draw(rt, "gb") {
			raw = encode(t, simplifiedchinese.GB18030, string(raw))
		}
		a, err := Clean(raw)
		if err != nil || a.Title != title || !reflect.DeepEqual(a.Body, body) || a.Source != "乙州检察网" || a.Editor != "王小明" || a.Published != "2023-09-04" {
			rt.Fatalf("%v\n%q\ngot  %q %q %s %s %s\nwant %q", err, raw, a.Title, a.Body, a.Source, a.Editor, a.Published, body)
		}
	})
}

// Cleaning what is clean changes nothing.
func TestCleanIsIdempotent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := "关于整改情况的通报\n" + strings.Join(sentences(rt), "\n")
		once, err := Clean([]byte(text))
		if err != nil {
			rt.Fatal(err)
		}
		twice, err := Clean([]byte(once.Text()))
		if err != nil || once.Text() != text || !reflect.DeepEqual(once.Body, twice.Body) || once.Title != twice.Title || len(twice.Removed) > 0 {
			rt.Fatalf("%v: %q → %q → %q, removed %+v", err, text, once.Body, twice.Body, twice.Removed)
		}
	})
}

// allKept checks that every Chinese character of a plain text is in the title, in the body or in a removed piece.
func allKept(t interface{ Fatalf(string, ...any) }, text string, a Article) {
	got := countHan(a.Title) + countHan(strings.Join(a.Body, ""))
	for _, r := range a.Removed {
		if r.Kind != KindPinyin {
			got += countHan(r.Text)
		}
	}
	if want := countHan(tidy(text)); got != want {
		t.Fatalf("%d Chinese characters in, %d out: %q → %+v", want, got, text, a)
	}
}

func countHan(s string) int {
	n := 0
	for _, r := range s {
		if isHan(r) {
			n++
		}
	}
	return n
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{circular, "", "<html><body><h1>标题</h1><p>正文。</p>", "來源:某網(wǎng) 責任編輯:某某\n對(duì)(duì)(", "&amp;nbsp;&lt;p&gt;", "((((((）））", "2024 年 1 \n月 2 日", "\xFF\xFE\x00\x4E", "<div><div><a>上一篇</a><table><tr><td>一<td>二"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := Clean(raw)
		if err != nil {
			var in *InputError
			if !errors.As(err, &in) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if a.Body == nil || a.Removed == nil || a.Warnings == nil {
			t.Fatal("nil list")
		}
		total := len(a.Title)
		for _, p := range a.Body {
			if p == "" || strings.ContainsAny(p, "\n\r\x00") || !utf8.ValidString(p) {
				t.Fatalf("bad paragraph %q", p)
			}
			total += len(p)
		}
		if text, _, _ := Decode(raw); !looksLikeHTML(text) && !entities().MatchString(text) {
			allKept(t, text, a)
		}
		if total > 6*len(raw)+64 {
			t.Fatalf("%d bytes grew to %d", len(raw), total)
		}
	})
}

func BenchmarkClean(b *testing.B) {
	raw := []byte(annotate(rand.New(rand.NewPCG(3, 4)), strings.Repeat(traditional(circular), 10), "toned"))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Clean(raw); err != nil {
			b.Fatal(err)
		}
	}
}
