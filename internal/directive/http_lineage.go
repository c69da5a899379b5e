package directive

import (
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type lineagePage struct {
	ID        string
	Title     string
	Sentences []sentenceRow
	Orphans   []Task
	Stats     ui.Stats
}

type sentenceRow struct {
	Sentence
	Word string
	Reqs []requirementLine
	Gap  bool // asks for something, but nobody was asked
}

type requirementLine struct {
	Requirement
	Total, Done, Reported, Late int
	Tasks                       []taskLine
	More                        int
}

type taskLine struct {
	ID, Unit string
	Chip     ui.Chip
}

// tasksShown bounds the tasks named under one requirement.
const tasksShown = 8

var taskClass = map[string]string{TaskToSign: "wait", TaskWorking: "run", TaskReported: "wait", TaskRedo: "late", TaskDone: "ok", TaskWithdrawn: "off", TaskHanding: "wait"}

func (s *Service) taskChip(r *web.Request, t Task) ui.Chip {
	return ui.Chip{Class: taskClass[t.State], Word: r.T("task.state." + t.State)}
}

// lamp shows the computed signal by word and shape.
func (s *Service) lamp(r *web.Request, t Task) []ui.Chip {
	switch t.Lamp(r.Today()) {
	case "late":
		return []ui.Chip{{Class: "late", Word: r.T("task.lamp.late")}}
	case "near":
		return []ui.Chip{{Class: "wait", Word: r.T("task.lamp.near")}}
	case "ok":
		return []ui.Chip{{Class: "ok", Word: r.T("task.lamp.ok")}}
	}
	return nil
}

// getLineage shows the line from sentence to task from both ends: which
// sentence has no requirement or task, which task no sentence.
func (s *Service) getLineage(r *web.Request) (web.Response, error) {
	v, err := s.view(r)
	if err != nil {
		return nil, err
	}
	p := lineagePage{ID: string(v.Directive.ID), Title: v.Directive.Title}
	of := map[id.ID][]Task{}
	for _, t := range v.Tasks {
		if len(v.Sources[t.ID]) == 0 {
			p.Orphans = append(p.Orphans, t)
		}
		for _, q := range v.Sources[t.ID] {
			of[q] = append(of[q], t)
		}
	}
	asks, gaps := 0, 0
	for _, st := range v.Sentences {
		row := sentenceRow{Sentence: st, Word: r.T("sentence.class." + st.Class)}
		for _, q := range v.Requirements {
			if q.State == ReqOpen && st.Holds(q) {
				row.Reqs = append(row.Reqs, s.requirementLine(r, q, of[q.ID]))
			}
		}
		for _, l := range row.Reqs {
			asks++
			if l.Total == 0 {
				gaps++
				row.Gap = true
			}
		}
		if len(row.Reqs) == 0 && st.Class == ClassRequirement {
			row.Gap = true
		}
		p.Sentences = append(p.Sentences, row)
	}
	p.Stats = ui.Stats{Items: []ui.Stat{{Label: r.T("lineage.requirements"), Value: strconv.Itoa(asks)}, {Label: r.T("lineage.gaps"), Value: strconv.Itoa(gaps), Class: map[bool]string{true: "late"}[gaps > 0], Define: r.T("lineage.gaps.define")},
		{Label: r.T("lineage.tasks"), Value: strconv.Itoa(len(v.Tasks))}, {Label: r.T("lineage.orphans"), Value: strconv.Itoa(len(p.Orphans)), Define: r.T("lineage.orphans.define")}}}
	return web.Page{Name: "directive/lineage", Data: p, API: v, Mark: true,
		Crumbs: []ui.Crumb{{Label: r.T("menu.directives"), Href: "/directives"}, {Label: v.Directive.Title, Href: "/directives/" + p.ID}, {Label: r.T("lineage.title")}}}, nil
}

func (s *Service) requirementLine(r *web.Request, q Requirement, tasks []Task) requirementLine {
	l := requirementLine{Requirement: q}
	for _, t := range tasks {
		l.Total++
		switch t.State {
		case TaskDone:
			l.Done++
		case TaskReported:
			l.Reported++
		}
		if t.Lamp(r.Today()) == "late" {
			l.Late++
		}
		if len(l.Tasks) < tasksShown {
			l.Tasks = append(l.Tasks, taskLine{ID: string(t.ID), Unit: s.Dir.Short(t.Unit), Chip: s.taskChip(r, t)})
		} else {
			l.More++
		}
	}
	return l
}
