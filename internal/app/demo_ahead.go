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

// madeBefore says whether the folder holds a demonstration already.
func madeBefore(data string) bool {
	_, err := os.Stat(filepath.Join(data, demoMark))
	return err == nil
}

// demoAhead serves a demonstration that was made before, as it is some days later
// if so asked. Its people have the passwords that they chose.
func demoAhead(ctx context.Context, c DemoConfig, conf Config, ready func(demoReady)) error {
	const most = 3650
	if c.Ahead < 0 || c.Ahead > most {
		return fault.Invalid("error.demo_ahead", most)
	}
	if !madeBefore(c.Data) {
		return fault.State("error.demo_none", c.Data)
	}
	if c.Ahead > 0 {
		conf.Clock = aheadClock(time.Duration(c.Ahead) * 24 * time.Hour)
	}
	a, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	return errors.Join(a.Listen(ctx, conf, func(addr string) { ready(demoReady{Address: addr}) }), a.Close())
}
