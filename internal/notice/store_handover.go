package notice

import "huikan/internal/org"

var (
	handReceipts = org.Rows{Key: "receipts", Table: "notice_receipt", Where: `state <> 'studied' AND EXISTS (SELECT 1 FROM notice n WHERE n.id = notice_receipt.notice_id AND n.state <> 'closed')
		AND NOT EXISTS (SELECT 1 FROM notice_receipt o WHERE o.notice_id = notice_receipt.notice_id AND o.unit_id = $2)`}
	handParts = org.Rows{Key: "parts", Table: "notice_part", Where: `reported = 0 AND EXISTS (SELECT 1 FROM notice_campaign c WHERE c.id = notice_part.campaign_id AND c.state = 'running')
		AND NOT EXISTS (SELECT 1 FROM notice_part o WHERE o.campaign_id = notice_part.campaign_id AND o.unit_id = $2)`}
)
