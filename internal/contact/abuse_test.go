package contact_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/contact"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

// request is what differs from one answer to the next: the number of the request.
var request = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// around are people who must not learn of a record about 何: himself in every role
// that could read or count it, a relative, and who has nothing to do with it.
func around(w *world) map[string]actor.Actor {
	henan := w.dir.Place(w.unit(henanName).ID)
	out := map[string]actor.Actor{}
	for what, role := range map[string]actor.Role{"the subject at the office": actor.InternalSupervision, "the subject as a leader": actor.Leader, "the subject as head": actor.UnitHead} {
		a := platformtest.As(what, role, henan)
		a.Person = w.ids["colleague"]
		out[what] = a
	}
	for what, role := range map[string]actor.Role{"a relative at the office": actor.InternalSupervision, "a relative as a leader": actor.Leader} {
		a := platformtest.As(what, role, henan)
		a.Person, a.Related = id.New(), []id.ID{w.ids["colleague"]}
		out[what] = a
	}
	for what, login := range map[string]string{"a subordinate": "city", "a colleague of his": "colleague", "another unit's office": "other", "the administrator of the system": "sysadmin", "of security": "secadmin", "the auditor": "auditor"} {
		out[what] = w.who[login]
	}
	return out
}

// Nobody around a record sees, counts, searches or exports it: whatever he asks for
// answers the same before and after it is handed in.
func TestARecordChangesNothingForWhomItConcerns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		paths := []string{"/api/v1/contacts", "/api/v1/contacts?view=all", "/api/v1/crosschecks", "/api/v1/contacts/calendar", "/api/v1/contacts/people?period=2026-02", "/api/v1/register/silence", "/api/v1/register/omissions",
			"/api/v1/register/published", "/register/stats/export?year=2026&by=unit", "/api/v1/my/returns", "/api/v1/contacts/gates?case_no=20264100001234&stage=prosecution"}
		ask := func() map[string]string {
			out := map[string]string{}
			for name, who := range around(w) {
				w.site.Actor = who
				get := func(path string) (refused bool) {
					code, body := w.site.Get(t, path)
					if code >= 400 && !strings.HasPrefix(path, "/api/") {
						body = "" // a page of refusal bears a token of its own
					}
					out[name+" at "+path] = string(rune('0'+code/100)) + request.ReplaceAllString(body, "")
					return code >= 400
				}
				for _, path := range paths {
					get(path)
				}
				for _, by := range contact.Dimensions() {
					if get("/api/v1/register/stats?year=2026&by=" + by) {
						break // the route is closed to him, whatever it counts by; the other pass must stop here too
					}
				}
				for _, text := range []string{"何志远", "20264100001234", "律师", henanName} {
					hits, err := w.s.Search(ctx, who, text, 20)
					if err != nil {
						t.Fatal(err)
					}
					out[name+" searches "+text] = string(rune('0' + len(hits)))
				}
			}
			return out
		}
		w.submit(t, "staff", nil) // something is there to be counted
		before := ask()
		m := w.submit(t, "staff", func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.Claimed = "insider", "何志远", henanName, "C6"
		})
		w.Clock.Advance(time.Minute) // what is kept of figures is read again
		after, readers := ask(), 0
		for what, was := range before {
			if was[0] == '2' {
				readers++
			}
			if now := after[what]; now != was {
				t.Errorf("%s: %.200q, then %.200q", what, was, now)
			}
		}
		if len(after) != len(before) {
			t.Errorf("%d answers, then %d", len(before), len(after))
		}
		if readers < 20 {
			t.Errorf("%d of %d answers were pages at all", readers, len(before))
		}
		// The test can fail: the office counts one more.
		w.site.Actor = w.who["office"]
		if _, body := w.site.Get(t, "/api/v1/contacts"); !strings.Contains(body, string(m.ID)) {
			t.Error("the office does not see it either")
		}
	})
}

// A hidden record answers as fast as one that is not there: the middle times of many
// turns differ by less than the shorter one.
func TestAHiddenRecordTakesAsLongAsAnAbsentOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.submit(t, "staff", func(c *contact.RecordCmd) { c.Asker, c.AskerName, c.AskerUnit = "insider", "何志远", henanName })
		who := around(w)["the subject at the office"]
		time1 := func(n id.ID) time.Duration {
			start := time.Now()
			if _, err := w.s.Read(ctx, who, n); err == nil {
				t.Fatal("he reads it")
			}
			return time.Since(start)
		}
		var hidden, absent []time.Duration
		for i := range 960 { // many, so that what else the machine does falls on both
			if a, b := m.ID, id.New(); i%2 == 0 {
				hidden, absent = append(hidden, time1(a)), append(absent, time1(b))
			} else {
				absent, hidden = append(absent, time1(b)), append(hidden, time1(a))
			}
		}
		slices.Sort(hidden)
		slices.Sort(absent)
		h, a := hidden[len(hidden)/2], absent[len(absent)/2]
		if h > 2*a || a > 2*h {
			t.Errorf("hidden %v, absent %v", h, a)
		}
	})
}
