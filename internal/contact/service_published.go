package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// PublishedCmd takes a published circular in: its text, where it was published,
// and the unit where the text does not name one of ours.
type PublishedCmd struct {
	Text   string `json:"text"`
	Source string `json:"source"`
	Unit   string `json:"unit"`
}

// maxPublished bounds the text of a circular.
const maxPublished = 100_000

// TakePublished keeps a published circular as it was printed, with what
// contradicts itself flagged.
func (s *Service) TakePublished(ctx context.Context, who actor.Actor, a hantext.Article, c PublishedCmd) (p Published, err error) {
	var bad fault.Fields
	bad.Max("source", c.Source, maxShort)
	if p, err = ReadPublished(a); err != nil {
		if f, ok := fault.Of(err); ok {
			bad.Add("text", f.Key)
		} else {
			return p, err
		}
	}
	if len(p.Body) > maxPublished {
		bad.Add("text", "published.too_long", maxPublished)
	}
	if c.Source != "" {
		p.Source = c.Source
	}
	name := p.UnitName
	if c.Unit != "" {
		name = c.Unit
	}
	for _, text := range []string{name, name + "人民检察院"} {
		if u, ok := s.Units.Resolve(text); ok && text != "" {
			p.Unit, p.UnitName = u.ID, u.Name
			break
		}
	}
	if c.Unit != "" && p.Unit == "" {
		bad.Add("unit", "published.unit", c.Unit)
	}
	if err := bad.Err(); err != nil {
		return p, err
	}
	sum := sha256.Sum256([]byte(string(p.Quarter) + "\n" + p.Body))
	p.ID, p.By, p.digest = id.New(), who.Person, hex.EncodeToString(sum[:])
	err = s.log.Write(ctx, who, "published.take", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "published.take", access.Object{Kind: "published"}); err != nil {
			return err
		}
		same, err := publishedByText(ctx, tx, p.digest)
		if err != nil {
			return err
		}
		if same != "" {
			return fault.State("published.already")
		}
		tx.Note("quarter", p.Quarter)
		tx.Note("flags", len(p.Flags))
		return insertPublished(ctx, tx, p)
	})
	return p, err
}

// PublishedView is a circular with what our register counts for the quarter.
type PublishedView struct {
	Published
	Counted *Cell `json:"counted,omitempty"` // nil where the reader may not count the unit, or it keeps no register here
}

// PublishedOne gives a published circular; where the reader may count the unit's
// records, a total that is not ours is flagged too.
func (s *Service) PublishedOne(ctx context.Context, who actor.Actor, n id.ID) (v PublishedView, err error) {
	if err := s.policy.Can(who, "published.read", access.Object{Kind: "published"}); err != nil {
		return v, err
	}
	if err := s.log.DB().Read(ctx, func(q db.Q) error { v.Published, err = publishedByID(ctx, q, n); return err }); err != nil {
		return v, err
	}
	y, m := v.Quarter.last()
	st, err := s.Stats(ctx, who, StatsQuery{Unit: v.Unit, Year: y, By: "unit"})
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindInvalid) {
		return v, nil // not for him to count, or not of our time: the text alone
	}
	if err != nil {
		return v, err
	}
	c := st.Sum.Cells[m/3-1]
	v.Counted = &c
	if !c.Hidden && c.N > 0 && c.N != v.Total {
		v.Flags = append(v.Flags, Flag{Kind: FlagRegister, Printed: float64(v.Total), Follows: float64(c.N)})
	}
	return v, nil
}
