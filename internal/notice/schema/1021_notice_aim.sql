-- What kind of violation a circular teaches against: the yardstick of its effect,
-- named before it is issued. Empty for circulars of earlier versions.
ALTER TABLE notice ADD COLUMN aim TEXT NOT NULL DEFAULT '';
