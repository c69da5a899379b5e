package notice

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

func names(err error) []string {
	var out []string
	if f, ok := fault.Of(err); ok {
		for _, x := range f.Fields {
			if !slices.Contains(out, x.Name) {
				out = append(out, x.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

const today = clock.Date("2026-03-02")

func whole(change func(*Notice)) Notice {
	n := Notice{Kind: KindStatistic, Title: "通报", Editor: "李某", Body: []string{"正文"}, PublicTitle: "公开", PublicBody: []string{"公开正文"}}
	change(&n)
	return n
}

func TestASubmissionIsWhole(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*Notice)
		want   []string
	}{
		{"both versions", func(*Notice) {}, nil},
		{"no body", func(n *Notice) { n.Body = nil }, []string{"body"}},
		{"no editor", func(n *Notice) { n.Editor = "" }, []string{"editor"}},
		{"to be published without a public version", func(n *Notice) { n.PublicTitle, n.PublicBody = "", nil }, []string{"public_body", "public_title"}},
		{"a ground without a reason", func(n *Notice) { n.Ground, n.PublicBody = "secret", nil }, []string{"ground_reason"}},
		{"a ground and a public version", func(n *Notice) { n.Ground, n.GroundReason = "secret", "涉密" }, []string{"public_body"}},
		{"a ground with its reason", func(n *Notice) { n.Ground, n.GroundReason, n.PublicBody = "secret", "涉密", nil }, nil},
		{"a sixth ground", func(n *Notice) { n.Ground, n.GroundReason, n.PublicBody = "shame", "难堪", nil }, []string{"ground"}},
		{"an unknown kind", func(n *Notice) { n.Kind = "rumour" }, []string{"kind"}},
		{"a pass mark above all", func(n *Notice) { n.PassMark = 101 }, []string{"pass_mark"}},
		{"a re-check in the past", func(n *Notice) { n.RecheckOn = today }, []string{"recheck_on"}},
		{"a body beyond the bound", func(n *Notice) { n.Body = []string{strings.Repeat("长", maxText+1)} }, []string{"body"}},
	} {
		var bad fault.Fields
		whole(c.change).Check(&bad, today, true)
		if got := names(bad.Err()); !slices.Equal(got, c.want) {
			t.Errorf("%s: refused for %v, want %v", c.what, got, c.want)
		}
	}
}

// whoever recorded something is named in no version; other names stand
// only in circulars by name and of criticism.
func TestWhoMayBeNamed(t *testing.T) {
	staff, hidden := Found{Staff: []string{"周明远"}}, Found{Staff: []string{"周明远"}, Protected: []string{"周明远"}}
	for _, c := range []struct {
		what         string
		kind         string
		words        []string
		body, public Found
		want         []string
	}{
		{"nobody", KindStatistic, nil, Found{}, Found{}, nil},
		{"a name in statistics", KindStatistic, nil, staff, Found{}, []string{"body"}},
		{"a name in the public version of a typical case", KindTypical, nil, Found{}, staff, []string{"public_body"}},
		{"a word that is no name", KindStatistic, []string{"周明远"}, staff, staff, nil},
		{"a circular by name", KindNamed, nil, staff, staff, nil},
		{"criticism", KindCriticism, nil, staff, staff, nil},
		{"a recorder, by name", KindNamed, nil, hidden, Found{}, []string{"body"}},
		{"a recorder, declared to be no name", KindStatistic, []string{"周明远"}, hidden, hidden, []string{"body", "public_body"}},
	} {
		n := Notice{Kind: c.kind, Words: c.words}
		var bad fault.Fields
		n.JudgeNames(&bad, c.body, c.public)
		if got := names(bad.Err()); !slices.Equal(got, c.want) {
			t.Errorf("%s: refused for %v, want %v", c.what, got, c.want)
		}
		for _, f := range bad {
			if f.Key == "notice.bad.protected" && len(f.Args) > 0 {
				t.Errorf("%s: the refusal tells who recorded something: %v", c.what, f.Args)
			}
		}
	}
	// Where nobody may be named, the answer does not tell a recorder from others.
	var plain, recorder fault.Fields
	Notice{Kind: KindStatistic}.JudgeNames(&plain, staff, staff)
	Notice{Kind: KindStatistic}.JudgeNames(&recorder, hidden, hidden)
	if !reflect.DeepEqual(plain, recorder) {
		t.Errorf("a recorder is refused by %v, others by %v", recorder, plain)
	}
}

// Every name that stands in a text is a candidate, wherever it stands.
func TestCandidatesMissNoName(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		han := rapid.StringOfN(rapid.RuneFrom([]rune("的了是在有和人这中大为上个国我以要他时来用们")), 0, 30, -1)
		name := rapid.StringOfN(rapid.RuneFrom([]rune("王李张刘陈杨黄赵吴周伟芳娜敏静丽强磊军洋勇艳杰涛明超")), 2, 4, -1).Draw(rt, "name")
		text := han.Draw(rt, "before") + name + han.Draw(rt, "after")
		if !slices.Contains(Candidates(text), name) {
			rt.Fatalf("%q is no candidate of %q", name, text)
		}
	})
	if got := Candidates("a1。b"); len(got) != 0 {
		t.Errorf("candidates without Han characters: %v", got)
	}
}

// The digest changes with every letter of what goes out, and text cannot move
// from one version to the other unseen.
func TestADigestBindsBothVersions(t *testing.T) {
	base := whole(func(*Notice) {})
	for what, change := range map[string]func(*Notice){
		"title":        func(n *Notice) { n.Title += "。" },
		"body":         func(n *Notice) { n.Body = []string{"正文。"} },
		"paragraphs":   func(n *Notice) { n.Body = []string{"正", "文"} },
		"public":       func(n *Notice) { n.PublicBody = append([]string{}, "公开", "正文") },
		"ground":       func(n *Notice) { n.Ground = "secret" },
		"moved to it":  func(n *Notice) { n.Body, n.PublicBody = nil, []string{"正文", "公开正文"} },
		"kind changed": func(n *Notice) { n.Kind = KindNamed },
	} {
		if DigestOf(whole(change)) == DigestOf(base) {
			t.Errorf("%s: the digest is the same", what)
		}
	}
	if same := whole(func(n *Notice) { n.Lesson, n.RecheckOn = "教训", "2027-01-01" }); DigestOf(same) != DigestOf(base) {
		t.Error("what is not sent out changes the digest")
	}
}

func TestATestIsMarked(t *testing.T) {
	qs := []Question{{Options: []string{"a", "b"}, Answer: 1}, {Options: []string{"a", "b", "c"}, Answer: 3}, {Options: []string{"a", "b"}, Answer: 2}}
	for _, c := range []struct {
		what    string
		picks   []int
		mark    int
		correct int
		passed  bool
		bad     []string
	}{
		{"all right", []int{1, 3, 2}, 100, 3, true, nil},
		{"two of three at 60", []int{1, 3, 1}, 60, 2, true, nil},
		{"two of three at 67", []int{1, 3, 1}, 67, 2, false, nil},
		{"none", []int{2, 1, 1}, 1, 0, false, nil},
		{"one left out", []int{1, 0, 2}, 60, 2, true, []string{"qb"}},
		{"too few", []int{1}, 0, 1, true, []string{"qb", "qc"}},
		{"an option that is none", []int{1, 4, 2}, 60, 2, true, []string{"qb"}},
	} {
		a, err := Mark(qs, c.picks, c.mark)
		if got := names(err); !slices.Equal(got, c.bad) {
			t.Errorf("%s: refused for %v, want %v", c.what, got, c.bad)
		}
		if err == nil && (a.Correct != c.correct || a.Passed != c.passed || a.Asked != 3) {
			t.Errorf("%s: %+v", c.what, a)
		}
	}
}

func TestStagesFollowEachOther(t *testing.T) {
	for _, c := range []struct {
		what, stages string
		want         []string
	}{
		{"three stages", "学习，2026-03-01，2026-03-10\n自查，2026-03-11，2026-04-10\n整改，2026年4月11日，2026-5-1", nil},
		{"none", "", []string{"stages"}},
		{"no end", "学习，2026-03-01", []string{"stages"}},
		{"not a date", "学习，春天，夏天", []string{"stages"}},
		{"turned round", "学习，2026-03-10，2026-03-01", []string{"stages"}},
		{"overlapping", "学习，2026-03-01，2026-03-10\n自查，2026-03-10，2026-04-10", []string{"stages"}},
	} {
		x := Campaign{Kind: "theme", Title: "教育", Goal: "目标", Stages: ParseStages(c.stages, today)}
		var bad fault.Fields
		x.Check(&bad)
		if got := names(bad.Err()); !slices.Equal(got, c.want) {
			t.Errorf("%s: refused for %v, want %v", c.what, got, c.want)
		}
	}
}

func TestReportsDoNotContradictThemselves(t *testing.T) {
	c := Campaign{Stages: ParseStages("学习，2026-03-01，2026-03-10\n自查，2026-03-11，2026-04-10", today)}
	for _, x := range []struct {
		what string
		r    Report
		want []string
	}{
		{"a whole report", Report{Stage: 1, Sessions: 2, Expected: 40, Attended: 38, Problems: 3, Rectified: 3, Text: "研讨"}, nil},
		{"a stage that has not begun", Report{Stage: 2, Text: "研讨"}, []string{"stage"}},
		{"a stage that is none", Report{Stage: 3, Text: "研讨"}, []string{"stage"}},
		{"more attended than expected", Report{Stage: 1, Sessions: 1, Expected: 3, Attended: 4, Text: "研讨"}, []string{"attended"}},
		{"more rectified than found", Report{Stage: 1, Problems: 1, Rectified: 2, Text: "研讨"}, []string{"rectified"}},
		{"attendance without a session", Report{Stage: 1, Expected: 3, Attended: 3, Text: "研讨"}, []string{"sessions"}},
		{"below nothing", Report{Stage: 1, Leads: -1, Text: "研讨"}, []string{"leads"}},
		{"no words", Report{Stage: 1}, []string{"text"}},
	} {
		var bad fault.Fields
		x.r.Check(&bad, c, today)
		if got := names(bad.Err()); !slices.Equal(got, x.want) {
			t.Errorf("%s: refused for %v, want %v", x.what, got, x.want)
		}
	}
}

// The last report of a unit about a stage counts, once.
func TestTheLastReportOfAStageIsInForce(t *testing.T) {
	list := []Report{{Unit: "a", Stage: 1, Attended: 5}, {Unit: "b", Stage: 1, Attended: 7}, {Unit: "a", Stage: 1, Attended: 6}, {Unit: "a", Stage: 2, Attended: 1}}
	if got := Sum(InForce(list)); got.Attended != 14 {
		t.Errorf("attended %d, want 6+7+1", got.Attended)
	}
}
