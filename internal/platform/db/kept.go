package db

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// Limits of the statements that a connection keeps.
const (
	keptMost = 160     // texts; the one that was not used for longest goes first
	keptText = 4 << 10 // bytes; a longer text was put together for one use
)

// Key is the placeholder $1 of a text key in a statement that every request runs.
// SQLite, which samples the values of indices, plans a kept statement anew for
// every value that it is given; it does not look behind a cast.
const Key = "CAST($1 AS TEXT)"

// openKept opens an SQLite pool whose connections keep their statements
// prepared. The driver prepares every text anew each time, which took a third of
// the processor time of a short change; the rooms keep their plain SQL.
func openKept(dsn, begin string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{c, begin}), nil
}

type keeper struct {
	driver.Connector
	begin string
}

// plainConn is what the driver's connections can do.
type plainConn interface {
	driver.Conn
	driver.Pinger
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// Connect implements driver.Connector.
func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	plain, ok := c.(plainConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite has changed"), c.Close())
	}
	return &keptConn{plainConn: plain, begin: k.begin, known: map[string]*list.Element{}, order: list.New()}, nil
}

// keptConn is a connection with its prepared statements. database/sql lets one
// goroutine at a time use it.
type keptConn struct {
	plainConn
	begin string
	known map[string]*list.Element // of order
	order *list.List               // of *keptStmt, the last used first; none of them is in use
}

// plainStmt is what the driver's statements can do.
type plainStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type keptStmt struct {
	plainStmt
	text string
}

// keepable tells the texts that come again: reads, changes of rows, savepoints.
// What changes the schema or the connection is left to the driver.
func keepable(text string) bool {
	if len(text) > keptText {
		return false
	}
	word, _, _ := strings.Cut(text, " ")
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK":
		return true
	}
	return false
}

// take gives a statement that nobody uses: one of two open cursors over the same
// text gets a statement of its own.
func (c *keptConn) take(ctx context.Context, text string) (*keptStmt, error) {
	if e, ok := c.known[text]; ok {
		delete(c.known, text)
		return c.order.Remove(e).(*keptStmt), nil
	}
	st, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &keptStmt{st.(plainStmt), text}, nil
}

// give takes a statement back.
func (c *keptConn) give(st *keptStmt) error {
	if _, ok := c.known[st.text]; ok {
		return st.Close()
	}
	c.known[st.text] = c.order.PushFront(st)
	if c.order.Len() <= keptMost {
		return nil
	}
	old := c.order.Remove(c.order.Back()).(*keptStmt)
	delete(c.known, old.text)
	return old.Close()
}

// ExecContext implements driver.ExecerContext.
func (c *keptConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if !keepable(text) {
		return c.plainConn.ExecContext(ctx, text, args)
	}
	st, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := st.ExecContext(ctx, args)
	if err != nil {
		_ = st.Close() // says again what err says
		return nil, err
	}
	return r, c.give(st)
}

// QueryContext implements driver.QueryerContext.
func (c *keptConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if !keepable(text) {
		return c.plainConn.QueryContext(ctx, text, args)
	}
	st, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(ctx, args)
	if err != nil {
		_ = st.Close() // says again what err says
		return nil, err
	}
	return &keptRows{Rows: rows, conn: c, st: st}, nil
}

// keptRows gives its statement back when it is closed.
type keptRows struct {
	driver.Rows
	conn *keptConn
	st   *keptStmt
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	if r.st == nil {
		return nil
	}
	st := r.st
	r.st = nil
	if err := r.Rows.Close(); err != nil {
		_ = st.Close() // says again what err says
		return err
	}
	return r.conn.give(st)
}

// Close implements driver.Conn.
func (c *keptConn) Close() error {
	var errs []error
	for e := c.order.Front(); e != nil; e = e.Next() {
		errs = append(errs, e.Value.(*keptStmt).Close())
	}
	c.order.Init()
	clear(c.known)
	return errors.Join(append(errs, c.plainConn.Close())...)
}

// BeginTx implements driver.ConnBeginTx. The three statements around a
// transaction are never broken off: one that took effect while its caller went
// away would leave the connection inside of it.
func (c *keptConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(context.WithoutCancel(ctx), c.begin, nil); err != nil {
		return nil, err
	}
	return keptTx{c}, nil
}

type keptTx struct{ conn *keptConn }

// Commit implements driver.Tx. database/sql takes the connection for clean
// afterwards, whatever became of it.
func (t keptTx) Commit() error {
	_, err := t.conn.ExecContext(context.Background(), "COMMIT", nil)
	if err != nil {
		_ = t.Rollback() // SQLite may have done so itself
	}
	return err
}

// Rollback implements driver.Tx.
func (t keptTx) Rollback() error {
	_, err := t.conn.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}
