package contact

import (
	"context"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// noteStep writes a step with its words, sealed for the office.
func (s *Service) noteStep(ctx context.Context, tx *audit.Tx, t sealedSteps, of, office id.ID, e OfficeEntry, text string) error {
	e.ID = id.New()
	e.sealed = s.Keys.Seal(reader(office), t.place(e.ID), []byte(text))
	return t.insert(ctx, tx, of, e)
}

// steps reads the steps of something that the actor was allowed to read, opened.
func (s *Service) steps(ctx context.Context, q db.Q, t sealedSteps, of, office id.ID) ([]OfficeEntry, error) {
	list, err := t.list(ctx, q, of)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		plain, err := s.Keys.Open(reader(office), t.place(e.ID), e.sealed)
		if err != nil {
			return nil, err
		}
		list[i].Text = string(plain)
	}
	return list, nil
}
