package group_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/hantext/group"
)

func TestFindingsOfOneProblemAreFound(t *testing.T) {
	none := &group.Lexicon{}
	cases := []struct {
		name  string
		world world
		lex   *group.Lexicon
		floor float64
		free  bool
	}{
		{"four phrasings of each problem", world{n: 3000, alone: 0.12, typo: 0.03, seed: 1}, nil, 0.75, false},
		{"few texts", world{n: 400, alone: 0.12, typo: 0.03, seed: 2}, nil, 0.70, false},
		{"many that stand alone", world{n: 3000, alone: 0.3, typo: 0.05, seed: 3}, nil, 0.70, false},
		{"only things the lexicon names", world{n: 3000, alone: 0.12, typo: 0.03, seed: 4, some: problems[:20]}, nil, 0.80, false},
		{"only things it does not name", world{n: 3000, alone: 0.12, typo: 0.03, seed: 5, some: problems[20:]}, nil, 0.55, false},
		{"without any lexicon", world{n: 3000, alone: 0.12, typo: 0.03, seed: 6}, none, 0.35, false},
		{"freely worded", world{n: 3000, alone: 0.1, typo: 0.03, shuffle: true, seed: 7}, nil, 0.70, false},
		{"for a person to judge", world{n: 3000, alone: 0.12, typo: 0.03, seed: 9}, nil, 0.75, true},
		{"twenty thousand", world{n: 20000, alone: 0.12, typo: 0.03, seed: 8}, nil, 0.75, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			texts, truth := c.world.make()
			began := time.Now()
			found := group.Group(texts, group.Options{Lexicon: c.lex, Free: c.free})
			took := time.Since(began)
			p, r, f := score(truth, found)
			t.Logf("F1 %.3f precision %.3f recall %.3f, %d groups, %v", f, p, r, len(found), took.Round(time.Millisecond))
			if f < c.floor {
				t.Errorf("F1 %.3f is under the floor %.2f", f, c.floor)
			}
			if os.Getenv("SHOW") != "" {
				for _, g := range found {
					n := map[int]int{}
					for _, m := range g.Members {
						n[truth[m]]++
					}
					t.Log(len(g.Members), g.Subjects, g.Phrases, n)
				}
			}
		})
	}
}

func TestGroupsHoldTogether(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := world{n: rapid.IntRange(0, 120).Draw(rt, "n"), alone: rapid.Float64Range(0, 1).Draw(rt, "alone"), shuffle: rapid.Bool().Draw(rt, "free"), typo: 0.1, seed: rapid.Uint64().Draw(rt, "seed")}
		texts, _ := w.make()
		found := group.Group(texts, group.Options{})
		of := map[int]int{}
		for c, g := range found {
			if len(g.Members) < 2 || !slices.IsSortedFunc(g.Members, func(a, b int) int { return strings.Compare(texts[a].ID, texts[b].ID) }) {
				rt.Fatalf("group %v", g)
			}
			for _, m := range g.Members {
				if _, twice := of[m]; twice {
					rt.Fatalf("text %d in two groups", m)
				}
				of[m] = c + 1
			}
		}
		for i := range texts {
			for j := range i {
				if texts[i].Text == texts[j].Text && (of[i] != of[j] || of[i] == 0) {
					rt.Fatalf("equal texts apart: %q", texts[i].Text)
				}
			}
		}
		turned := slices.Clone(texts)
		slices.Reverse(turned)
		again := group.Group(turned, group.Options{})
		if len(again) != len(found) {
			rt.Fatalf("%d groups, turned round %d", len(found), len(again))
		}
		for c := range again {
			for k, m := range again[c].Members {
				if turned[m].ID != texts[found[c].Members[k]].ID {
					rt.Fatalf("group %d differs when turned round", c)
				}
			}
		}
	})
}

func TestWhatIsPeculiarToAnOccasionDoesNotDivide(t *testing.T) {
	texts := []group.Text{
		{ID: "1", Text: "经抽查，某基层检察院公车使用登记不完整，30次出车无派车单。要求限期整改"},
		{ID: "2", Text: "公车使用登記不完整，８次出车无派车单"},
		{ID: "3", Text: "存在问题：甲乙市人民检察院公车使用登记不完整，王某等12次出车无派车单"},
		{ID: "4", Text: "图书室藏书老旧"},
		{ID: "5", Text: ""},
	}
	found := group.Group(texts, group.Options{})
	if len(found) != 1 || !slices.Equal(found[0].Members, []int{0, 1, 2}) {
		t.Fatalf("%+v", found)
	}
	if !slices.Contains(found[0].Subjects, "公务用车") || len(found[0].Phrases) == 0 {
		t.Errorf("%+v", found[0])
	}
}

func TestALexiconCanBeExtended(t *testing.T) {
	l := group.Own().Clone()
	if err := l.Add("# ours\nsubject 消防\t消防 灭火器\n\nsubject 灭火\u5668材<消防\t消防栓"); err != nil {
		t.Fatal(err)
	}
	if got := l.Subjects("灭火器过期"); !slices.Equal(got, []string{"消防"}) {
		t.Errorf("%v", got)
	}
	if got := group.Own().Subjects("灭火器过期"); got != nil {
		t.Errorf("the shared lexicon changed: %v", got)
	}
	for _, bad := range []string{"消防", "subject\t消防", "thing 消防\t消防", "subject 消防 消防"} {
		if err := group.Own().Clone().Add(bad); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzGroup(f *testing.F) {
	f.Add("公车使用登记不完整，30次", "王某\n某某案")
	f.Add("\xff#某", "检察院检察院")
	f.Fuzz(func(t *testing.T, a, b string) {
		texts := []group.Text{{ID: "a", Text: a}, {ID: "b", Text: b}, {ID: "c", Text: a}, {ID: "d", Text: a + b}}
		found := group.Group(texts, group.Options{})
		for _, g := range found {
			if slices.Contains(g.Members, 0) != slices.Contains(g.Members, 2) {
				t.Fatal("equal texts apart")
			}
		}
	})
}

func BenchmarkGroup20000(b *testing.B) {
	benchmark(b, world{n: 20000, alone: 0.12, typo: 0.03, seed: 1})
}
func BenchmarkGroup100000(b *testing.B) {
	benchmark(b, world{n: 100000, alone: 0.12, typo: 0.03, seed: 1})
}
func BenchmarkFree20000(b *testing.B) {
	benchmark(b, world{n: 20000, alone: 0.12, typo: 0.03, shuffle: true, seed: 1})
}

func benchmark(b *testing.B, w world) {
	texts, _ := w.make()
	b.ResetTimer()
	for b.Loop() {
		group.Group(texts, group.Options{})
	}
}
