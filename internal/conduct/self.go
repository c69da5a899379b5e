package conduct

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Self is a sealed statement about one's own conduct (自查报告). Its receipt names
// the place in the log at which it stood.
type Self struct {
	ID        id.ID      `json:"id"`
	No        string     `json:"no"` // receipt
	Person    id.ID      `json:"person"`
	Unit      id.ID      `json:"unit"` // whose office gets it
	Conduct   string     `json:"conduct"`
	ActFrom   clock.Date `json:"act_from"`
	ActTo     clock.Date `json:"act_to"`
	Lead      id.ID      `json:"-"`
	At        string     `json:"at"`
	Statement string     `json:"statement"`
	Entry     id.ID      `json:"entry"` // of the log
	Index     int64      `json:"index"` // -1 while it waits for its place

	sealed []byte
}

// SelfCmd is a statement as it is handed in.
type SelfCmd struct {
	Conduct   string     `json:"conduct"`
	ActFrom   clock.Date `json:"act_from"`
	ActTo     clock.Date `json:"act_to"`
	Amount    int64      `json:"amount"`
	Statement string     `json:"statement"`
	Pledge    bool       `json:"pledge"` // true and complete
}

// Leniency is the reason of 自查从宽、被查从严, computed from dated facts. The
// decider sees it; he decides.
type Leniency struct {
	Verdict   string `json:"verdict"`    // before, after_lead, after_filed, none
	SelfAt    string `json:"self_at"`    // when he reported himself
	SelfIndex int64  `json:"self_index"` // place in the log
	LeadAt    string `json:"lead_at"`    // when the first lead from elsewhere came
	LeadIndex int64  `json:"lead_index"`
	LeadNo    string `json:"lead_no"`
	FiledOn   string `json:"filed_on"`
}

// Verdicts of leniency.
const (
	BeforeAnyLead = "before"
	AfterLead     = "after_lead"
	AfterFiled    = "after_filed"
	NoSelfReport  = "none"
)

// Place is when and where in the log a row was made.
type Place struct {
	At    string
	Index int64
	No    string
}

// Before tells whether p stands before o: by the place in the log when both have
// theirs, else by the instant.
func (p Place) Before(o Place) bool {
	if p.Index >= 0 && o.Index >= 0 {
		return p.Index < o.Index
	}
	return p.At < o.At
}

// Lenient compares a self-report with the leads from elsewhere about the same
// matter and with the day of filing.
func Lenient(self *Place, others []Place, filed clock.Date) Leniency {
	l := Leniency{Verdict: NoSelfReport, FiledOn: string(filed), SelfIndex: -1, LeadIndex: -1}
	var first *Place
	for i := range others {
		if first == nil || others[i].Before(*first) {
			first = &others[i]
		}
	}
	if first != nil {
		l.LeadAt, l.LeadIndex, l.LeadNo = first.At, first.Index, first.No
	}
	if self == nil {
		return l
	}
	l.SelfAt, l.SelfIndex = self.At, self.Index
	at, err := clock.ParseInstant(self.At)
	switch {
	case err == nil && filed != "" && clock.Of(at) > filed:
		l.Verdict = AfterFiled
	case first != nil && first.Before(*self):
		l.Verdict = AfterLead
	default:
		l.Verdict = BeforeAnyLead
	}
	return l
}
