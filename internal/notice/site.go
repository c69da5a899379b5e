package notice

import (
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"html/template"
	"path"

	"huikan/internal/kernel/clock"
)

//go:embed site/site.html site/site.css
var siteFiles embed.FS

var siteTemplates = template.Must(template.ParseFS(siteFiles, "site/site.html"))

// Site writes the public reading pages. The same pages are served and exported;
// they differ in the addresses alone.
type Site struct {
	Lang string
	Base string // address of the site for the feed, without slash at the end; "" for relative addresses
	Live bool   // addresses of the server instead of file names
	Word func(key string, args ...any) string
	Unit func(n Notice) string
}

// sitePage is what a template gets.
type sitePage struct {
	site                     Site
	Title, Tag               string
	Style, Home, Feed, Older string
	Source, Editor, Date     string
	Body                     []string
	Items                    []siteItem
}

type siteItem struct{ Title, Href, Unit, Date string }

// T gives a word of the page.
func (p sitePage) T(key string, args ...any) string { return p.site.Word(key, args...) }

// File is the name of a circular's page in the exported site.
func File(slug string) string { return slug + ".html" }

func (s Site) href(name string) string {
	if s.Live {
		return path.Join("/public", name)
	}
	return name
}

func (s Site) article(slug string) string {
	if s.Live {
		return "/public/" + slug
	}
	return File(slug)
}

func (s Site) page(title string) sitePage {
	home := s.href("index.html")
	if s.Live {
		home = "/public"
	}
	tag := "zh-CN"
	if s.Lang == "en" {
		tag = "en"
	}
	return sitePage{site: s, Title: title, Tag: tag, Style: s.href("site.css"), Home: home, Feed: s.href("feed.xml")}
}

func render(name string, p sitePage) ([]byte, error) {
	var b bytes.Buffer
	if err := siteTemplates.ExecuteTemplate(&b, name, p); err != nil {
		return nil, fmt.Errorf("public page: %w", err)
	}
	return b.Bytes(), nil
}

// Index lists what is published; older leads on, "" at the end.
func (s Site) Index(list []Notice, older string) ([]byte, error) {
	p := s.page(s.Word("public.title"))
	p.Older = older
	for _, n := range list {
		p.Items = append(p.Items, siteItem{n.PublicTitle, s.article(n.Slug), s.Unit(n), string(n.PublishedOn)})
	}
	return render("index", p)
}

// Article is the page of one circular: its public version and nothing else.
func (s Site) Article(n Notice) ([]byte, error) {
	p := s.page(n.PublicTitle)
	p.Source, p.Editor, p.Date, p.Body = n.Source, n.Editor, string(n.PublishedOn), n.PublicBody
	if p.Source == "" {
		p.Source = s.Unit(n)
	}
	return render("article", p)
}

// Style is the style sheet of the pages.
func (s Site) Style() ([]byte, error) { return siteFiles.ReadFile("site/site.css") }

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Link    atomLink    `xml:"link"`
	Author  string      `xml:"author>name"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Author  string   `xml:"author>name"`
	Summary string   `xml:"summary"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
}

// Feed is an Atom feed of what is published. today stands for an empty one.
func (s Site) Feed(list []Notice, today clock.Date) ([]byte, error) {
	full := func(name string) string {
		if s.Base == "" {
			return name
		}
		return s.Base + "/" + path.Base(name)
	}
	midnight := func(d clock.Date) string { return string(d) + "T00:00:00+08:00" }
	f := atomFeed{Lang: s.page("").Tag, ID: "urn:huikan:public", Title: s.Word("public.title"), Updated: midnight(today), Link: atomLink{full(s.page("").Home)}, Author: s.Word("public.title")}
	for i, n := range list {
		if i == 0 {
			f.Updated = midnight(n.PublishedOn)
		}
		e := atomEntry{ID: "urn:huikan:notice:" + n.Slug, Title: n.PublicTitle, Updated: midnight(n.PublishedOn), Link: atomLink{full(s.article(n.Slug))}, Author: s.Unit(n)}
		if len(n.PublicBody) > 0 {
			e.Summary = n.PublicBody[0]
		}
		f.Entries = append(f.Entries, e)
	}
	b, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}
