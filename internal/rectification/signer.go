package rectification

import (
	"cmp"
	"slices"

	"huikan/internal/kernel/id"
)

// Signer is the record of one signer: how much, how fast, how often wrong.
type Signer struct {
	Person  id.ID `json:"person"`
	Signed  int   `json:"signed"`
	Stamps  int   `json:"stamps"`
	Seconds int   `json:"seconds"` // median
	Second  int   `json:"second"`  // that needed a second person
	Checked int   `json:"checked"` // items re-verified since
	Untrue  int   `json:"untrue"`  // of these: perfunctory or false
}

// Figures of a signer that count approvals; the median counts none.
const (
	SignerSigned  = "signed"
	SignerStamps  = "stamps"
	SignerSecond  = "second"
	SignerChecked = "checked"
	SignerUntrue  = "untrue"
)

// SignerFigures lists them in the order of the page.
func SignerFigures() []string {
	return []string{SignerSigned, SignerStamps, SignerSecond, SignerChecked, SignerUntrue}
}

// Figure is a figure of a signer by its name.
func (g Signer) Figure(name string) int {
	switch name {
	case SignerSigned:
		return g.Signed
	case SignerStamps:
		return g.Stamps
	case SignerSecond:
		return g.Second
	case SignerChecked:
		return g.Checked
	case SignerUntrue:
		return g.Untrue
	}
	return 0
}

// Signed is an approval with its item, and what a look-back has found of it since.
type Signed struct {
	Signature
	No       string `json:"no"`
	Title    string `json:"title"`
	Verified string `json:"verified"`
}

// counts tells whether an approval belongs to a figure of its signer. Approvals of the
// unit's own level stand in none: they judge nobody else's work.
func (x Signed) counts(figure string) bool {
	if x.Level == LevelUnit || x.Person == "" {
		return false
	}
	checked := x.Verified != "" && x.Verified != Unverifiable
	switch figure {
	case SignerSigned:
		return true
	case SignerStamps:
		return x.Stamp()
	case SignerSecond:
		return x.Second
	case SignerChecked:
		return checked
	case SignerUntrue:
		return checked && (x.Verified == Paper || x.Verified == False)
	}
	return false
}

// sumSigners sums approvals up by person, the largest share of rubber stamps first.
func sumSigners(signs []Signed) []Signer {
	by := map[id.ID]*Signer{}
	times := map[id.ID][]int{}
	for _, x := range signs {
		if !x.counts(SignerSigned) {
			continue
		}
		g := by[x.Person]
		if g == nil {
			g = &Signer{Person: x.Person}
			by[x.Person] = g
		}
		g.Signed++
		g.Stamps += bit(x.counts(SignerStamps))
		g.Second += bit(x.counts(SignerSecond))
		g.Checked += bit(x.counts(SignerChecked))
		g.Untrue += bit(x.counts(SignerUntrue))
		times[x.Person] = append(times[x.Person], x.Seconds)
	}
	out := make([]Signer, 0, len(by))
	for p, g := range by {
		slices.Sort(times[p])
		g.Seconds = times[p][len(times[p])/2]
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Signer) int {
		return cmp.Or(cmp.Compare(b.Stamps*a.Signed, a.Stamps*b.Signed), cmp.Compare(b.Signed, a.Signed), cmp.Compare(a.Person, b.Person))
	})
	return out
}
