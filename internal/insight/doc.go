// Package insight is the first page of everybody (待办), the dashboard and the
// search over what one may see. It owns no record: it asks the rooms, and shows
// figures that lead to the lists behind them.
//
// A figure of the dashboard is never older than a minute and says of when it
// is. What a reader may not see is not counted: a matter that concerns him or a
// relative is taken out of every total before it is drawn.
package insight
