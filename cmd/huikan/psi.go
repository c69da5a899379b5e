package main

import "huikan/internal/app"

type psiCmd struct {
	Key    psiKeyCmd    `cmd:"" help:"Bar authority: make the key and its public commitment, or replace the key."`
	Offer  psiOfferCmd  `cmd:"" help:"Procuratorate: blind staff and relatives into an offer."`
	Answer psiAnswerCmd `cmd:"" help:"Bar authority: evaluate an offer against the lawyers' register."`
	Open   psiOpenCmd   `cmd:"" help:"Procuratorate: verify an answer, open what both sides have, score it."`
	Serve  psiServeCmd  `cmd:"" help:"Bar authority: answer offers over HTTP."`
	Ask    psiAskCmd    `cmd:"" help:"Procuratorate: offer, answer and open in one, over HTTP."`
	Log    psiLogCmd    `cmd:"" help:"Check and print the bar authority's log of evaluations."`
}

type psiKeyCmd struct {
	Key        string `required:"" help:"Secret key to write." placeholder:"FILE"`
	Commitment string `required:"" help:"Public side of the key to write." placeholder:"FILE"`
	Holder     string `help:"Name of the holder." default:"司法行政机关"`
	Log        string `help:"Log of evaluations; FILE.log beside the key when empty." placeholder:"FILE"`
	Quota      int    `help:"Evaluations in a day; 6,000,000 for a new key when 0."`
	Rotate     bool   `help:"Put a new key in the place of the old one; old offers are refused from then on."`
}

// Run makes a key or replaces it.
func (c *psiKeyCmd) Run(e env) error {
	return app.PSIKey(app.PSIConfig{Key: c.Key, Commitment: c.Commitment, Holder: c.Holder, Log: c.Log, Quota: c.Quota, Rotate: c.Rotate, Lang: e.lang}, e.err)
}

type psiLeft struct {
	Staff     string `required:"" help:"Register of staff." placeholder:"FILE.csv"`
	Relatives string `required:"" help:"Register of declared relatives." placeholder:"FILE.csv"`
	Secret    string `required:"" help:"Secret state between offer and answer." placeholder:"FILE"`
}

type psiOfferCmd struct {
	psiLeft
	Commitment string   `required:"" help:"Public side of the bar authority's key." placeholder:"FILE"`
	Out        string   `required:"" help:"Offer to write." placeholder:"FILE"`
	Keys       []string `help:"Keys to ask for: number, name+day, name+month, name+tail, sound+day." placeholder:"KEY,KEY"`
}

// Run writes the offer and the secret state.
func (c *psiOfferCmd) Run(e env) error {
	return app.PSIOffer(e.ctx, app.PSIConfig{Staff: c.Staff, Relatives: c.Relatives, State: c.Secret, Commitment: c.Commitment, Offer: c.Out, Keys: c.Keys, Lang: e.lang}, e.err)
}

type psiAnswerCmd struct {
	Offer   string `arg:"" help:"Offer to evaluate." placeholder:"OFFER"`
	Lawyers string `required:"" help:"Register of lawyers." placeholder:"FILE.csv"`
	Key     string `required:"" help:"Secret key." placeholder:"FILE"`
	Log     string `help:"Log of evaluations; FILE.log beside the key when empty." placeholder:"FILE"`
	Out     string `required:"" help:"Answer to write." placeholder:"FILE"`
}

// Run logs the evaluation, then writes the answer.
func (c *psiAnswerCmd) Run(e env) error {
	return app.PSIAnswer(e.ctx, app.PSIConfig{Offer: c.Offer, Lawyers: c.Lawyers, Key: c.Key, Log: c.Log, Answer: c.Out, Lang: e.lang}, e.err)
}

type psiOpenCmd struct {
	Answer string `arg:"" help:"Answer to open." placeholder:"ANSWER"`
	psiLeft
	Offer   string `required:"" help:"Offer that it answers." placeholder:"FILE"`
	Out     string `required:"" help:"File of links to write; - is standard output." placeholder:"LINKS.csv"`
	Explain bool   `help:"Add a column that accounts for each probability."`
	Report  string `help:"Write the problems of the tables, row by row." placeholder:"FILE.csv"`
	Model   string `help:"Use the weights of this file." placeholder:"FILE"`
}

// Run writes source, source_id, lawyer_id, probability, band and, if asked for, explanation.
func (c *psiOpenCmd) Run(e env) error {
	return app.PSIOpen(e.ctx, app.PSIConfig{Staff: c.Staff, Relatives: c.Relatives, State: c.Secret, Offer: c.Offer, Answer: c.Answer, Out: c.Out, Explain: c.Explain, Report: c.Report, Model: c.Model, Lang: e.lang}, e.err)
}

type psiLogCmd struct {
	Log        string `arg:"" help:"Log of evaluations." placeholder:"LOG"`
	Commitment string `required:"" help:"Public side of the key." placeholder:"FILE"`
}

// Run prints the log; the exit status is 1 when it is not whole.
func (c *psiLogCmd) Run(e env) error {
	return app.PSILog(app.PSIConfig{Log: c.Log, Commitment: c.Commitment, Lang: e.lang}, e.out)
}
