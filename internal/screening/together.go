package screening

import (
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/screening/rules"
)

// together is a declared relative who serves in the procuratorates himself.
type together struct {
	owner, kin, other int32 // places in ours: who declared, the declared row, the colleague
	byNumber          bool  // his ID number says so; else name and unit
}

// postWord says which post the words of a title mean.
type postWord struct {
	Post  string   `yaml:"post"`
	Words []string `yaml:"words"`
}

// postsOf reads the posts in a title: 政治部主任 is of personnel and the head of it.
func postsOf(title string) (out []string) {
	for _, part := range splitList(title) {
		first := ""
		for _, p := range columnTables().posts {
			if !slices.ContainsFunc(p.Words, func(w string) bool { return strings.Contains(part, w) }) {
				continue
			}
			if first == "" {
				first = p.Post
			} else if p.Post != "head" || first == "deputy" || first == "chief" || first == "committee" {
				continue
			}
			if !slices.Contains(out, p.Post) {
				out = append(out, p.Post)
			}
		}
	}
	return out
}

// findTogether finds the declared relatives of serving staff who serve themselves: by a complete ID number, else by the name
// where the declared employer is one of our units and has one serving person of that name. A relation that both declared
// stands once.
func (s *Service) findTogether(b *board) (out []together) {
	type named struct {
		unit id.ID
		name string
	}
	numbers, names := map[string]int32{}, map[named]int32{}
	serving := func(at int32) bool { return meaning("status", b.ours.row(at).At(Staff, "status")) == "serving" }
	for i, l := range b.ours.all() {
		if l.kind != Staff || !serving(i) {
			continue
		}
		if no := l.row.At(Staff, "id_no"); likeID(no) {
			numbers[no] = i
		}
		k := named{l.unit, l.row.At(Staff, "name")}
		if _, there := names[k]; there {
			names[k] = -1
		} else {
			names[k] = i
		}
	}
	seen := map[[2]int32]bool{}
	for i, l := range b.ours.all() {
		if l.kind != Relatives || l.owner < 0 || !serving(l.owner) {
			continue
		}
		no, employer := l.row.At(Relatives, "id_no"), l.row.At(Relatives, "employer")
		other, byNumber := numbers[no]
		if !byNumber {
			unit := s.unitOf(employer, employer)
			at, ok := names[named{unit, l.row.At(Relatives, "name")}]
			if unit == "" || !ok || at < 0 || likeID(no) && likeID(b.ours.row(at).At(Staff, "id_no")) {
				continue // nobody, two of the name, or another number
			}
			other = at
		}
		pair := [2]int32{min(l.owner, other), max(l.owner, other)}
		if other == l.owner || seen[pair] {
			continue
		}
		seen[pair] = true
		out = append(out, together{owner: l.owner, kin: i, other: other, byNumber: byNumber})
	}
	return out
}

// serve makes a serving person known to the rules about relatives who serve together.
func (s *Service) serve(l left) rules.Subject {
	x := s.subject(l)
	x.Posts = postsOf(l.row.At(Staff, "post"))
	if len(x.Posts) == 0 {
		x.Posts = postsOf(l.row.At(Staff, "rank"))
	}
	if len(x.Offices) > 0 {
		x.Offices[0].Department = string(l.within)
	}
	return x
}

// judgeTogether asks the rules about two relatives who serve.
func (s *Service) judgeTogether(b *board, e *rules.Edition, on clock.Date, t together) []rules.Verdict {
	one, two := s.serve(b.ours.at(t.owner)), s.serve(b.ours.at(t.other))
	kin := &rules.Kin{Name: two.Name, Relation: meaning("relation", b.ours.row(t.kin).At(Relatives, "relation")), Posts: two.Posts}
	if len(two.Offices) > 0 {
		kin.Office = two.Offices[0]
	}
	return slices.DeleteFunc(e.Judge(rules.Question{Subject: one, Kin: kin, On: on}), func(v rules.Verdict) bool {
		return v.Outcome != rules.Recuse && v.Outcome != rules.Unclear
	})
}
