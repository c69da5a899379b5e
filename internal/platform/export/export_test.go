package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/export"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

var unit = access.Place{Unit: "u", Path: "/u/"}

// list is a list of so many rows; gate holds its writing back, fail ends it.
type list struct {
	rows int
	gate chan struct{}
	fail error
}

func (l *list) ask() export.Ask {
	return export.Ask{Action: "thing.read", Title: "清单", Format: "csv",
		Count: func(_ context.Context, most int) (int, error) { return min(l.rows, most), nil },
		Make: func(ctx context.Context, write func(sheet.Table) error) error {
			if l.gate != nil {
				select {
				case <-l.gate:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return errors.Join(write(sheet.Table{Columns: []sheet.Field{{Header: "号"}}, Rows: func(yield func([]string) bool) {
				for i := range l.rows {
					if !yield([]string{fmt.Sprint(i)}) {
						return
					}
				}
			}}), l.fail)
		}}
}

type world struct {
	*platformtest.Kit
	s     *export.Service
	files *vault.Store
	site  *platformtest.Site
	list  *list
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	p := platformtest.Parts{Schemas: []fs.FS{export.Schema}, Tables: export.Tables, Rules: []access.Rule{access.Permit(actor.Office, flow.Below, "thing.read")}}
	platformtest.Each(t, p, func(t *testing.T, k *platformtest.Kit) {
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{Kit: k, files: files, s: export.New(export.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Files: files}), list: &list{rows: 6000}}
		defer w.s.Close()
		w.site = k.Serve(t, web.Room{Name: "thing", Routes: []web.Route{{Method: "GET", Path: "/things", Action: "thing.read",
			Do: func(r *web.Request) (web.Response, error) { return w.s.Send(r, w.list.ask()) }}}}, w.s.Room())
		w.site.Actor = platformtest.As("anna", actor.Office, unit)
		fn(t, w)
	})
}

// asked asks for the list and gives the job.
func (w *world) asked(t *testing.T, query string) (f export.File) {
	t.Helper()
	code, body := w.site.Get(t, "/api/v1/things"+query)
	if err := json.Unmarshal([]byte(body), &f); err != nil || code != http.StatusOK || f.ID == "" {
		t.Fatalf("%d %.300s %v", code, body, err)
	}
	return f
}

// ended waits until the job is over.
func (w *world) ended(t *testing.T, n id.ID) export.File {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		f, err := w.s.Get(context.Background(), w.site.Actor, n)
		if err != nil || f.State != export.Running || time.Now().After(end) {
			if err != nil || f.State == export.Running {
				t.Fatalf("%+v %v", f, err)
			}
			return f
		}
	}
}

func (w *world) kept(t *testing.T) (n int) {
	t.Helper()
	if err := w.files.Each(func(string) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// A short list is there at once; a long one is a job whose page tells how far it
// is, also to a browser without script, and whose file comes whole.
func TestLongListsAreJobs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.list = &list{rows: 2}
		if code, body := w.site.Get(t, "/things"); code != http.StatusOK || body != "\ufeff号\r\n0\r\n1\r\n" || w.kept(t) != 0 {
			t.Fatalf("short list: %d %q, %d files", code, body, w.kept(t))
		}
		w.list = &list{rows: 6000, gate: make(chan struct{})}
		f := w.asked(t, "")
		if again := w.asked(t, ""); again.ID != f.ID {
			t.Error("the same address started a second job")
		}
		code, page := w.site.Get(t, "/exports/"+string(f.ID))
		for _, want := range []string{`http-equiv="refresh"`, `data-poll="/exports/` + string(f.ID), "生成中", "取消"} {
			if code != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("page of a running job: %d, no %q", code, want)
			}
		}
		if code, _ := w.site.Get(t, "/exports/"+string(f.ID)+"/file"); code != http.StatusConflict && code != http.StatusUnprocessableEntity {
			t.Errorf("unfinished file: %d", code)
		}
		close(w.list.gate)
		if f = w.ended(t, f.ID); f.State != export.Ready || f.Lines != 6000 {
			t.Fatalf("%+v", f)
		}
		if _, page = w.site.Get(t, "/exports/"+string(f.ID)); strings.Contains(page, "data-poll") || !strings.Contains(page, "6000") {
			t.Error("the page of a ready file still asks again, or does not say its lines")
		}
		code, body := w.site.Get(t, "/exports/"+string(f.ID)+"/file")
		if code != http.StatusOK || strings.Count(body, "\r\n") != 6001 || !strings.HasSuffix(body, "5999\r\n") {
			t.Errorf("file: %d, %d lines", code, strings.Count(body, "\r\n"))
		}
		if code, page = w.site.Get(t, "/exports"); code != http.StatusOK || !strings.Contains(page, "清单.csv") {
			t.Errorf("list: %d", code)
		}
		if code, _ = w.site.Post(t, "/exports/"+string(f.ID)+"/remove", url.Values{}); code != http.StatusSeeOther || w.kept(t) != 0 {
			t.Errorf("removal: %d, %d files left", code, w.kept(t))
		}
	})
}

// The file is its owner's alone, and his only as long as he may see what is in it.
func TestFileIsForWhoMaySeeIt(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, w *world) {
		anna := w.site.Actor
		fetch := func(who actor.Actor, n id.ID) int {
			w.site.Actor = who
			code, _ := w.site.Get(t, "/exports/"+string(n)+"/file")
			w.site.Actor = anna
			return code
		}
		f := w.ended(t, w.asked(t, "").ID)
		if got := fetch(platformtest.As("berta", actor.Office, unit), f.ID); got != http.StatusNotFound {
			t.Errorf("somebody else: %d", got)
		}
		if got := fetch(anna, f.ID); got != http.StatusOK {
			t.Errorf("the owner: %d", got)
		}
		for what, change := range map[string]func() actor.Actor{
			"another place": func() actor.Actor {
				return platformtest.As("anna", actor.Office, access.Place{Unit: "v", Path: "/u/v/"})
			},
			"no role":         func() actor.Actor { return platformtest.As("anna", actor.Staff, unit) },
			"a relative more": func() actor.Actor { a := anna; a.Related = []id.ID{"carl"}; return a },
			"a matter closed to him": func() actor.Actor {
				err := w.Log.Write(ctx, anna, "recuse", func(tx *audit.Tx) error { return access.Concern(ctx, tx, id.New(), "anna", access.Declared) })
				if err != nil {
					t.Fatal(err)
				}
				return anna
			},
		} {
			f := w.ended(t, w.asked(t, "?of="+url.QueryEscape(what)).ID)
			if got := fetch(change(), f.ID); got != http.StatusConflict && got != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", what, got)
			}
			if got := fetch(anna, f.ID); got != http.StatusNotFound {
				t.Errorf("%s: the file is still there: %d", what, got)
			}
		}
	})
}

// Jobs and files are bounded for each person; a failure is told in words; a file
// is gone when its time is over.
func TestFilesAreBoundedAndEnd(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, w *world) {
		w.list.gate = make(chan struct{})
		var open []id.ID
		for i := range 3 {
			open = append(open, w.asked(t, fmt.Sprint("?n=", i)).ID)
		}
		if code, body := w.site.Get(t, "/api/v1/things?n=4"); code == http.StatusOK || !strings.Contains(body, "已有 3 个导出") {
			t.Errorf("a fourth job: %d %s", code, body)
		}
		platformtest.Must[any](nil, w.s.Remove(ctx, w.site.Actor, open[2]))(t)
		close(w.list.gate)
		for _, n := range open[:2] {
			w.ended(t, n)
		}
		w.list = &list{rows: 6000, fail: fault.Limit("export.many", 9)}
		if f := w.ended(t, w.asked(t, "?n=5").ID); f.State != export.Failed || !strings.Contains(f.Trouble, "9") {
			t.Errorf("a failing list: %+v", f)
		}
		w.list = &list{rows: 6000}
		for i := range 10 {
			w.list.rows++ // each file is another one
			w.ended(t, w.asked(t, fmt.Sprint("?m=", i)).ID)
		}
		list, err := w.s.List(ctx, w.site.Actor)
		if err != nil || len(list) != 10 || slices.ContainsFunc(list, func(f export.File) bool { return slices.Contains(open, f.ID) }) || w.kept(t) != 10 {
			t.Errorf("%d files in the list, %d kept, %v", len(list), w.kept(t), err)
		}
		w.Clock.Advance(73 * time.Hour)
		if code, _ := w.site.Get(t, "/exports/"+string(list[0].ID)); code != http.StatusNotFound {
			t.Errorf("a file whose time is over: %d", code)
		}
		if err := w.s.Sweep(ctx); err != nil || w.kept(t) != 0 {
			t.Errorf("%d files left, %v", w.kept(t), err)
		}
	})
}
