// Package translog keeps a log that nobody can change unnoticed (防篡改日志): a
// Merkle tree over entries, signed states of it, short proofs, and copies that
// can be verified without the server. It knows nothing of what the entries mean.
//
// The hashes are those of RFC 6962, the texts and files those of C2SP
// (tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-witness,
// tlog-proof), so that the tools of others read what is written here. The tree
// arithmetic and the notes are golang.org/x/mod/sumdb/{tlog,note}; no proof
// structure is of our own making.
//
// The core is pure. Stored hashes come through HashReader, entries through
// functions, copies through fs.FS, the time of a cosignature as an argument.
//
// # Tree
//
//	leaf   SHA-256(0x00 ‖ entry)
//	node   SHA-256(0x01 ‖ left ‖ right)
//	empty  SHA-256("")
//
// The root over n > 1 entries is the node of the roots over the first k and the
// remaining n−k entries, k being the greatest power of two smaller than n.
// Nodes over a full power of two never change again; these, and only these, are
// stored, each at the moment when its last entry arrives. In that order they
// are numbered: the storage index. Append gives the one to about log₂ n hashes
// that entry n adds, to be stored from StoredCount(n) on; two per entry on
// average.
//
// # Checkpoint
//
// Three lines, each ended by U+000A: the origin, which names the log in the form
// of a URL without scheme; the number of entries in decimal without leading
// zeros; the root in base64.
//
//	jcy.example.cn/410000/audit/1
//	0
//	47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//
// The format allows extension lines; they are refused here, because not every
// kind of cosignature covers them. A log must never sign two checkpoints of
// which one is not the beginning of the other.
//
// # Signed note
//
// The text, an empty line, and one or more signature lines:
//
//	— <key name> <base64(key identity (4 bytes) ‖ signature)>
//
// The line begins with U+2014 and a space. A key name holds no space and no
// plus sign. The key identity is the first four bytes of
// SHA-256(name ‖ 0x0A ‖ type ‖ public key); type 0x01 is Ed25519 over the text
// including its last line end, type 0x04 a cosignature. Signatures by unknown
// keys are ignored; a wrong signature under a known key spoils the note.
//
// A public key (vkey) is written name+identity in hex+base64(type ‖ key).
//
// There is exactly one text for each note and key here. base64 with loose
// trailing bits and capital hex digits, which the underlying library lets pass,
// are refused: otherwise a receipt could be altered and still verify.
//
// # Cosignature and witness
//
// A witness signs "as of this time, this is the largest consistent tree of this
// log that I have seen". Signature: 64-bit time in seconds, big endian, and
// Ed25519 over
//
//	cosignature/v1
//	time <seconds>
//	<text of the checkpoint>
//
// The request to a witness is "old <size>", the consistency proof in base64
// lines, an empty line, the signed checkpoint. Witness.AddCheckpoint checks in
// this order:
//
//	not in this form                                             400
//	origin unknown                                               404
//	no signature of a trusted key, or a wrong one                403
//	signed text is no checkpoint                                 400
//	old greater than the size of the checkpoint                  400
//	old not the size last cosigned                               409, body: that size
//	proof wrong; from size 0 not empty; equal size, other root;
//	size 0 with a root that is not the empty one                 422, keep as evidence
//	good: recorded, then                                         200, body: signature line
//
// Recording compares the old size in the same step: of two requests that were
// checked at the same time the slower one gets 409, and the record never goes
// back.
//
// # Proof file
//
//	c2sp.org/tlog-proof@v1
//	extra <base64>            (may be absent; not covered by the proof)
//	index <n>
//	<base64 hash>             (audit path, lowest first; none in a tree of one)
//
//	<signed checkpoint>
//
// Its holder can show, years later and without us, that his entry stands in the
// log. He needs the entry, this file and the log's public key.
//
// # Copy
//
// Export writes, and VerifyDir reads:
//
//	checkpoint                      signed note
//	key                             vkey and a line end; for convenience only
//	tile/<L>/<N>[.p/<W>]            up to 256 hashes of level 8·L
//	tile/entries/<N>[.p/<W>]        up to 256 entries, each after its length (u16, big endian)
//
// N has three digits to a group, all but the last group with an x before it
// (1234067 is x001/x234/067). A tile with W < 256 hashes bears .p/<W>. For a
// tree of s entries level L holds ⌊s / 256^L⌋ hashes; empty tiles do not exist.
// An entry has at most 65535 bytes. Partial tiles of earlier sizes may stay.
//
// # What a verification can tell
//
// VerifyEntries (live store) and VerifyDir (copy) derive the tree again and
// compare every node with the one that is stored. Where the two agree at a
// node, all that was derived below is right, and a deviating stored hash is
// itself wrong. Where they deviate up to a node that the checkpoint's root
// confirms as stored, the entries are wrong, and the lowest deviating node tells
// which. So an entry that was changed, exchanged, copied over, taken out or cut
// off is named by its number, a wrong hash by its index or file, even when there
// are many. Entries changed together with their hashes up to some level are
// narrowed down to the range below that level. Changed together with every hash
// up to the root they show as a fork: that they do not lead to the checkpoint is
// certain, where they deviate is then known only by comparing with another copy.
//
// A log alone cannot show that its owner cut it back and signed a shorter state
// with the same key. That is what witnesses, receipts and copies elsewhere are
// for.
package translog
