package inspection

import (
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Diff compares, field by field, what a form started from, what another window
// made of it meanwhile, and what this window wants.
func Diff(labels, base, theirs, yours []string) []ui.DiffLine {
	out := make([]ui.DiffLine, len(labels))
	for i, l := range labels {
		out[i] = ui.Diff(l, base[i], yours[i], theirs[i])
	}
	return out
}

func fieldLabels(r *web.Request, prefix string, keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = r.T(prefix + k)
	}
	return out
}
