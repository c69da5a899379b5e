package meeting

import (
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// VenueCmd is what a unit says about its attendance.
type VenueCmd struct {
	Lead     string `json:"lead"`
	Expected int    `json:"expected"`
	Present  int    `json:"present"`
	Reason   string `json:"reason"`
	Rev      int64  `json:"rev"`
}

// VenueStep confirms, excuses, signs in or explains for one unit.
func (s *Service) VenueStep(ctx context.Context, who actor.Actor, n id.ID, do string, c VenueCmd) error {
	var bad fault.Fields
	switch do {
	case "confirm":
		bad.Need("lead", c.Lead)
		if c.Expected <= 0 || c.Expected > maxPeople {
			bad.Add("expected", "meeting.bad.people", maxPeople)
		}
	case "sign_in":
		if c.Present <= 0 || c.Present > maxPeople {
			bad.Add("present", "meeting.bad.people", maxPeople)
		}
	case "excuse", "explain":
		bad.Need("reason", c.Reason)
	}
	bad.Max("lead", c.Lead, maxTitle)
	bad.Max("reason", c.Reason, maxText)
	if err := bad.Err(); err != nil {
		return err
	}
	if do == "miss" {
		return fault.State("error.state", "venue.miss", "venue.state.called")
	}
	return s.Log.Write(ctx, who, "venue."+do, func(tx *audit.Tx) error {
		v, err := venueByID(ctx, tx, n)
		if err != nil {
			return err
		}
		o := v.object(s.Dir.Place)
		if o.Concerns, err = access.Concerns(ctx, tx, v.Meeting); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "venue.read", o); err != nil {
			return err
		}
		if v.State, err = VenueFlow.Next(v.State, do); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "venue."+do, o); err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != v.Rev {
			return fault.Conflict("venue")
		}
		m, err := meetingByID(ctx, tx, v.Meeting)
		if err != nil {
			return err
		}
		switch do {
		case "confirm":
			if m.State != StateCalled {
				return fault.State("meeting.bad.confirm")
			}
			v.Lead, v.Expected = c.Lead, c.Expected
		case "excuse":
			if m.State != StateCalled {
				return fault.State("meeting.bad.late")
			}
			v.Reason = c.Reason
		case "sign_in":
			if m.State == StateCancelled || s.today() != m.On {
				return fault.State("meeting.bad.day", string(m.On))
			}
			if v.Expected == 0 {
				v.Expected = c.Present
			}
			if c.Present > v.Expected {
				var bad fault.Fields
				bad.Add("present", "meeting.bad.present", v.Expected)
				return bad.Err()
			}
			v.Present = c.Present
			if c.Lead != "" {
				v.Lead = c.Lead
			}
		case "explain":
			v.Reason = c.Reason
		}
		v.Person, v.At = who.Person, tx.At
		return updateVenue(ctx, tx, v)
	})
}

// venueSteps are the actions that a unit may take now.
func (s *Service) venueSteps(who actor.Actor, m Meeting, v Venue) (out []string) {
	for _, st := range VenueFlow.From(v.State) {
		switch {
		case st.Do == "miss", st.Do == "sign_in" && (s.today() != m.On || m.State == StateCancelled), (st.Do == "excuse" || st.Do == "confirm") && m.State != StateCalled:
			continue
		}
		if s.Policy.Can(who, "venue."+st.Do, v.object(s.Dir.Place)) == nil {
			out = append(out, st.Do)
		}
	}
	return out
}

// todoMax bounds what one room puts on the first page.
const todoMax = 50

// Todo tells what waits: to confirm, to sign in, to explain, to close.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if !s.Policy.Ever(who, "venue.confirm") && !s.Policy.Ever(who, "meeting.hold") {
		return nil, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		for _, action := range []string{"venue.sign_in", "venue.explain"} { // the first covers who has to confirm as well
			if !s.Policy.Ever(who, action) {
				continue
			}
			var args []any
			where := s.Policy.Filter(who, action, venuePlaces, &args)
			args = append(args, todoMax)
			list, err := venuesWhere(ctx, q, fmt.Sprintf("%s ORDER BY v.meeting_id DESC LIMIT $%d", where, len(args)), args...)
			if err != nil {
				return err
			}
			for _, v := range list {
				m, err := meetingByID(ctx, q, v.Meeting)
				if err != nil {
					return err
				}
				do := ""
				switch steps := s.venueSteps(who, m, v); {
				case slices.Contains(steps, "sign_in"):
					do = "sign_in"
				case slices.Contains(steps, "confirm"):
					do = "confirm"
				case slices.Contains(steps, "explain"):
					do = "explain"
				default:
					continue
				}
				out = append(out, web.Todo{Kind: "venue.todo." + do, Title: m.Title, Unit: s.Dir.Short(m.Unit), Due: m.On, Href: "/meetings/" + string(m.ID), Verb: "venue.do." + do, At: m.MadeAt})
			}
		}
		if s.Policy.Ever(who, "meeting.hold") {
			args := []any{string(s.today())}
			made := s.Policy.Filter(who, "meeting.hold", meetings, &args) + access.Ours(who, "m.unit_id", &args)
			l, _, err := listMeetings(ctx, q, made+" AND m.state = 'called' AND m.held_on <= $1", "FALSE", args, page.Query{Size: todoMax})
			if err != nil {
				return err
			}
			for _, m := range l {
				out = append(out, web.Todo{Kind: "meeting.todo.hold", Title: m.Title, Unit: s.Dir.Short(m.Unit), Due: m.On, Href: "/meetings/" + string(m.ID), Verb: "meeting.do.hold", At: m.MadeAt})
			}
		}
		return nil
	})
	return out, err
}
