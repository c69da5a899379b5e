package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"huikan/internal/kernel/fault"
)

// demoMark tells the folder of a demonstration from one with real work, whose
// clock is nobody's to move.
const demoMark = "demonstration"

// aheadClock is the machine's clock, so much later.
type aheadClock time.Duration

// Now implements clock.Clock.
func (c aheadClock) Now() time.Time { return time.Now().Add(time.Duration(c)) }

// demoAhead serves a demonstration that was made before as it is some days later.
// Its people have the passwords that they chose.
func demoAhead(ctx context.Context, c DemoConfig, conf Config, ready func(demoReady)) error {
	const most = 3650
	if c.Ahead < 0 || c.Ahead > most {
		return fault.Invalid("error.demo_ahead", most)
	}
	if _, err := os.Stat(filepath.Join(c.Data, demoMark)); err != nil {
		return fault.State("error.demo_none", c.Data)
	}
	conf.Clock = aheadClock(time.Duration(c.Ahead) * 24 * time.Hour)
	a, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	return errors.Join(a.Listen(ctx, conf, func(addr string) { ready(demoReady{Address: addr}) }), a.Close())
}
