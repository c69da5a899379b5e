// Package gallery shows every component of ui with made-up content: full, empty and at its worst. The tests
// judge the markup; `go run ./internal/platform/ui/gallery/serve` lets a person look at it.
package gallery

import (
	"embed"
	"fmt"
	"io/fs"

	"huikan/internal/platform/ui"
)

//go:embed pages/*.html
var files embed.FS

// Kinds are the three states every page must survive.
var Kinds = []string{"full", "empty", "worst"}

var words = map[string]map[string]string{
	"zh": {
		"gallery.list": "整改台账", "gallery.running": "整改中", "gallery.facts": "基本情况", "gallery.bars": "各类问题",
		"gallery.compare": "新旧证据对照", "gallery.form": "登记问题", "gallery.upload": "佐证材料",
	},
	"en": {
		"gallery.list": "Rectification ledger", "gallery.running": "In progress", "gallery.facts": "Facts", "gallery.bars": "Findings by kind",
		"gallery.compare": "Old and new evidence", "gallery.form": "Record a finding", "gallery.upload": "Evidence",
	},
}

// New returns a Set with the gallery as its only room.
func New() (*ui.Set, error) {
	set, err := ui.New()
	if err != nil {
		return nil, err
	}
	set.SetStrict(true)
	pages, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, fmt.Errorf("opening gallery pages: %w", err)
	}
	if err := set.AddRoom("gallery", pages, words); err != nil {
		return nil, err
	}
	return set, nil
}

// View is a page frame with the given data.
func View(set *ui.Set, lang, kind, path string, data any) ui.View {
	t := set.Words().In(lang)
	sample := texts[lang]
	if kind == "worst" {
		sample = long
	}
	v := ui.View{Path: path, Data: data}
	if kind == "empty" {
		return v
	}
	v.User = ui.UserBox{Name: sample.person, Unit: sample.unit, Roles: []string{sample.role, sample.role}}
	v.Menu = []ui.MenuGroup{
		{Items: []ui.MenuItem{{Label: t("menu.workbench"), Href: "/?", Count: 7, Key: "g h"}}},
		{Label: t("menu.inspection"), Items: []ui.MenuItem{{Label: t("menu.rounds"), Href: "/rounds"}, {Label: t("menu.findings"), Href: "/findings"}}},
		{Label: t("menu.rectification"), Items: []ui.MenuItem{{Label: t("menu.ledger"), Href: "/list", Current: true, Key: "g l"}, {Label: t("menu.review"), Href: "/review", Count: 12}, {Label: t("menu.lookback"), Href: "/lookback"}}},
		{Label: t("menu.admin"), Items: []ui.MenuItem{{Label: t("menu.accounts"), Href: "/accounts"}, {Label: t("menu.audit"), Href: "/audit"}}},
	}
	v.Crumbs = []ui.Crumb{{Label: t("menu.workbench"), Href: "/"}, {Label: sample.unit, Href: "/units/1"}, {Label: t("gallery.list")}}
	v.Flash = []ui.Notice{{Class: "ok", Text: t("done.saved"), Link: ui.Link{Label: t("act.show"), Href: "/list"}}}
	v.Now, v.AsOf, v.Watermark = "2026-11-24 09:00", "2026-11-23", sample.person
	if kind == "worst" {
		v.Query, v.Failed = sample.title, true
	}
	return v
}

// PageData returns the view model of every gallery page.
func PageData(set *ui.Set, lang, kind string) map[string]any {
	f := fixture{t: set.Words().In(lang), s: texts[lang], kind: kind}
	if kind == "worst" {
		f.s = long
	}
	return map[string]any{
		"gallery/list":     listData{Table: f.table(), Actions: f.actions()},
		"gallery/record":   f.record(),
		"gallery/form":     formData{Form: f.form(), Upload: f.upload(), Confirm: f.confirm()},
		"gallery/conflict": conflictData{Conflict: f.conflict()},
		"gallery/home":     homeData{Stats: f.stats(), Charts: f.charts(), Empty: ui.EmptyState{Title: f.t("empty.todo")}},
		"gallery/sign-in":  signInData{Form: f.signIn()},
		"gallery/fragment": fragmentData{Drawer: ui.Drawer{Title: f.s.no, Full: "/record", Facts: f.facts().Items, Trail: f.trail()}},
		"ui/error":         ui.ErrorPage{Code: 404, Title: f.t("fault.not_found"), Text: f.t("fault.not_found.text"), Ref: "7f3a-22", Links: nil},
	}
}
