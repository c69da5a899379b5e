package contact

import (
	"context"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// ReceiptKind names the form of a receipt.
const ReceiptKind = "huikan-receipt-1"

// Receipt is what a reporter keeps: his record as he handed it in, and the
// testimony that it stood in the log on that day. With the installation's public
// key, which he should have from elsewhere, it is checked without this program's
// database: huikan log prove --receipt FILE.
type Receipt struct {
	Kind      string          `json:"kind"`
	Code      string          `json:"code"`
	Recorded  clock.Date      `json:"recorded_on"`
	Origin    string          `json:"origin"`
	Key       string          `json:"key"`
	Payload   string          `json:"payload"` // exactly the sealed text
	Testimony audit.Testimony `json:"testimony"`
}

// ReceiptOf makes the receipt of the reporter's own record.
func (s *Service) ReceiptOf(ctx context.Context, who actor.Actor, n id.ID) (rc Receipt, err error) {
	var entry Entry
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		m, err := s.load(ctx, q, who, n, "matter.receipt")
		if err != nil {
			return err
		}
		env, err := s.envelope(ctx, q, n, "reporter")
		if err != nil {
			return err
		}
		es, err := entriesOf(ctx, q, n)
		if err != nil {
			return err
		}
		for _, e := range es {
			if e.Do == "submit" {
				entry = e
			}
		}
		plain, err := env.Open(where1(entry.ID), entry.sealed)
		rc = Receipt{Kind: ReceiptKind, Code: m.Code, Recorded: m.Recorded, Origin: s.log.Origin(), Key: s.log.Key(), Payload: string(plain)}
		return err
	})
	if err != nil {
		return rc, err
	}
	rc.Testimony, err = s.log.Testify(ctx, "contact_entry", entry.ID)
	return rc, err
}

// CheckReceipt verifies a receipt offline; key is the public key as it is known
// from elsewhere, the receipt's own when empty.
func CheckReceipt(text []byte, key string) (rc Receipt, c Content, err error) {
	if err := json.Unmarshal(text, &rc); err != nil || rc.Kind != ReceiptKind {
		return rc, c, fault.Invalid("receipt.bad").With(err)
	}
	if key == "" {
		key = rc.Key
	}
	if err := rc.Testimony.Check(key, rc.Origin); err != nil {
		return rc, c, err
	}
	var p payload
	if err := json.Unmarshal([]byte(rc.Payload), &p); err != nil || p.Content == nil {
		return rc, c, fault.State("receipt.content").With(err)
	}
	if have, ok := rc.Testimony.Column("commitment"); !ok || have != commitment(p.Nonce, []byte(rc.Payload)) {
		return rc, c, fault.State("receipt.content").With(fmt.Errorf("commitment %q", have))
	}
	if day := rc.Testimony.At; day != "" {
		if at, err := clock.ParseInstant(day); err != nil || clock.Of(at) != rc.Recorded {
			return rc, c, fault.State("receipt.content")
		}
	}
	return rc, *p.Content, nil
}
