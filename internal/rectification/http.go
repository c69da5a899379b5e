package rectification

import (
	"context"
	"embed"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room gives the routes and pages.
func (s *Service) Room() web.Room {
	return web.Room{
		Name: "rectification", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.Todo, Find: s.Search,
		Routes: slices.Concat(s.folderRoutes(), s.claimRoutes(), s.asideRoutes(), s.checkRoutes(), s.reportRoutes(), []web.Route{
			{Method: "GET", Path: "/ledger", Action: "item.read", Do: s.getLedger},
			{Method: "GET", Path: "/ledger/export", Action: "item.export", Heavy: true, NoAPI: true, Do: s.getExport},
			{Method: "GET", Path: "/review", Action: "item.review", Do: s.getQueue},
			{Method: "POST", Path: "/items/claim", Action: "item.claim", In: ClaimCmd{}, Do: s.postClaimMany},

			{Method: "GET", Path: "/items/{id}", Action: "item.read", Do: s.getItem},
			{Method: "POST", Path: "/items/{id}/claim", Action: "item.claim", In: revCmd{}, Do: s.postClaim},
			{Method: "GET", Path: "/items/{id}/plan", Action: "item.plan", Do: s.getPlan},
			{Method: "POST", Path: "/items/{id}/plan", Action: "item.plan", In: PlanCmd{}, Do: s.postPlan},
			{Method: "POST", Path: "/items/{id}/submit-plan", Action: "item.submit_plan", In: revCmd{}, Do: s.postSubmitPlan},

			{Method: "GET", Path: "/items/{id}/measures/new", Action: "item.measure", Do: s.getNewMeasure},
			{Method: "POST", Path: "/items/{id}/measures/new", Action: "item.measure", In: MeasureCmd{}, Do: s.postNewMeasure},
			{Method: "POST", Path: "/items/{id}/measures/link", Action: "item.measure", In: linkCmd{}, Do: s.postLinkMeasure},
			{Method: "GET", Path: "/items/{id}/measures/{measure}", Action: "item.measure", Do: s.getMeasure},
			{Method: "POST", Path: "/items/{id}/measures/{measure}", Action: "item.measure", In: MeasureCmd{}, Do: s.postMeasure},

			{Method: "GET", Path: "/items/{id}/progress", Action: "item.progress", Do: s.getProgress},
			{Method: "POST", Path: "/items/{id}/progress", Action: "item.progress", In: ProgressCmd{}, Do: s.postProgress},
			{Method: "GET", Path: "/items/{id}/milestones", Action: "item.milestone", Do: s.getMilestones},
			{Method: "POST", Path: "/items/{id}/milestones", Action: "item.milestone", In: MilestoneCmd{}, Do: s.postMilestone},
			{Method: "POST", Path: "/items/{id}/milestones/{milestone}/reached", Action: "item.milestone", Do: s.postReached},

			{Method: "GET", Path: "/items/{id}/evidence", Action: "item.read", Do: s.getEvidenceList},
			{Method: "POST", Path: "/items/{id}/evidence", Action: "item.evidence", In: EvidenceCmd{}, MaxBody: maxUpload, Do: s.postEvidence},
			{Method: "GET", Path: "/evidence/{id}", Action: "item.read", Do: s.getEvidence},
			{Method: "GET", Path: "/evidence/{id}/file", Action: "item.read", NoAPI: true, Do: s.getFile},

			{Method: "GET", Path: "/items/{id}/apply", Action: "item.apply", Do: s.getApply},
			{Method: "POST", Path: "/items/{id}/apply", Action: "item.apply", In: ApplyCmd{}, Do: s.postApply},
			{Method: "GET", Path: "/items/{id}/extension", Action: "item.read", Do: s.getExtension},
			{Method: "POST", Path: "/items/{id}/extension", Action: "item.extend", In: ExtendCmd{}, Do: s.postExtension},
			{Method: "POST", Path: "/items/{id}/extension/judge", Action: "item.judge_extension", In: JudgeExtensionCmd{}, Do: s.postJudgeExtension},

			{Method: "GET", Path: "/items/{id}/review", Action: "item.review", Do: s.getReview},
			{Method: "POST", Path: "/items/{id}/approve-plan", Action: "item.read", In: DecideCmd{}, Do: s.decide("approve_plan", s.ApprovePlan)},
			{Method: "POST", Path: "/items/{id}/return-plan", Action: "item.read", In: DecideCmd{}, Do: s.decide("return_plan", s.ReturnPlan)},
			{Method: "POST", Path: "/items/{id}/close", Action: "item.read", In: DecideCmd{}, Do: s.decide("close", s.Close)},
			{Method: "POST", Path: "/items/{id}/return", Action: "item.read", In: DecideCmd{}, Do: s.decide("return", s.Return)},
			{Method: "POST", Path: "/items/{id}/prolong", Action: "item.read", In: DecideCmd{}, Do: s.decide("prolong", s.Prolong)},
			{Method: "GET", Path: "/items/{id}/reopen", Action: "item.reopen", Do: s.getReopen},
			{Method: "POST", Path: "/items/{id}/reopen", Action: "item.reopen", In: ReopenCmd{}, Do: s.postReopen},
		}),
		Menu: []web.Item{
			{Group: "menu.rectification", Key: "menu.ledger", Href: "/ledger", Action: "item.read", Order: 300, Hot: "g l"},
			{Group: "menu.rectification", Key: "menu.review", Href: "/review", Action: "item.review", Order: 310,
				Count: func(ctx context.Context, a actor.Actor) (int, error) { return s.Waiting(ctx, a) }},
			{Group: "menu.rectification", Key: "menu.rectify_reports", Href: "/rectify-reports", Action: "rectify_report.read", Order: 325},
			{Group: "menu.rectification", Key: "menu.checks", Href: "/ledger/checks", Action: "item.read", Order: 330},
			{Group: "menu.rectification", Key: "menu.rectify_folders", Href: "/rectify", Action: "rectify_folder.read", Order: 320},
		},
	}
}

type revCmd struct {
	Rev int64 `json:"rev"`
}

type linkCmd struct {
	Measure id.ID `json:"measure"`
}

// done sends the reader back to the item after an action.
func done(item id.ID, action string) web.Response {
	return web.Redirect{To: "/items/" + string(item), Done: "done.item." + action}
}

func (s *Service) postClaimMany(r *web.Request) (web.Response, error) {
	var c ClaimCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if err := s.Claim(r.Context(), r.Actor, c); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/ledger", Done: "done.item.claim"}, nil
}

func (s *Service) postClaim(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c revCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if err := s.Claim(r.Context(), r.Actor, ClaimCmd{Items: []id.ID{n}, Rev: c.Rev}); err != nil {
		return nil, err
	}
	return done(n, "claim"), nil
}
