package screening

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// HookCmd says where a justice administration's system is told of warnings.
type HookCmd struct {
	Unit    string `json:"unit"`
	Address string `json:"address"`
	Secret  string `json:"secret"` // key of the signature; "" keeps it
	Active  bool   `json:"active"`
}

// minSecret is the least length of a signature's key.
const minSecret = 16

// SetHook sets or changes the webhook of a unit. The system administrator does
// it; he sees no warning.
func (s *Service) SetHook(ctx context.Context, who actor.Actor, cmd HookCmd) error {
	if err := s.policy.Can(who, "system.hook", access.Object{Kind: "system"}); err != nil {
		return err
	}
	var f fault.Fields
	us := s.Find(cmd.Unit)
	if len(us) != 1 {
		f.Add("unit", "register.error.unit", cmd.Unit)
	}
	u, err := url.Parse(strings.TrimSpace(cmd.Address))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || len(s.Networks) == 0) {
		f.Add("address", "hook.error.address")
	}
	if cmd.Secret != "" && len(cmd.Secret) < minSecret {
		f.Add("secret", "hook.error.secret", minSecret)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "hook.set", func(tx *audit.Tx) error {
		h, there, err := hookByUnit(ctx, tx, us[0])
		if err != nil {
			return err
		}
		if !there {
			h = Hook{ID: id.New(), Unit: us[0], Rev: 1}
			f.Need("secret", cmd.Secret)
			if err := f.Err(); err != nil {
				return err
			}
		}
		h.Address, h.Active = u.String(), cmd.Active
		if cmd.Secret != "" {
			h.sealed = s.Keys.Seal(secret.SecondKey, whereHook(h.ID), []byte(cmd.Secret))
		}
		tx.Note("host", u.Host)
		return putHook(ctx, tx, h, !there)
	})
}

func whereHook(n id.ID) string { return "screening_hook/sealed/" + string(n) }

// announce puts a message for the justice administration's system into the
// outbox, in the transaction that changes the warning.
func (s *Service) announce(ctx context.Context, tx *audit.Tx, w Warning, act string) error {
	if w.Flow == CaseFlow.Name && act != "notify" {
		return nil
	}
	u, ok := s.Dir.Unit(w.Unit)
	for ; ok; u, ok = s.Dir.Unit(u.Parent) { // the nearest hook above
		h, there, err := hookByUnit(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if there && h.Active {
			return insertDelivery(ctx, tx, Delivery{ID: id.New(), Hook: h.ID, Warning: w.ID, Act: act})
		}
		if u.Parent == "" {
			return nil
		}
	}
	return nil
}

// message is what a hook is told: that something waits, and where. Whom it is
// about is read after signing in.
type message struct {
	Event string `json:"event"`
	No    string `json:"no"`
	Kind  string `json:"kind"`
	State string `json:"state"`
	Due   string `json:"due,omitempty"`
	Path  string `json:"path"`
	ID    id.ID  `json:"delivery"`
}

// poster sends one message; it fails unless the other side took it.
type poster func(ctx context.Context, s *Service, address string, body []byte, signature string) error

// waits is how long a message waits after each failure before it is tried again.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// Deliver sends what waits in the outbox. A message is marked before it is sent,
// so that two replicas do not send it at the same time.
func (s *Service) Deliver(ctx context.Context) error {
	who := actor.Program("screening")
	var due []Delivery
	now := clock.Instant(s.Clock.Now())
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { due, err = dueDeliveries(ctx, q, now); return err }); err != nil {
		return err
	}
	for _, d := range due {
		wait := waits[min(d.Attempts, len(waits)-1)]
		d.Attempts++
		d.NextAt = clock.Instant(s.Clock.Now().Add(wait))
		if d.Attempts > len(waits) {
			d.State = "failed"
		}
		err := s.log.Write(ctx, who, "hook.attempt", func(tx *audit.Tx) error { return updateDelivery(ctx, tx, d) })
		if fault.Is(err, fault.KindConflict) {
			continue // another replica has it
		}
		if err != nil {
			return err
		}
		d.Rev++
		d.Error = ""
		if err := s.deliver(ctx, d); err != nil {
			d.Error = short(err)
		} else {
			d.State = "done"
		}
		if err := s.log.Write(ctx, who, "hook.result", func(tx *audit.Tx) error { return updateDelivery(ctx, tx, d) }); err != nil {
			return err
		}
	}
	return nil
}

func short(err error) string {
	r := []rune(err.Error())
	return string(r[:min(len(r), 200)])
}

func (s *Service) deliver(ctx context.Context, d Delivery) error {
	var h Hook
	var w Warning
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if h, err = hookByID(ctx, q, d.Hook); err != nil {
			return err
		}
		w, err = warningByID(ctx, q, d.Warning)
		return err
	})
	if err != nil {
		return err
	}
	key, err := s.Keys.Open(secret.SecondKey, whereHook(h.ID), h.sealed)
	if err != nil {
		return err
	}
	body, err := json.Marshal(message{Event: w.Flow + "." + d.Act, No: w.No, Kind: w.Kind, State: w.State, Due: string(w.Due), Path: "/screening/warnings/" + string(w.ID), ID: d.ID})
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return s.post(ctx, s, h.Address, body, "sha256="+hex.EncodeToString(mac.Sum(nil)))
}

var errAddress = errors.New("the address is not one that may be called")

// guardedPost calls only public addresses and those of the networks that the
// site allowed. The address is judged when it is dialled, so that a name that
// resolves differently later gains nothing; redirects are not followed.
func guardedPost(ctx context.Context, s *Service, address string, body []byte, signature string) error {
	d := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, addr string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(addr)
		if err != nil || !callable(ap.Addr().Unmap(), s.Networks) {
			return errAddress
		}
		return nil
	}}
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Huikan-Signature", signature)
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // the answer's text is not used
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// callable tells whether an address may be called: public ones, and private ones
// of networks that were named. Loopback, link-local (where clouds keep their
// metadata) and the like only when a named network holds them.
func callable(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	shared := netip.MustParsePrefix("100.64.0.0/10")
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared.Contains(a)
}

// Tick is what the room does by itself: answers that are overdue, messages that
// wait, and a new run when registers, people or the day changed since the last.
func (s *Service) Tick(ctx context.Context) error {
	who := actor.Program("screening")
	if err := s.expire(ctx, who); err != nil {
		return err
	}
	if err := s.Deliver(ctx); err != nil {
		return err
	}
	if err := s.catchUp(ctx, who); err != nil {
		return err
	}
	return s.renew(ctx)
}

// catchUp runs a screening when something changed since the last.
func (s *Service) catchUp(ctx context.Context, who actor.Actor) error {
	var last Run
	var stamp string
	var any bool
	err := s.log.DB().Read(ctx, func(q db.Q) (err error) {
		if last, err = lastRun(ctx, q); err != nil {
			return err
		}
		vs, err := inForce(ctx, q)
		if err != nil {
			return err
		}
		for _, v := range vs {
			any = any || v.Kind == Lawyers
		}
		stamp, err = s.stamp(ctx, q, vs)
		return err
	})
	if err != nil || !any || last.stamp == stamp && last.AsOf == s.today() {
		return err
	}
	_, err = s.Run(ctx, who)
	return err
}

// Warm makes the board before the first question, when there are registers.
func (s *Service) Warm(ctx context.Context) error {
	var vs []Version
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { vs, err = inForce(ctx, q); return err }); err != nil || len(vs) == 0 {
		return err
	}
	return s.makeBoard(ctx)
}

// renew makes the board anew that answers questions, when registers changed
// elsewhere. Nobody asked yet: then none is made.
func (s *Service) renew(ctx context.Context) error {
	if s.live.Load() == nil {
		return nil
	}
	return s.makeBoard(ctx)
}

// makeBoard makes the board and what is read from it day by day.
func (s *Service) makeBoard(ctx context.Context) error {
	b, err := s.board(ctx)
	if err != nil {
		return err
	}
	on, e, err := s.law(ctx, RunCmd{})
	if err == nil {
		s.ahead(b, e, on)
	}
	return err
}
