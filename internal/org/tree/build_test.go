package tree

import (
	"reflect"
	"strings"
	"testing"
)

const (
	tinyMap   = "410000 1 河南省\n410100 2 郑州市\n410105 3 金水区\n410171 z 郑州经济技术开发区\n"
	tinyFacts = "41010091 dispatched 4 @3 410171 410171 sure 郑州经济技术开发区人民检察院\n"
)

func TestATinyTreeIsBuiltByTheSameRules(t *testing.T) {
	m, err := build(tinyMap, tinyFacts)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range m.units {
		got = append(got, u.Name+"<"+u.Parent)
	}
	want := []string{"最高人民检察院<", "河南省人民检察院<00000000", "郑州市人民检察院<41000000",
		"郑州经济技术开发区人民检察院<41010000", "郑州市金水区人民检察院<41010000", "新疆生产建设兵团人民检察院<00000000"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("units = %v, want %v", got, want)
	}
}

func TestBuildRefusesTablesThatContradictThemselves(t *testing.T) {
	for _, tc := range []struct{ name, divisions, facts, says string }{
		{"a malformed region", "41 1 河南省\n", "", "no region"},
		{"an unknown region level", tinyMap + "410106 5 上街区\n", "", "no region"},
		{"a region twice", tinyMap + "410105 3 金水区\n", "", "twice"},
		{"a county without a province", "410105 3 金水区\n", "", "no known province"},
		{"a county that nobody administers", tinyMap + "419001 3 济源市\n", "", "0 units above"},
		{"a fact with too few columns", tinyMap, "41010091 dispatched 4\n", "columns"},
		{"a fact of an unknown kind", tinyMap, "41010091 court 4 @3 410171 410171 sure 某院\n", "no kind"},
		{"a fact without mark", tinyMap, "41010091 basic 4 @3 410105 410105 maybe 某院\n", "no mark"},
		{"a fact of level 2", tinyMap, "41010091 basic 2 @3 410105 410105 sure 某院\n", "no level"},
		{"a fact below a malformed parent", tinyMap, "41010091 basic 4 x 410105 410105 sure 某院\n", "no parent"},
		{"a fact below nobody", tinyMap, "41010091 dispatched 4 99000000 410105 410105 sure 某院\n", "does not exist"},
		{"a fact below its own level", tinyMap, "41010071 railway 4 41010500 410105 410105 sure 某院\n", "level"},
		{"a fact in an unknown region", tinyMap, "41010091 dispatched 4 41010000 999999 410105 sure 某院\n", "unknown region"},
		{"a fact that covers the unknown", tinyMap, "41010091 dispatched 4 41010000 410105 999999 sure 某院\n", "unknown region"},
		{"a code twice", tinyMap, tinyFacts + tinyFacts, "one code"},
		{"a name twice", tinyMap, tinyFacts + strings.Replace(tinyFacts, "41010091", "41010092", 1), "one name"},
		{"two branches over one county", tinyMap, "41000001 branch 3 41000000 410105 410105 sure 甲分院\n41000002 branch 3 41000000 410105 410105 sure 乙分院\n", "units"},
		{"a name for nobody", tinyMap, "name 99999999 sure 某院\n", "does not exist"},
		{"a malformed adoption", tinyMap, "adopt 41 41010000 sure\n", "adopts nothing"},
		{"a corps branch without units", tinyMap, "66010000 xpcc 3 66000000 410105 * sure 某师分院\n", "covers nothing"},
	} {
		if _, err := build(tc.divisions, tc.facts); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.says)
		}
	}
}

func TestBuildingIsDeterministic(t *testing.T) {
	for range 3 {
		m, err := build(divisionTable, factsTable)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m.units, world().units) {
			t.Fatal("the same tables gave another tree")
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add(tinyMap, tinyFacts)
	f.Add(tinyMap+"419001 3 济源市\n", "adopt 419001 41010000 sure\nname 41010000 page 某市人民检察院\n")
	f.Add("# nothing\n", "x")
	f.Fuzz(func(t *testing.T, divisions, facts string) {
		m, err := build(divisions, facts)
		if (err == nil) != (m != nil) {
			t.Fatalf("a tree %v and an error %v", m != nil, err)
		}
	})
}
