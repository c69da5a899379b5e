package search_test

import (
	"context"
	"slices"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/search"
)

func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(context.Background(), search.Schema); err != nil {
			t.Fatal(err)
		}
		fn(t, d)
	})
}

func put(t interface{ Fatal(...any) }, d *db.DB, kind string, texts map[id.ID]string) {
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		for ref, text := range texts {
			if err := search.Put(context.Background(), tx, kind, ref, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// find asks for the ids of a kind, sorted; ok is false when there is nothing to ask.
func find(t interface{ Fatal(...any) }, d *db.DB, kind, text string) (out []string, ok bool) {
	var args []any
	sql := search.Match(d.Engine, kind, text, &args)
	if sql == "" {
		return nil, false
	}
	return refs(t, d, "ref_id IN ("+sql+")", args), true
}

// refs gives the ids that a condition holds for, sorted.
func refs(t interface{ Fatal(...any) }, d *db.DB, cond string, args []any) (out []string) {
	err := d.Read(context.Background(), func(q db.Q) error {
		rows, err := q.Query(context.Background(), "SELECT DISTINCT ref_id FROM search_doc WHERE "+cond, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestFindsWordsOfEveryKind(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "finding", map[id.ID]string{
			"a": "党组落实整改主体责任不到位，ABC-123号文件未传达。",
			"b": "整 改；鄢陵县检察院２０２５年收到线索12件",
			"c": "檢察機關整改情況",
			"d": "𠮷田与𬭚、𲎯三人（〇号）",
			"e": "",
		})
		put(t, d, "item", map[id.ID]string{"z": "整改"})
		for _, c := range []struct {
			text string
			want []string
		}{
			{"整改", []string{"a", "c"}},
			{"整", []string{"a", "b", "c"}},
			{"改", []string{"a", "b", "c"}},
			{"位", []string{"a"}},
			{"鄢陵", []string{"b"}},
			{"检察机关", []string{"c"}},
			{"檢察機關", []string{"c"}},
			{"abc123", nil},
			{"ABC-123", []string{"a"}},
			{"ＡＢＣ", []string{"a"}},
			{"ab", nil},
			{"2025", []string{"b"}},
			{"２０２５年", []string{"b"}},
			{"12件 鄢陵", []string{"b"}},
			{"整改 鄢陵", nil},
			{"𠮷田", []string{"d"}},
			{"𬭚", []string{"d"}},
			{"𲎯三人", []string{"d"}},
			{"〇号", []string{"d"}},
			{"不存在", nil},
		} {
			got, ok := find(t, d, "finding", c.text)
			if !ok || !slices.Equal(got, c.want) {
				t.Errorf("%q: got %v (%v), want %v", c.text, got, ok, c.want)
			}
		}
		for _, nothing := range []string{"", " \t", "，。！", "'\"*:&|()"} {
			if got, ok := find(t, d, "finding", nothing); ok {
				t.Errorf("%q asks for something: %v", nothing, got)
			}
		}
	})
}
