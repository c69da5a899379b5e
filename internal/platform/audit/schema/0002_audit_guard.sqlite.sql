-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER audit_entry_keep BEFORE UPDATE OF id, at, action, leaf ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entry_stay BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entry_place BEFORE UPDATE OF idx ON audit_entry WHEN OLD.idx IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'audit entries keep their place'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_row_keep BEFORE UPDATE ON audit_row
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_row_stay BEFORE DELETE ON audit_row
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
-- +goose StatementEnd
