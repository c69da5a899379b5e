// Package account is who may sign in and as what: local sign-in with argon2id,
// forced change of the first password, lock-out, a second factor (TOTP, RFC
// 6238), sessions with idle and absolute time-out, and the grants that make a
// person an inspector's office, a unit's liaison or one of the three
// administrators (三员).
//
// Rules kept here:
//   - Person, account and post are three things: rules about "somebody else" mean the person.
//   - A person holds at most one of the three administrators' roles, and an
//     administrator holds no business role (GB/T 22239-2019 §8.1.5 as cited in the
//     security reference; the official text must be confirmed by the assessor).
//   - The system administrator makes and disables accounts, the security officer
//     grants roles and unlocks, the auditor reads the log. None does another's part.
//   - Nobody chooses a password for somebody else: an account starts with a
//     one-time password that must be changed before anything else.
//   - Five failures within fifteen minutes lock an account for half an hour; the
//     answer to a wrong password, an unknown name and a locked account is the same.
//   - Sessions end after 15 idle minutes (administrators 10) and 12 hours at most;
//     they end at once when the account is disabled or its roles change.
package account
