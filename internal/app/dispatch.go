package app

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/notice"
)

// draftCircular drafts a circular of statistics from the figures of another room. It
// is an ordinary draft: the office edits it, and everything that holds for a circular
// holds for it.
func (a *App) draftCircular(ctx context.Context, who actor.Actor, title, source, body string) (id.ID, error) {
	n, err := a.Notice.Create(ctx, who, notice.Cmd{Kind: notice.KindStatistic, Title: title, Source: source, Body: body, Editor: who.Name})
	return n.ID, err
}
