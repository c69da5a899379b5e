package insight

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
)

// Integrated is the view of the three “grasp as one” (三个一体抓): whether a
// requirement is carried by handled matters, whether each type of problem is met
// by deterrence, control and awareness, and whether measures reach the source.
type Integrated struct {
	Carried []directive.Carried `json:"carried"`
	Matrix  []MatrixRow         `json:"matrix"`
	Chains  []ChainSum          `json:"chains"`
	Items   int                 `json:"items"`
	At      string              `json:"at"` // when it was counted
}

// MatrixRow is one type of problem and what meets it.
type MatrixRow struct {
	Category                       string `json:"category"`
	Items                          int    `json:"items"`
	Deterrence, Control, Education int
}

// ChainSum counts items that went one way: category → how deep their measures
// reach → what became of them.
type ChainSum struct {
	Category, Depth, End string
	N                    int
}

// chainsMost bounds the items that the view reads: the latest ones.
const chainsMost = 5000

// Integrated gathers the view for a reader.
func (s *Service) Integrated(ctx context.Context, who actor.Actor) (v Integrated, err error) {
	ctx = context.WithoutCancel(ctx) // others may wait for the same count
	got, err := s.kept(who, "integrated", func() (any, error) {
		v := Integrated{At: s.Clock.Now().Format(time.RFC3339)}
		if s.Policy.Ever(who, "directive.read") {
			if v.Carried, err = s.Directive.Carried(ctx, who); err != nil {
				return v, err
			}
		}
		if !s.Policy.Ever(who, "item.read") {
			return v, nil
		}
		list, err := s.Rectify.Chains(ctx, who, "", chainsMost)
		if err != nil {
			return v, err
		}
		v.fold(list)
		return v, nil
	})
	if err != nil {
		return v, err
	}
	return got.(Integrated), nil
}

// fold sums chains.
func (v *Integrated) fold(list []rectification.Chain) {
	v.Items = len(list)
	rows, sums := map[string]*MatrixRow{}, map[[3]string]int{}
	for _, c := range list {
		m := rows[c.Category]
		if m == nil {
			m = &MatrixRow{Category: c.Category}
			rows[c.Category] = m
		}
		m.Items++
		if c.Handled {
			m.Deterrence++
		}
		if c.Rules {
			m.Control++
		}
		if c.Educated {
			m.Education++
		}
		sums[[3]string{c.Category, c.Depth(), c.End()}]++
	}
	for _, c := range categories {
		if m := rows[c]; m != nil {
			v.Matrix = append(v.Matrix, *m)
		}
		for _, d := range depths {
			for _, e := range ends {
				if n := sums[[3]string{c, d, e}]; n > 0 {
					v.Chains = append(v.Chains, ChainSum{c, d, e, n})
				}
			}
		}
	}
}

var (
	depths = rectification.Depths()
	ends   = rectification.Ends()
)

type integratedPage struct {
	AsOf         string
	Carried      template.HTML
	CarriedTable *ui.Table
	Matrix       template.HTML
	Gaps         []gapRow
	Chain        template.HTML
	Hides        string
}

type gapRow struct{ Text, Href string }

func (s *Service) getIntegrated(r *web.Request) (web.Response, error) {
	v, err := s.Integrated(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	p := s.integratedPage(r, v)
	return web.Page{Name: "insight/integrated", Data: p, API: v, AsOf: p.AsOf, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.integrated")}}}, nil
}

func (s *Service) integratedPage(r *web.Request, v Integrated) integratedPage {
	p := integratedPage{AsOf: moment(v.At)}
	if v.Items >= chainsMost {
		p.Hides = r.T("integrated.latest", chainsMost)
	}
	s.carried(r, v, &p)
	if len(v.Matrix) > 0 {
		s.matrix(r, v, &p)
		p.Chain = s.chain(r, v)
	}
	return p
}

// getPicture writes one of the pictures of the view as .svg, with what it covers and of
// when below it; writing it out is noted.
func (s *Service) getPicture(r *web.Request) (web.Response, error) {
	v, err := s.Integrated(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	p := s.integratedPage(r, v)
	stem, _ := strings.CutSuffix(r.PathValue("file"), ".svg")
	drawn := map[string]template.HTML{"carried": p.Carried, "matrix": p.Matrix, "chain": p.Chain}[stem]
	picture, ok := chart.Picture(drawn, r.T("integrated."+stem)+" · "+r.T("board.everything")+" · "+p.AsOf)
	if !ok {
		return nil, fault.NotFound("page")
	}
	if err := s.Log.Note(r.Context(), r.Actor, "board.export", map[string]any{"file": stem + ".svg"}); err != nil {
		return nil, err
	}
	return web.File{Name: r.T("integrated."+stem) + ".svg", Type: "image/svg+xml", Body: io.NopCloser(strings.NewReader(picture)), Size: int64(len(picture))}, nil
}

// carriedShown bounds the themes of the picture.
const carriedShown = 10

func (s *Service) carried(r *web.Request, v Integrated, p *integratedPage) {
	if len(v.Carried) == 0 {
		return
	}
	states := []string{"proven", "said", "running", "untasked"}
	layers := [][]chart.Node{nil, nil}
	for _, st := range states {
		layers[1] = append(layers[1], chart.Node{ID: st, Label: r.T("integrated." + st)})
	}
	var flows []chart.Flow
	t := ui.Table{ID: "carried", Caption: r.T("integrated.carried"), NoDrawer: true, Columns: []ui.Column{{Key: "theme", Label: r.T("integrated.theme")}, {Key: "n", Label: r.T("integrated.requirements"), Num: true}}}
	for _, st := range states {
		t.Columns = append(t.Columns, ui.Column{Key: st, Label: r.T("integrated." + st), Num: true})
	}
	total, proven := 0, 0
	for i, c := range v.Carried {
		href := "/directives/" + string(c.Directive) + "/coverage"
		n := fmt.Sprintf("t%d", i)
		values := []int{c.Proven, c.Said, c.Running, c.Untasked}
		total, proven = total+c.Requirements, proven+c.Proven
		if i < carriedShown {
			layers[0] = append(layers[0], chart.Node{ID: n, Label: c.Theme, Href: href})
			for k, st := range states {
				flows = append(flows, chart.Flow{From: n, To: st, Value: float64(values[k]), Href: href})
			}
		}
		row := ui.Row{ID: n, Href: href, Cells: []ui.Cell{{Text: c.Theme, Sub: c.Title}, {Text: strconv.Itoa(c.Requirements)}}}
		for _, x := range values {
			row.Cells = append(row.Cells, ui.Cell{Text: strconv.Itoa(x)})
		}
		t.Rows = append(t.Rows, row)
	}
	layers[1] = carrying(layers[1], flows)
	p.Carried = chart.Sankey(chart.Frame{ID: "carried", Title: r.T("integrated.carried"), Caption: r.T("integrated.carried.caption", total, proven), Data: r.T("board.data")}, layers, flows, chart.SankeyWords{From: r.T("integrated.theme"), To: r.T("integrated.state"), Value: r.T("integrated.requirements")})
	p.CarriedTable = &t
}

func (s *Service) matrix(r *web.Request, v Integrated, p *integratedPage) {
	cols := []string{"deterrence", "control", "education"}
	d := chart.Heat{Axis: r.T("integrated.lacking")}
	for _, c := range cols {
		d.Cols = append(d.Cols, r.T("integrated."+c))
	}
	worst, most := "", -1
	for _, m := range v.Matrix {
		name := r.T("finding.category." + m.Category)
		d.Rows = append(d.Rows, name)
		var line []float64
		for k, have := range []int{m.Deterrence, m.Control, m.Education} {
			lack := m.Items - have
			line = append(line, float64(lack))
			if lack > 0 {
				p.Gaps = append(p.Gaps, gapRow{r.T("integrated.gap", name, r.T("integrated."+cols[k]), lack, m.Items), "/ledger?view=all&category=" + m.Category + "&lacks=" + cols[k]})
			}
			if lack > most {
				worst, most = name+" × "+r.T("integrated."+cols[k]), lack
			}
		}
		d.Values = append(d.Values, line)
	}
	d.Href = func(row, col int) string {
		return "/ledger?view=all&category=" + v.Matrix[row].Category + "&lacks=" + cols[col]
	}
	p.Matrix = chart.HeatMap(chart.Frame{ID: "matrix", Title: r.T("integrated.matrix"), Caption: r.T("integrated.matrix.caption", worst, most), Data: r.T("board.data")}, d)
}

func (s *Service) chain(r *web.Request, v Integrated) template.HTML {
	var layers [3][]chart.Node
	for _, c := range categories {
		layers[0] = append(layers[0], chart.Node{ID: "c-" + c, Label: r.T("finding.category." + c), Href: "/ledger?view=all&category=" + c})
	}
	for _, d := range depths {
		layers[1] = append(layers[1], chart.Node{ID: "d-" + d, Label: r.T("integrated.depth." + d), Href: "/ledger?view=all&depth=" + d})
	}
	for _, e := range ends {
		layers[2] = append(layers[2], chart.Node{ID: "e-" + e, Label: r.T("integrated.end." + e), Href: "/ledger?view=all&end=" + e})
	}
	first, second := map[[2]string]int{}, map[[2]string]int{}
	shallow, deep := 0, 0
	for _, x := range v.Chains {
		first[[2]string{x.Category, x.Depth}] += x.N
		second[[2]string{x.Depth, x.End}] += x.N
		if x.End == rectification.EndBack || x.End == rectification.EndElsewhere {
			if x.Depth == rectification.DepthSource {
				deep += x.N
			} else {
				shallow += x.N
			}
		}
	}
	var flows []chart.Flow
	for _, c := range categories {
		for _, d := range depths {
			flows = append(flows, chart.Flow{From: "c-" + c, To: "d-" + d, Value: float64(first[[2]string{c, d}]), Href: "/ledger?view=all&category=" + c + "&depth=" + d})
		}
	}
	for _, d := range depths {
		for _, e := range ends {
			flows = append(flows, chart.Flow{From: "d-" + d, To: "e-" + e, Value: float64(second[[2]string{d, e}]), Href: "/ledger?view=all&depth=" + d + "&end=" + e})
		}
	}
	for k := range layers {
		layers[k] = carrying(layers[k], flows)
	}
	return chart.Sankey(chart.Frame{ID: "chain", Title: r.T("integrated.chain"), Caption: r.T("integrated.chain.caption", v.Items, deep, shallow), Data: r.T("board.data")}, layers[:], flows, chart.SankeyWords{From: r.T("integrated.from"), To: r.T("integrated.to"), Value: r.T("board.items")})
}

// carrying leaves out the boxes of a picture through which nothing goes; the
// tables beside it say that they are zero.
func carrying(nodes []chart.Node, flows []chart.Flow) (out []chart.Node) {
	for _, n := range nodes {
		if slices.ContainsFunc(flows, func(f chart.Flow) bool { return f.Value > 0 && (f.From == n.ID || f.To == n.ID) }) {
			out = append(out, n)
		}
	}
	return out
}
