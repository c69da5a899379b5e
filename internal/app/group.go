package app

import (
	"fmt"

	"huikan/hantext/group"
	"huikan/internal/kernel/fault"
	"huikan/internal/org/tree"
)

// Grouping is what [GroupFindings] found.
type Grouping struct {
	Findings, Clusters, Alone int
	Labels                    []GroupLabel // the largest clusters first
}

// GroupLabel tells of one cluster.
type GroupLabel struct {
	ID              string
	Findings, Units int
	Subjects        []string
	Phrases         []string
}

// GroupFindings finds in a file the findings of one problem and writes their
// clusters; words, when given, is a file that adds to the lexicon.
func GroupFindings(in, out, words string) (Grouping, error) {
	t, err := readTable(in, "finding_id", "unit_code", "found_on", "text")
	if err != nil {
		return Grouping{}, err
	}
	if err := t.ids("finding_id"); err != nil {
		return Grouping{}, err
	}
	o := group.Options{}
	if words != "" {
		raw, err := ReadFile(words)
		if err != nil {
			return Grouping{}, err
		}
		o.Lexicon = group.Own().Clone()
		if err := o.Lexicon.Add(string(raw)); err != nil {
			return Grouping{}, fault.Invalid("error.lexicon", words, err.Error()).With(err)
		}
	}
	list := make([]group.Text, len(t.rows))
	for i := range t.rows {
		list[i] = group.Text{ID: t.get(i, "finding_id"), Text: t.get(i, "text"), Own: placeNames(t.get(i, "unit_code"))}
	}
	found := group.Group(list, o)
	g := Grouping{Findings: len(list), Clusters: len(found), Alone: len(list)}
	cluster := make([]string, len(list))
	for n, c := range found {
		l := GroupLabel{ID: fmt.Sprintf("G%04d", n+1), Findings: len(c.Members), Subjects: c.Subjects, Phrases: c.Phrases}
		units := map[string]bool{}
		for _, m := range c.Members {
			cluster[m] = l.ID
			units[t.get(m, "unit_code")] = true
		}
		l.Units = len(units)
		g.Alone -= len(c.Members)
		g.Labels = append(g.Labels, l)
	}
	return g, writeTable(out, []string{"finding_id", "cluster_id"}, func(write func(...string)) {
		for i := range list {
			write(list[i].ID, cluster[i])
		}
	})
}

// placeNames are the names of a unit and of its regions, which say nothing of
// what was found there.
func placeNames(code string) (names []string) {
	if u, ok := tree.ByCode(code); ok {
		names = append(names, u.Name, u.Short)
	}
	for r, ok := tree.RegionByCode(code); ok; r, ok = tree.RegionByCode(r.Parent) {
		names = append(names, r.Name)
	}
	return names
}
