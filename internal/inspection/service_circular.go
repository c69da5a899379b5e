package inspection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
)

// maxCircular bounds a circular: a real one has some 20,000 characters.
const maxCircular = 16 << 20

// ReadArticle reads a circular of any accepted kind of file and repairs it.
func ReadArticle(name string, r io.ReaderAt, size int64) (hantext.Article, error) {
	if size > maxCircular {
		return hantext.Article{}, fault.Limit("error.file_large", name, size>>20, maxCircular>>20)
	}
	kind, err := document.Identify(name, r, size)
	if err != nil {
		return hantext.Article{}, err
	}
	var raw []byte
	if kind == document.KindText || kind == document.KindHTML || kind == document.KindCSV {
		raw = make([]byte, size)
		if n, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
			return hantext.Article{}, fault.Unavailable("error.upload").With(err)
		} else {
			raw = raw[:n]
		}
	} else {
		t, err := document.Read(name, r, size)
		if err != nil {
			return hantext.Article{}, err
		}
		raw = []byte(strings.Join(t.Paragraphs, "\n"))
	}
	a, err := hantext.Clean(raw)
	if bad, ok := errors.AsType[*hantext.InputError](err); ok {
		return a, fault.Invalid("circular.not_text", name, bad.Offset).With(err)
	}
	if err != nil {
		return a, fmt.Errorf("clean %s: %w", name, err)
	}
	return a, nil
}

// Upload is a circular that was handed in and waits to be confirmed.
type Upload struct {
	ID      id.ID           `json:"id"`
	By      id.ID           `json:"by"`
	Author  id.ID           `json:"author"`
	Name    string          `json:"name"`
	Hash    string          `json:"hash"`
	Article hantext.Article `json:"article"`
	State   string          `json:"state"`
	Visit   id.ID           `json:"visit"`
	At      string          `json:"at"`
	Rev     int64           `json:"rev"`
}

// States of an upload.
const (
	UploadWaiting  = "waiting"
	UploadImported = "imported"
)

func (s *Service) uploadObject(u Upload) access.Object {
	return access.Object{Kind: "circular", ID: u.ID, State: u.State, By: s.Units.Place(u.By), Owners: []id.ID{u.Author}}
}

// office is the first unit over which the actor may import.
func office(who actor.Actor) id.ID {
	for _, g := range who.Grants {
		if g.Role == actor.Office {
			return g.Unit
		}
	}
	return who.Unit
}

// UploadCircular keeps the original and its repaired text. Nothing becomes a
// finding before a person has confirmed it.
func (s *Service) UploadCircular(ctx context.Context, who actor.Actor, name string, raw []byte) (Upload, error) {
	a, err := ReadArticle(name, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return Upload{}, err
	}
	if c := ExtractCircular(a); len(c.Sections) == 0 {
		return Upload{}, fault.Invalid("circular.no_findings", name)
	}
	u := Upload{ID: id.New(), By: office(who), Author: who.Person, Name: name, Article: a, State: UploadWaiting, Rev: 1}
	if err := s.policy.Can(who, "circular.import", s.by("circular", u.By)); err != nil {
		s.log.Refused(ctx, who, "circular.import", err)
		return Upload{}, err
	}
	stored, err := s.Vault.Put(ctx, name, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return Upload{}, err
	}
	u.Hash, u.Name = stored.Hash, stored.Name
	err = s.log.Write(ctx, who, "circular.upload", func(tx *audit.Tx) error {
		u.At = tx.At
		tx.Note("original", u.Hash)
		return insertUpload(ctx, tx, u)
	})
	return u, err
}

// UploadByID reads an upload that the actor may see.
func (s *Service) UploadByID(ctx context.Context, who actor.Actor, upload id.ID) (u Upload, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		u, err = s.loadUpload(ctx, q, who, upload, "circular.read")
		return err
	})
	return u, err
}

func (s *Service) loadUpload(ctx context.Context, q db.Q, who actor.Actor, upload id.ID, action string) (Upload, error) {
	u, err := uploadByID(ctx, q, upload)
	if err != nil {
		return u, err
	}
	return u, s.policy.Can(who, action, s.uploadObject(u))
}

// Edit is a finding of a circular as a person has confirmed it.
type Edit struct {
	Keep       bool   `json:"keep"`
	Category   string `json:"category"`
	Aspect     string `json:"aspect"`
	Title      string `json:"title"`
	Severity   string `json:"severity"`
	Status     string `json:"status"`
	DueWord    string `json:"due"`
	Lead       string `json:"lead"`
	Department string `json:"department"`
	Measures   string `json:"measures"` // one a line
	No         string `json:"no"`
}

// Edits are the findings of a circular as extracted, ready to be changed.
func Edits(c Circular) []Edit {
	var out []Edit
	for _, sec := range c.Sections {
		for _, f := range sec.Findings {
			e := Edit{Keep: true, Category: CategoryOf(sec.Title), Aspect: clipRunes(sec.Title, maxTitle), Title: clipRunes(f.Text, maxTitle), Severity: "general",
				Status: f.Status, DueWord: f.DueWord, Lead: f.Lead, Department: f.Department, No: f.No}
			lines := make([]string, len(f.Measures))
			for i, m := range f.Measures {
				lines[i] = strings.Join(strings.Fields(m.Text), " ")
			}
			e.Measures = strings.Join(lines, "\n")
			out = append(out, e)
		}
	}
	return out
}

func clipRunes(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		return string(rs[:n-1]) + "…"
	}
	return s
}

// categoryWords lead from the heading of a section to one of the four
// implementations; the first that fits wins. A heading without any of them
// stays unclassified for a person to decide.
var categoryWords = []struct {
	category string
	words    []string
}{
	{"rectification", []string{"发现问题整改", "整改落实", "审计", "主题教育", "上轮", "反馈问题整改", "整改方面"}},
	{"organisation", []string{"组织路线", "干部", "班子", "队伍", "党建", "基层党组织", "人才", "组织建设"}},
	{"discipline", []string{"从严治党", "廉洁", "廉政", "作风", "纪律", "监督", "腐败", "群众身边", "内部管理"}},
	{"theory", []string{"决策部署", "理论", "政治", "意识形态", "职能", "履职", "业务", "部署", "担当"}},
}

// CategoryOf guesses the category from a heading; "" when it says nothing.
func CategoryOf(heading string) string {
	for _, c := range categoryWords {
		if slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(heading, w) }) {
			return c.category
		}
	}
	return ""
}

// ImportOptions say where the findings of a circular go.
type ImportOptions struct {
	Unit   string // inspected unit: name, code or id; empty for the one that the circular names
	Round  id.ID  // existing round; empty for a new one of the circular's facts
	By     id.ID  // dispatching unit of a new round; empty for the unit above
	Name   string // of the file
	Hash   string // of the kept original
	Edits  []Edit // confirmed findings; nil for all as extracted
	Upload id.ID
	Rev    int64
	DryRun bool
}

// ImportResult is what an import made, or would make.
type ImportResult struct {
	Circular Circular  `json:"circular"`
	Unit     id.ID     `json:"unit"`
	UnitName string    `json:"unit_name"`
	Round    Round     `json:"round"`
	NewRound bool      `json:"new_round"`
	Visit    Visit     `json:"visit"`
	Findings []Finding `json:"findings"`
	DryRun   bool      `json:"dry_run"`
}

var errDry = errors.New("dry run")

// ImportCircular turns a circular into findings that are fed back, with what the
// unit itself stated, and lets the ledger take them over. All in one transaction;
// a dry run does everything and keeps nothing.
func (s *Service) ImportCircular(ctx context.Context, who actor.Actor, a hantext.Article, o ImportOptions) (ImportResult, error) {
	c := ExtractCircular(a)
	if len(c.Sections) == 0 {
		return ImportResult{Circular: c}, fault.Invalid("circular.no_findings", o.Name)
	}
	edits := o.Edits
	if edits == nil {
		edits = Edits(c)
	}
	unit, err := s.checkImport(c, o.Unit, edits)
	if err != nil {
		return ImportResult{Circular: c}, err
	}
	var out ImportResult
	err = s.log.Write(ctx, who, "circular.import", func(tx *audit.Tx) error {
		out = ImportResult{Circular: c, Unit: unit, UnitName: s.Units.Name(unit), DryRun: o.DryRun}
		if err := s.roundFor(ctx, tx, who, c, o, &out); err != nil {
			return err
		}
		if err := s.policy.Can(who, "circular.import", s.by("circular", out.Round.Unit)); err != nil {
			return err
		}
		if !strings.HasPrefix(s.Units.Place(unit).Path, s.Units.Place(out.Round.Unit).Path) {
			return sole("unit", "visit.bad.unit", s.Units.Name(unit), s.Units.Name(out.Round.Unit))
		}
		if err := s.visitFor(ctx, tx, c, &out); err != nil {
			return err
		}
		if err := s.importAll(ctx, tx, who, a, edits, &out); err != nil {
			return err
		}
		tx.Note("file", o.Name)
		tx.Note("original", o.Hash)
		if o.Upload != "" {
			if err := s.importedUpload(ctx, tx, who, o, out.Visit.ID); err != nil {
				return err
			}
		}
		if o.DryRun {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

func (s *Service) importedUpload(ctx context.Context, tx *audit.Tx, who actor.Actor, o ImportOptions, visit id.ID) error {
	u, err := s.loadUpload(ctx, tx, who, o.Upload, "circular.import")
	if err != nil {
		return err
	}
	if u.State != UploadWaiting {
		return fault.State("circular.done")
	}
	return finishUpload(ctx, tx, u.ID, visit, o.Rev)
}

// checkImport finds the unit and judges the findings before anything is written.
func (s *Service) checkImport(c Circular, unit string, edits []Edit) (id.ID, error) {
	var bad fault.Fields
	if strings.TrimSpace(unit) == "" && c.Unit != nil {
		unit = *c.Unit
	}
	u := s.resolve(&bad, "unit", unit)
	kept := 0
	for i, e := range edits {
		if !e.Keep {
			continue
		}
		kept++
		at := func(name string) string { return fmt.Sprintf("f%d-%s", i, name) }
		bad.Need(at("title"), e.Title)
		bad.Max(at("title"), e.Title, maxTitle)
		bad.Max(at("aspect"), e.Aspect, maxTitle)
		bad.Max(at("measures"), e.Measures, maxText)
		if e.Category != "" {
			oneOf(&bad, at("category"), e.Category, Categories())
		}
		oneOf(&bad, at("severity"), e.Severity, Severities())
	}
	if kept == 0 {
		bad.Add("unit", "circular.none_kept")
	}
	return u, bad.Err()
}

// roundFor takes the chosen round, or makes one of the circular's facts.
func (s *Service) roundFor(ctx context.Context, tx *audit.Tx, who actor.Actor, c Circular, o ImportOptions, out *ImportResult) error {
	if o.Round != "" {
		r, err := RoundByID(ctx, tx, o.Round)
		if err != nil {
			return err
		}
		if r.State == RoundClosed {
			return fault.State("error.state", "circular.import", "round.state."+r.State)
		}
		out.Round = r
		return s.policy.Can(who, "circular.import", s.by("circular", r.Unit))
	}
	by := o.By
	if by == "" {
		u, _ := s.Units.Unit(out.Unit)
		if by = u.Parent; by == "" {
			by = u.ID
		}
	}
	if err := s.policy.Can(who, "round.create", s.by("round", by)); err != nil {
		return err
	}
	day := func(p *string) clock.Date {
		if p == nil {
			return ""
		}
		return clock.Date(*p)
	}
	start := day(c.Start)
	if start == "" {
		start = day(c.Feedback)
	}
	t, err := s.termFor(ctx, tx, by, start)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(value(c.Team) + " " + value(c.Kind))
	if name == "" {
		name = clipRunes(c.Title, maxTitle)
	}
	no, err := nextRound(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	out.NewRound = true
	out.Round = Round{ID: id.New(), Term: t.ID, No: no, Name: name, Kind: roundKind(value(c.Kind)), State: RoundRectify, Unit: by, Start: start, End: day(c.End),
		RectifyMonths: DefaultRectifyMonths, RectifySource: clipRunes(c.Title, maxTitle), Rev: 1}
	return insertRound(ctx, tx, out.Round)
}

func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// roundKind translates the circular's word for the kind of inspection.
func roundKind(word string) string {
	for _, k := range [][2]string{{"回头看", KindLookback}, {"内部审计", KindAudit}, {"执法督察", KindEnforcement}, {"专项", KindSpecial}, {"机动", KindMobile}, {"联动", KindLinked}, {"提级", KindRaised}, {"交叉", KindCross}} {
		if strings.Contains(word, k[0]) {
			return k[1]
		}
	}
	return KindRegular
}

// termFor finds the term of a dispatching unit in which a day lies, or opens
// one named after the year.
func (s *Service) termFor(ctx context.Context, tx *audit.Tx, by id.ID, day clock.Date) (Term, error) {
	all, err := Terms(ctx, tx)
	if err != nil {
		return Term{}, err
	}
	no := 1
	for _, t := range all {
		if t.Unit != by {
			continue
		}
		if day == "" || t.Start <= day && (t.End == "" || day <= t.End) {
			return t, nil
		}
		no = max(no, t.No+1)
	}
	if day == "" {
		day = s.today()
	}
	t := Term{ID: id.New(), No: no, Name: string(day)[:4], Unit: by, Start: day.FirstOfMonth(), End: "", Rev: 1}
	return t, insertTerm(ctx, tx, t)
}

// visitFor finds or makes the visit of the unit. One that already has findings
// is not mixed with those of a circular.
func (s *Service) visitFor(ctx context.Context, tx *audit.Tx, c Circular, out *ImportResult) error {
	date := func(p *string) clock.Date { return clock.Date(value(p)) }
	visits, err := VisitsOf(ctx, tx, out.Round.ID)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(visits, func(v Visit) bool { return v.Unit == out.Unit }); i >= 0 {
		v := visits[i]
		n, err := countFindings(ctx, tx, "f.visit_id = $1", 1, []any{string(v.ID)})
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.State("circular.has_findings", s.Units.Name(out.Unit), out.Round.Name)
		}
		v.State = VisitFedBack
		if v.Feedback == "" {
			v.Feedback = date(c.Feedback)
		}
		out.Visit = v
		return updateVisit(ctx, tx, v)
	}
	out.Visit = Visit{ID: id.New(), Round: out.Round.ID, Unit: out.Unit, By: out.Round.Unit, Entry: date(c.Start), Exit: date(c.End), Feedback: date(c.Feedback), State: VisitFedBack, Rev: 1}
	return insertVisit(ctx, tx, out.Visit)
}

func (s *Service) importAll(ctx context.Context, tx *audit.Tx, who actor.Actor, a hantext.Article, edits []Edit, out *ImportResult) error {
	for _, e := range edits {
		if !e.Keep {
			continue
		}
		f := Finding{ID: id.New(), Round: out.Round.ID, Visit: out.Visit.ID, Team: out.Visit.Team, Unit: out.Unit, Responsible: out.Unit, By: out.Round.Unit, Author: who.Person,
			Category: e.Category, Aspect: e.Aspect, Title: strings.TrimSpace(e.Title), Fact: strings.TrimSpace(e.Title), Severity: e.Severity, Scope: "individual",
			Origin: "circular", State: FedBack, Rev: 1, Basis: clipRunes(a.Title, maxTitle)}
		due, precision, _ := clock.ParseLoose(e.DueWord)
		f.Stated = Stated{No: e.No, Status: strings.TrimSpace(e.Status), Due: due, DueWord: e.DueWord, Lead: e.Lead, Department: e.Department}
		for line := range strings.Lines(e.Measures) {
			if line = strings.TrimSpace(line); line != "" {
				f.Stated.Measures = append(f.Stated.Measures, line)
			}
		}
		if err := s.number(ctx, tx, &f); err != nil {
			return err
		}
		// What is kept up for good has no day on purpose; any other item without
		// a day of its own gets the round's.
		if due == "" && precision != clock.PrecisionLongTerm {
			due = out.Round.Due(out.Visit.Feedback)
		}
		if err := s.fedBack(ctx, tx, f, due); err != nil {
			return err
		}
		out.Findings = append(out.Findings, f)
	}
	return nil
}

const uploadColumns = "id, by_id, COALESCE(author_id,''), name, hash, article, state, COALESCE(visit_id,''), at, rev"

func decodeArticle(text string) (a hantext.Article, err error) {
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("kept text of a circular: %w", err)
	}
	return a, nil
}
