package fieldwork

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/web"
)

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// written is a day as official documents write it.
func written(d clock.Date) string {
	if !d.Valid() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year(), int(d.Month()), d.Day())
}

func sendDocx(name string, o document.Official) (web.Response, error) {
	var b bytes.Buffer
	if err := document.WriteDocx(&b, o); err != nil {
		return nil, err
	}
	return web.File{Name: name + ".docx", Type: docx, Body: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}, nil
}

// partyGroup names the Party group of a unit.
func (s *Service) partyGroup(sc Scope, inspected bool) string {
	if inspected {
		return "中共" + s.Units.Name(sc.Unit) + "党组"
	}
	return "中共" + s.Units.Name(sc.By) + "党组"
}

// reportDocx is a report in the layout of official documents. References to
// papers never leave the house: they stand in an annex only while it is a draft
// or handed in, for those who check it.
func (s *Service) reportDocx(r *web.Request) (web.Response, error) {
	x, err := s.reportOf(r, "report.read")
	if err != nil {
		return nil, err
	}
	var team inspection.Team
	kind := ""
	err = s.read(r.Context(), func(q db.Q) error {
		if kind, err = workOf(r.Context(), q, x.Scope); err != nil || x.Team == "" {
			return err
		}
		team, err = inspection.TeamByID(r.Context(), q, x.Team)
		return err
	})
	if err != nil {
		return nil, err
	}
	o := document.Official{Secrecy: "内部", Title: x.Title, Signature: s.partyGroup(x.Scope, false) + team.Name, Date: written(s.today())}
	if x.Kind == ReportFeedback {
		o.To = s.partyGroup(x.Scope, true)
		o.Issuer = s.partyGroup(x.Scope, false) + s.docWord("issuer", kind)
	} else {
		o.To = s.partyGroup(x.Scope, false)
	}
	for _, p := range Plain(x.Text) {
		o.Body = append(o.Body, document.Block{Text: p})
	}
	if x.State != Approved {
		rows := [][]string{{"序号", "句子", "底稿"}}
		n := 0
		for _, st := range Sentences(x.Text) {
			if st.Heading {
				continue
			}
			n++
			refs := strings.Join(st.Refs, "、")
			if refs == "" {
				refs = "无"
			}
			rows = append(rows, []string{fmt.Sprint(n), st.Text, refs})
		}
		o.Attachments = []string{"依据对照表（核稿用）"}
		o.Annexes = []document.Annex{{Title: "依据对照表（核稿用）", Body: []document.Block{{Rows: rows}}}}
	}
	if err := s.Log.Note(r.Context(), r.Actor, "report.export", map[string]any{"report": x.ID}); err != nil {
		return nil, err
	}
	return sendDocx(x.Title, o)
}

// paperDocx is a working paper as a document with its level of secrecy.
func (s *Service) paperDocx(r *web.Request) (web.Response, error) {
	x, _, err := s.paperOf(r, "paper.read")
	if err != nil {
		return nil, err
	}
	kind := ""
	if err := s.read(r.Context(), func(q db.Q) error { kind, err = workOf(r.Context(), q, x.Scope); return err }); err != nil {
		return nil, err
	}
	names, err := s.names(r, x.Author, x.Reviewer)
	if err != nil {
		return nil, err
	}
	level := map[string]string{Internal: "内部", Secret: "秘密", Confidential: "机密"}[x.Secrecy]
	zh := s.wordsZh("paper.kind." + x.Kind)
	o := document.Official{Secrecy: level, Title: s.docWord("paper", kind) + "（第" + x.No + "号）", Date: written(x.On), Signature: names[x.Author], Body: []document.Block{
		{Rows: [][]string{{"项目", "内容"}, {s.docWord("unit", kind), s.Units.Name(x.Unit)}, {"方式", zh}, {"标题", x.Title}, {"时间", written(x.On)}, {"地点", x.Place}, {"谈话或来信人员", x.Persons}, {"审定人", names[x.Reviewer]}}},
		{Text: "一、内容记录"}}}
	for _, line := range strings.Split(x.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			o.Body = append(o.Body, document.Block{Text: line})
		}
	}
	if err := s.Log.Note(r.Context(), r.Actor, "paper.export", map[string]any{"paper": x.ID}); err != nil {
		return nil, err
	}
	return sendDocx("底稿"+x.No+" "+x.Title, o)
}

// workOf is the kind of the round, or of the visit, that something belongs to.
func workOf(ctx context.Context, q db.Q, sc Scope) (string, error) {
	r, err := inspection.RoundByID(ctx, q, sc.Round)
	if err != nil || sc.Visit == "" {
		return r.Kind, err
	}
	v, err := inspection.VisitByID(ctx, q, sc.Visit)
	return r.KindOf(v), err
}

// docWord is a word of documents that differs where a kind of round is no inspection.
func (s *Service) docWord(what, kind string) string {
	if kind != inspection.KindAudit && kind != inspection.KindEnforcement {
		kind = "inspection"
	}
	return s.wordsZh("doc." + what + "." + kind)
}

// wordsZh is a word of the room in Chinese: documents are Chinese whoever asks.
func (s *Service) wordsZh(key string) string {
	if w, ok := web.Words(wordFiles)["zh"][key]; ok {
		return w
	}
	return key
}

// noticeDocx is the public notice of entry (进驻公告) of a recorded notice, with
// scope, channels and the day until which petitions are taken; for an audit it is
// the notice to the unit (审计通知书).
func (s *Service) noticeDocx(r *web.Request) (web.Response, error) {
	v, x, err := s.visitOf(r, "act.create")
	if err != nil {
		return nil, err
	}
	var acts []Act
	var team inspection.Team
	err = s.read(r.Context(), func(q db.Q) error {
		if v.Team != "" {
			if team, err = inspection.TeamByID(r.Context(), q, v.Team); err != nil {
				return err
			}
		}
		acts, err = ActsOf(r.Context(), q, v.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	var n Act
	for _, a := range acts {
		if (a.Kind == KindNotice || a.Kind == KindAuditNotice) && a.State == ActRecorded {
			n = a
		}
	}
	if n.ID == "" {
		return nil, fault.NotFound("act")
	}
	from := v.Entry
	if from == "" && n.Kind == KindAuditNotice {
		from = x.Start
	} else if from == "" {
		from = n.On
	}
	end := v.Exit
	if end == "" {
		end = x.End
	}
	sc := scopeOf(v)
	if n.Kind == KindAuditNotice {
		return s.auditNotice(v, n, team, from, end)
	}
	o := document.Official{Title: "关于对" + s.Units.Name(v.Unit) + "党组开展巡视的公告", Signature: s.partyGroup(sc, false) + team.Name, Date: written(n.On), Body: []document.Block{
		{Text: "根据" + s.partyGroup(sc, false) + "统一部署，" + team.Name + "自" + written(from) + "起对" + s.Units.Name(v.Unit) + "党组开展" + s.wordsZh("kindword."+x.KindOf(v)) + "，计划至" + written(end) + "结束。"},
		{Text: "一、受理范围和联系方式"}}}
	for _, line := range strings.Split(n.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			o.Body = append(o.Body, document.Block{Text: line})
		}
	}
	o.Body = append(o.Body, document.Block{Text: "二、受理截止时间"}, document.Block{Text: "来信来电来访受理至" + written(n.Until) + "。"},
		document.Block{Text: "三、不予受理的事项"}, document.Block{Text: "个人诉求、涉土地和涉法涉诉等信访事项不属于受理范围，转交有关部门依规处理。"})
	return sendDocx("进驻公告 "+s.Units.Short(v.Unit), o)
}

// auditNotice tells a unit of an audit: its scope and period, and that it answers for
// what it hands in.
func (s *Service) auditNotice(v inspection.Visit, n Act, team inspection.Team, from, end clock.Date) (web.Response, error) {
	sc := scopeOf(v)
	o := document.Official{Title: "关于对" + s.Units.Name(v.Unit) + "开展内部审计的通知", To: s.Units.Name(v.Unit), Signature: s.Units.Name(sc.By), Date: written(n.On), Body: []document.Block{
		{Text: "根据" + s.partyGroup(sc, false) + "统一安排，" + team.Name + "自" + written(from) + "起对你院开展内部审计，计划至" + written(end) + "结束。"},
		{Text: "一、审计范围和内容"}}}
	for _, line := range strings.Split(n.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			o.Body = append(o.Body, document.Block{Text: line})
		}
	}
	o.Body = append(o.Body, document.Block{Text: "二、工作要求"}, document.Block{Text: "请确定联络人员，按要求提供资料，并对所提供资料的真实性、完整性负责。"})
	return sendDocx("审计通知书 "+s.Units.Short(v.Unit), o)
}
