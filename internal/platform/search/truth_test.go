package search_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"huikan/hantext"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/search"
)

// runs is the naive reading of a text, written without the tokeniser: rows of
// Han characters and rows of a–z and 0–9.
func runs(text string) (han, latin []string) {
	flat := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToLower(hantext.Simplify(norm.NFKC.String(text))))
	isLatin := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
	han = strings.FieldsFunc(flat, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
	latin = strings.FieldsFunc(flat, func(r rune) bool { return !isLatin(r) })
	return han, latin
}

// holds is the truth: every row of Han characters of the question is a piece of
// a row of the text, and every Latin word of the question is a word of the text.
func holds(text, question string) (yes, asks bool) { return readOf(text).holds(question) }

type reading struct{ han, latin []string }

func readOf(text string) reading {
	han, latin := runs(text)
	return reading{han, latin}
}

func (r reading) holds(question string) (yes, asks bool) {
	th, tl := r.han, r.latin
	qh, ql := runs(question)
	for _, q := range qh {
		if !slices.ContainsFunc(th, func(s string) bool { return strings.Contains(s, q) }) {
			return false, true
		}
	}
	for _, q := range ql {
		if !slices.Contains(tl, q) {
			return false, true
		}
	}
	return true, len(qh)+len(ql) > 0
}

// alphabet is small, so that pieces meet often, and has what engines stumble
// over: capitals, full width, traditional forms, rare characters of three
// planes, 〇, marks, quotes and operators of both query languages, invisible ones.
var alphabet = []string{"整", "改", "党", "黨", "组", "組", "检", "檢", "的", "的", "〇", "𠮷", "𬭚", "𲎯", "a", "A", "Ａ", "b1", "ABC", "-", "7", "７", "１２",
	" ", "\n", "，", "。", "（", "”", "'", "\"", "*", ":", "&", "|", "!", "(", ")", "\\", "<->", "NOT", "é", "ß", "Ω", "ア", "한", "\u200b", "\u202e", "%", "_", "½", "㎡", "⼈"}

func textOf(n int) *rapid.Generator[string] {
	return rapid.Custom(func(rt *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, n).Draw(rt, "pieces"), "")
	})
}

// The index answers exactly what a naive scan answers, also after texts were
// replaced and removed.
func TestAnswersAreTheNaiveScan(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, d *db.DB) {
		world := 0
		rapid.Check(t, func(rt *rapid.T) {
			world++
			kind := fmt.Sprintf("kind%d", world)
			texts := map[id.ID]string{}
			for i := range rapid.IntRange(1, 8).Draw(rt, "records") {
				texts[id.ID(fmt.Sprintf("r%d", i))] = textOf(30).Draw(rt, "text")
			}
			put(rt, d, kind, texts)
			again := map[id.ID]string{"r0": textOf(30).Draw(rt, "new text")}
			put(rt, d, kind, again)
			texts["r0"] = again["r0"]
			if rapid.Bool().Draw(rt, "remove") {
				if err := d.Write(ctx, func(tx *db.Tx) error { return search.Remove(ctx, tx, kind, "r1") }); err != nil {
					rt.Fatal(err)
				}
				delete(texts, "r1")
			}
			for range 6 {
				question := textOf(4).Draw(rt, "question")
				if rapid.Bool().Draw(rt, "from a text") {
					rs := []rune(texts["r0"])
					from := rapid.IntRange(0, len(rs)).Draw(rt, "from")
					question = string(rs[from:rapid.IntRange(from, len(rs)).Draw(rt, "to")])
				}
				_, asks := holds("", question)
				var want []string
				for ref, text := range texts {
					if yes, _ := holds(text, question); yes && asks {
						want = append(want, string(ref))
					}
				}
				slices.Sort(want)
				got, ok := find(rt, d, kind, question)
				if ok != asks || !slices.Equal(got, want) {
					rt.Fatalf("%q: got %v (%v), want %v (%v) of %q", question, got, ok, want, asks, texts)
				}
			}
		})
	})
}

// A long text is cut into parts; whatever lies across a cut, far apart, or
// beyond the 256th place of the same word is still found, and nothing else is.
func TestLongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < 3*60_000 {
		b.WriteRune(rune(0x4E00 + r.IntN(2000)))
		if r.IntN(40) == 0 {
			b.WriteString("，")
		}
	}
	mixed := b.String()
	same := strings.Repeat("的", 5000) + "末尾"
	words := strings.Repeat("abc ", 3000) + "xyz " + strings.Repeat("整改，", 2000) + "鄢陵"
	each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "long", map[id.ID]string{"mixed": mixed, "same": same, "words": words})
		readings := map[string]reading{"mixed": readOf(mixed), "same": readOf(same), "words": readOf(words)}
		check := func(question string) {
			t.Helper()
			var want []string
			for ref, r := range readings {
				if yes, _ := r.holds(question); yes {
					want = append(want, ref)
				}
			}
			slices.Sort(want)
			if got, ok := find(t, d, "long", question); !ok || !slices.Equal(got, want) {
				t.Errorf("%q: got %v, want %v", question, got, want)
			}
		}
		for _, q := range []string{"的的末尾", "末尾", "尾", strings.Repeat("的", 90), "的末", "尾的", "xyz", "鄢陵", "abc 鄢陵", "abc 整改 xyz", "abc 末尾", "改整"} {
			check(q)
		}
		rs := []rune(mixed)
		for at := 0; at+100 < len(rs); at += 97 {
			// Closely where a part ends (below 16,000 tokens), here and there elsewhere.
			if end := at % 15_900; end < 400 || end > 15_500 || at/97%16 == 0 {
				check(string(rs[at : at+2+r.IntN(98)]))
			}
		}
		check(string(rs[:1]) + " " + string(rs[len(rs)-3:]))
	})
}

func TestRollbackLeavesTheIndex(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "item", map[id.ID]string{"a": "整改"})
		stop := fmt.Errorf("stop")
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			if err := search.Put(context.Background(), tx, "item", "a", "销号"); err != nil {
				return err
			}
			return stop
		})
		if err == nil {
			t.Fatal("the write went through")
		}
		if got, _ := find(t, d, "item", "整改"); !slices.Equal(got, []string{"a"}) {
			t.Errorf("the old text is found in %v", got)
		}
		if got, _ := find(t, d, "item", "销号"); got != nil {
			t.Errorf("the new text is found in %v", got)
		}
	})
}

// The values of a question are numbered after those already there.
func TestMatchGoesOnCounting(t *testing.T) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		args := []any{"already", 2}
		sql := search.Match(engine, "item", "整改 abc 整改", &args)
		if len(args) < 5 || args[0] != "already" || args[1] != 2 || !slices.Contains(args[2:], any("item")) || !strings.Contains(sql, "$3") || !strings.Contains(sql, "$4") || !strings.Contains(sql, "$5") {
			t.Errorf("%s: %s with %v", engine, sql, args)
		}
		before := len(args)
		if got := search.Match(engine, "item", "——", &args); got != "" || len(args) != before {
			t.Errorf("%s: nothing to ask gave %q with %v", engine, got, args)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) { benchmark(b, engine) })
	}
}

// benchmark asks 20,000 texts of 200 characters each, drawn with the skew of real text.
func benchmark(b *testing.B, engine string) {
	ctx := context.Background()
	target := "sqlite:" + filepath.Join(b.TempDir(), "huikan.db")
	if engine == "postgres" {
		target = schemaOf(b)
	}
	d, err := db.Open(ctx, target)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := d.Migrate(ctx, search.Schema); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	zipf := rand.NewZipf(r, 1.1, 8, 3000)
	for part := range 20 {
		texts := map[id.ID]string{}
		for i := range 1000 {
			rs := make([]rune, 200)
			for j := range rs {
				rs[j] = rune(0x4E00 + zipf.Uint64())
			}
			texts[id.ID(fmt.Sprintf("r%d", part*1000+i))] = string(rs) + fmt.Sprintf("整改%d号", i)
		}
		put(b, d, "item", texts)
	}
	if _, err := d.Raw().ExecContext(ctx, "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	common := string([]rune{0x4E00, 0x4E01})
	for name, q := range map[string]string{"two common": common, "one common": common[:3], "rare": "整改77号", "in all": "整改", "none": "鄢陵", "three common": common + common[:3]} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				var args []any
				match := search.Match(d.Engine, "item", q, &args)
				err := d.Read(ctx, func(tx db.Q) error {
					return tx.QueryRow(ctx, "SELECT COUNT(*) FROM ("+match+") x", args...).Scan(&n)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "hits")
		})
	}
}

// schemaOf makes a schema of this benchmark in the test database and drops it afterwards.
func schemaOf(b *testing.B) string {
	u, err := url.Parse(os.Getenv(dbtest.Env))
	if err != nil || u.Scheme == "" {
		b.Fatalf("%s names no PostgreSQL: %v", dbtest.Env, err)
	}
	admin, err := sql.Open("pgx", u.String())
	if err != nil {
		b.Fatal(err)
	}
	name := fmt.Sprintf("bench_%d_%d", os.Getpid(), rand.Uint32())
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			b.Error(err)
		}
		if err := admin.Close(); err != nil {
			b.Error(err)
		}
	})
	v := u.Query()
	v.Set("search_path", name)
	u.RawQuery = v.Encode()
	return u.String()
}
