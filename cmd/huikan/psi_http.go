package main

import "huikan/internal/app"

type psiServeCmd struct {
	Lawyers string `required:"" help:"Register of lawyers; read anew for each offer." placeholder:"FILE.csv"`
	Key     string `required:"" help:"Secret key." placeholder:"FILE"`
	Log     string `help:"Log of evaluations; FILE.log beside the key when empty." placeholder:"FILE"`
	Token   string `required:"" help:"Secret of at least 24 characters that the asker must know." placeholder:"FILE"`
	Addr    string `help:"Address to listen on." default:"127.0.0.1:8461"`
	TLSCert string `help:"Certificate; needed for other machines." placeholder:"FILE.pem"`
	TLSKey  string `help:"Its key." placeholder:"FILE.pem"`
}

// Run answers offers over HTTP until it is stopped.
func (c *psiServeCmd) Run(e env) error {
	return app.PSIServe(e.ctx, app.PSINet{PSIConfig: app.PSIConfig{Lawyers: c.Lawyers, Key: c.Key, Log: c.Log, Lang: e.lang}, Addr: c.Addr, TLSCert: c.TLSCert, TLSKey: c.TLSKey, Token: c.Token}, e.err)
}

type psiAskCmd struct {
	To         string   `arg:"" help:"Address of the bar authority's huikan psi serve." placeholder:"https://HOST:PORT"`
	Staff      string   `required:"" help:"Register of staff." placeholder:"FILE.csv"`
	Relatives  string   `required:"" help:"Register of declared relatives." placeholder:"FILE.csv"`
	Commitment string   `required:"" help:"Public side of the bar authority's key." placeholder:"FILE"`
	Token      string   `required:"" help:"Secret that both sides know." placeholder:"FILE"`
	Folder     string   `required:"" help:"Keeps offer, secret state and answer; an offer without an answer is sent again." placeholder:"DIR"`
	CA         string   `help:"Certificates to trust besides the system's." placeholder:"FILE.pem"`
	Keys       []string `help:"Keys to ask for: number, name+day, name+month, name+tail, sound+day." placeholder:"KEY,KEY"`
	Out        string   `required:"" help:"File of links to write; - is standard output." placeholder:"LINKS.csv"`
	Explain    bool     `help:"Add a column that accounts for each probability."`
	Report     string   `help:"Write the problems of the tables, row by row." placeholder:"FILE.csv"`
	Model      string   `help:"Use the weights of this file." placeholder:"FILE"`
}

// Run writes source, source_id, lawyer_id, probability, band and, if asked for, explanation.
func (c *psiAskCmd) Run(e env) error {
	return app.PSIAsk(e.ctx, app.PSINet{PSIConfig: app.PSIConfig{Staff: c.Staff, Relatives: c.Relatives, Commitment: c.Commitment, Keys: c.Keys, Out: c.Out, Explain: c.Explain, Report: c.Report, Model: c.Model, Lang: e.lang},
		To: c.To, Token: c.Token, CA: c.CA, Folder: c.Folder}, e.err)
}
