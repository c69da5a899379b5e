package screening

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/linkage"
	"huikan/linkage/registers"
)

//go:embed clinic/*.csv
var clinicFiles embed.FS

// Model is a version of the linkage's weights with what the clinic measured.
type Model struct {
	ID          id.ID   `json:"id"`
	Model       string  `json:"model"` // name of its content
	Recall      float64 `json:"recall"`
	AutoRecall  float64 `json:"auto_recall"`
	FalseAlarms float64 `json:"false_alarms"` // share of wrong pairs among those called nearly certain
	State       string  `json:"state"`
	Reason      string  `json:"reason,omitempty"` // of an override
	By          id.ID   `json:"by,omitempty"`
	At          string  `json:"at"`
	Rev         int64   `json:"rev"`
	report      string
	parts       string // file of the vault
}

// States of a model.
const (
	Measured = "measured"
	InUse    = "in_use"
)

// Report is the match-quality clinic: labelled pairs, made up and shipped, linked
// by one model.
type Report struct {
	Model       string     `json:"model"`
	Truth       int        `json:"truth"`
	Found       int        `json:"found"` // in auto or review
	Auto        int        `json:"auto"`
	AutoRight   int        `json:"auto_right"`
	Review      int        `json:"review"`
	ReviewRight int        `json:"review_right"`
	ByTag       []TagScore `json:"by_tag"`
	Missed      []string   `json:"missed,omitempty"` // the first missed pairs
}

// TagScore is the recall over the pairs with one difficulty.
type TagScore struct {
	Tag   string `json:"tag"`
	Truth int    `json:"truth"`
	Found int    `json:"found"`
}

// Recall is the share of true pairs that reach a reviewer.
func (r Report) Recall() float64 { return share(r.Found, r.Truth) }

// AutoRecall is the share of true pairs called nearly certain.
func (r Report) AutoRecall() float64 { return share(r.AutoRight, r.Truth) }

// FalseAlarms is the share of wrong pairs among those called nearly certain.
func (r Report) FalseAlarms() float64 { return share(r.Auto-r.AutoRight, r.Auto) }

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// clinicSet reads one of the labelled registers.
func clinicSet(ctx context.Context, name string, c linkage.Columns, rs linkage.Rules, owners *linkage.Owners) (*linkage.Set, error) {
	raw, err := clinicFiles.ReadFile("clinic/" + name + ".csv")
	if err != nil {
		return nil, err
	}
	set, _, err := linkage.ReadTable(ctx, name+".csv", bytes.NewReader(raw), c, rs, owners, linkage.Options{Workers: 1})
	return set, err
}

// Measure links the clinic's registers with a model and compares with the truth.
// With none it measures the starting values.
func Measure(ctx context.Context, m *linkage.Model) (Report, error) {
	var r Report
	rs := registers.Rules()
	if m != nil {
		rs = m.Rules
	}
	lawyers, err := clinicSet(ctx, "lawyers", registers.LawyerColumns, rs, nil)
	if err != nil {
		return r, err
	}
	staff, err := clinicSet(ctx, "staff", registers.StaffColumns, rs, nil)
	if err != nil {
		return r, err
	}
	relatives, err := clinicSet(ctx, "relatives", registers.RelativeColumns, rs, linkage.NewOwners(staff))
	if err != nil {
		return r, err
	}
	if m == nil {
		m = linkage.Default(rs, defaultRate, staff, relatives)
	}
	r.Model = m.ID()
	index := linkage.NewIndex(lawyers, m)
	bands := map[string]linkage.Band{}
	for source, left := range map[string]*linkage.Set{registers.Sources[0]: staff, registers.Sources[1]: relatives} {
		links, err := index.Link(ctx, left, linkage.Options{Workers: 1})
		if err != nil {
			return r, err
		}
		for _, l := range links {
			bands[source+" "+left.ID(l.Left)+" "+index.ID(l.Right)] = l.Band
		}
	}
	return r, r.count(bands)
}

// count compares the links with the planted truth.
func (r *Report) count(bands map[string]linkage.Band) error {
	raw, err := clinicFiles.ReadFile("clinic/truth.csv")
	if err != nil {
		return err
	}
	truth, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return fmt.Errorf("clinic/truth.csv: %w", err)
	}
	tags := map[string]*TagScore{}
	for _, t := range truth[1:] {
		pair := t[0] + " " + t[1] + " " + t[2]
		band, found := bands[pair]
		delete(bands, pair)
		r.Truth++
		for _, tag := range tagsOf(t[4]) {
			if tags[tag] == nil {
				tags[tag] = &TagScore{Tag: tag}
			}
			tags[tag].Truth++
			if found {
				tags[tag].Found++
			}
		}
		switch {
		case !found:
			if len(r.Missed) < 20 {
				r.Missed = append(r.Missed, pair+" "+t[4])
			}
		case band == linkage.Auto:
			r.Found, r.Auto, r.AutoRight = r.Found+1, r.Auto+1, r.AutoRight+1
		default:
			r.Found, r.Review, r.ReviewRight = r.Found+1, r.Review+1, r.ReviewRight+1
		}
	}
	for _, band := range bands { // what is left is wrong
		if band == linkage.Auto {
			r.Auto++
		} else {
			r.Review++
		}
	}
	for _, k := range sortedKeys(tags) {
		r.ByTag = append(r.ByTag, *tags[k])
	}
	return nil
}

// tagsOf are the kinds of damage of a pair, whichever side has them.
func tagsOf(s string) []string {
	out := []string{"all"}
	for t := range strings.SplitSeq(s, "|") {
		_, kind, ok := strings.Cut(t, ".")
		if ok && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	if len(out) == 1 {
		out = append(out, "plain")
	}
	return out
}

// tolerance is by how much recall may fall before an upgrade counts as worse:
// less than one of the clinic's pairs.
const tolerance = 1e-9

// inForce measures the model that is used now.
func (s *Service) inForceReport(ctx context.Context) (Report, error) {
	var m Model
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { m, err = activeModel(ctx, q); return err }); err != nil {
		return Report{}, err
	}
	if m.ID == "" {
		return Measure(ctx, nil)
	}
	x, err := s.loadModel(m)
	if err != nil {
		return Report{}, err
	}
	return Measure(ctx, x)
}

func (s *Service) canClinic(who actor.Actor, action string) error {
	return s.policy.Can(who, action, access.Object{Kind: "model"})
}

// Propose learns weights from the registers in force, or takes a model file, and
// measures it on the labelled pairs. It is not used until it is chosen.
func (s *Service) Propose(ctx context.Context, who actor.Actor, file []byte) (m Model, r Report, err error) {
	if err := s.canClinic(who, "screening.clinic"); err != nil {
		return m, r, err
	}
	var x *linkage.Model
	if file != nil {
		if x, err = linkage.Load(bytes.NewReader(file)); err != nil {
			return m, r, fault.Invalid("clinic.error.model").With(err)
		}
	} else {
		b, sd, err := s.boardFor(ctx, true)
		if err != nil {
			return m, r, err
		}
		if b.ours.size() == 0 || len(sd.lawyers) == 0 {
			return m, r, fault.State("clinic.error.empty")
		}
		if x, err = linkage.Learn(ctx, sd.index, linkage.LearnOptions{}, sd.oursSet); err != nil {
			return m, r, err
		}
	}
	if r, err = Measure(ctx, x); err != nil {
		return m, r, err
	}
	raw, err := saveModel(x)
	if err != nil {
		return m, r, err
	}
	st, err := s.Files.Put(ctx, "model.txt", bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return m, r, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return m, r, err
	}
	m = Model{ID: id.New(), Model: x.ID(), Recall: r.Recall(), AutoRecall: r.AutoRecall(), FalseAlarms: r.FalseAlarms(), State: Measured, By: who.Person, Rev: 1,
		report: string(text), parts: st.Hash}
	err = s.log.Write(ctx, who, "model.measure", func(tx *audit.Tx) error {
		m.At = tx.At
		return insertModel(ctx, tx, m)
	})
	return m, r, err
}

// UpgradeCmd puts a model in force.
type UpgradeCmd struct {
	Rev      int64  `json:"rev"`
	Override bool   `json:"override"`
	Reason   string `json:"reason"`
}

// Upgrade puts a measured model in force. One that finds fewer of the labelled
// pairs than the one in force is refused, unless the actor overrides it and says why.
func (s *Service) Upgrade(ctx context.Context, who actor.Actor, n id.ID, cmd UpgradeCmd) error {
	if err := s.canClinic(who, "screening.upgrade"); err != nil {
		return err
	}
	now, err := s.inForceReport(ctx)
	if err != nil {
		return err
	}
	err = s.log.Write(ctx, who, "model.upgrade", func(tx *audit.Tx) error {
		m, err := modelByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != m.Rev {
			return fault.Conflict("model")
		}
		if m.Recall < now.Recall()-tolerance {
			if !cmd.Override {
				return fault.State("clinic.error.worse", percent(m.Recall), percent(now.Recall()))
			}
			var f fault.Fields
			f.Need("reason", cmd.Reason)
			f.Max("reason", cmd.Reason, maxReason)
			if err := f.Err(); err != nil {
				return err
			}
			tx.Note("override", cmd.Reason)
		}
		old, err := models(ctx, tx)
		if err != nil {
			return err
		}
		for _, o := range old {
			if o.State == InUse && o.ID != m.ID {
				o.State = Measured
				if err := updateModel(ctx, tx, o); err != nil {
					return err
				}
			}
		}
		m.State, m.Reason = InUse, cmd.Reason
		return updateModel(ctx, tx, m)
	})
	if err == nil {
		s.forget()
	}
	return err
}

func percent(v float64) string { return fmt.Sprintf("%.1f%%", v*100) }

// Models lists the measured models, newest first.
func (s *Service) Models(ctx context.Context, who actor.Actor) (out []Model, err error) {
	if err := s.canClinic(who, "screening.clinic"); err != nil {
		return nil, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error { out, err = models(ctx, q); return err })
	return slices.Clip(out), err
}
