package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"huikan/internal/kernel/clock"
)

// Limiter bounds how often something may come from one network address: so many
// at once, and so many a second afterwards.
type Limiter struct {
	every rate.Limit
	burst int
	clock clock.Clock

	mu  sync.Mutex
	of  map[netip.Prefix]*rate.Limiter
	max int // addresses remembered
}

// maxAddresses bounds the memory that an attacker with many addresses can take.
const maxAddresses = 10_000

// NewLimiter allows burst at once and every a second afterwards.
func NewLimiter(c clock.Clock, every float64, burst int) *Limiter {
	return &Limiter{every: rate.Limit(every), burst: burst, clock: c, of: map[netip.Prefix]*rate.Limiter{}, max: maxAddresses}
}

// Take uses one up; false when there is none.
func (l *Limiter) Take(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limiter(address).AllowN(l.clock.Now(), 1)
}

// Left tells whether there is one, without using it.
func (l *Limiter) Left(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limiter(address).TokensAt(l.clock.Now()) >= 1
}

func (l *Limiter) limiter(address string) *rate.Limiter {
	p := place(address)
	r := l.of[p]
	if r == nil {
		if len(l.of) >= l.max {
			l.forget(l.clock.Now())
		}
		r = rate.NewLimiter(l.every, l.burst)
		l.of[p] = r
	}
	return r
}

// forget drops the addresses that have all they can have; when none has, all of
// them: a new start is better than no bound on memory.
func (l *Limiter) forget(now time.Time) {
	for p, r := range l.of {
		if r.TokensAt(now) >= float64(l.burst) {
			delete(l.of, p)
		}
	}
	if len(l.of) >= l.max {
		clear(l.of)
	}
}

// place is what counts as one address: an IPv6 customer owns a whole /64.
func place(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{} // what is no address shares one place
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Address is the network address of a request without its port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// behindProxy puts the address that our own proxy saw in the place of the
// proxy's: the last one of X-Forwarded-For. What stands before it was written by
// the client and proves nothing.
func behindProxy(r *http.Request) {
	vs := r.Header.Values("X-Forwarded-For")
	if len(vs) == 0 {
		return
	}
	last := vs[len(vs)-1]
	if i := strings.LastIndexByte(last, ','); i >= 0 {
		last = last[i+1:]
	}
	if a, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
		r.RemoteAddr = net.JoinHostPort(a.Unmap().String(), "0")
	}
}
