package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"huikan/internal/kernel/fault"
	"huikan/internal/notice"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// siteMark is the file by which an exported site is known: only such a folder
// is written over.
const siteMark = ".huikan-site"

// Publish writes the public reading pages into a folder that any web server can
// serve. The folder is replaced as a whole: a reader never meets half a site. A
// folder with foreign files is refused.
func (a *App) Publish(ctx context.Context, dir, base, lang string) (files int, err error) {
	if err := ours(dir); err != nil {
		return 0, err
	}
	words, err := publicWords(lang)
	if err != nil {
		return 0, err
	}
	site, err := a.Notice.Export(ctx, notice.Site{Lang: lang, Base: base, Word: words})
	if err != nil {
		return 0, err
	}
	fresh := filepath.Clean(dir) + ".new"
	old := filepath.Clean(dir) + ".old"
	if err := errors.Join(os.RemoveAll(fresh), os.RemoveAll(old)); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	if err := os.MkdirAll(fresh, 0o755); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	site[siteMark] = nil
	for name, b := range site {
		if err := os.WriteFile(filepath.Join(fresh, name), b, 0o644); err != nil {
			return 0, fmt.Errorf("publish: %w", err)
		}
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	if err := os.RemoveAll(old); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	err = a.Log.Note(ctx, System(), "publication.export", map[string]any{"files": len(site) - 1})
	return len(site) - 1, err
}

// ours refuses a folder that holds something else than an exported site.
func ours(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(list) == 0 {
		return nil
	}
	if err != nil {
		return fault.Invalid("error.publish_folder", dir).With(err)
	}
	for _, e := range list {
		if e.Name() == siteMark {
			return nil
		}
	}
	return fault.Invalid("error.publish_folder", dir)
}

// publicWords are the words of the public pages in one language.
func publicWords(lang string) (func(string, ...any) string, error) {
	set, err := ui.New()
	if err != nil {
		return nil, err
	}
	if err := set.AddRoom("notice", web.NoPages, notice.Words()); err != nil {
		return nil, err
	}
	return set.Words().In(lang), nil
}
