package rectification

import (
	"context"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// HalfLife is after how many days half of the close-outs that were true have
// relapsed (整改半衰期). Days and its bounds are 0 where the curve does not come
// down so far: then half still held when they were last looked at. A look-back
// reckons it; it stands beside every completion rate, because a rate alone
// rewards whoever closes fast.
type HalfLife struct {
	N       int     `json:"n"`
	Events  int     `json:"events"`
	Days    int     `json:"days"`
	Low     int     `json:"low"`
	High    int     `json:"high"`
	Longest int     `json:"longest"` // observation, in days
	Holds   float64 `json:"holds"`   // share that still holds after the longest
	Few     bool    `json:"few"`     // too few for an interval
	Hidden  bool    `json:"hidden"`  // small cell
}

// MinFollowed is the number of close-outs below which no half-life is given: it
// would say more about the arithmetic than about the unit.
const MinFollowed = 5

// Lasting lends the half-life of what a reader may see of a unit, "" for all,
// with the items that it is reckoned from.
type Lasting func(ctx context.Context, q db.Q, who actor.Actor, unit id.ID) (HalfLife, []id.ID, error)

// OnLasting takes the look-back's figure; without it there is none.
func (s *Service) OnLasting(fn Lasting) { s.lasting = fn }

// Words puts a half-life into words: too few, not reached, or with its interval.
func (h HalfLife) Words(t func(string, ...any) string) (value, note string) {
	share := func(x float64) string { return strconv.FormatFloat(x*100, 'f', 1, 64) + "%" }
	switch {
	case h.Hidden:
		return "—", t("half.hidden")
	case h.N == 0:
		return "—", t("half.none")
	case h.Few:
		return "—", t("half.few", h.N)
	case h.Days == 0:
		return t("half.beyond", h.Longest), t("half.holds", share(h.Holds), h.N, h.Events)
	}
	high := t("half.open")
	if h.High > 0 {
		high = strconv.Itoa(h.High)
	}
	return t("half.days", h.Days), t("half.between", h.Low, high, h.N, h.Events)
}

// Stat is the half-life as it stands beside a completion rate.
func (h HalfLife) Stat(t func(string, ...any) string) ui.Stat {
	value, note := h.Words(t)
	return ui.Stat{Label: t("half.title"), Value: value, Note: note, Href: "/lookback/half-life", Define: t("half.define")}
}

// RateStat is the completion rate: closed of all.
func RateStat(t func(string, ...any) string, closed, all int, href string) ui.Stat {
	x := ui.Stat{Label: t("item.rate"), Value: "—", Note: t("item.rate.note", closed, all), Href: href, Define: t("item.rate.define")}
	if all > 0 {
		x.Value = strconv.FormatFloat(100*float64(closed)/float64(all), 'f', 1, 64) + "%"
	}
	return x
}

// half is the lent half-life, and whether there is one.
func (s *Service) half(ctx context.Context, q db.Q, who actor.Actor, unit id.ID) (h HalfLife, items []id.ID, ok bool, err error) {
	if s.lasting == nil {
		return h, nil, false, nil
	}
	h, items, err = s.lasting(ctx, q, who, unit)
	return h, items, true, err
}

// UnitStats are the completion rate of a unit and the half-life beside it, as far
// as the reader may see its items.
func (s *Service) UnitStats(r *web.Request, q db.Q, unit id.ID) ([]ui.Stat, error) {
	w := s.readable(r.Actor, "item.read")
	w.add("i.unit_id = $%d", string(unit))
	closed, all, err := rateOf(r.Context(), q, w)
	if err != nil || all == 0 {
		return nil, err
	}
	out := []ui.Stat{RateStat(r.T, closed, all, "/ledger?view=all&unit="+string(unit))}
	h, _, ok, err := s.half(r.Context(), q, r.Actor, unit)
	if ok {
		out = append(out, h.Stat(r.T))
	}
	return out, err
}
