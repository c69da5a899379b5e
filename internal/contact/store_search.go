package contact

import (
	"context"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// searchMatters reads, newest first, the matters among those of w whose code begins
// with a text, of a unit, of classes, or asked for by kinds of askers.
func searchMatters(ctx context.Context, q db.Q, w where, code string, unit id.ID, classes, askers []string, limit int) ([]Matter, error) {
	all := w.conds
	w.conds = nil
	w.add("SUBSTR(m.code, 1, $%d) = $%d", utf8.RuneCountInString(code), code)
	if unit != "" {
		w.add("m.unit_id = $%d", string(unit))
	}
	if len(classes) > 0 {
		in := marks(&w.args, classes)
		w.conds = append(w.conds, "m.category IN ("+in+")", "m.category = '' AND m.claimed IN ("+in+")")
	}
	if len(askers) > 0 {
		w.conds = append(w.conds, "m.asker IN ("+marks(&w.args, askers)+")")
	}
	w.conds = append(all, "("+strings.Join(w.conds, " OR ")+")")
	return listMatters(ctx, q, w, "", limit)
}
