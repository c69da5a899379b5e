package group

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

func rejoin(clauses []string) wording {
	return wording{clauses: clauses, key: strings.Join(clauses, ",")}
}

func (g *grouper) result() []Cluster {
	of := make(map[int32][]*variant)
	for _, v := range g.variants {
		if v.cluster >= 0 {
			of[v.cluster] = append(of[v.cluster], v)
		}
	}
	var out []Cluster
	var said [][]*variant
	for _, list := range of {
		var c Cluster
		for _, v := range list {
			c.Members = append(c.Members, v.members...)
		}
		if len(c.Members) < 2 {
			continue
		}
		c.Wordings = len(list)
		slices.SortFunc(c.Members, func(a, b int) int { return cmp.Compare(g.texts[a].ID, g.texts[b].ID) })
		c.Subjects = g.subjects(list, len(c.Members))
		out, said = append(out, c), append(said, list)
	}
	phrases := telling(said)
	for i := range out {
		out[i].Phrases = phrases[i]
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(len(b.Members), len(a.Members)), cmp.Compare(g.texts[a.Members[0]].ID, g.texts[b.Members[0]].ID))
	})
	return out
}

// subjects are the concepts that at least half of the texts speak of.
func (g *grouper) subjects(list []*variant, n int) (names []string) {
	count := map[int]int{}
	for _, v := range list {
		for _, f := range v.feats {
			if c, ok := f.concept(); ok && g.lex.concepts[c].Kind == Subject {
				count[c] += len(v.members)
			}
		}
	}
	var at []int
	for c, k := range count {
		if 2*k >= n {
			at = append(at, c)
		}
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	for _, c := range at {
		names = append(names, g.lex.concepts[c].Name)
	}
	return names
}

// Bounds of the search for telling phrases.
const (
	phraseLeast, phraseMost = 3, 16
	phraseTexts             = 60 // wordings of a group that are read
	phraseCount             = 3
)

// telling finds, for each group, rows of characters that many of its texts have and few other groups.
func telling(groups [][]*variant) [][]string {
	counts := make([]map[string]count, len(groups))
	total := make([]int, len(groups))
	parallel(len(groups), func(i int) { counts[i], total[i] = grams(groups[i]) })
	spread := map[string]int{}
	for i, m := range counts {
		for s, n := range m {
			if n.texts*10 < total[i] {
				delete(m, s)
				continue
			}
			spread[s]++
		}
	}
	out := make([][]string, len(groups))
	all := math.Log(float64(len(groups)) + 2)
	parallel(len(groups), func(i int) {
		type scored struct {
			s string
			v float64
		}
		var list []scored
		for s, n := range counts[i] {
			rarity := all - math.Log(float64(spread[s]))
			v := float64(n.texts) / float64(total[i]) * math.Log(float64(len(s)/3)) * rarity
			list = append(list, scored{s, v * (1 + edge*float64(n.edges)/float64(n.texts))})
		}
		slices.SortFunc(list, func(a, b scored) int { return cmp.Or(cmp.Compare(b.v, a.v), cmp.Compare(a.s, b.s)) })
		for _, x := range list {
			if len(out[i]) == phraseCount {
				break
			}
			if !slices.ContainsFunc(out[i], func(have string) bool { return overlaps(have, x.s) }) {
				out[i] = append(out[i], x.s)
			}
		}
	})
	return out
}

// count of a row of characters: texts that have it, and how often it begins or ends a clause there. A row that does is
// a phrase, one that does not is cut out of one.
type count struct{ texts, edges int }

const edge = 0.8 // what each such end adds

// grams counts, by texts, the rows of Han characters in the wordings of a group.
func grams(list []*variant) (map[string]count, int) {
	m, total := map[string]count{}, 0
	for _, v := range list[:min(len(list), phraseTexts)] {
		total += len(v.members)
		seen := map[string]bool{}
		for _, c := range v.wording.clauses {
			for _, run := range strings.FieldsFunc(c, func(r rune) bool { return r == '#' || r == '*' }) {
				rs := []rune(run)
				for i := range rs {
					for n := phraseLeast; n <= phraseMost && i+n <= len(rs); n++ {
						s := string(rs[i : i+n])
						if !seen[s] {
							seen[s] = true
							c := m[s]
							c.texts += len(v.members)
							if i == 0 {
								c.edges += len(v.members)
							}
							if i+n == len(rs) {
								c.edges += len(v.members)
							}
							m[s] = c
						}
					}
				}
			}
		}
	}
	return m, max(total, 1)
}

// overlaps reports whether two phrases share two neighbouring characters.
func overlaps(a, b string) bool {
	ra := []rune(a)
	for i := 0; i+1 < len(ra); i++ {
		if strings.Contains(b, string(ra[i:i+2])) {
			return true
		}
	}
	return false
}
