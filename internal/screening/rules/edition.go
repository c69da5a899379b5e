package rules

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

//go:embed *.yaml
var files embed.FS

// Text is a sentence in both languages.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// In gives the sentence in a language.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.ZH
}

// Pair says which posts two relatives may not hold at the same time.
type Pair struct {
	One   []string `yaml:"one" json:"one"`
	Other []string `yaml:"other" json:"other"`
	Same  string   `yaml:"same" json:"same"` // office, department, adjacent (levels), chain (one leads the other)
}

// Rule is one sentence of the law with its conditions. Empty conditions hold always.
type Rule struct {
	ID         string     `yaml:"id" json:"id"`
	Part       string     `yaml:"part" json:"part,omitempty"` // where one article gives several rules
	Subject    string     `yaml:"subject" json:"subject"`     // departed, serving, kin, pair
	Outcome    string     `yaml:"outcome" json:"outcome"`     // ban (when empty), recuse, report
	Article    Text       `yaml:"article" json:"article"`
	Source     string     `yaml:"source" json:"source"`
	Mark       string     `yaml:"mark" json:"mark"` // sure, seen, unverified
	From       clock.Date `yaml:"from" json:"from"`
	To         clock.Date `yaml:"to" json:"to,omitempty"` // last day in force
	Leaving    []string   `yaml:"leaving" json:"leaving,omitempty"`
	Civil      string     `yaml:"civil" json:"civil,omitempty"`
	Prosecutor string     `yaml:"prosecutor" json:"prosecutor,omitempty"`
	Senior     string     `yaml:"senior" json:"senior,omitempty"`
	Approved   string     `yaml:"approved" json:"approved,omitempty"`
	Holds      []string   `yaml:"holds" json:"holds,omitempty"`
	Relation   []string   `yaml:"relation" json:"relation,omitempty"`
	Role       []string   `yaml:"role" json:"role,omitempty"`
	Acts       bool       `yaml:"acts" json:"acts,omitempty"` // must act for litigants; a register does not show that
	Pair       Pair       `yaml:"pair" json:"pair"`
	Works      []string   `yaml:"works" json:"works"`
	Place      string     `yaml:"place" json:"place,omitempty"` // coverage, acts_in_coverage, former_case, own_case, related
	Years      int        `yaml:"years" json:"years,omitempty"`
	Life       bool       `yaml:"life" json:"life,omitempty"`
	During     string     `yaml:"during" json:"during,omitempty"` // office
	Except     []string   `yaml:"except" json:"except,omitempty"`
	Unless     []string   `yaml:"unless" json:"unless,omitempty"` // rules that go before
	ZH         string     `yaml:"zh" json:"zh"`
	EN         string     `yaml:"en" json:"en"`
	Here       Text       `yaml:"here" json:"here"` // added when a firm is known
}

// Key names the rule within its edition.
func (r Rule) Key() string {
	if r.Part == "" {
		return r.ID
	}
	return r.ID + "." + r.Part
}

// Uncheckable says in a language what no register shows, whatever the rules ask.
func (e *Edition) Uncheckable(lang string) []string {
	terms := e.Terms[lang]
	var out []string
	for _, k := range slices.Sorted(maps.Keys(terms)) {
		if strings.HasPrefix(k, "uncheckable.") {
			out = append(out, terms[k])
		}
	}
	return out
}

func (r Rule) inForce(on clock.Date) bool {
	return !on.Before(r.From) && (r.To == "" || !on.After(r.To))
}

// Scale is an order of ranks, highest first.
type Scale struct {
	Name   string   `yaml:"name" json:"name"`
	Senior string   `yaml:"senior" json:"senior"` // the lowest rank that counts as senior
	Mark   string   `yaml:"mark" json:"mark"`
	Ranks  []string `yaml:"ranks" json:"ranks"`
}

// Edition is one version of the rules.
type Edition struct {
	Version    string                       `yaml:"version" json:"version"`
	Published  clock.Date                   `yaml:"published" json:"published"`
	Title      Text                         `yaml:"title" json:"title"`
	Scales     []Scale                      `yaml:"scales" json:"scales"`
	Prosecutor []string                     `yaml:"prosecutor" json:"prosecutor"`
	Assistants []string                     `yaml:"assistants" json:"assistants"`
	Terms      map[string]map[string]string `yaml:"terms" json:"-"`
	Rules      []Rule                       `yaml:"rules" json:"rules"`

	ranks []scaleRank // of all scales, the longest first
}

const maxEdition = 1 << 20

// Parse reads an edition and refuses one that the judgement could not rely on.
func Parse(raw []byte) (*Edition, error) {
	if len(raw) > maxEdition {
		return nil, fault.Limit("rules.error.large", maxEdition>>10)
	}
	var e Edition
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&e); err != nil {
		return nil, fault.Invalid("rules.error.yaml", firstLine(err.Error())).With(err)
	}
	e.ranks = e.rankList()
	return &e, e.check()
}

func firstLine(s string) string {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "yaml: "), "unmarshal errors:\n  ", "")
	line, _, _ := strings.Cut(s, "\n")
	return line
}

var (
	subjects = []string{"departed", "serving", "kin", "pair"}
	outcomes = []string{"", "ban", "recuse", "report"}
	places   = []string{"", "coverage", "acts_in_coverage", "former_case", "own_case", "related"}
	tris     = []string{"", "yes", "no"}
	marks    = []string{"sure", "seen", "unverified"}
	sames    = []string{"office", "department", "adjacent", "chain"}
	leavings = []string{Retired, Resigned, Dismissed, Removed, Transferred}
)

func (e *Edition) check() error {
	bad := func(rule, what, value string) error { return fault.Invalid("rules.error.value", rule, what, value) }
	if e.Version == "" || !e.Published.Valid() || e.Title.ZH == "" || e.Title.EN == "" || len(e.Rules) == 0 {
		return fault.Invalid("rules.error.head")
	}
	for _, s := range e.Scales {
		if !slices.Contains(s.Ranks, s.Senior) {
			return bad(s.Name, "senior", s.Senior)
		}
	}
	for _, lang := range []string{"zh", "en"} {
		for _, k := range needed() {
			if e.Terms[lang][k] == "" {
				return bad("terms."+lang, k, "")
			}
		}
	}
	for i, r := range e.Rules {
		for _, c := range []struct {
			what  string
			value string
			from  []string
		}{{"subject", r.Subject, subjects}, {"outcome", r.Outcome, outcomes}, {"place", r.Place, places}, {"civil", r.Civil, tris}, {"prosecutor", r.Prosecutor, tris},
			{"senior", r.Senior, tris}, {"approved", r.Approved, tris}, {"mark", r.Mark, marks}, {"during", r.During, []string{"", "office"}}} {
			if !slices.Contains(c.from, c.value) {
				return bad(r.Key(), c.what, c.value)
			}
		}
		for _, l := range r.Leaving {
			if !slices.Contains(leavings, l) {
				return bad(r.Key(), "leaving", l)
			}
		}
		for _, w := range r.Works {
			if !slices.Contains(Works(), w) {
				return bad(r.Key(), "works", w)
			}
		}
		switch {
		case r.ID == "" || r.ZH == "" || r.EN == "" || r.Article.ZH == "" || r.Article.EN == "":
			return bad(r.Key(), "zh", "")
		case !r.From.Valid() || r.To != "" && (!r.To.Valid() || r.To.Before(r.From)):
			return bad(r.Key(), "from", string(r.From))
		case r.Subject == "pair" && !slices.Contains(sames, r.Pair.Same):
			return bad(r.Key(), "pair", r.Pair.Same)
		case r.Subject != "pair" && len(r.Works) == 0:
			return bad(r.Key(), "works", "")
		case r.Years < 0 || r.Years > 50:
			return bad(r.Key(), "years", fmt.Sprint(r.Years))
		}
		for _, o := range e.Rules[:i] {
			if o.Key() == r.Key() && o.Senior == r.Senior && o.inForce(r.From) {
				return bad(r.Key(), "from", string(r.From)) // two texts of one rule on one day
			}
		}
	}
	return nil
}

// needed are the terms that sentences are made with.
func needed() []string {
	out := slices.Concat(leavings, relations, []string{"partner", "founder", "employed", "unknown", "tail.until", "tail.life", "tail.while", "tail.open", "tail.ended",
		"tail.unclear", "tail.unclear_until", "uncheckable.adviser", "uncheckable.firm_staff", "uncheckable.borrowed"})
	for _, n := range needs {
		out = append(out, "need."+n)
	}
	return out
}

// shipped are the editions of the program, oldest first.
var shipped = sync.OnceValues(func() ([]*Edition, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []*Edition
	for _, n := range names {
		raw, err := files.ReadFile(n)
		if err != nil {
			return nil, err
		}
		e, err := Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
		out = append(out, e)
	}
	return out, nil
})

// Shipped lists the editions that come with the program, oldest first.
func Shipped() ([]*Edition, error) {
	es, err := shipped()
	return slices.Clone(es), err
}

// Source is the YAML text of a shipped edition, as the start of an own one.
func Source(version string) ([]byte, error) {
	raw, err := files.ReadFile(version + ".yaml")
	if err != nil {
		return nil, fault.NotFound("edition")
	}
	return raw, nil
}

// Pick gives the edition of a version, or with none the newest that was
// published on the day.
func Pick(editions []*Edition, version string, on clock.Date) (*Edition, error) {
	var best *Edition
	for _, e := range editions {
		if version != "" {
			if e.Version == version {
				return e, nil
			}
			continue
		}
		if !on.Before(e.Published) && (best == nil || !e.Published.Before(best.Published)) {
			best = e
		}
	}
	if best == nil && version == "" && len(editions) > 0 {
		best = editions[0] // before the first: its own dates say what was in force
	}
	if best == nil {
		return nil, fault.Invalid("rules.error.version", version)
	}
	return best, nil
}
