package fieldwork

import (
	"context"
	"fmt"
	"io"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
)

// RequestCmd asks for documents.
type RequestCmd struct {
	Title string     `json:"title"`
	Text  string     `json:"text"`
	Due   clock.Date `json:"due"`
	Rev   int64      `json:"rev"`
}

func (c RequestCmd) check(today clock.Date) error {
	var bad fault.Fields
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxLine)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	if c.Due != "" && c.Due < today {
		bad.Add("due", "request.bad.due")
	}
	return bad.Err()
}

// Ask sends a request for documents to the inspected unit, before entry too
// (pre-entry data request). Without a date the round's limit counts.
func (s *Service) Ask(ctx context.Context, who actor.Actor, visit id.ID, c RequestCmd) (Request, error) {
	if err := c.check(s.today()); err != nil {
		return Request{}, err
	}
	var out Request
	err := s.Log.Write(ctx, who, "request.create", func(tx *audit.Tx) error {
		v, r, err := s.visit(ctx, tx, who, visit, "request.create")
		if err != nil {
			return err
		}
		if v.State == inspection.VisitFedBack {
			return fault.State("error.state", "request.create", "visit.state."+v.State)
		}
		n, err := nextNo(ctx, tx, "fieldwork_request", v.ID)
		if err != nil {
			return err
		}
		due := c.Due
		if due == "" {
			ps, err := s.Periods(ctx, tx, r)
			if err != nil {
				return err
			}
			due, _ = period(ps, "request_reply").Due(s.cal, s.today())
		}
		out = Request{ID: id.New(), Scope: scopeOf(v), No: fmt.Sprintf("调%03d", n), Title: strings.TrimSpace(c.Title), Text: c.Text, Sent: s.today(), Due: due, State: RequestSent, Author: who.Person, Rev: 1}
		return insertRequest(ctx, tx, out)
	})
	return out, err
}

// EditRequest changes what is asked, or gives more time, while the unit still owes
// the answer.
func (s *Service) EditRequest(ctx context.Context, who actor.Actor, request id.ID, c RequestCmd) (Request, error) {
	var out Request
	err := s.Log.Write(ctx, who, "request.edit", func(tx *audit.Tx) error {
		x, err := s.request(ctx, tx, who, request, "request.edit")
		if err != nil {
			return err
		}
		if err := c.check(min(x.Due, s.today())); err != nil {
			return err
		}
		if !x.Open() {
			return fault.State("error.state", "request.edit", "request.state."+x.State)
		}
		tx.Note("before", x)
		x.Title, x.Text, x.Rev = strings.TrimSpace(c.Title), c.Text, c.Rev
		if c.Due != "" {
			x.Due = c.Due
		}
		if err := updateRequest(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

func (s *Service) request(ctx context.Context, q db.Q, who actor.Actor, request id.ID, action string) (Request, error) {
	x, err := requestByID(ctx, q, request)
	if err != nil {
		return x, err
	}
	return x, s.Policy.Can(who, action, s.object("request", x.State, x.Scope, x.Author))
}

// FileIn is one file handed in.
type FileIn struct {
	Name string
	Size int64
	R    io.Reader
}

const maxFiles = 20

// StepRequest answers a request, with files, or judges the answer.
func (s *Service) StepRequest(ctx context.Context, who actor.Actor, request id.ID, do string, c StepCmd, files []FileIn) (Request, error) {
	need := do != "accept"
	// Nobody fills the store who may not answer: judged before the files are taken.
	var err error
	if len(files) > 0 {
		err = s.read(ctx, func(q db.Q) error {
			x, err := s.request(ctx, q, who, request, "request.read")
			if err != nil {
				return err
			}
			_, err = s.step(who, RequestFlow, do, x.State, x.Scope, x.Author, c, need)
			return err
		})
		if err != nil {
			return Request{}, err
		}
		if len(files) > maxFiles {
			return Request{}, fault.Limit("error.files_many", len(files), maxFiles)
		}
	}
	stored, err := s.store(ctx, files)
	if err != nil {
		return Request{}, err
	}
	var out Request
	err = s.Log.Write(ctx, who, "request."+do, func(tx *audit.Tx) error {
		x, err := requestByID(ctx, tx, request)
		if err != nil {
			return err
		}
		next, err := s.step(who, RequestFlow, do, x.State, x.Scope, x.Author, c, need)
		if err != nil {
			return err
		}
		text := strings.TrimSpace(c.Text)
		switch do {
		case "reply":
			x.Reply, x.Replied, x.Reason = text, s.today(), ""
		case "return", "withdraw":
			x.Reason = text
			tx.Note("reason", text)
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateRequest(ctx, tx, x); err != nil {
			return err
		}
		if err := s.attach(ctx, tx, who, x.ID, "request", stored); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}

// store takes files into the vault.
func (s *Service) store(ctx context.Context, files []FileIn) ([]vault.Stored, error) {
	out := make([]vault.Stored, len(files))
	for i, f := range files {
		var err error
		if out[i], err = s.Files.Put(ctx, f.Name, f.R, f.Size); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) attach(ctx context.Context, tx *audit.Tx, who actor.Actor, owner id.ID, kind string, files []vault.Stored) error {
	for _, f := range files {
		err := insertFile(ctx, tx, File{ID: id.New(), Owner: owner, Kind: kind, Hash: f.Hash, Name: f.Name, Type: f.Kind, Mime: f.Mime, Size: f.Size, At: tx.At, Author: who.Person})
		if err != nil {
			return err
		}
	}
	return nil
}

// Open gives a file to whoever may read what it belongs to.
func (s *Service) Open(ctx context.Context, who actor.Actor, file id.ID) (f File, r io.ReadCloser, err error) {
	err = s.read(ctx, func(q db.Q) error {
		if f, err = fileByID(ctx, q, file); err != nil {
			return err
		}
		switch f.Kind {
		case "request":
			_, err = s.request(ctx, q, who, f.Owner, "request.read")
		case "paper":
			_, err = s.paper(ctx, q, who, f.Owner, "paper.read")
		default:
			err = fault.NotFound("file")
		}
		return err
	})
	if err != nil {
		return f, nil, err
	}
	r, err = s.Files.Open(f.Hash)
	return f, r, err
}

// ImmediateCmd issues an item of immediate rectification.
type ImmediateCmd struct {
	Text string     `json:"text"`
	Due  clock.Date `json:"due"`
}

// Issue gives the unit an item to put right while the team is there.
func (s *Service) Issue(ctx context.Context, who actor.Actor, visit id.ID, c ImmediateCmd) (Immediate, error) {
	var bad fault.Fields
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxNote)
	if c.Due == "" {
		bad.Need("due", "")
	} else if c.Due < s.today() {
		bad.Add("due", "request.bad.due")
	}
	if err := bad.Err(); err != nil {
		return Immediate{}, err
	}
	var out Immediate
	err := s.Log.Write(ctx, who, "immediate.create", func(tx *audit.Tx) error {
		v, r, err := s.visit(ctx, tx, who, visit, "immediate.create")
		if err != nil {
			return err
		}
		if v.State != inspection.VisitOnSite {
			return fault.State("error.state", "immediate.create", "visit.state."+v.State)
		}
		if r.End != "" && c.Due > r.End {
			return sole("due", "immediate.bad.due", string(r.End))
		}
		n, err := nextNo(ctx, tx, "fieldwork_immediate", v.ID)
		if err != nil {
			return err
		}
		out = Immediate{ID: id.New(), Scope: scopeOf(v), No: fmt.Sprintf("立%03d", n), Text: strings.TrimSpace(c.Text), Issued: s.today(), Due: c.Due, State: ImmediateIssued, Author: who.Person, Rev: 1}
		return insertImmediate(ctx, tx, out)
	})
	return out, err
}

// StepImmediate signs, reports, closes or returns an immediate item.
func (s *Service) StepImmediate(ctx context.Context, who actor.Actor, item id.ID, do string, c StepCmd) (Immediate, error) {
	var out Immediate
	err := s.Log.Write(ctx, who, "immediate."+do, func(tx *audit.Tx) error {
		x, err := immediateByID(ctx, tx, item)
		if err != nil {
			return err
		}
		next, err := s.step(who, ImmediateFlow, do, x.State, x.Scope, x.Author, c, do == "report" || do == "return")
		if err != nil {
			return err
		}
		text := strings.TrimSpace(c.Text)
		switch do {
		case "sign":
			x.Signed, x.Signer = s.today(), who.Person
		case "report":
			x.Reply, x.Reason = text, ""
		case "return":
			x.Reason = text
			tx.Note("reason", text)
		case "close":
			x.Closed = s.today()
		}
		x.State = next
		if c.Rev != 0 {
			x.Rev = c.Rev
		}
		if err := updateImmediate(ctx, tx, x); err != nil {
			return err
		}
		x.Rev++
		out = x
		return nil
	})
	return out, err
}
