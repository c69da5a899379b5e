package tip

import (
	"errors"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

// The public pages. Nothing here depends on who is signed in but the offer to put
// one's name to it; refusals are answered on the page and never logged with him.

type newPage struct {
	Form  ui.Form
	Terms []string
}

func (s *Service) getNew(r *web.Request) (web.Response, error) {
	return s.newPage(r, HandIn{Once: Once()}, nil), nil
}

// terms are what the page promises and what it cannot.
var terms = []string{"code", "sealed", "above", "late", "device"}

func (s *Service) newPage(r *web.Request, c HandIn, failed error) web.Response {
	p := r.Problems(failed)
	about := ui.Fieldset{Legend: r.T("tip.set.what"), Fields: []ui.Field{
		{Name: "unit", Label: r.T("tip.f.unit"), Value: c.Unit, MaxLen: maxName, Hint: r.T("tip.unit.hint"), Wide: true, Error: p["unit"]},
		{Name: "about", Label: r.T("tip.f.about"), Value: c.About, Optional: true, MaxLen: maxName, Hint: r.T("tip.about.hint"), Wide: true, Error: p["about"]},
		{Name: "above", Label: r.T("tip.f.above"), Kind: ui.FieldCheck, Value: tick(c.Above), Optional: true, Wide: true},
		{Name: "text", Label: r.T("tip.f.text"), Kind: ui.FieldArea, Rows: 9, MaxLen: maxText, Value: c.Text, Hint: r.T("tip.text.hint"), Wide: true, Error: p["text"]},
		s.fileField(r, p)}}
	who := ui.Fieldset{Legend: r.T("tip.set.who"), Hint: r.T("tip.who.hint"), Fields: []ui.Field{
		{Name: "name", Label: r.T("tip.f.name"), Value: c.Name, Optional: true, MaxLen: maxName, Error: p["name"]},
		{Name: "contact", Label: r.T("tip.f.contact"), Value: c.Contact, Optional: true, MaxLen: maxName, Error: p["contact"]}}}
	if r.Actor.Person != "" {
		who.Fields = append(who.Fields, ui.Field{Name: "named", Label: r.T("tip.f.named"), Kind: ui.FieldCheck, Value: tick(c.Named), Optional: true, Wide: true})
	}
	f := ui.Form{ID: "tip", Action: "/tip", Sensitive: true, Multipart: true, Hidden: []ui.Pair{{Name: "once", Value: c.Once}}, Buttons: []ui.Button{{Label: r.T("tip.do.hand_in"), Kind: "primary"}},
		Cancel: ui.Link{Label: r.T("tip.have_code"), Href: "/tip/read"}, Sets: []ui.Fieldset{about, who}}
	v := newPage{Form: f}
	for _, t := range terms {
		v.Terms = append(v.Terms, r.T("tip.term."+t))
	}
	return web.Page{Name: "tip/new", Open: true, Err: failed, Data: v}
}

func (s *Service) fileField(r *web.Request, p map[string]string) ui.Field {
	return ui.Field{Name: "files", Label: r.T("tip.f.files"), Kind: ui.FieldFile, Multiple: true, Optional: true, Hint: r.T("tip.files.hint", maxFiles, maxBody>>20), Wide: true, Error: p["files"]}
}

func tick(v bool) string {
	if v {
		return "1"
	}
	return ""
}

// told tells whether a failure is shown on the form it belongs to.
func told(err error) bool {
	return fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindLimit) || fault.Is(err, fault.KindOften) || fault.Is(err, fault.KindConflict)
}

// whole keeps a request with files in memory: nothing of it touches the disk
// before it is sealed. What is wrong with it, Decode says.
func whole(r *web.Request) {
	_ = r.ParseMultipartForm(maxBody + 1<<20) // Decode reads again and says it
}

// take reads the files of a request into the vault, after check has found
// nothing wrong with the words.
func (s *Service) take(r *web.Request, check func(files int) error) (kept []vault.Stored, err error) {
	ups, err := r.Files("files", maxAll)
	if err != nil {
		return nil, err
	}
	err = check(len(ups))
	for _, u := range ups {
		if err == nil {
			var st vault.Stored
			if st, err = s.Files.Put(r.Context(), u.Name, u.File, u.Size); err == nil {
				kept = append(kept, st)
			}
		}
		err = errors.Join(err, u.Close())
	}
	return kept, err
}

type receiptPage struct {
	Code ui.Stats
}

func (s *Service) postNew(r *web.Request) (web.Response, error) {
	whole(r)
	var c HandIn
	err := r.Decode(&c)
	from := web.Address(r.Request)
	if err == nil && !(s.hands.Left(from) && s.allHands.Left("")) {
		err = fault.Often()
	}
	var code string
	if err == nil {
		var files []vault.Stored
		if files, err = s.take(r, func(n int) error { return s.Check(c, n) }); err == nil {
			s.hands.Take(from)
			s.allHands.Take("")
			code, err = s.Take(r.Context(), r.Actor, c, files)
		}
	}
	if told(err) {
		if len(c.Once) < onceLength {
			c.Once = Once()
		}
		return s.newPage(r, c, err), nil
	}
	if err != nil {
		return nil, err
	}
	code = ShowCode(code)
	return web.Page{Name: "tip/receipt", Open: true, Data: receiptPage{ui.Stats{Items: []ui.Stat{{Label: r.T("tip.f.code"), Value: code}}}}, API: map[string]string{"code": code}}, nil
}

func (s *Service) getRead(r *web.Request) (web.Response, error) { return s.codePage(r, nil), nil }

type codePage struct{ Form ui.Form }

func (s *Service) codePage(r *web.Request, failed error) web.Response {
	return web.Page{Name: "tip/code", Open: true, Err: failed, Data: codePage{ui.Form{ID: "code", Action: "/tip/read", Sensitive: true, Buttons: []ui.Button{{Label: r.T("tip.do.read"), Kind: "primary"}},
		Cancel: ui.Link{Label: r.T("tip.new"), Href: "/tip"},
		Sets:   []ui.Fieldset{{Fields: []ui.Field{{Name: "code", Label: r.T("tip.f.code"), Auto: "off", MaxLen: 60, Hint: r.T("tip.code.hint"), Wide: true, Error: r.Problems(failed)["code"]}}}}}}}
}

// postRead shows the dialogue of a code, after taking what was written on.
func (s *Service) postRead(r *web.Request) (web.Response, error) {
	whole(r)
	var c ReplyCmd
	err := r.Decode(&c)
	from := web.Address(r.Request)
	if err == nil && !(s.tries.Left(from) && s.allTries.Left("")) {
		err = fault.Often()
	}
	var d Dialogue
	if err == nil {
		d, err = s.Follow(r.Context(), c.Code)
	}
	if told(err) {
		if fault.Is(err, fault.KindInvalid) {
			s.tries.Take(from)
			s.allTries.Take("")
		}
		return s.codePage(r, err), nil
	}
	if err != nil {
		return nil, err
	}
	n, sent := 0, false
	files, failed := s.take(r, func(k int) error { n = k; return s.checkReply(r, c, k) })
	if failed == nil && (c.Text != "" || n > 0) {
		if failed = s.Reply(r.Context(), c, files); failed == nil {
			s.hands.Take(from)
			sent = true
			if d, err = s.Follow(r.Context(), c.Code); err != nil {
				return nil, err
			}
		}
	}
	if failed != nil && !told(failed) {
		return nil, failed
	}
	return s.dialoguePage(r, c, d, sent, failed), nil
}

// checkReply judges a message before its files are kept.
func (s *Service) checkReply(r *web.Request, c ReplyCmd, files int) error {
	if c.Text == "" && files == 0 {
		return nil // he only reads
	}
	if !s.hands.Left(web.Address(r.Request)) {
		return fault.Often()
	}
	return c.check(files)
}

type dialoguePage struct {
	D     Dialogue
	Chip  ui.Chip
	Say   string
	Facts []ui.Fact
	Trail ui.Trail
	Form  ui.Form
	Sent  bool
}

func (s *Service) dialoguePage(r *web.Request, c ReplyCmd, d Dialogue, sent bool, failed error) web.Response {
	p := dialoguePage{D: d, Chip: chip(r, d.State), Say: r.T("tip.say." + d.State), Sent: sent}
	p.Facts = []ui.Fact{{Label: r.T("word.status"), Chips: []ui.Chip{p.Chip}}, {Label: r.T("tip.f.made_on"), Text: string(d.MadeOn)}}
	if d.SeenOn != "" {
		p.Facts = append(p.Facts, ui.Fact{Label: r.T("tip.f.seen_on"), Text: day(r, d.SeenOn)})
	}
	if d.Due != "" {
		x := ui.Fact{Label: r.T("tip.f.due." + d.State), Text: string(d.Due)}
		if d.Late {
			x.Sub = r.T("tip.late")
		}
		if d.Watched {
			x.Sub = r.T("tip.watched")
		}
		p.Facts = append(p.Facts, x)
	}
	for _, e := range d.Messages {
		x := ui.Entry{At: day(r, e.At), Who: r.T("tip.who.office"), What: r.T("tip.said." + e.Do), Text: e.Text}
		if e.Do == "hand_in" || e.Do == "reply" {
			x.Who = r.T("tip.who.me")
		}
		for _, f := range e.Files {
			x.Text += "\n" + r.T("tip.attached", f.Name)
		}
		p.Trail.Entries = append([]ui.Entry{x}, p.Trail.Entries...)
	}
	problems := r.Problems(failed)
	text := c.Text
	if sent {
		text = ""
	}
	p.Form = ui.Form{ID: "reply", Action: "/tip/read", Sensitive: true, Multipart: true, Hidden: []ui.Pair{{Name: "code", Value: c.Code}}, Buttons: []ui.Button{{Label: r.T("tip.do.reply"), Kind: "primary"}},
		Sets: []ui.Fieldset{{Fields: []ui.Field{{Name: "text", Label: r.T("tip.f.reply"), Kind: ui.FieldArea, Rows: 5, MaxLen: maxText, Value: text, Wide: true, Error: problems["text"]}, s.fileField(r, problems)}}}}
	return web.Page{Name: "tip/dialogue", Open: true, Err: failed, Data: p, API: d}
}
