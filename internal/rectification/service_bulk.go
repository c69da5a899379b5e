package rectification

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// NewItem is an item taken over from elsewhere, with its measures: a ledger of
// earlier rounds, or a demonstration. Empty fields get what a fresh item has;
// measures get ids, the item's unit and the item's date where they have none.
type NewItem struct {
	Item
	Measures []Measure
	Concerns []id.ID // persons whom it concerns
}

// bulkItems is how many items one transaction takes: seconds, in which nobody
// else writes; smaller parts write the same pages of the indices more often.
var bulkItems = 5000 // a test takes fewer

// AddMany takes items over, in parts of one transaction and log entry each. Only
// the data's owner may, through the command line or a job of the program.
func (s *Service) AddMany(ctx context.Context, who actor.Actor, items []NewItem) error {
	return audit.InParts(who, "item", "item.add_many", items, bulkItems, func(part []NewItem) error { return s.addPart(ctx, who, part) })
}

func (n NewItem) complete() (Item, error) {
	i := n.Item
	if i.ID == "" {
		i.ID = id.New()
	}
	if i.State == "" {
		i.State = StateToClaim
	}
	if i.Claimed == "" {
		i.Claimed = ClaimedOf(i.ClaimedWord)
	}
	if i.FirstDue == "" {
		i.FirstDue = i.Due
	}
	var bad fault.Fields
	for _, x := range [][2]string{{"finding", string(i.Finding)}, {"round", string(i.Round)}, {"unit", string(i.Unit)}, {"by", string(i.By)}, {"title", i.Title}} {
		bad.Need(x[0], x[1])
	}
	oneOf(&bad, "state", i.State, Flow.States())
	oneOf(&bad, "claimed", i.Claimed, ClaimedStatuses())
	if i.Verified != "" {
		oneOf(&bad, "verified", i.Verified, Verdicts())
	}
	if i.IsAside() {
		bad.Need("aside_on", string(i.Aside))
	}
	if i.State == StateAccepted {
		bad.Need("until", string(i.Until))
	}
	if i.Closer != "" && i.Closer == i.Rectifier {
		bad.Add("closer", "item.refuse.own_work")
	}
	return i, bad.Err()
}

func (s *Service) addPart(ctx context.Context, who actor.Actor, part []NewItem) error {
	return s.log.Write(ctx, who, "item.add_many", func(tx *audit.Tx) error {
		var items []Item
		var measures, serves, events [][]any
		for _, n := range part {
			i, err := n.complete()
			if err != nil {
				return err
			}
			items = append(items, i)
			for _, m := range n.Measures {
				m = m.within(i)
				m.Changed = tx.At
				measures = append(measures, m.values())
				link := id.New()
				serves = append(serves, []any{string(link), string(i.ID), string(m.ID)})
				tx.Touch("rectify_measure", m.ID)
				tx.Touch("rectify_serves", link)
			}
			e := id.New()
			events = append(events, []any{string(e), string(i.ID), tx.At, db.Null(i.Rectifier), SideUnit, "taken_over", "", i.State, ""})
			tx.Touch("rectify_event", e)
		}
		tx.Note("items", len(items))
		if err := openFolders(ctx, tx, s.foldersOf(items)); err != nil {
			return err
		}
		if err := insertItem(ctx, tx, items...); err != nil {
			return err
		}
		for _, x := range []struct {
			table, names string
			rows         [][]any
		}{{"rectify_measure", measureNames, measures}, {"rectify_serves", servesNames, serves},
			{"rectify_event", "id, item_id, at, person_id, side, act, from_state, to_state, reason", events}} {
			if err := tx.InsertMany(ctx, x.table, x.names, x.rows); err != nil {
				return err
			}
		}
		texts := make([]search.Text, len(items))
		for n, i := range items {
			for _, p := range part[n].Concerns {
				if err := access.Concern(ctx, tx, i.ID, p, access.Subject); err != nil {
					return err
				}
			}
			texts[n] = search.Text{Ref: i.ID, Text: i.words()}
		}
		return search.AddMany(ctx, tx.Tx, "item", texts)
	})
}

// within completes a measure that comes with its item.
func (m Measure) within(i Item) Measure {
	if m.ID == "" {
		m.ID = id.New()
	}
	if m.State == "" {
		m.State = MeasurePlanned
	}
	if m.Due == "" {
		m.Due = i.Due
	}
	m.Unit = i.Unit
	return m
}

// foldersOf are the folders that belong to items taken over, by the default rule.
func (s *Service) foldersOf(items []Item) []Folder {
	seen := map[[2]id.ID]bool{}
	rule, _ := Rule("")
	var out []Folder
	for _, i := range items {
		if k := [2]id.ID{i.Round, i.Unit}; !seen[k] {
			seen[k] = true
			out = append(out, newFolder(i, rule, i.FirstDue))
		}
	}
	return out
}
