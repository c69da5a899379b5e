package app_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/contact"
	"huikan/internal/directive"
	"huikan/internal/duty"
	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/kernel/flow"
	"huikan/internal/lookback"
	"huikan/internal/meeting"
	"huikan/internal/notice"
	"huikan/internal/rectification"
	"huikan/internal/risk"
	"huikan/internal/screening"
	"huikan/internal/tip"
)

var update = flag.Bool("update", false, "write docs/workflows.md from the tables")

// workflows are all state tables of the program, in the order of a thread.
var workflows = []flow.Table{
	directive.Flow,
	directive.TaskFlow,
	directive.IssueFlow,
	directive.CosignFlow,
	directive.AccountFlow,
	directive.DispatchFlow,
	directive.DispatchPartFlow,
	meeting.Flow,
	meeting.VenueFlow,
	inspection.RoundFlow,
	inspection.VisitFlow,
	inspection.FindingFlow,
	inspection.ProblemFlow,
	inspection.SweepFlow,
	inspection.CheckFlow,
	inspection.TaxonomyFlow,
	fieldwork.ActFlow,
	fieldwork.ImmediateFlow,
	fieldwork.RequestFlow,
	fieldwork.ChecklistFlow,
	fieldwork.PaperFlow,
	fieldwork.ReportFlow,
	fieldwork.ClueFlow,
	fieldwork.KitFlow,
	fieldwork.ClashFlow,
	rectification.Flow,
	rectification.PaperFlow,
	rectification.OrderFlow,
	lookback.Flow,
	lookback.SampleFlow,
	lookback.ReopeningFlow,
	lookback.ConsequenceFlow,
	notice.Flow,
	notice.PublicFlow,
	notice.ReceiptFlow,
	notice.CampaignFlow,
	notice.PartFlow,
	duty.SchemeFlow,
	duty.Flow,
	conduct.LeadFlow,
	conduct.CaseFlow,
	conduct.SanctionFlow,
	conduct.ServedFlow,
	tip.Flow,
	risk.AlertFlow,
	risk.RuleFlow,
	risk.PointFlow,
	contact.Flow,
	contact.OpeningFlow,
	contact.CrosscheckFlow,
	contact.DrawFlow,
	contact.LetterFlow,
	contact.OmissionFlow,
	contact.TalkFlow,
	contact.TakeoverFlow,
	screening.MatchFlow,
	screening.OutFlow,
	screening.InFlow,
	screening.CaseFlow,
	screening.EditionFlow,
	screening.DepartureFlow,
}

// The diagrams of the docs come from the tables that the program runs on.
func TestWorkflowDocsComeFromTheTables(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Workflows\n\nWritten from the tables in the code: `go test ./internal/app -run Workflow -update`. Each step names who may take it and the rule that must hold besides.\n")
	for _, f := range workflows {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
		b.WriteString("\n## " + f.Name + "\n\n```mermaid\n" + f.Mermaid() + "```\n\n| from | action | to | who | guard |\n|---|---|---|---|---|\n")
		for _, s := range f.Steps {
			var who []string
			for _, w := range s.Who {
				who = append(who, string(w.Role)+" ("+string(w.Scope)+")")
			}
			b.WriteString("| " + s.From + " | " + s.Do + " | " + s.To + " | " + strings.Join(who, ", ") + " | " + s.Guard + " |\n")
		}
	}
	const path = "../../docs/workflows.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != b.String() {
		t.Errorf("docs/workflows.md is not what the tables say; run go test ./internal/app -run Workflow -update (%v)", err)
	}
}
