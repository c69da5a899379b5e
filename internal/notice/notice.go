package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Kinds of a circular (domain facts A7).
const (
	KindStatistic = "statistic" // 数据通报
	KindNamed     = "named"     // 点名通报
	KindCriticism = "criticism" // 通报批评
	KindTypical   = "typical"   // 典型案例
	KindOrder     = "order"     // 退回事项督办通报
)

// Kinds in the order in which they are offered.
var Kinds = []string{KindStatistic, KindNamed, KindCriticism, KindTypical, KindOrder}

// naming are the kinds that may name persons in their internal version.
var naming = []string{KindNamed, KindCriticism}

// Grounds are the five on which a circular is not published (I-16, T63).
var Grounds = []string{"secret", "undisclosed", "hostile", "petition", "sensitive"}

// Notice is a circular (通报).
type Notice struct {
	ID           id.ID      `json:"id"`
	Kind         string     `json:"kind"`
	Number       string     `json:"number"` // 发文字号
	Title        string     `json:"title"`
	Source       string     `json:"source"`
	Editor       string     `json:"editor"` // 责任编辑
	Body         []string   `json:"body"`   // paragraphs of the internal version
	PublicTitle  string     `json:"public_title"`
	PublicBody   []string   `json:"public_body"`   // paragraphs of the public version; none with a ground
	Ground       string     `json:"ground"`        // why it is not published; "" when it is to be
	GroundReason string     `json:"ground_reason"` // in writing
	Words        []string   `json:"words"`         // words that look like a name of a person and are none, as the author confirmed
	Lesson       string     `json:"lesson"`        // what others should take from it
	Posts        []string   `json:"posts"`         // posts whose holders should read it: parts of titles or departments
	MustRead     bool       `json:"must_read"`     // everybody addressed confirms the reading
	Aim          string     `json:"aim"`           // source and kind of the violations it teaches against
	PassMark     int        `json:"pass_mark"`     // percent of a test; 0 without one
	RecheckOn    clock.Date `json:"recheck_on"`
	Unit         id.ID      `json:"unit"` // that issues
	Author       id.ID      `json:"author"`
	Approver     id.ID      `json:"approver"`
	Digest       string     `json:"digest"` // of both versions, as approved
	State        string     `json:"state"`
	Publication  string     `json:"publication"`
	Slug         string     `json:"slug"` // address of the public page
	MadeAt       string     `json:"made_at"`
	IssuedOn     clock.Date `json:"issued_on"`
	PublishedOn  clock.Date `json:"published_on"`
	Rev          int64      `json:"rev"`
}

// States of a circular, of its publication, and of an addressed unit.
const (
	Draft     = "draft"
	Submitted = "submitted"
	Approved  = "approved"
	Issued    = "issued"
	Closed    = "closed"

	Held      = "held"
	Published = "published"
	Withdrawn = "withdrawn"

	Sent    = "sent"
	Signed  = "signed"
	Studied = "studied"
)

var (
	writers   = []flow.By{{Role: actor.InternalSupervision, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}, {Role: actor.Supervisor, Scope: flow.ByUs}}
	signers   = []flow.By{{Role: actor.Leader, Scope: flow.ByUs}}
	receivers = []flow.By{{Role: actor.Liaison, Scope: flow.OfUnit}, {Role: actor.UnitHead, Scope: flow.OfUnit}}
)

// Flow is the way of a circular from draft to close.
var Flow = flow.Table{Name: "notice", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "edit", To: Draft, Who: writers},
	{From: Draft, Do: "submit", To: Submitted, Who: writers, Guard: "both versions hold against the rules on names and grounds"},
	{From: Submitted, Do: "approve", To: Approved, Who: signers, Guard: "not the author"},
	{From: Submitted, Do: "return", To: Draft, Who: signers},
	{From: Approved, Do: "recall", To: Draft, Who: writers},
	{From: Approved, Do: "issue", To: Issued, Who: writers, Guard: "the text is the one that was approved"},
	{From: Issued, Do: "recheck", To: Issued, Who: writers},
	{From: Issued, Do: "close", To: Closed, Who: writers, Guard: "re-checked when a date was set"},
}}

// PublicFlow is the way of the public version.
var PublicFlow = flow.Table{Name: "publication", Start: Held, Steps: []flow.Step{
	{From: Held, Do: "publish", To: Published, Who: writers, Guard: "issued, approved for publication"},
	{From: Published, Do: "withdraw", To: Withdrawn, Who: writers, Guard: "with a reason"},
	{From: Withdrawn, Do: "publish", To: Published, Who: writers, Guard: "issued, approved for publication"},
}}

// ReceiptFlow is what an addressed unit does.
var ReceiptFlow = flow.Table{Name: "receipt", Start: Sent, Steps: []flow.Step{
	{From: Sent, Do: "sign", To: Signed, Who: receivers},
	{From: Signed, Do: "study", To: Studied, Who: receivers},
	{From: Studied, Do: "study", To: Studied, Who: receivers},
}}

// Bounds, in characters and pieces.
const (
	maxTitle  = 120
	maxNumber = 60
	maxText   = 40000
	maxReason = 500
	maxList   = 30
)

// place is what the policy judges of a circular of a unit; units are those of
// the addressed ones that matter to the asker.
func (n Notice) object(place func(id.ID) access.Place, units ...id.ID) access.Object {
	o := access.Object{Kind: "notice", ID: n.ID, State: n.State, By: place(n.Unit), Owners: []id.ID{n.Author}}
	for _, u := range units {
		o.Units = append(o.Units, place(u))
	}
	return o
}

// DigestOf binds an approval to what was approved: both versions, letter by letter.
func DigestOf(n Notice) string {
	h := sha256.New()
	for _, part := range append(append([]string{n.Kind, n.Title, n.PublicTitle, n.Ground, n.GroundReason, "body"}, n.Body...), append([]string{"public"}, n.PublicBody...)...) {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Check judges what can be judged of the fields alone. whole asks for all that
// a submission needs.
func (n Notice) Check(bad *fault.Fields, today clock.Date, whole bool) {
	if !slices.Contains(Kinds, n.Kind) {
		bad.Add("kind", "error.required")
	}
	bad.Need("title", n.Title)
	bad.Max("title", n.Title, maxTitle)
	bad.Max("number", n.Number, maxNumber)
	bad.Max("editor", n.Editor, maxNumber)
	bad.Max("source", n.Source, maxTitle)
	bad.Max("body", strings.Join(n.Body, "\n"), maxText)
	bad.Max("public_title", n.PublicTitle, maxTitle)
	bad.Max("public_body", strings.Join(n.PublicBody, "\n"), maxText)
	bad.Max("ground_reason", n.GroundReason, maxReason)
	bad.Max("lesson", n.Lesson, maxReason)
	if n.PassMark < 0 || n.PassMark > 100 {
		bad.Add("pass_mark", "notice.bad.pass_mark")
	}
	if n.Ground != "" && !slices.Contains(Grounds, n.Ground) {
		bad.Add("ground", "error.required")
	}
	if len(n.Posts) > maxList {
		bad.Add("posts", "notice.bad.many", maxList)
	}
	if len(n.Words) > maxList {
		bad.Add("words", "notice.bad.many", maxList)
	}
	if n.RecheckOn != "" && n.RecheckOn <= today {
		bad.Add("recheck_on", "notice.bad.recheck")
	}
	if !whole {
		return
	}
	if len(n.Body) == 0 {
		bad.Add("body", "error.required")
	}
	bad.Need("editor", n.Editor)
	if n.Ground == "" {
		bad.Need("public_title", n.PublicTitle)
		if len(n.PublicBody) == 0 {
			bad.Add("public_body", "notice.bad.public")
		}
		return
	}
	bad.Need("ground_reason", n.GroundReason)
	if len(n.PublicBody) > 0 {
		bad.Add("public_body", "notice.bad.both")
	}
}

// Paragraphs cuts a text that was typed or pasted into its paragraphs.
func Paragraphs(text string) []string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		if line = strings.Trim(line, " \t　"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Split cuts a typed list at its marks.
func Split(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,，;；、", r) }) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// touches gives the first of the posts that a person's post names.
func touches(posts []string, post string) string {
	for _, p := range posts {
		if p != "" && strings.Contains(post, p) {
			return p
		}
	}
	return ""
}
