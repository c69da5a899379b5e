// Package directive takes a meeting's deployment (部署) down to the desk: a
// meeting report becomes themes and requirements (要求), a person confirms them,
// and they become tasks (督办事项) for units at four levels, which are signed
// for, worked on, reported and reviewed by somebody else.
//
// Sources: the founding report (three “grasp as one”, the look-back's five
// points, demands on the teams, work of the second quarter) and the practice of
// supervising tasks in eight nodes 立项–审核–通知–签收–办理–反馈–复核–办结 (domain A8).
//
// # Invariants
//
//   - A requirement quotes an exact piece of a paragraph of its report; the
//     report itself is never changed after import.
//   - A requirement is dropped with a reason and stays visible.
//   - A task names the requirements that it serves, or says why it serves none;
//     the line from sentence to task can be read from both ends.
//   - Whoever reported a task does not accept it: that is a matter of the person.
//   - Entries of a task are dated and never overwritten.
//   - Lamps (正常, 临期, 超期) are computed from dates, never stored.
//
// Who may what: Flow, TaskFlow and policy.go.
package directive
