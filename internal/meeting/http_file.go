package meeting

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

const maxFile = 64 << 20 // bytes of one request with files

type streamForm struct {
	Text string `json:"text"`
	Link string `json:"link"`
}

// filesMax is how many files one request may bring.
const filesMax = 10

func (s *Service) postFiles(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c FileCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	v, err := s.Get(r.Context(), r.Actor, n) // before any file is kept
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.Steps, "file") {
		return nil, fault.NotFound("meeting")
	}
	ups, err := r.Files("files", filesMax)
	if err != nil {
		return nil, err
	}
	var kept []vault.Stored
	for _, u := range ups {
		if err == nil {
			var st vault.Stored
			if st, err = s.Files.Put(r.Context(), u.Name, u.File, u.Size); err == nil {
				kept = append(kept, st)
			}
		}
		err = errors.Join(err, u.Close())
	}
	if err == nil {
		err = s.AddFiles(r.Context(), r.Actor, n, c, kept)
	}
	return s.again(r, n, "file", "done.meeting.file", err)
}

func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	file, err := r.ID("file")
	if err != nil {
		return nil, err
	}
	x, err := s.File(r.Context(), r.Actor, n, file)
	if err != nil {
		return nil, err
	}
	f, err := s.Files.Open(x.Hash)
	if err != nil {
		return nil, err
	}
	return web.File{Name: x.Name, Body: f, Size: x.Size}, nil
}

func (s *Service) postStream(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f streamForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	if link := strings.TrimSpace(f.Link); link != "" {
		at := strings.LastIndex(link, "/")
		d, err := id.Parse(link[at+1:])
		if err != nil {
			var bad fault.Fields
			bad.Add("link", "meeting.bad.link")
			return s.again(r, n, "stream", "", bad.Err())
		}
		return s.again(r, n, "stream", "done.meeting.stream", s.Link(r.Context(), r.Actor, n, d))
	}
	a, err := s.uploaded(r, f.Text)
	var res directive.Result
	if err == nil {
		res, err = s.Stream(r.Context(), r.Actor, n, a)
	}
	if err != nil {
		return s.again(r, n, "stream", "", err)
	}
	return web.Redirect{To: "/directives/" + string(res.Directive.ID), Done: "done.directive.import", API: res}, nil
}

// uploaded reads the file of the form, or the text that was pasted.
func (s *Service) uploaded(r *web.Request, text string) (hantext.Article, error) {
	ups, err := r.Files("file", 1)
	if err != nil {
		return hantext.Article{}, err
	}
	if len(ups) == 1 {
		a, err := document.Article(ups[0].Name, ups[0].File, ups[0].Size)
		return a, errors.Join(err, ups[0].Close())
	}
	if strings.TrimSpace(text) == "" {
		var bad fault.Fields
		bad.Add("text", "error.required")
		return hantext.Article{}, bad.Err()
	}
	a, err := hantext.Clean([]byte(text))
	if err != nil {
		return a, fault.Invalid("directive.bad.empty").With(err)
	}
	return a, nil
}

// getRegister writes who was called and who came as one table.
func (s *Service) getRegister(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	m, list, err := s.Register(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	t := sheet.Table{Name: r.T("meeting.attendance"), Title: m.Title, Sub: string(m.On) + " " + m.Begins, Freeze: 1, Columns: []sheet.Field{{Header: r.T("meeting.venue"), Width: 30}, {Header: r.T("meeting.level"), Width: 10}, {Header: r.T("word.status"), Width: 10}, {Header: r.T("meeting.lead"), Width: 14},
		{Header: r.T("meeting.expected"), Width: 10, Kind: sheet.Number}, {Header: r.T("meeting.present"), Width: 10, Kind: sheet.Number}, {Header: r.T("meeting.signed_at"), Width: 18}, {Header: r.T("word.reason"), Width: 40}}}
	t.Rows = func(yield func([]string) bool) {
		for _, v := range list {
			at := ""
			if v.State == VenueSigned {
				at = r.Moment(v.At)
			}
			if !yield([]string{s.Dir.Name(v.Unit), r.T("meeting.level." + strconv.Itoa(v.Level)), r.T("venue.state." + v.State), v.Lead, strconv.Itoa(v.Expected), strconv.Itoa(v.Present), at, v.Reason}) {
				return
			}
		}
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, t); err != nil {
		return nil, err
	}
	return web.File{Name: m.Title + ".xlsx", Body: io.NopCloser(&b), Size: int64(b.Len())}, nil
}
