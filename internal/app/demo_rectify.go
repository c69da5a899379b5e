package app

import (
	"slices"
	"time"

	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

// folders tells what the leaderships of the first round's units did beside the
// single items: the meeting, the claims, the two reports with their pledge, what
// was published and what was not, an interview and a supervision order.
func (s *story) folders(round id.ID) {
	s.day(-80)
	R := s.Rectification
	for n, login := range []string{"unit", "unit2", "unit3"} {
		who := s.as(login)
		var f rectification.Folder
		var papers []rectification.Document
		var items []rectification.Item
		s.do("folder", func() error {
			return s.read(func(q db.Q) (err error) {
				if f, err = rectification.FolderOf(s.ctx, q, round, who.Unit); err != nil {
					return err
				}
				papers, err = rectification.Papers(s.ctx, q, f.ID)
				if err == nil {
					items, err = rectification.ItemsOf(s.ctx, q, round, who.Unit)
				}
				return err
			})
		})
		s.do("folder: meeting", func() error {
			return R.Record(s.ctx, who, f.ID, rectification.ActMeeting, rectification.ActCmd{On: s.today.AddDays(-292), Who: "党组成员共 9 人，派出单位派员列席",
				Text: "围绕巡视反馈意见召开专题民主生活会，主要负责人带头检视，班子成员逐项认领问题并作出整改承诺。"})
		})
		for k, i := range items {
			if n == 2 && k > 3 {
				break // one unit has not claimed them all
			}
			s.do("folder: claim", func() error {
				return R.Record(s.ctx, who, f.ID, rectification.ActMember, rectification.ActCmd{Who: []string{"检察长", "分管副检察长", "政治部主任"}[k%3], Items: []id.ID{i.ID}})
			})
		}
		if n > 0 {
			continue
		}
		head := s.as("unithead")
		paper := func(kind, do, login string, c rectification.PaperCmd) {
			s.do("folder: "+do+" "+kind, func() error {
				at := slices.IndexFunc(papers, func(p rectification.Document) bool { return p.Kind == kind })
				return R.Paper(s.ctx, s.as(login), papers[at].ID, do, c)
			})
		}
		text := "一、落实整改政治责任情况\n党组先后召开专题会议研究整改工作，建立问题、任务、责任三个清单，逐项明确牵头领导和完成时限。\n二、反馈问题整改情况\n已完成整改并经审核销号的事项见台账；尚在整改的事项按阶段目标推进。\n三、下一步工作\n对长期坚持的事项按季度检查，防止反弹。"
		for _, k := range []string{rectification.PaperReport, rectification.PaperLeader, rectification.PaperPublic} {
			paper(k, "edit", login, rectification.PaperCmd{Title: "河南省人民检察院关于巡视反馈意见整改落实情况的" + map[string]string{rectification.PaperReport: "报告", rectification.PaperLeader: "主要负责人报告", rectification.PaperPublic: "通报"}[k], Body: text})
			paper(k, "sign", "unithead", rectification.PaperCmd{Pledge: "本人对以上内容的真实性负责。" + head.Name})
		}
		paper(rectification.PaperReport, "accept", "reviewer", rectification.PaperCmd{Opinion: "与台账相符。"})
		paper(rectification.PaperPublic, "accept", "reviewer", rectification.PaperCmd{})
		paper(rectification.PaperPublic, "publish", login, rectification.PaperCmd{Contact: "电话 0371-00000000（演示）"})
		paper(rectification.PaperInner, "ask_withhold", "unithead", rectification.PaperCmd{Ground: "clue", Reason: "其中一项涉及尚未公开的问题线索。"})
		s.do("folder: interview", func() error {
			return R.Record(s.ctx, s.as("office"), f.ID, rectification.ActInterview, rectification.ActCmd{On: s.today.AddDays(-85), Who: "分管副检察长", Text: "两项整改超期，要求说明原因并限期办结。"})
		})
		s.do("folder: order", func() error {
			_, err := R.IssueOrder(s.ctx, s.as("office"), f.ID, rectification.OrderCmd{Item: items[len(items)-1].ID, Demand: "对超期事项逐项说明原因，重新明确责任人和完成时限。", Due: s.today.AddDays(-10)})
			return err
		})
		s.signing(round, items)
	}
}

// signing lets a returned application come again in a round that now asks for
// three signatures: the unit and the office have signed, the discipline line is next.
func (s *story) signing(round id.ID, items []rectification.Item) {
	R := s.Rectification
	s.do("chain", func() error {
		return R.SetRule(s.ctx, s.as("office"), round, rectification.RoundCmd{Rule: "period", Chain: "unit office discipline", Handler: 30, Line: 15, Source: "第一轮巡视整改工作方案（演示）"})
	})
	at := slices.IndexFunc(items, func(i rectification.Item) bool { return i.State == rectification.StateReturned })
	if at < 0 {
		return
	}
	item := items[at].ID
	s.day(-78)
	s.do("chain: evidence", func() error {
		text := "修订后的制度文本\n\n第一条 为规范登记，制定本办法。\n第二条 每季度末逐项核对并留存记录。\n"
		_, err := R.HandIn(s.ctx, s.as("unit"), item, rectification.EvidenceCmd{Note: "制度文本", Dated: s.today.AddDays(-79)}, []rectification.FileIn{{Name: "修订后的制度文本.txt", Size: int64(len(text)), R: bytesReader(text)}})
		return err
	})
	s.do("chain: apply", func() error {
		var measures []id.ID
		err := s.read(func(q db.Q) error {
			list, err := rectification.Measures(s.ctx, q, item)
			for _, m := range list {
				measures = append(measures, m.ID)
			}
			return err
		})
		if err != nil {
			return err
		}
		return R.Apply(s.ctx, s.as("unit"), item, rectification.ApplyCmd{Statement: "已补充修订后的制度文本；登记簿已逐项核对。", Measures: measures, Claimed: rectification.Done, ClaimedWord: "已完成"})
	})
	for n, login := range []string{"unithead", "office"} {
		s.day(-77 + n)
		s.do("chain: read", func() error { return s.openEvidence(login, item) })
		s.clock.set(s.clock.Now().Add(6 * time.Minute))
		if login == "office" {
			s.do("chain: site", func() error {
				return R.CheckSite(s.ctx, s.as("reviewer"), item, rectification.SiteCmd{On: s.today.AddDays(-76), Place: "涉案财物保管室", Asked: "保管员", Text: "抽取二十件，登记簿与实物一致。", Result: "agrees"})
			})
		}
		s.do("chain: sign", func() error {
			borne, err := s.claims(item)
			if err != nil {
				return err
			}
			if login == "unithead" {
				borne = nil
			} else if err := s.cosign(item); err != nil {
				return err
			}
			return R.Sign(s.ctx, s.as(login), item, rectification.DecideCmd{Opinion: "同意。", Borne: borne})
		})
	}
}

func (s *story) cosign(item id.ID) error {
	var sites []rectification.Site
	if err := s.read(func(q db.Q) (err error) { sites, err = rectification.Sites(s.ctx, q, item); return err }); err != nil {
		return err
	}
	for _, x := range sites {
		if err := s.Rectification.CosignSite(s.ctx, s.as("office"), item, x.ID); err != nil {
			return err
		}
	}
	return nil
}

// openEvidence opens every piece of evidence of an item, as a reviewer must.
func (s *story) openEvidence(login string, item id.ID) error {
	var list []rectification.Evidence
	if err := s.read(func(q db.Q) (err error) { list, err = rectification.EvidenceOf(s.ctx, q, item); return err }); err != nil {
		return err
	}
	for _, e := range list {
		if _, _, err := s.Rectification.Evidence(s.ctx, s.as(login), e.ID); err != nil {
			return err
		}
	}
	return nil
}

// reminders are what the hourly job would have written by today.
func (s *story) reminders() {
	s.do("reminders", func() error { _, err := s.Rectification.Remind(s.ctx); return err })
}

// claims are the claims of an item that nobody has checked yet.
func (s *story) claims(item id.ID) (out []id.ID, err error) {
	err = s.read(func(q db.Q) error {
		all, err := rectification.Claims(s.ctx, q, item)
		for _, c := range all {
			if c.Checked == "" && !c.Dropped {
				out = append(out, c.ID)
			}
		}
		return err
	})
	return out, err
}

// consistency is the standing check of the ledger as of today.
func (s *story) consistency() {
	s.do("consistency", func() error { _, _, err := s.Rectification.Inspect(s.ctx); return err })
}

// tests puts the claims of a sampled item to the test, as its verdict later says.
func (s *story) tests(x lookback.Sample, verdict string) {
	s.do("look-back: tests", func() error {
		var claims []rectification.Claim
		if err := s.read(func(q db.Q) (err error) { claims, err = rectification.Claims(s.ctx, q, x.Item); return err }); err != nil {
			return err
		}
		for n, c := range claims {
			cmd := lookback.TestCmd{Claim: c.ID, Result: lookback.TestTrue}
			if verdict == rectification.False || n > 0 && (verdict == rectification.Paper || verdict == rectification.Partly) {
				cmd.Result, cmd.Note = lookback.TestUntrue, "没有执行记录，随机询问的三名干警均不知道该制度。"
			}
			if err := s.Lookback.RunTest(s.ctx, s.as("lookback"), x.ID, cmd); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *story) measuresAndEvidence(item id.ID) (ms []rectification.Measure, es []rectification.Evidence, err error) {
	err = s.read(func(q db.Q) error {
		if ms, err = rectification.Measures(s.ctx, q, item); err != nil {
			return err
		}
		es, err = rectification.EvidenceOf(s.ctx, q, item)
		return err
	})
	return ms, es, err
}

func (s *story) samplesOf(l id.ID) (out []lookback.Sample, err error) {
	err = s.read(func(q db.Q) (err error) { out, err = lookback.SamplesOf(s.ctx, q, l); return err })
	return out, err
}
