-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_entry' AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
		AND NEW.leaf = OLD.leaf AND (OLD.idx IS NULL OR NEW.idx = OLD.idx) THEN
		RETURN NEW;
	END IF;
	RAISE EXCEPTION 'audit entries are never changed or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entry_keep BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_row_keep BEFORE UPDATE OR DELETE ON audit_row FOR EACH ROW EXECUTE FUNCTION audit_keep();
