package notice

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const campaignColumns = "c.id, c.kind, c.title, c.goal, c.aim, c.unit_id, c.author_id, c.state, c.made_at, c.started_on, c.closed_on, c.closing, c.rev"

// Where the policy finds what object holds of campaigns and of their parts.
var (
	campaigns = access.Columns{State: "c.state", By: "c.unit_id", Owners: []string{"c.author_id"}, Concern: []string{"c.id"}}
	joined    = access.Columns{State: "c.state", Units: []string{"t.unit_id"}, Concern: []string{"c.id"}}
	parts     = access.Columns{State: "t.state", By: "t.by_id", Units: []string{"t.unit_id"}, Concern: []string{"t.campaign_id"}}
)

func scanCampaign(r scanner) (c Campaign, err error) {
	return c, r.Scan(&c.ID, &c.Kind, &c.Title, &c.Goal, &c.Aim, &c.Unit, &c.Author, &c.State, &c.MadeAt, &c.StartedOn, &c.ClosedOn, &c.Closing, &c.Rev)
}

func campaignByID(ctx context.Context, q db.Q, n id.ID) (Campaign, error) {
	c, err := scanCampaign(q.QueryRow(ctx, "SELECT "+campaignColumns+" FROM notice_campaign c WHERE c.id = $1", string(n)))
	if err := db.Absent(err, "campaign"); err != nil {
		return c, err
	}
	rows, err := q.Query(ctx, "SELECT id, no, name, from_on, until_on FROM notice_stage WHERE campaign_id = $1 ORDER BY no", string(n))
	c.Stages, err = db.Collect(rows, err, func(r *sql.Rows) (s Stage, err error) { return s, r.Scan(&s.ID, &s.No, &s.Name, &s.From, &s.Until) })
	return c, err
}

func insertCampaign(ctx context.Context, tx *audit.Tx, c Campaign) error {
	tx.Touch("notice_campaign", c.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_campaign (id, kind, title, goal, aim, unit_id, author_id, state, made_at, started_on, closed_on, closing, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'','','',1)",
		string(c.ID), c.Kind, c.Title, c.Goal, c.Aim, string(c.Unit), string(c.Author), c.State, tx.At); err != nil {
		return fmt.Errorf("write campaign: %w", err)
	}
	return insertStages(ctx, tx, c)
}

func insertStages(ctx context.Context, tx *audit.Tx, c Campaign) error {
	for _, s := range c.Stages {
		n := id.New()
		tx.Touch("notice_stage", n)
		if _, err := tx.Exec(ctx, "INSERT INTO notice_stage (id, campaign_id, no, name, from_on, until_on) VALUES ($1,$2,$3,$4,$5,$6)", string(n), string(c.ID), s.No, s.Name, string(s.From), string(s.Until)); err != nil {
			return fmt.Errorf("write stage: %w", err)
		}
	}
	return nil
}

func updateCampaign(ctx context.Context, tx *audit.Tx, c Campaign) error {
	tx.Touch("notice_campaign", c.ID)
	return tx.Change(ctx, "campaign", "UPDATE notice_campaign SET state = $1, started_on = $2, closed_on = $3, closing = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		c.State, string(c.StartedOn), string(c.ClosedOn), c.Closing, string(c.ID), c.Rev)
}

func rewriteCampaign(ctx context.Context, tx *audit.Tx, c Campaign, old []Stage) error {
	tx.Touch("notice_campaign", c.ID)
	if err := tx.Change(ctx, "campaign", "UPDATE notice_campaign SET kind = $1, title = $2, goal = $3, aim = $4, rev = rev + 1 WHERE id = $5 AND rev = $6", c.Kind, c.Title, c.Goal, c.Aim, string(c.ID), c.Rev); err != nil {
		return err
	}
	for _, s := range old {
		tx.Gone("notice_stage", s.ID)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM notice_stage WHERE campaign_id = $1", string(c.ID)); err != nil {
		return fmt.Errorf("stages of campaign: %w", err)
	}
	return insertStages(ctx, tx, c)
}

// listCampaigns gives a page of campaigns: of the actor's units, or, with a
// unit, of those in which it takes part.
func listCampaigns(ctx context.Context, q db.Q, unit id.ID, filter string, args []any, p page.Query) (out []Campaign, next page.Next, err error) {
	from, where := "notice_campaign c", filter
	if unit != "" {
		args = append(args, string(unit))
		from, where = "notice_part t JOIN notice_campaign c ON c.id = t.campaign_id", filter+" AND t.unit_id = $"+strconv.Itoa(len(args))
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM "+from+" WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") x", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count campaigns: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND (c.made_at, c.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+campaignColumns+" FROM "+from+" WHERE "+where+" ORDER BY c.made_at DESC, c.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	if out, err = db.Collect(rows, err, func(r *sql.Rows) (Campaign, error) { return scanCampaign(r) }); err != nil {
		return nil, next, fmt.Errorf("list campaigns: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Campaign) []string { return []string{last.MadeAt, string(last.ID)} })
	return out, next, nil
}

const partColumns = "t.id, t.campaign_id, t.unit_id, t.by_id, t.state, t.reported, t.rev"

func scanPart(r scanner) (x Part, err error) {
	return x, r.Scan(&x.ID, &x.Campaign, &x.Unit, &x.By, &x.State, &x.Reported, &x.Rev)
}

func insertParts(ctx context.Context, tx *audit.Tx, c Campaign, units []id.ID) error {
	rows := make([][]any, 0, len(units))
	for _, u := range units {
		n := id.New()
		tx.Touch("notice_part", n)
		rows = append(rows, []any{string(n), string(c.ID), string(u), string(c.Unit), PartOpen, 0, 1})
	}
	return tx.InsertMany(ctx, "notice_part", "id, campaign_id, unit_id, by_id, state, reported, rev", rows)
}

func partOf(ctx context.Context, q db.Q, campaign, unit id.ID) (Part, error) {
	x, err := scanPart(q.QueryRow(ctx, "SELECT "+partColumns+" FROM notice_part t WHERE t.campaign_id = $1 AND t.unit_id = $2", string(campaign), string(unit)))
	return x, db.Absent(err, "part")
}

func updatePart(ctx context.Context, tx *audit.Tx, x Part) error {
	tx.Touch("notice_part", x.ID)
	return tx.Change(ctx, "part", "UPDATE notice_part SET state = $1, reported = $2, rev = rev + 1 WHERE id = $3 AND rev = $4", x.State, x.Reported, string(x.ID), x.Rev)
}

// partsIn lists the units of a campaign that the actor may see, those with least reports first.
func partsIn(ctx context.Context, q db.Q, campaign id.ID, filter string, args []any, p page.Query) (out []Part, next page.Next, err error) {
	args = append(args, string(campaign))
	where := filter + " AND t.campaign_id = $" + strconv.Itoa(len(args))
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM notice_part t WHERE "+where, args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count parts: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND (t.reported, t.unit_id) > (CAST($%d AS BIGINT), $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+partColumns+" FROM notice_part t WHERE "+where+" ORDER BY t.reported, t.unit_id LIMIT $"+strconv.Itoa(len(args)), args...)
	if out, err = db.Collect(rows, err, func(r *sql.Rows) (Part, error) { return scanPart(r) }); err != nil {
		return nil, next, fmt.Errorf("list parts: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Part) []string { return []string{strconv.Itoa(last.Reported), string(last.Unit)} })
	return out, next, nil
}

// addressedParts is [addressed] for campaigns.
func addressedParts(ctx context.Context, q db.Q, campaign, unit id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT unit_id FROM notice_part WHERE campaign_id = $1 AND unit_id = $2", string(campaign), string(unit))
	return db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) { return u, r.Scan(&u) })
}

const reportColumns = "r.id, r.campaign_id, r.unit_id, r.stage, r.sessions, r.expected, r.attended, r.problems, r.rectified, r.leads, r.text, r.replaces, r.at, r.by_id"

func scanReport(r scanner) (x Report, err error) {
	return x, r.Scan(&x.ID, &x.Campaign, &x.Unit, &x.Stage, &x.Sessions, &x.Expected, &x.Attended, &x.Problems, &x.Rectified, &x.Leads, &x.Text, &x.Replaces, &x.At, &x.By)
}

func insertReport(ctx context.Context, tx *audit.Tx, x Report) error {
	tx.Touch("notice_report", x.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO notice_report (id, campaign_id, unit_id, stage, sessions, expected, attended, problems, rectified, leads, text, replaces, at, by_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)",
		string(x.ID), string(x.Campaign), string(x.Unit), x.Stage, x.Sessions, x.Expected, x.Attended, x.Problems, x.Rectified, x.Leads, x.Text, string(x.Replaces), tx.At, string(x.By)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// reportsOf lists the reports of one unit in a campaign, in order of time.
func reportsOf(ctx context.Context, q db.Q, campaign, unit id.ID) ([]Report, error) {
	rows, err := q.Query(ctx, "SELECT "+reportColumns+" FROM notice_report r WHERE r.campaign_id = $1 AND r.unit_id = $2 ORDER BY r.id", string(campaign), string(unit))
	return db.Collect(rows, err, func(r *sql.Rows) (Report, error) { return scanReport(r) })
}

// reportsIn lists those of all units that the actor may see. A report that a
// later one replaces is left out.
func reportsIn(ctx context.Context, q db.Q, campaign id.ID, filter string, args []any) ([]Report, error) {
	args = append(args, string(campaign))
	rows, err := q.Query(ctx, "SELECT "+reportColumns+" FROM notice_report r JOIN notice_part t ON t.campaign_id = r.campaign_id AND t.unit_id = r.unit_id WHERE "+filter+
		" AND r.campaign_id = $"+strconv.Itoa(len(args))+" AND NOT EXISTS (SELECT 1 FROM notice_report l WHERE l.replaces = r.id) ORDER BY r.id", args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Report, error) { return scanReport(r) })
}

// dueParts lists running campaigns in which a unit owes the report of a stage that has begun.
func dueParts(ctx context.Context, q db.Q, filter string, args []any, today clock.Date, limit int) ([]Campaign, error) {
	args = append(args, string(today), limit)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT "+campaignColumns+" FROM notice_part t JOIN notice_campaign c ON c.id = t.campaign_id WHERE %s AND c.state = 'running' AND t.reported < (SELECT COUNT(*) FROM notice_stage s WHERE s.campaign_id = c.id AND s.from_on <= $%d) ORDER BY c.started_on, c.id LIMIT $%d",
		filter, len(args)-1, len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Campaign, error) { return scanCampaign(r) })
}

// countParts counts the units of a campaign that the actor may see, and those with every report.
func countParts(ctx context.Context, q db.Q, campaign id.ID, filter string, args []any) (all, whole int, err error) {
	args = append(args, string(campaign))
	err = q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN t.state = 'whole' THEN 1 ELSE 0 END), 0) FROM notice_part t WHERE "+filter+" AND t.campaign_id = $"+strconv.Itoa(len(args)), args...).Scan(&all, &whole)
	if err != nil {
		return 0, 0, fmt.Errorf("count parts: %w", err)
	}
	return all, whole, nil
}

// unitsReported lists the units of a campaign, among those that the actor may see,
// that reported about a stage at least.
func unitsReported(ctx context.Context, q db.Q, campaign id.ID, filter string, args []any) ([]id.ID, error) {
	args = append(args, string(campaign))
	rows, err := q.Query(ctx, "SELECT t.unit_id FROM notice_part t WHERE "+filter+" AND t.reported > 0 AND t.campaign_id = $"+strconv.Itoa(len(args))+" ORDER BY t.unit_id", args...)
	return db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) { return u, r.Scan(&u) })
}
