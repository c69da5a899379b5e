// Package pair finds the records that different people made of one contact: the handler, the head of the department
// and the leader of a unit, each at his level, each with his own words, some with the full name, some with 王某, some
// with the last four figures of the case number, some a day or two later.
//
// It is arithmetic and nothing else: no database, no page, no person is judged. A caller hands over records and gets
// pairs with a probability, the facts that speak for and against each pair in bits, and groups of records that belong
// to one contact. What follows from a group or from its absence is the business of the room above.
//
// # Method
//
// Fellegi and Sunter's model of record linkage. Pairs worth comparing lie within [Options.Window] days and in one
// prefecture, or one of them was made at the provincial or national level and a name or case number speaks for it.
// Each fact of a pair is brought to a small level ([Level]): equal, nearly equal, in part, missing, different. For each
// fact and level the model holds how often it is seen among records of one contact (m) and among others (u); log2(m/u)
// is the weight in bits. The weights start from [prior] and are fitted to the records at hand by expectation
// maximisation without labels; the prior counts as so many pairs seen before, so that a handful of records cannot bend
// it. An equal rare name weighs more than an equal common one. Facts are taken as independent given the answer.
//
// Groups grow from the most certain pair: two groups join when the bits of all pairs between them, for and against, add
// up to more than nothing. So a record that fits two contacts goes to the better one, and one weak link does not chain
// two contacts into one.
//
// # Invariants (held by tests)
//
//   - The order of the records does not matter.
//   - Pairs of one group have a probability of at least one half, all others less.
//   - The bits of a pair's lines and the prior add up to its odds, but for pairs whose group decided otherwise ([Pair.Joined]).
package pair
