package contact

import (
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type gatePage struct {
	Form  ui.Form
	State ui.Facts
	Asked bool
}

// getGate shows whether a case may move on; the case system asks the API.
func (s *Service) getGate(r *web.Request) (web.Response, error) {
	c := GateCmd{CaseNo: r.Param("case_no"), Stage: r.Param("stage")}
	var st GateState
	var failed error
	asked := c.CaseNo != ""
	if asked {
		if st, failed = s.Gate(r.Context(), r.Actor, c); failed != nil && !fault.Is(failed, fault.KindInvalid) {
			return nil, failed
		}
	} else if r.API() {
		var bad fault.Fields
		bad.Need("case_no", "")
		return nil, bad.Err()
	}
	return s.gateForm(r, c, st, asked && failed == nil, failed), nil
}

func (s *Service) gateForm(r *web.Request, c GateCmd, st GateState, asked bool, failed error) web.Response {
	pr := r.Problems(failed)
	p := gatePage{Asked: asked, Form: ui.Form{Action: "/contacts/gates", Hidden: []ui.Pair{{Name: "pledge", Value: "1"}}, Note: r.T("gate.pledge"), Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "case_no", Label: r.T("matter.case_no"), Value: c.CaseNo, Error: pr["case_no"], MaxLen: maxShort},
		{Name: "stage", Label: r.T("matter.stage"), Kind: ui.FieldSelect, Value: c.Stage, Error: pr["stage"], Options: options(r, "matter.stage.", Stages())}}}}, Buttons: []ui.Button{{Label: r.T("gate.do.file"), Kind: "primary"}}}}
	if asked {
		chip := ui.Chip{Class: "late", Word: r.T("gate.shut")}
		if st.Open {
			chip = ui.Chip{Class: "ok", Word: r.T("gate.open")}
		}
		p.State = ui.Facts{Items: []ui.Fact{{Label: r.T("matter.case_no"), Text: c.CaseNo}, {Label: r.T("matter.stage"), Text: r.T("matter.stage." + c.Stage)}, {Label: r.T("word.status"), Chips: []ui.Chip{chip}}}}
	}
	return web.Page{Name: "contact/gate", Data: p, API: st, Err: failed, Crumbs: []ui.Crumb{{Label: r.T("menu.my_returns"), Href: "/my/returns"}, {Label: r.T("gate.title")}}}
}

func (s *Service) postGate(r *web.Request) (web.Response, error) {
	var c GateCmd
	err := r.Decode(&c)
	var g Gate
	if err == nil {
		g, err = s.FileGate(r.Context(), r.Actor, c)
	}
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.gateForm(r, c, GateState{}, false, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/contacts/gates?case_no=" + c.CaseNo + "&stage=" + c.Stage, Done: "done.gate.file", API: g}, nil
}

func (s *Service) departments(r *web.Request, unit id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	err := s.log.DB().Read(r.Context(), func(q db.Q) error {
		list, err := org.Departments(r.Context(), q, unit)
		for _, d := range list {
			out[d.ID] = d.Name
		}
		return err
	})
	return out, err
}
