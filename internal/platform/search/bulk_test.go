package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// Texts added together are found as texts added one by one are, also between
// others that came one by one, and they can be replaced.
func TestTextsAddedTogetherAreFound(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, d *db.DB) {
		put(t, d, "finding", map[id.ID]string{"a": "整改台账"})
		put(t, d, "item", map[id.ID]string{"z": "整改"})
		long := strings.Repeat("公务用车审批", 4000) + "，末尾是整改"
		err := d.Write(ctx, func(tx *db.Tx) error {
			return search.AddMany(ctx, tx, "finding", []search.Text{{Ref: "b", Text: "整改不到位"}, {Ref: "c", Text: "，。"}, {Ref: "d", Text: long}, {Ref: "e", Text: "ABC-12"}})
		})
		if err != nil {
			t.Fatal(err)
		}
		put(t, d, "finding", map[id.ID]string{"f": "整改", "b": "已经销号"})
		for text, want := range map[string][]string{"整改": {"a", "d", "f"}, "公务用车": {"d"}, "末尾 用车审批": {"d"}, "abc": {"e"}, "不到位": nil, "销号": {"b"}} {
			if got, ok := find(t, d, "finding", text); !ok || !slices.Equal(got, want) {
				t.Errorf("%q: got %v (%v), want %v", text, got, ok, want)
			}
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			return search.AddMany(ctx, tx, "finding", []search.Text{{Ref: "g", Text: "整改"}, {Ref: "a", Text: "整改"}})
		})
		if err == nil {
			t.Error("a record was indexed twice")
		}
		if got, _ := find(t, d, "finding", "整改"); !slices.Equal(got, []string{"a", "d", "f"}) {
			t.Errorf("after the refusal: %v", got)
		}
	})
}
