package notice

import (
	"context"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// publicMax bounds a page and the feed; the exported site has all, page by page.
const publicMax = 50

// publication runs a step of the public version's way.
func (s *Service) publication(ctx context.Context, who actor.Actor, x id.ID, do string, rev int64, fn func(tx *audit.Tx, n *Notice) error) error {
	return s.Log.Write(ctx, who, "publication."+do, func(tx *audit.Tx) error {
		n, o, err := s.load(ctx, tx, who, x, "read")
		if err != nil {
			return err
		}
		o.Kind, o.State = "publication", n.Publication
		if err := s.Policy.Can(who, "publication."+do, o); err != nil {
			if _, e := PublicFlow.Next(n.Publication, do); e != nil && s.Policy.Ever(who, "publication."+do) {
				return e
			}
			return err
		}
		if rev != 0 && rev != n.Rev {
			return fault.Conflict("notice")
		}
		if n.Publication, err = PublicFlow.Next(n.Publication, do); err != nil {
			return err
		}
		if err := fn(tx, &n); err != nil {
			return err
		}
		return updateNotice(ctx, tx, n)
	})
}

// Publish puts the approved public version on the public pages.
func (s *Service) Publish(ctx context.Context, who actor.Actor, x id.ID, rev int64) error {
	return s.publication(ctx, who, x, "publish", rev, func(tx *audit.Tx, n *Notice) error {
		switch {
		case n.State != Issued && n.State != Closed:
			return fault.State("notice.bad.unissued")
		case n.Ground != "" || len(n.PublicBody) == 0:
			return fault.State("notice.bad.ground", "notice.ground."+n.Ground)
		case DigestOf(*n) != n.Digest:
			return fault.State("notice.bad.digest")
		}
		n.PublishedOn = clock.Of(clockOf(tx))
		if n.Slug == "" {
			n.Slug = strings.ReplaceAll(string(n.PublishedOn), "-", "") + "-" + n.ID.Short()
		}
		return insertEntry(ctx, tx, n.ID, "publish", "", who.Person)
	})
}

// Withdraw takes it off again, with a reason; its address stays its own.
func (s *Service) Withdraw(ctx context.Context, who actor.Actor, x id.ID, reason string, rev int64) error {
	if err := need("reason", reason, maxReason); err != nil {
		return err
	}
	return s.publication(ctx, who, x, "withdraw", rev, func(tx *audit.Tx, n *Notice) error {
		return insertEntry(ctx, tx, n.ID, "withdraw", reason, who.Person)
	})
}

// Public gives what is published, newest first; before is the key (date, id) of
// the last one seen.
func (s *Service) Public(ctx context.Context, before []string, limit int) (out []Notice, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		out, err = published(ctx, q, before, limit)
		return err
	})
	return out, err
}

// PublicOne gives one published circular by its address.
func (s *Service) PublicOne(ctx context.Context, slug string) (n Notice, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		n, err = noticeBySlug(ctx, q, slug)
		return err
	})
	return n, err
}

// Export writes the whole public site as files: name → content.
func (s *Service) Export(ctx context.Context, site Site) (map[string][]byte, error) {
	all, err := s.Public(ctx, nil, 100_000)
	if err != nil {
		return nil, err
	}
	site.Live, site.Unit = false, s.unitOf
	out := map[string][]byte{}
	put := func(name string, b []byte, err error) error {
		out[name] = b
		return err
	}
	b, err := site.Style()
	if err := put("site.css", b, err); err != nil {
		return nil, err
	}
	b, err = site.Feed(all[:min(publicMax, len(all))], s.today())
	if err := put("feed.xml", b, err); err != nil {
		return nil, err
	}
	for at := 0; at == 0 || at < len(all); at += publicMax {
		part := all[at:min(at+publicMax, len(all))]
		older := ""
		if at+publicMax < len(all) {
			older = indexName(at + publicMax)
		}
		b, err := site.Index(part, older)
		if err := put(indexName(at), b, err); err != nil {
			return nil, err
		}
	}
	for _, n := range all {
		b, err := site.Article(n)
		if err := put(File(n.Slug), b, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// indexName is the file of the list from the at-th circular on.
func indexName(at int) string {
	if at == 0 {
		return "index.html"
	}
	return "index-" + strconv.Itoa(at/publicMax+1) + ".html"
}

func (s *Service) unitOf(n Notice) string { return s.Dir.Name(n.Unit) }
