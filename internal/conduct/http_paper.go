package conduct

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/web"
)

// docxType is what a Word file is sent as.
const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// documents are the papers that a case has come far enough for.
func (s *Service) documents(f caseFacts) []string {
	var out []string
	add := func(kind string, yes bool) {
		if yes {
			out = append(out, kind)
		}
	}
	c := f.c
	add("notice", c.FiledOn != "")
	add("report", c.File.Report != "")
	add("hearing", c.File.Proposal != "")
	add("talk", c.File.Statement != "")
	add("opinion", c.Opinion != "")
	add("decision", c.DecidedOn != "" && c.File.Decision != "")
	return out
}

// getPaper gives an official document of a case, made from the template of its
// kind. Official documents are Chinese, whatever the language of the reader.
func (s *Service) getPaper(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	f, err := s.gather(r.Context(), r, n)
	if err != nil {
		return nil, err
	}
	kind := r.PathValue("kind")
	if !slices.Contains(s.documents(f), kind) {
		return nil, fault.NotFound("document")
	}
	x, _ := s.rules.Conduct(f.c.Conduct)
	t := func(key string, args ...any) string { return s.chinese(r, key, args...) }
	o := document.Official{Issuer: s.Units.Name(f.c.Unit), Number: f.c.No, Title: t("paper." + kind + ".title"), Secrecy: t("paper.secrecy"), Signature: s.Units.Name(f.c.Unit), Date: longDate(r.Today())}
	name := f.names[f.c.Person]
	put := func(text string) {
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				o.Body = append(o.Body, document.Block{Text: line})
			}
		}
	}
	told := s.rules.letter(f.c, PaperHearing, "", r.Today())
	acts := strings.Join(s.actLines(r, told.Acts, told.Merged), "\n")
	put(t("paper.person", name, s.Units.Name(f.c.Home), f.c.Rank))
	switch kind {
	case "notice":
		o.To = name
		put(t("paper.notice.body", longDate(f.c.FiledOn), t("conduct.class."+f.c.Conduct), s.rules.Cite(x.Doc, x.Article)))
		put(t("paper.notice.rights"))
	case "report":
		put(t("paper.report.source", s.leadNumbers(f.leads)))
		put(t("paper.report.found"))
		put(f.c.File.Report)
		put(t("paper.report.class", t("conduct.class."+f.c.Conduct), s.rules.Cite(x.Doc, x.Article), t("conduct.gravity."+f.c.Gravity)))
		put(strings.Join(s.actLines(r, f.c.Acts(), told.Merged), "\n"))
		put(t("paper.report.handlers", f.names[f.c.Handler], f.names[f.c.Second]))
	case "hearing":
		o.To = name
		put(t("paper.hearing.body"))
		put(f.c.File.Proposal)
		put(acts)
		put(t("paper.measures", s.chineseKinds(r, f.c.Kinds)))
		put(t("paper.hearing.rights"))
	case "talk":
		put(t("paper.talk.head", f.names[f.c.Handler], f.names[f.c.Second]))
		put(f.c.File.Statement)
		put(t("paper.talk.foot"))
	case "opinion":
		o.To = name
		put(t("paper.opinion.body", t("conduct.opinion."+f.c.Opinion)))
		put(t("paper.opinion.rights"))
	case "decision":
		o.To = name
		put(f.c.File.Decision)
		put(acts)
		put(t("paper.measures", s.chineseKinds(r, f.c.Kinds)))
		o.Body = append(o.Body, document.Block{Rows: s.periodRows(r, f.sanctions)})
		put(t("paper.decision.rights"))
		o.Date = longDate(f.c.DecidedOn)
	}
	return s.docx(r, n, kind, o)
}

func (s *Service) docx(r *web.Request, n id.ID, kind string, o document.Official) (web.Response, error) {
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "conduct.paper", map[string]any{"object": n, "kind": kind}); err != nil {
		return nil, err
	}
	return web.File{Name: o.Title + ".docx", Type: docxType, Body: &b, Size: int64(b.Len())}, nil
}

// chinese is a word of the catalogue in Chinese.
func (s *Service) chinese(r *web.Request, key string, args ...any) string {
	if r.Lang == "zh" {
		return r.T(key, args...)
	}
	c := *r
	c.Lang = "zh"
	return c.T(key, args...)
}

func (s *Service) chineseKinds(r *web.Request, kinds []string) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = s.chinese(r, "sanction.kind."+k)
	}
	return strings.Join(out, "、")
}

func (s *Service) leadNumbers(list []Lead) string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.No
	}
	return strings.Join(out, "、")
}

func (s *Service) periodRows(r *web.Request, list []Sanction) [][]string {
	t := func(key string, args ...any) string { return s.chinese(r, key, args...) }
	rows := [][]string{{t("sanction.f.kind"), t("sanction.f.period"), t("sanction.f.bars"), t("sanction.f.law")}}
	for _, x := range list {
		if x.State == SanctionRevoked {
			continue
		}
		var bars []string
		for _, b := range x.Effect.Bars {
			until := string(b.To)
			if until == "" {
				until = t("sanction.forever")
			}
			bars = append(bars, t("sanction.bar."+b.What)+t("sanction.until", until))
		}
		period := t("sanction.no_period")
		if x.Effect.To != "" {
			period = longDate(x.Effect.From) + "至" + longDate(x.Effect.To)
		}
		rows = append(rows, []string{t("sanction.kind." + x.Kind), period, dash(strings.Join(bars, "；")), s.rules.Cite(x.Effect.Doc, x.Effect.Article)})
	}
	return rows
}

// longDate writes a date as official documents do: 2026年3月2日.
func longDate(d clock.Date) string {
	if !d.Valid() {
		return ""
	}
	return strconv.Itoa(d.Year()) + "年" + strconv.Itoa(int(d.Month())) + "月" + strconv.Itoa(d.Day()) + "日"
}

// getServedPaper gives the person the paper that was served on him.
func (s *Service) getServedPaper(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var v Served
	err = s.log.DB().Read(r.Context(), func(q db.Q) (err error) { v, err = s.served(r.Context(), q, r.Actor, n); return err })
	if err != nil {
		return nil, err
	}
	t := func(key string, args ...any) string { return s.chinese(r, key, args...) }
	o := document.Official{Issuer: s.Units.Name(v.Unit), Title: t("served.kind." + v.Kind), To: r.Actor.Name, Signature: s.Units.Name(v.Unit), Date: longDate(v.ServedOn)}
	lines := append(strings.Split(v.Text, "\n"), append(s.actLines(r, v.Acts, v.Merged), t("served.rights."+v.Kind))...)
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			o.Body = append(o.Body, document.Block{Text: line})
		}
	}
	return s.docx(r, n, v.Kind, o)
}
