package rectification

import (
	"context"
	"io"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

// printsOfFile sketches a stored file before the transaction that takes it over.
// A file that cannot be read has no prints: the alarm is a help, no gate.
func (s *Service) printsOfFile(f vault.Stored) ([]Print, error) {
	e := Evidence{Hash: f.Hash, Name: f.Name, Kind: f.Kind, Size: f.Size}
	switch show(e.Kind) {
	case showImage:
		p, ok, err := PicturePrint(func() (io.ReadCloser, error) { return s.Files.Open(e.Hash) })
		if err != nil || !ok {
			return nil, err
		}
		return []Print{p}, nil
	case showText:
		c, err := s.extract(e)
		if err != nil || c.Fail != nil {
			return nil, err
		}
		return TextPrints(c.Text), nil
	}
	return nil, nil
}

// maxTwins bounds what the review page shows.
const maxTwins = 12

// Twins looks for evidence of other items like that of an item. Where the reader
// may not see the other item, it is told that there is one, and no more.
func (s *Service) Twins(ctx context.Context, q db.Q, who actor.Actor, item id.ID, evidence []Evidence) ([]Twin, error) {
	found := map[[3]string]*Twin{}
	note := func(e id.ID, kind string, o filed, like float64) {
		k := [3]string{string(e), kind, string(o.Evidence)}
		t := found[k]
		if t == nil {
			t = &Twin{Evidence: e, Kind: kind, Other: o.Evidence, Item: o.Item, At: o.At}
			found[k] = t
		}
		t.Count++
		t.Like = max(t.Like, like)
	}
	same := map[[2]id.ID]bool{}
	inForce := InForce(evidence)
	for _, e := range inForce {
		files, err := sameFiles(ctx, q, item, e.Hash)
		if err != nil {
			return nil, err
		}
		for _, o := range files {
			note(e.ID, TwinFile, o, 1)
			same[[2]id.ID{e.ID, o.Evidence}] = true
		}
	}
	prints, err := printsOf(ctx, q, item)
	if err != nil {
		return nil, err
	}
	for _, p := range prints {
		if !slices.ContainsFunc(inForce, func(e Evidence) bool { return e.ID == p.Evidence }) {
			continue
		}
		others, err := filedUnder(ctx, q, p.Print, item)
		if err != nil {
			return nil, err
		}
		seen := map[id.ID]bool{} // a paragraph counts once for each other file
		for _, o := range others {
			if like, twin := p.Like(o.Print); twin && !seen[o.Evidence] && !same[[2]id.ID{p.Evidence, o.Evidence}] {
				seen[o.Evidence] = true
				note(p.Evidence, p.Kind, o, like)
			}
		}
	}
	out := make([]Twin, 0, len(found))
	for _, t := range found {
		out = append(out, *t)
	}
	slices.SortFunc(out, twinOrder)
	out = out[:min(len(out), maxTwins)]
	for i := range out {
		o, err := s.load(ctx, q, who, out[i].Item, "item.read")
		switch {
		case err == nil:
			out[i].No, out[i].Unit = o.No, o.Unit
		case fault.Is(err, fault.KindForbidden) || fault.Is(err, fault.KindNotFound):
			out[i].Item, out[i].Other = "", ""
		default:
			return nil, err
		}
	}
	return out, nil
}

func twinOrder(a, b Twin) int {
	rank := func(t Twin) int { return slices.Index([]string{TwinFile, TwinPicture, TwinParagraph}, t.Kind) }
	switch {
	case rank(a) != rank(b):
		return rank(a) - rank(b)
	case a.Count != b.Count:
		return b.Count - a.Count
	case a.Other < b.Other:
		return -1
	case a.Other > b.Other:
		return 1
	}
	return 0
}

// twinNotices word the alarm for the reviewer, before he signs.
func (s *Service) twinNotices(r *web.Request, f reviewFacts) []ui.Notice {
	names := map[id.ID]string{}
	for _, e := range f.Evidence {
		names[e.ID] = e.Name
	}
	var out []ui.Notice
	for _, t := range f.Alike {
		where := r.T("twin.hidden")
		if t.Item != "" {
			where = s.Units.Short(t.Unit) + " " + t.No + " (" + r.Moment(t.At) + ")"
		}
		out = append(out, ui.Notice{Class: "late", Text: r.T("twin."+t.Kind, names[t.Evidence], where, strconv.Itoa(int(t.Like*100+0.5)), t.Count)})
	}
	return out
}
