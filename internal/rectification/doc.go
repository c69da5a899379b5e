// Package rectification keeps what becomes of findings once they are fed back:
// items (整改事项), measures (整改措施), progress, evidence (佐证材料), close-out by
// somebody else (销号), extension, reopening. It is the "second half" (后半篇文章).
//
// Sources of the rules: Regulations on Inspection Work (巡视工作条例, 2024 text) and
// the practice of published circulars, domain rules I-8 to I-19.
//
// # Invariants
//
//   - One item per finding, made in the transaction of the feedback. The first
//     clock (day of feedback, first deadline) never changes afterwards.
//   - Three axes stay apart: the state of the procedure (流程), what the unit says
//     of itself in its own word (单位填报), what the look-back found (核查结论).
//   - Whoever had a hand in the work never judges it: not the plan, not the
//     close-out, not an extension. That is a matter of the person, not of the role.
//   - Before closing, the reviewer has opened every piece of evidence in force
//     since the application; each opening is an entry of the log.
//   - Progress, evidence, applications and decisions are never overwritten. A
//     correction or a new revision names what it replaces.
//   - A file belongs to one item for ever and is given out only to who may read
//     that item, judged anew each time.
//   - Overdue (超期) and nearly due (临期) are computed from dates, never stored.
//
// # States
//
//	to_claim → planning → plan_review → rectifying → applied → closed
//	plan_review → planning (returned with reason); applied → returned → applied
//	rectifying, applied → long_term (partial or long-term, with milestones) → applied
//	closed → reopened → applied
//	rectifying, returned, long_term, reopened → overtaken → rectifying
//	rectifying, returned, long_term, reopened → accepted → rectifying
//	all but closed → withdrawn (its finding was, after an objection)
//
// Who may what: Flow and policy.go.
package rectification
