package directive

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Extension is a request for a later date of a task (延期). What was asked and
// decided is never overwritten; the number of granted ones is the counter.
type Extension struct {
	ID       id.ID      `json:"id"`
	Task     id.ID      `json:"task"`
	State    string     `json:"state"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
	Reason   string     `json:"reason"`
	Person   id.ID      `json:"person"`
	At       string     `json:"at"`
	Judge    id.ID      `json:"judge"`
	JudgedAt string     `json:"judged_at"`
	Opinion  string     `json:"opinion"`
	Rev      int64      `json:"rev"`
}

// States of an extension (待批 已批准 未批准).
const (
	ExtensionAsked   = "asked"
	ExtensionGranted = "granted"
	ExtensionRefused = "refused"
)

// Cosign is a request that another unit signs what is going to be reported (会签).
type Cosign struct {
	ID       id.ID  `json:"id"`
	Task     id.ID  `json:"task"`
	Unit     id.ID  `json:"unit"` // that signs
	By       id.ID  `json:"by"`   // that asks
	State    string `json:"state"`
	Text     string `json:"text"` // what is to be signed
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	Opinion  string `json:"opinion"`
	Signer   id.ID  `json:"signer"`
	SignedAt string `json:"signed_at"`
	Rev      int64  `json:"rev"`
}

// States of a countersignature (待会签 同意 有异议 已撤回).
const (
	CosignAsked     = "asked"
	CosignAgreed    = "agreed"
	CosignObjected  = "objected"
	CosignWithdrawn = "withdrawn"
)

// CosignFlow is the workflow of a countersignature.
var CosignFlow = flow.Table{Name: "cosign", Start: CosignAsked, Steps: []flow.Step{
	{From: CosignAsked, Do: "agree", To: CosignAgreed, Who: units},
	{From: CosignAsked, Do: "object", To: CosignObjected, Who: units, Guard: "a reason"},
	{From: CosignAsked, Do: "withdraw", To: CosignWithdrawn, Who: []flow.By{{Role: actor.UnitHead, Scope: flow.ByUs}, {Role: actor.Liaison, Scope: flow.ByUs}}},
}}

func (c Cosign) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "cosign", ID: c.ID, State: c.State, Units: []access.Place{place(c.Unit)}, By: place(c.By)}
}

// Judgements of a local wording against its source.
const (
	ReadingConforms    = "conforms"
	ReadingContradicts = "contradicts"
)
