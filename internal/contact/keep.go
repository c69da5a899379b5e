package contact

import (
	"sync"
	"time"
)

// keep holds what was read, under keys, for a while. What it gives is shared and must
// not be changed.
type keep[V any] struct {
	age  time.Duration // how long it holds a value
	most int           // values at once; beyond it all are dropped

	mu   sync.Mutex
	by   map[string]held[V]
	turn int // of forget: what was being read then is not kept
}

type held[V any] struct {
	at time.Time
	v  V
}

// get gives what is held under a key, or reads it; read tells whether it is worth
// being held.
func (c *keep[V]) get(key string, now time.Time, read func() (v V, worth bool, err error)) (V, error) {
	c.mu.Lock()
	x, ok := c.by[key]
	turn := c.turn
	c.mu.Unlock()
	if age := now.Sub(x.at); ok && age >= 0 && age < c.age {
		return x.v, nil
	}
	v, worth, err := read()
	if err != nil || !worth {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn != turn {
		return v, nil
	}
	if c.by == nil || len(c.by) >= c.most {
		c.by = map[string]held[V]{}
	}
	c.by[key] = held[V]{now, v}
	return v, nil
}

// forget drops all.
func (c *keep[V]) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by, c.turn = nil, c.turn+1
}
