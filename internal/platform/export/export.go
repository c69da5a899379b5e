package export

import (
	"context"
	"time"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/sheet"
)

// Bounds of the jobs; practice of our own.
const (
	small   = 5000 // lines that are written while the asker waits
	atOnce  = 2    // jobs that run at the same time in this process
	pending = 3    // jobs of one person that wait or run
	kept    = 10   // files of one person
	keep    = 72 * time.Hour
	longest = 20 * time.Minute // one that runs longer was cut off
)

// States of a file.
const (
	Running = "running"
	Ready   = "ready"
	Failed  = "failed"
)

// Ask is a list that somebody wants as a file.
type Ask struct {
	Action string // judged again when the file is fetched
	Title  string // of the file, without ending
	Format string // "xlsx" or "csv"
	// Count counts the lines of the list, as far as it must know: at most most.
	Count func(ctx context.Context, most int) (int, error)
	// Make hands the table to write, once. It must not use the request, which may
	// be over by then: ctx is the job's.
	Make func(ctx context.Context, write func(sheet.Table) error) error
}

// File is a file that was made or is being made.
type File struct {
	ID      id.ID  `json:"id"`
	Account id.ID  `json:"-"`
	Action  string `json:"-"`
	Title   string `json:"title"`
	Format  string `json:"format"`
	Address string `json:"address"` // where it was asked for
	Footing string `json:"-"`       // what decided on the rows: access.Footing
	State   string `json:"state"`
	Lines   int    `json:"lines"` // expected while it runs
	Hash    string `json:"hash,omitempty"`
	Size    int64  `json:"size"`
	Trouble string `json:"trouble,omitempty"` // why it failed, in the asker's language
	Made    string `json:"made_at"`
	Ended   string `json:"ended_at,omitempty"`
	Fetched string `json:"fetched_at,omitempty"`
	Until   string `json:"until_at"`

	Done int `json:"done"` // lines written so far, of a job of this process
}

func (f File) name() string { return f.Title + "." + f.Format }

func mime(format string) string {
	if format == "csv" {
		return "text/csv; charset=utf-8"
	}
	return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}
