// Package clock knows civil dates, instants and working days.
//
// Law counts in civil dates of Beijing time; the log counts in instants of UTC.
// The two are kept apart by type: a [Date] has no hour and no zone, an instant
// is fixed-width text that sorts as it reads. Rules never ask what time it is:
// they take a date as argument, and only the edge of the program holds a [Clock].
//
// Working days (工作日) follow a table of public holidays (节假日) and make-up
// days (调休上班). A year that the table does not know yet counts weekends only,
// and every answer that touched such a year says so (provisional), because the
// State Council publishes next year's arrangement only in the autumn.
package clock
