package notice

import (
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Question is one of the bank: a sentence, two to six options, one right.
type Question struct {
	ID      id.ID    `json:"id"`
	Unit    id.ID    `json:"unit"`
	Theme   string   `json:"theme"`
	Text    string   `json:"text"`
	Options []string `json:"options"`
	Answer  int      `json:"-"` // from 1; never sent to who has not answered
	Explain string   `json:"-"`
	Source  string   `json:"source"` // rule and article that decides it
	Retired bool     `json:"retired"`
	MadeAt  string   `json:"made_at"`
	By      id.ID    `json:"by"`
	Rev     int64    `json:"rev"`
}

// Check judges a question.
func (q Question) Check(bad *fault.Fields) {
	bad.Need("text", q.Text)
	bad.Max("text", q.Text, maxReason)
	bad.Need("theme", q.Theme)
	bad.Max("theme", q.Theme, maxNumber)
	bad.Need("source", q.Source)
	bad.Max("source", q.Source, maxTitle)
	bad.Max("explain", q.Explain, maxReason)
	if len(q.Options) < 2 || len(q.Options) > 6 {
		bad.Add("options", "question.bad.options")
	}
	for _, o := range q.Options {
		bad.Max("options", o, maxTitle)
	}
	if q.Answer < 1 || q.Answer > len(q.Options) {
		bad.Add("answer", "question.bad.answer", len(q.Options))
	}
}

// maxQuestions bounds a test: it is short.
const maxQuestions = 20

// Answer is what one person answered to a test, once.
type Answer struct {
	ID      id.ID  `json:"id"`
	Notice  id.ID  `json:"notice"`
	Unit    id.ID  `json:"unit"`
	Person  id.ID  `json:"person"`
	Picks   []int  `json:"picks"` // from 1, in order of the questions
	Correct int    `json:"correct"`
	Asked   int    `json:"asked"`
	Passed  bool   `json:"passed"`
	At      string `json:"at"`
}

// Mark judges picks against the questions. Every question needs an answer.
func Mark(qs []Question, picks []int, passMark int) (Answer, error) {
	a := Answer{Picks: picks, Asked: len(qs)}
	var bad fault.Fields
	for i, q := range qs {
		switch {
		case i >= len(picks) || picks[i] < 1 || picks[i] > len(q.Options):
			bad.Add(pickName(i), "question.bad.pick")
		case picks[i] == q.Answer:
			a.Correct++
		}
	}
	a.Passed = a.Correct*100 >= passMark*len(qs)
	return a, bad.Err()
}

func pickName(i int) string { return "q" + string(rune('a'+i)) }

// lines cuts the options as typed, one a line.
func lines(text string) []string { return Paragraphs(strings.TrimSpace(text)) }
