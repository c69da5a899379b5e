package conduct_test

import (
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/fault"
)

// What the law attaches to a sentence is held against the decision (政务处分法 14).
func TestASentenceDecidesTheSanction(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, x := range []struct {
			crime, kind, reason, refused string
		}{
			{"intentional", "admin.demerit", "情节较轻", "conduct.bad.crime.admin.dismissal"},
			{"intentional", "admin.removal", "情节较轻", "conduct.bad.crime.admin.dismissal"},
			{"intentional", "admin.dismissal", "", ""},
			{"negligent_to_3", "admin.demerit", "情节较轻", "conduct.bad.crime.admin.dismissal"},
			{"negligent_to_3", "admin.removal", "", "conduct.bad.crime.instead"},
			{"negligent_to_3", "admin.removal", "案件情况特殊，报请上一级批准", ""},
			{"fined_or_spared", "admin.warning", "情节较轻", "conduct.bad.crime.admin.removal"},
			{"fined_or_spared", "admin.removal", "", ""},
		} {
			facts := []string{"收受礼金", "违规会见律师", "泄露案情", "接受宴请", "越权调卷", "拖延办案", "篡改笔录", "毁损卷宗"}[i]
			c := w.openedOf(t, "gifts", facts)
			w.step(t, w.office, c.ID, "file", conduct.CaseCmd{})
			w.step(t, w.office, c.ID, "report", conduct.CaseCmd{Text: "查明属实", Gravity: "normal"})
			w.step(t, w.office, c.ID, "notify", conduct.CaseCmd{Text: "拟给予处分", Kinds: []string{"admin.demerit"}})
			w.step(t, w.office, c.ID, "hear", conduct.CaseCmd{Text: "承认事实"})
			w.step(t, w.office, c.ID, "submit", conduct.CaseCmd{Text: "建议处分", Decider: "boss"})
			cmd := conduct.CaseCmd{Text: "决定", Crime: x.crime, Kinds: []string{x.kind}, Reason: x.reason}
			if x.refused != "" {
				w.refused(t, x.crime+" "+x.kind, w.boss, c.ID, "decide", cmd, fault.KindInvalid, x.refused)
				continue
			}
			w.step(t, w.boss, c.ID, "decide", cmd)
		}
	})
}
