package insight

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// SaveView keeps a filter under a name, for oneself or for one's unit.
func (s *Service) SaveView(ctx context.Context, who actor.Actor, c ViewCmd) (v SavedView, err error) {
	if err := c.check(); err != nil {
		return v, err
	}
	if who.Person == "" {
		return v, fault.NotFound("view")
	}
	v = SavedView{ID: id.New(), Owner: who.Person, Unit: who.Unit, Title: c.Title, Address: c.Address, Shared: c.Shared, Rev: 1}
	err = s.Log.Write(ctx, who, "view.save", func(tx *audit.Tx) error {
		have, err := viewsWhere(ctx, tx, "v.owner_id = $1", string(who.Person))
		if err != nil {
			return err
		}
		if len(have) >= maxViews {
			return fault.Limit("view.bad.many", maxViews)
		}
		return insertView(ctx, tx, v)
	})
	return v, err
}

// mayView tells whether a saved filter is the actor's own or shared with him.
func mayView(who actor.Actor, v SavedView) bool {
	return who.Person != "" && (v.Owner == who.Person || v.Shared == SharedUnit && v.Unit == who.Unit)
}

func (s *Service) view(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (SavedView, error) {
	list, err := viewsWhere(ctx, q, "v.id = $1", string(n))
	if err != nil {
		return SavedView{}, err
	}
	if len(list) == 0 || !mayView(who, list[0]) {
		return SavedView{}, fault.NotFound("view")
	}
	return list[0], nil
}

// Views gives one's own saved filters and those shared in one's unit.
func (s *Service) Views(ctx context.Context, who actor.Actor) (list []SavedView, subs map[id.ID]Subscription, err error) {
	subs = map[id.ID]Subscription{}
	if who.Person == "" {
		return nil, subs, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if list, err = viewsWhere(ctx, q, "(v.owner_id = $1 OR v.unit_id = $2 AND v.shared = 'unit') ORDER BY v.title, v.id LIMIT 500", string(who.Person), string(who.Unit)); err != nil {
			return err
		}
		mine, err := subscriptionsWhere(ctx, q, "person_id = $1", string(who.Person))
		for _, x := range mine {
			subs[x.View] = x
		}
		return err
	})
	return list, subs, err
}

// EndView takes a saved filter away; only its owner does.
func (s *Service) EndView(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.Log.Write(ctx, who, "view.end", func(tx *audit.Tx) error {
		v, err := s.view(ctx, tx, who, n)
		if err != nil {
			return err
		}
		if v.Owner != who.Person {
			return fault.NotFound("view")
		}
		if rev != 0 && rev != v.Rev {
			return fault.Conflict("view")
		}
		return endView(ctx, tx, v)
	})
}

// Subscribe reminds the actor of a saved filter on his first page.
func (s *Service) Subscribe(ctx context.Context, who actor.Actor, n id.ID, c SubscribeCmd) error {
	next, ok := after(c.Every, clock.Today(s.Clock))
	if !ok {
		var bad fault.Fields
		bad.Add("every", "error.required")
		return bad.Err()
	}
	return s.Log.Write(ctx, who, "view.subscribe", func(tx *audit.Tx) error {
		if _, err := s.view(ctx, tx, who, n); err != nil {
			return err
		}
		have, err := subscriptionsWhere(ctx, tx, "view_id = $1 AND person_id = $2", string(n), string(who.Person))
		if err != nil {
			return err
		}
		for _, x := range have {
			if err := updateSubscription(ctx, tx, x, x.Next, tx.At); err != nil {
				return err
			}
		}
		return insertSubscription(ctx, tx, Subscription{ID: id.New(), View: n, Person: who.Person, Every: c.Every, Next: next})
	})
}

// subscription reads one of the actor's own.
func (s *Service) subscription(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Subscription, error) {
	list, err := subscriptionsWhere(ctx, q, "id = $1 AND person_id = $2", string(n), string(who.Person))
	if err == nil && len(list) == 0 {
		err = fault.NotFound("subscription")
	}
	if err != nil {
		return Subscription{}, err
	}
	return list[0], nil
}

// Seen moves a subscription to its next day and gives the address that it leads to.
func (s *Service) Seen(ctx context.Context, who actor.Actor, n id.ID) (address string, err error) {
	err = s.Log.Write(ctx, who, "view.seen", func(tx *audit.Tx) error {
		x, err := s.subscription(ctx, tx, who, n)
		if err != nil {
			return err
		}
		v, err := s.view(ctx, tx, who, x.View)
		if err != nil {
			return err
		}
		address = v.Address
		next, _ := after(x.Every, clock.Today(s.Clock))
		return updateSubscription(ctx, tx, x, next, "")
	})
	return address, err
}

// Unsubscribe ends a subscription.
func (s *Service) Unsubscribe(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.Log.Write(ctx, who, "view.unsubscribe", func(tx *audit.Tx) error {
		x, err := s.subscription(ctx, tx, who, n)
		if err != nil {
			return err
		}
		return updateSubscription(ctx, tx, x, x.Next, tx.At)
	})
}

// todo names the subscriptions whose day has come.
func (s *Service) todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if who.Person == "" {
		return nil, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		due, err := subscriptionsWhere(ctx, q, "person_id = $1 AND next_on <= $2 ORDER BY next_on, id LIMIT 20", string(who.Person), string(clock.Today(s.Clock)))
		for _, x := range due {
			v, e := s.view(ctx, q, who, x.View)
			if fault.Is(e, fault.KindNotFound) {
				continue // ended, or no longer shared with him
			}
			if e != nil {
				return e
			}
			out = append(out, web.Todo{Kind: "view.todo", Title: v.Title, Due: x.Next, Href: "/views#v-" + string(v.ID), Verb: "view.do.look"})
		}
		return err
	})
	return out, err
}
