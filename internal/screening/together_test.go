package screening

import (
	"encoding/json"
	"slices"
	"testing"

	"huikan/internal/platform/platformtest"
)

func TestTitlesTellPosts(t *testing.T) {
	for title, want := range map[string][]string{
		"党组书记、检察长": {"chief"}, "副检察长": {"deputy"}, "副检察长、检察委员会委员": {"deputy", "committee"}, "政治部主任": {"personnel", "head"},
		"第一检察部主任": {"head"}, "检察官": {"prosecutor"}, "计财处会计": {"finance"}, "司机": nil, "": nil,
	} {
		if got := postsOf(title); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", title, got, want)
		}
	}
}

// Who declared a relative that serves himself is told with the rule about their posts; a relation that both declared stands
// once, another number is somebody else, and nobody sees pairs of another province.
func TestRelativesWhoBothServeAreListed(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		reader := w.as(t, "reader")
		chief, child, wife := citizen("410702", "1966-01-02", 11), citizen("410702", "1992-03-04", 22), citizen("410702", "1968-05-06", 42)
		w.bring(t, reader, Staff, "政治部", staffHead,
			"S1,申屠远,男,1966-01-02,"+chief+",新乡市红旗区人民检察院,在职,,,副检察长,是",
			"S2,申屠宁,女,1992-03-04,"+child+",新乡市红旗区人民检察院,在职,,一级检察官,检察官,否",
			"S3,夏侯兰,女,1968-05-06,"+wife+",新乡市人民检察院,在职,,,第二检察部主任,否",
			"S4,申屠安,男,1995-05-05,,新乡市红旗区人民检察院,在职,,,,否",
			"S5,申屠平,男,1964-05-05,,新乡市红旗区人民检察院,退休,2025-01-01,,检察官,否")
		w.bring(t, reader, Relatives, "政治部", relativeHead,
			"R1,S1,女儿,申屠宁,女,1992-03-04,"+child+",,",
			"R2,S2,父亲,申屠远,男,1966-01-02,"+chief+",,",
			"R3,S1,妻子,夏侯兰,女,1968-05-06,"+wife+",,",
			"R4,S1,儿子,申屠安,男,,,新乡市红旗区人民检察院,",
			"R5,S1,哥哥,申屠平,男,,,新乡市红旗区人民检察院,",
			"R6,S3,儿子,申屠宁,女,,"+citizen("410702", "1999-09-09", 33)+",新乡市红旗区人民检察院,")
		type line struct{ name, kin, rule, outcome string }
		list := func(who string) (out []line) {
			site := w.site(t, w.as(t, who))
			status, text := site.Get(t, "/api/v1/screening/together")
			if status != 200 {
				return nil
			}
			var all struct{ Pairs []Together }
			if err := json.Unmarshal([]byte(text), &all); err != nil {
				t.Fatalf("%v: %.200s", err, text)
			}
			for _, x := range all.Pairs {
				l := line{name: x.Name, kin: x.Kin}
				if len(x.Verdicts) > 0 {
					l.rule, l.outcome = x.Verdicts[0].Rule, x.Verdicts[0].Outcome
				}
				out = append(out, l)
			}
			return out
		}
		want := []line{{"申屠远", "申屠宁", "B12.leader_prosecutor", "recuse"}, {"申屠远", "申屠安", "B12.leaders", "unclear"}, {"申屠远", "夏侯兰", "", ""}}
		if got := list("reader"); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, who := range []string{"stranger", "bar", "staff"} {
			if got := list(who); len(got) > 0 {
				t.Errorf("%s sees %v", who, got)
			}
		}
	})
}
