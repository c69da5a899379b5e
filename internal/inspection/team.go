package inspection

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Team is a group of inspectors in one round. Its powers end with the round:
// leaders are authorised per inspection (一次一授权, domain I-20).
type Team struct {
	ID      id.ID    `json:"id"`
	Round   id.ID    `json:"round"`
	Name    string   `json:"name"`
	Members []Member `json:"members"`
	Rev     int64    `json:"rev"`
}

// Member is a seat in a team.
type Member struct {
	ID     id.ID      `json:"id"`
	Person id.ID      `json:"person"`
	Role   actor.Role `json:"role"` // TeamLeader or Inspector, Lookback in a look-back round
	Post   string     `json:"post"` // leader, deputy, member
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
}

// Posts in a team (domain I-20: one leader, one or two deputies).
const (
	PostLeader = "leader" // 组长
	PostDeputy = "deputy" // 副组长
	PostMember = "member" // 成员
)

// Posts lists the posts in order of rank.
func Posts() []string { return []string{PostLeader, PostDeputy, PostMember} }

// RoleOf is the role that a post gives in a round of a kind. A look-back leader
// holds TeamLeader; Teams adds Lookback for him.
func RoleOf(post, kind string) actor.Role {
	switch {
	case post == PostLeader:
		return actor.TeamLeader
	case kind == KindLookback:
		return actor.Lookback
	}
	return actor.Inspector
}

// Active tells whether the seat is held on a day.
func (m Member) Active(on clock.Date) bool {
	return (m.From == "" || m.From <= on) && (m.To == "" || m.To >= on)
}

// Open counts the seats that have no end.
func (t Team) Open() (n int) {
	for _, m := range t.Members {
		if m.To == "" {
			n++
		}
	}
	return n
}

// Leader finds the leader whose seat has no end.
func (t Team) Leader() (Member, bool) {
	for _, m := range t.Members {
		if m.Post == PostLeader && m.To == "" {
			return m, true
		}
	}
	return Member{}, false
}
