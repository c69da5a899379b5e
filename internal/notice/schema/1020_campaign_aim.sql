-- What kind of violation a campaign teaches against: the yardstick of its effect,
-- named before it begins. Empty for campaigns of earlier versions.
ALTER TABLE notice_campaign ADD COLUMN aim TEXT NOT NULL DEFAULT '';
