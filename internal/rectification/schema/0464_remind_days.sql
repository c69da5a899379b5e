-- A round may set how many days before the date its reminders climb; 0: as everywhere,
-- see Tiers.
ALTER TABLE rectify_round ADD COLUMN remind_handler BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rectify_round ADD COLUMN remind_line BIGINT NOT NULL DEFAULT 0;
