// Package actor says who acts: the person, his unit, the roles that he holds
// over which part of the tree, his teams, and the people whose matters he must
// not see. It is a value: made at the start of a request and never changed.
package actor

import (
	"context"
	"slices"

	"huikan/internal/kernel/id"
)

// Role is a duty that a post or a team gives to a person.
type Role string

// The roles. Names follow the glossary.
const (
	Staff               Role = "staff"                // 检察人员: everybody who is signed in
	Leader              Role = "leader"               // 院领导: sees and signs
	Office              Role = "office"               // 巡视办: plans rounds, runs the second half
	TeamLeader          Role = "team_leader"          // 巡视组组长 (by team)
	Inspector           Role = "inspector"            // 巡视组成员 (by team)
	UnitHead            Role = "unit_head"            // 被巡视单位主要负责人, first responsible person
	Liaison             Role = "liaison"              // 整改联络员 of a unit
	Reviewer            Role = "reviewer"             // 销号审核: 巡视办, 纪检监察, 组织部门
	Lookback            Role = "lookback"             // 回头看组成员 (by team of a look-back round)
	Supervisor          Role = "supervisor"           // 督办: breaks a meeting down and follows it
	Personnel           Role = "personnel"            // 政治部: units, people, posts
	Discipline          Role = "discipline"           // 纪检监察: receives clues
	InternalSupervision Role = "internal_supervision" // 检务督察: register of inquiries, screening, conduct cases, risk alerts
	BarLiaison          Role = "bar_liaison"          // 司法行政机关联络员: of the justice administration, no staff of ours
	SysAdmin            Role = "sysadmin"             // 系统管理员
	SecAdmin            Role = "secadmin"             // 安全保密管理员
	Auditor             Role = "auditor"              // 安全审计员
	System              Role = "system"               // the program's own jobs and the command line of the data's owner
)

// Roles lists every role that can be granted to a person by an account grant.
func Roles() []Role {
	return []Role{Staff, Leader, Office, UnitHead, Liaison, Reviewer, Supervisor, Personnel, Discipline, InternalSupervision, BarLiaison, SysAdmin, SecAdmin, Auditor}
}

// TeamRoles come only from membership in a team.
func TeamRoles() []Role { return []Role{TeamLeader, Inspector, Lookback} }

// Administrator tells whether r is one of the three administrators (三员), who
// never see business content and exclude each other.
func (r Role) Administrator() bool { return r == SysAdmin || r == SecAdmin || r == Auditor }

// Grant gives a role over a unit and everything below it.
type Grant struct {
	Role Role
	Unit id.ID
	Path string // the unit's path, so that subtree tests need no look-up
}

// Membership is a seat in an inspection team.
type Membership struct {
	Team  id.ID
	Round id.ID
	Role  Role
}

// Actor is whoever asks for something.
type Actor struct {
	Account id.ID
	Person  id.ID
	Name    string
	Unit    id.ID
	Path    string // of the unit
	Grants  []Grant
	Teams   []Membership
	Related []id.ID // persons whose matters he must not see besides his own: declared relatives
	Session string  // short name of the session for the log, never the token
	Address string  // network address
	Lang    string
}

// Program is the actor of the program's own jobs, migrations and the command line.
func Program(name string) Actor {
	return Actor{Name: name, Grants: []Grant{{Role: System}}}
}

// Anonymous tells that nobody is signed in.
func (a Actor) Anonymous() bool { return a.Account == "" && !a.Has(System) }

// Has tells whether the actor holds a role anywhere.
func (a Actor) Has(r Role) bool {
	for _, g := range a.Grants {
		if g.Role == r {
			return true
		}
	}
	for _, m := range a.Teams {
		if m.Role == r {
			return true
		}
	}
	return r == Staff && a.Account != "" && !a.administrator() && !a.outsider()
}

// outsider tells somebody of another authority: he is not staff of ours, whatever
// unit his account is for.
func (a Actor) outsider() bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == BarLiaison })
}

func (a Actor) administrator() bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role.Administrator() })
}

// Holds lists the distinct roles of the actor, in a fixed order.
func (a Actor) Holds() []Role {
	var out []Role
	for _, r := range append(Roles(), append(TeamRoles(), System)...) {
		if a.Has(r) {
			out = append(out, r)
		}
	}
	return out
}

// Kin is himself and the declared relatives: whatever concerns one of them is
// hidden from him, counts included.
func (a Actor) Kin() []id.ID {
	if a.Person == "" {
		return a.Related
	}
	return append([]id.ID{a.Person}, a.Related...)
}

type key struct{}

// Into puts the actor into a context.
func Into(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From takes the actor out; the zero Actor is anonymous.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
