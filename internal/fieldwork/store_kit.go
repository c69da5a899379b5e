package fieldwork

import (
	"context"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

const kitColumns = "id, round_id, team_id, by_id, issued_at, expires_on, digest, state, returned_at, certificate, rev"

func scanKit(r scanner) (x Kit, err error) {
	return x, r.Scan(&x.ID, &x.Round, &x.Team, &x.By, &x.Issued, &x.Expires, &x.Digest, &x.State, &x.Returned, &x.Certificate, &x.Rev)
}

func kitByID(ctx context.Context, q db.Q, n id.ID) (Kit, error) {
	x, err := scanKit(q.QueryRow(ctx, "SELECT "+kitColumns+" FROM fieldwork_kit WHERE id = $1", string(n)))
	return x, db.Absent(err, "kit")
}

func kitsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Kit, error) {
	return list(ctx, q, "kits", scanKit, "SELECT "+kitColumns+" FROM fieldwork_kit k WHERE "+cond+" ORDER BY k.id DESC LIMIT 200", args...)
}

func insertKit(ctx context.Context, tx *audit.Tx, x Kit) error {
	return insert(ctx, tx, "fieldwork_kit", "round_id, team_id, by_id, issued_at, expires_on, digest, state, returned_at, certificate", x.ID,
		string(x.Round), string(x.Team), string(x.By), x.Issued, string(x.Expires), x.Digest, x.State, x.Returned, x.Certificate)
}

func updateKit(ctx context.Context, tx *audit.Tx, x Kit) error {
	return update(ctx, tx, "fieldwork_kit", "kit", "digest, state, returned_at, certificate", x.ID, x.Rev, x.Digest, x.State, x.Returned, x.Certificate)
}

const clashColumns = "id, kit_id, " + scopeColumns + ", kind, row_id, title, sealed, state, rev"

func (s *Service) scanClash(r scanner) (x Clash, err error) {
	var b []byte
	if err = r.Scan(&x.ID, &x.Kit, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Kind, &x.Row, &x.Title, &b, &x.State, &x.Rev); err != nil {
		return x, err
	}
	raw, err := s.Keys.Open(secret.FieldText, "fieldwork_clash/"+string(x.ID), b)
	if err != nil {
		return x, err
	}
	if err := json.Unmarshal(raw, &x.Sides); err != nil {
		return x, fmt.Errorf("unseal clash: %w", err)
	}
	return x, nil
}

func (s *Service) clashByID(ctx context.Context, q db.Q, n id.ID) (Clash, error) {
	x, err := s.scanClash(q.QueryRow(ctx, "SELECT "+clashColumns+" FROM fieldwork_clash WHERE id = $1", string(n)))
	return x, db.Absent(err, "clash")
}

func (s *Service) clashesOf(ctx context.Context, q db.Q, kit id.ID) ([]Clash, error) {
	return list(ctx, q, "clashes", s.scanClash, "SELECT "+clashColumns+" FROM fieldwork_clash WHERE kit_id = $1 ORDER BY id", string(kit))
}

func (s *Service) insertClash(ctx context.Context, tx *audit.Tx, x Clash) error {
	raw, err := json.Marshal(x.Sides)
	if err != nil {
		return fmt.Errorf("seal clash: %w", err)
	}
	return insert(ctx, tx, "fieldwork_clash", "kit_id, "+scopeInsert+", kind, row_id, title, sealed, state", x.ID,
		append(append([]any{string(x.Kit)}, scopeValues(x.Scope)...), x.Kind, string(x.Row), x.Title, s.Keys.Seal(secret.FieldText, "fieldwork_clash/"+string(x.ID), raw), x.State)...)
}

func updateClash(ctx context.Context, tx *audit.Tx, x Clash) error {
	return update(ctx, tx, "fieldwork_clash", "clash", "state", x.ID, x.Rev, x.State)
}

// allOf lists the papers, answers, reports and clues of a round in this installation.
func (s *Service) allOf(ctx context.Context, q db.Q, team id.ID) (ps []Paper, as []Answer, rs []Report, cs []Clue, err error) {
	args := []any{string(team)}
	if ps, err = s.papersWhere(ctx, q, "p.team_id = $1", 5000, args); err != nil {
		return
	}
	for i := range ps {
		if ps[i].Findings, err = bornBy(ctx, q, ps[i].ID); err != nil {
			return
		}
	}
	if as, err = list(ctx, q, "answers", func(r scanner) (x Answer, err error) {
		return x, r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Check, &x.Result, &x.Note, &x.Paper, &x.Author, &x.Rev)
	}, "SELECT id, "+scopeColumns+", check_id, result, note, COALESCE(paper_id,''), COALESCE(author_id,''), rev FROM fieldwork_answer WHERE team_id = $1 ORDER BY id", args...); err != nil {
		return
	}
	if rs, err = s.reportsWhere(ctx, q, "t.team_id = $1", args); err != nil {
		return
	}
	ids, err := list(ctx, q, "clues", func(r scanner) (n id.ID, err error) { return n, r.Scan(&n) }, "SELECT id FROM fieldwork_clue WHERE team_id = $1 AND state = $2 ORDER BY id", string(team), ClueNoted)
	for _, n := range ids {
		if err != nil {
			return
		}
		var c Clue
		c, err = s.clueByID(ctx, q, n, true)
		cs = append(cs, c)
	}
	return
}

func answerByID(ctx context.Context, q db.Q, n id.ID) (x Answer, err error) {
	err = q.QueryRow(ctx, "SELECT id, "+scopeColumns+", check_id, result, note, COALESCE(paper_id,''), COALESCE(author_id,''), rev FROM fieldwork_answer WHERE id = $1", string(n)).
		Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Check, &x.Result, &x.Note, &x.Paper, &x.Author, &x.Rev)
	return x, db.Absent(err, "answer")
}
