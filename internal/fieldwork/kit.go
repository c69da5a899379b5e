package fieldwork

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"filippo.io/age"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Kit is an extract of one team's work that runs on a laptop without a network.
type Kit struct {
	ID          id.ID      `json:"id"`
	Round       id.ID      `json:"round"`
	Team        id.ID      `json:"team"`
	By          id.ID      `json:"by"`
	Issued      string     `json:"issued"`
	Expires     clock.Date `json:"expires"`
	Digest      string     `json:"digest"` // SHA-256 of the encrypted file
	State       string     `json:"state"`
	Returned    string     `json:"returned"`
	Certificate string     `json:"certificate"` // JSON of a Wiped
	Rev         int64      `json:"rev"`
}

// States of a kit.
const (
	KitIssued   = "issued"
	KitReturned = "returned"
	KitSettled  = "settled"
	KitLost     = "lost"
)

var officeOrLeader = []flow.By{{Role: actor.Office, Scope: flow.ByUs}, {Role: actor.TeamLeader, Scope: flow.OfTeam}}

// KitFlow is the life of a kit. What was changed on both sides must be decided
// before it is settled; a lost one is reported and takes nothing back.
var KitFlow = flow.Table{Name: "kit", Start: KitIssued, Steps: []flow.Step{
	{From: KitIssued, Do: "return", To: KitReturned, Who: officeOrLeader},
	{From: KitIssued, Do: "report_lost", To: KitLost, Who: officeOrLeader, Guard: "reason"},
	{From: KitReturned, Do: "settle", To: KitSettled, Who: officeOrLeader, Guard: "all_decided"},
}}

// Clash is a record that was changed in a kit and at home.
type Clash struct {
	ID    id.ID  `json:"id"`
	Kit   id.ID  `json:"kit"`
	Scope        // of the record
	Kind  string `json:"kind"`
	Row   id.ID  `json:"row"`
	Title string `json:"title"`
	State string `json:"state"`
	Sides Sides  `json:"sides"`
	Rev   int64  `json:"rev"`
}

// Sides are the three versions of a record; the database keeps them sealed.
type Sides struct {
	Base json.RawMessage `json:"base"`
	Home json.RawMessage `json:"home"`
	Kit  json.RawMessage `json:"kit"`
}

// States of a clash.
const (
	ClashOpen = "open"
	ClashKept = "kept"
	ClashTook = "took"
)

// ClashFlow: a person decides which version stays.
var ClashFlow = flow.Table{Name: "clash", Start: ClashOpen, Steps: []flow.Step{
	{From: ClashOpen, Do: "keep", To: ClashKept, Who: byTeamLeader},
	{From: ClashOpen, Do: "take", To: ClashTook, Who: byTeamLeader},
}}

// Bundle is what a kit carries.
type Bundle struct {
	Format string             `json:"format"`
	Kit    Kit                `json:"kit"`
	Home   inspection.Adopted `json:"home"`
	Units  map[id.ID]string   `json:"units"` // id at home → code
	People []Carrier          `json:"people"`
	Papers []Paper            `json:"papers"`
	Files  []File             `json:"files"`
	Blobs  map[string][]byte  `json:"blobs"` // by hash
	Lists  []Checklist        `json:"lists"`
	Answer []Answer           `json:"answers"`
	Report []Report           `json:"reports"`
}

// Carrier is a member of the team, to whom the kit gives an account.
type Carrier struct {
	ID      id.ID  `json:"id"`
	StaffNo string `json:"staff_no"`
	Name    string `json:"name"`
	Unit    id.ID  `json:"unit"`
	Title   string `json:"title"`
}

// Change is a record that a kit brings back. BaseRev is the revision at home when
// the kit was issued; zero for what was made in the kit.
type Change struct {
	Kind    string          `json:"kind"`
	ID      id.ID           `json:"id"`
	BaseRev int64           `json:"base_rev"`
	Base    json.RawMessage `json:"base,omitempty"`
	Now     json.RawMessage `json:"now"`
}

// Kinds of records that come back.
const (
	carryFinding = "finding"
	carryPaper   = "paper"
	carryAnswer  = "answer"
	carryReport  = "report"
	carryClue    = "clue"
)

// Brought is what a kit brings back.
type Brought struct {
	Kit        id.ID             `json:"kit"`
	Changes    []Change          `json:"changes"`
	Files      []File            `json:"files"`
	Blobs      map[string][]byte `json:"blobs"`
	LogSize    int64             `json:"log_size"`
	Checkpoint string            `json:"checkpoint"` // of the kit's own log
}

// Merged says what became of what a kit brought.
type Merged struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	Clashes int `json:"clashes"`
}

// Wiped is the certificate of the wipe of a kit.
type Wiped struct {
	Kit        id.ID       `json:"kit"`
	At         string      `json:"at"`
	Method     string      `json:"method"`
	Files      []WipedFile `json:"files"`
	LogSize    int64       `json:"log_size"`
	Checkpoint string      `json:"checkpoint"`
	Merged     Merged      `json:"merged"`
}

// WipedFile is one file that was destroyed.
type WipedFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Hash string `json:"hash"` // SHA-256 before the wipe
}

const (
	kitFormat = "huikan-kit/1"
	// maxKit bounds what a kit may weigh once it is unpacked.
	maxKit = 512 << 20
	// kitWork is scrypt's cost of the passphrase: about a second on a laptop.
	kitWork = 17
)

// Lock encrypts a bundle under a passphrase (age, scrypt).
func Lock(b Bundle, passphrase string, w io.Writer) error {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fault.Invalid("kit.bad.passphrase").With(err)
	}
	r.SetWorkFactor(kitWork)
	enc, err := age.Encrypt(w, r)
	if err != nil {
		return fmt.Errorf("lock kit: %w", err)
	}
	z := gzip.NewWriter(enc)
	if err := json.NewEncoder(z).Encode(b); err != nil {
		return fmt.Errorf("lock kit: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("lock kit: %w", err)
	}
	return enc.Close()
}

// Unlock opens a bundle. A wrong passphrase and a damaged file are told apart
// from a file that is no kit.
func Unlock(raw []byte, passphrase string) (Bundle, error) {
	var b Bundle
	ident, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return b, fault.Invalid("kit.bad.passphrase").With(err)
	}
	ident.SetMaxWorkFactor(kitWork + 1)
	dec, err := age.Decrypt(bytes.NewReader(raw), ident)
	if err != nil {
		return b, fault.Invalid("kit.bad.file").With(err)
	}
	z, err := gzip.NewReader(dec)
	if err != nil {
		return b, fault.Invalid("kit.bad.file").With(err)
	}
	body, err := io.ReadAll(io.LimitReader(z, maxKit+1))
	if err != nil {
		return b, fault.Invalid("kit.bad.file").With(err)
	}
	if len(body) > maxKit {
		return b, fault.Limit("kit.bad.large", maxKit>>20)
	}
	if err := json.Unmarshal(body, &b); err != nil || b.Format != kitFormat || b.Kit.ID == "" {
		return b, fault.Invalid("kit.bad.format")
	}
	return b, nil
}
