package search_test

import (
	"context"
	"slices"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// A title is found by its initials from any place on; its other words are not read
// as initials, and letters of the text are found as before.
func TestInitialsFindATitle(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			for ref, title := range map[string]string{"a": "全国检察机关党风廉政建设会议", "b": "重庆2026年巡视", "c": "VPN接入"} {
				if err := search.Put(context.Background(), tx, "meeting", id.ID(ref), title+"\n正文不算 "+search.Initials(title)); err != nil {
					return err
				}
			}
			return search.Put(context.Background(), tx, "other", "x", "党风廉政\n"+search.Initials("党风廉政"))
		})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string][]string{"dflz": {"a"}, "DFLZ": {"a"}, "qg": {"a"}, "fdlz": nil, "cq": {"b"}, "xs": {"b"}, "vpn": {"c"}, "pnj": {"c"}, "zwbs": nil, "d": nil, "会议": {"a"}, "zz zz": nil} {
			var args []any
			cond := search.Cond(d.Engine, "meeting", "ref_id", text, &args)
			if got := refs(t, d, cond, args); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", text, got, want)
			}
		}
		var args []any
		if cond := search.Cond(d.Engine, "meeting", "ref_id", "，。", &args); cond != "" || len(args) != 0 {
			t.Errorf("nothing to ask gave %q", cond)
		}
	})
}
