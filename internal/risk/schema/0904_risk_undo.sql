-- An import that was a mistake is undone by a version of its own; 0 undoes none.
ALTER TABLE risk_load ADD COLUMN undoes BIGINT NOT NULL DEFAULT 0;
