// Package private finds who stands in both of two registers that may not be shown to each other.
//
// One side, the holder, keeps the register that is searched (lawyers) and a secret key; the other, the asker, keeps the
// people to look for (staff, relatives). They exchange two files and nothing else:
//
//	key, commitment := NewKey(…)                 // holder, once per campaign; the commitment is public
//	state, offer := MakeOffer(commitment, …)     // asker: blinded keys; the state is his secret
//	answer := key.Answer(offer, …)               // holder: evaluations with proof, tags, sealed labels; logged, under a quota
//	found := state.Open(answer, …)               // asker: verifies, finds, opens the labels of what both have
//
// # Method
//
// The verifiable oblivious pseudorandom function of RFC 9497 over ristretto255. Every record has values for several keys
// (linkage.EqualKey). The asker sends H(value) + r·G for secret r; the holder multiplies by his key k and proves for each
// batch that k is the committed one; the asker takes r·(k·G), a multiple of the committed public key,
// away and hashes: F(k, value). The holder computes F(k, value) of his own records and publishes, in the order of the tags,
// eight bytes of it and, under the other half, the way to a label: what linkage.Disclose tells of the record. Who
// does not hold an equal value cannot compute F without the holder, and sees random bytes.
//
// # What leaks
//
// To the holder: how many different values are asked, and when. To the asker: a bucket of the holder's size (padding in
// steps of an eighth), and of records that share a value with his the label. Values are few enough to be guessed one by
// one, so the holder evaluates within a daily quota and logs every evaluation, signed and chained, before he makes it.
//
// # Invariants
//
// Held by tests: F equals circl's own (the vectors of the RFC are not run here); a wrong key, a changed evaluation, tag or label, a cut
// file, a spent quota and a rotated key are refused by name and place; readers are total and take memory only for what
// they have read. Files are written and read a batch at a time; of a register as large as may be only one key's values and
// tags are held at once.
package private
