package fieldwork

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"io"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// NewPassphrase makes a passphrase that can be read out: 100 bits in groups.
func NewPassphrase() string {
	b := make([]byte, 15)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	s := strings.ToLower(base32.StdEncoding.EncodeToString(b))[:20]
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:]
}

// defaultKitDays is what the form offers, as the command does.
const defaultKitDays = 14

type kitForm struct {
	Team       id.ID  `json:"team"`
	Days       string `json:"days"`
	Passphrase string `json:"passphrase"`
}

// issuable lists the teams of rounds under way for which the actor may issue a kit.
func (s *Service) issuable(r *web.Request) (out []ui.Option, err error) {
	err = s.read(r.Context(), func(q db.Q) error {
		rounds, err := inspection.Rounds(r.Context(), q)
		if err != nil {
			return err
		}
		for _, round := range rounds {
			if round.State == inspection.RoundClosed {
				continue
			}
			teams, err := inspection.TeamsOf(r.Context(), q, round.ID)
			if err != nil {
				return err
			}
			for _, t := range teams {
				if s.Policy.Can(r.Actor, "kit.issue", s.object("kit", "", Scope{Round: round.ID, By: round.Unit, Team: t.ID}, "")) == nil {
					out = append(out, ui.Option{Value: string(t.ID), Label: t.Name, Group: round.Name})
				}
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) newKitPage(r *web.Request) (web.Response, error) {
	return s.kitForm(r, kitForm{Days: strconv.Itoa(defaultKitDays), Passphrase: NewPassphrase()}, nil)
}

func (s *Service) kitForm(r *web.Request, c kitForm, failed error) (web.Response, error) {
	teams, err := s.issuable(r)
	if err != nil {
		return nil, err
	}
	bad := r.Problems(failed)
	f := ui.Form{Action: "/kits", Sensitive: true, Note: r.T("kit.issue.note"), Cancel: ui.Link{Label: r.T("act.cancel"), Href: "/kits"}, Buttons: []ui.Button{{Label: r.T("kit.do.issue"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "team", Label: r.T("kind.team"), Kind: ui.FieldSelect, Options: append([]ui.Option{{Label: r.T("form.choose")}}, teams...), Value: string(c.Team), Error: bad["team"]},
			{Name: "days", Label: r.T("kit.days"), Kind: ui.FieldNumber, Value: c.Days, Error: bad["days"]},
			{Name: "passphrase", Label: r.T("kit.passphrase"), Value: c.Passphrase, Hint: r.T("kit.passphrase.hint"), Wide: true, Error: bad["passphrase"]}}}}}
	return web.Page{Name: "fieldwork/form", Crumbs: crumbs(r, r.T("menu.kits"), "/kits", r.T("kit.issue"), ""), Data: formPage{Title: r.T("kit.issue"), Form: f}, Err: failed}, nil
}

// issueKit answers with the locked file; the passphrase stands in the form that
// stays behind it, and nowhere else.
func (s *Service) issueKit(r *web.Request) (web.Response, error) {
	var c kitForm
	err := r.Decode(&c)
	if err != nil {
		return nil, err
	}
	days, derr := strconv.Atoi(strings.TrimSpace(c.Days))
	var bad fault.Fields
	if c.Team == "" {
		bad.Need("team", "")
	}
	if derr != nil || days < 1 || days > maxKitDays {
		bad.Add("days", "kit.bad.days", maxKitDays)
	}
	if len(strings.TrimSpace(c.Passphrase)) < 12 {
		bad.Add("passphrase", "kit.bad.passphrase")
	}
	var file bytes.Buffer
	var k Kit
	if err = bad.Err(); err == nil {
		k, err = s.IssueKit(r.Context(), r.Actor, c.Team, days, strings.TrimSpace(c.Passphrase), &file)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) {
		return s.kitForm(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.File{Name: "kit-" + k.ID.Short() + ".age", Type: "application/octet-stream", Body: io.NopCloser(&file), Size: int64(file.Len())}, nil
}
