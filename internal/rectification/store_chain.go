package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Chain is how far an item's measures reach and what became of it: from the
// finding through measures of the system to those at the source.
type Chain struct {
	Item       id.ID
	Finding    id.ID
	Unit       id.ID
	Category   string
	State      string
	Verified   string
	Reopened   bool
	System     bool // has a measure of the system (系统治理)
	Source     bool // has a measure at the source (源头治理)
	Handled    bool // somebody was held to account
	Rules      bool // rules were made
	Educated   bool // people were taught
	Unmeasured bool // has no measure at all
	Elsewhere  bool // a later finding of another unit is the same problem
}

// Lacks are the filters of the ledger by which each gap of the deterrence,
// control and awareness matrix leads to its items. A gap is judged by what the
// unit entered: accountability, rules made, a measure that teaches.
var lacks = map[string]string{
	"deterrence": "i.handled = ''",
	"control":    "i.rules_made = '' AND NOT EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.kind IN ('system','source'))",
	"education":  "NOT EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND (" + taught + "))",
	"source":     "NOT EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.kind = 'source')",
}

// with is the condition that an item has a measure of a kind.
func with(kind string) string {
	return "EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.kind = '" + kind + "')"
}

// How deep the measures of an item reach; see [Chain.Depth].
const (
	DepthNone    = "none"
	DepthSymptom = "symptom"
	DepthSystem  = "system"
	DepthSource  = "source"
)

// Depths lists them, the shallowest first.
func Depths() []string { return []string{DepthNone, DepthSymptom, DepthSystem, DepthSource} }

// Depth tells how deep the measures of an item reach.
func (c Chain) Depth() string {
	switch {
	case c.Source:
		return DepthSource
	case c.System:
		return DepthSystem
	case c.Unmeasured:
		return DepthNone
	}
	return DepthSymptom
}

// depthConds are the filters of the ledger that say the same as [Chain.Depth].
var depthConds = map[string]string{
	DepthSource:  with("source"),
	DepthSystem:  with("system") + " AND NOT " + with("source"),
	DepthNone:    noMeasure,
	DepthSymptom: "NOT " + noMeasure + " AND NOT " + with("system") + " AND NOT " + with("source"),
}

const noMeasure = "NOT EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id)"

// What became of an item; see [Chain.End].
const (
	EndOpen      = "open"
	EndClosed    = "closed"
	EndAside     = "aside"
	EndHeld      = "held"
	EndBack      = "back"
	EndElsewhere = "elsewhere"
)

// Ends lists them.
func Ends() []string { return []string{EndOpen, EndClosed, EndAside, EndHeld, EndBack, EndElsewhere} }

// End tells what became of an item; that it came back weighs more than that it was
// closed.
func (c Chain) End() string {
	switch {
	case c.Reopened || c.Verified == Relapsed || c.Verified == Paper || c.Verified == False:
		return EndBack
	case c.Elsewhere:
		return EndElsewhere
	case c.Verified == Held:
		return EndHeld
	case c.State == StateClosed:
		return EndClosed
	case slices.Contains(AsideStates(), c.State):
		return EndAside
	}
	return EndOpen
}

// endConds are the filters of the ledger that say the same as [Chain.End].
var endConds = func() map[string]string {
	back := "(i.reopened > 0 OR i.verified IN ('" + Relapsed + "','" + Paper + "','" + False + "'))"
	elsewhere := inspection.RecursElsewhere("i.finding_id")
	aside := "('" + strings.Join(AsideStates(), "','") + "')"
	stays := "NOT " + back + " AND NOT " + elsewhere
	return map[string]string{
		EndBack:      back,
		EndElsewhere: "NOT " + back + " AND " + elsewhere,
		EndHeld:      stays + " AND i.verified = '" + Held + "'",
		EndClosed:    stays + " AND i.verified <> '" + Held + "' AND i.state = '" + StateClosed + "'",
		EndAside:     stays + " AND i.verified <> '" + Held + "' AND i.state IN " + aside,
		EndOpen:      stays + " AND i.verified <> '" + Held + "' AND i.state <> '" + StateClosed + "' AND i.state NOT IN " + aside,
	}
}()

// taught are measures that work on awareness (提高觉悟).
const taught = "m.body LIKE '%教育%' OR m.body LIKE '%学习%' OR m.body LIKE '%培训%' OR m.body LIKE '%警示%'"

// Lacking lists the names of these filters.
func Lacking() []string { return []string{"deterrence", "control", "education", "source"} }

// Chains reads the latest items that the actor may read, at most limit of them.
func (s *Service) Chains(ctx context.Context, who actor.Actor, under id.ID, limit int) (out []Chain, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := s.readable(who, "item.read")
		if under != "" {
			w.add("i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", string(under))
		}
		out, err = chains(ctx, q, w, limit)
		return err
	})
	return out, err
}

func chains(ctx context.Context, q db.Q, w where, limit int) ([]Chain, error) {
	w.args = append(w.args, limit)
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT x.id, x.finding_id, x.unit_id, x.category, x.state, x.verified, x.reopened, x.handled, x.rules_made,
		COALESCE(MAX(CASE WHEN m.kind = 'system' THEN 1 ELSE 0 END), 0), COALESCE(MAX(CASE WHEN m.kind = 'source' THEN 1 ELSE 0 END), 0), COALESCE(MAX(CASE WHEN %s THEN 1 ELSE 0 END), 0), COUNT(m.id),
		CASE WHEN %s THEN 1 ELSE 0 END
		FROM (SELECT i.id, i.finding_id, i.unit_id, i.category, i.state, i.verified, i.reopened, i.handled, i.rules_made FROM rectify_item i WHERE %s ORDER BY i.id DESC LIMIT $%d) x
		LEFT JOIN rectify_serves s ON s.item_id = x.id LEFT JOIN rectify_measure m ON m.id = s.measure_id
		GROUP BY x.id, x.finding_id, x.unit_id, x.category, x.state, x.verified, x.reopened, x.handled, x.rules_made`, taught, inspection.RecursElsewhere("x.finding_id"), w.sql(), len(w.args)), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c Chain, err error) {
		var reopened, system, source, educated, measures, elsewhere int
		var handled, rules string
		err = r.Scan(&c.Item, &c.Finding, &c.Unit, &c.Category, &c.State, &c.Verified, &reopened, &handled, &rules, &system, &source, &educated, &measures, &elsewhere)
		c.Reopened, c.System, c.Source, c.Educated, c.Handled, c.Unmeasured, c.Elsewhere = reopened > 0, system > 0, source > 0, educated > 0, handled != "", measures == 0, elsewhere > 0
		c.Rules = rules != "" || c.System || c.Source
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read chains: %w", err)
	}
	return out, nil
}
