package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/web"
)

func report(what string, err error) { slog.Error(what, "err", err) }

// shutdownTime is how long requests under way may take when the server stops.
const shutdownTime = 20 * time.Second

// Serve opens an installation and serves it until ctx ends. A fresh one gets
// the unit tree and one account for each administrator, whose one-time
// passwords say prints.
func Serve(ctx context.Context, c Config, say func(line string)) error {
	if err := checkListen(c); err != nil {
		return err
	}
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
	made, err := a.FirstStart(ctx)
	if err != nil {
		return err
	}
	for _, m := range made {
		say(fmt.Sprintf("%-12s %-12s %s", m.Role, m.Login, m.Password))
	}
	return a.Listen(ctx, c, func(addr string) { say(addr) })
}

// checkListen refuses to speak in the clear to other machines.
func checkListen(c Config) error {
	if c.TLSCert != "" || c.Proxied {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fault.Invalid("error.address", c.Addr).With(err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fault.Invalid("error.listen_clear", c.Addr)
	}
	return nil
}

// Listen serves an open installation until ctx ends; ready learns the address.
func (a *App) Listen(ctx context.Context, c Config, ready func(addr string)) error {
	ctx, stop, err := kitEnd(ctx, c.Data)
	if err != nil {
		return err
	}
	defer stop()
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fault.Unavailable("error.listen", c.Addr).With(err)
	}
	a.Background(context.WithoutCancel(ctx))
	srv := web.Serve(a.Web.Handler())
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	ready(scheme + "://" + ln.Addr().String())
	end := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		end <- srv.Shutdown(stop)
	}()
	if c.TLSCert != "" {
		err = srv.ServeTLS(ln, c.TLSCert, c.TLSKey)
	} else {
		err = srv.Serve(ln)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-end
}

// ResetAccount gives the account of a sign-in name a new one-time password and
// drops its second factor and its sessions. It is the way back for an
// administrator, whom no other administrator may help; whoever can run it on the
// server holds the data anyway, and the log names it.
func (a *App) ResetAccount(ctx context.Context, login string) (password string, err error) {
	who, err := a.Account.ActorOf(ctx, login)
	if err != nil {
		return "", err
	}
	if err := a.Account.DropSecond(ctx, System(), who.Account); err != nil {
		return "", err
	}
	if password, err = a.Account.Reset(ctx, System(), who.Account); err != nil {
		return "", err
	}
	return password, a.Log.Sequence(ctx)
}

// Made is an account that a first start or the demonstration made.
type Made struct {
	Role     string `json:"role"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Password string `json:"password"` // one-time
}

// FirstStart gives an empty installation its unit tree and the three administrators.
func (a *App) FirstStart(ctx context.Context) ([]Made, error) {
	who := System()
	if len(a.Org.Directory().All()) == 0 {
		if err := a.Org.SeedTree(ctx, who); err != nil {
			return nil, err
		}
	}
	empty, err := a.Account.Empty(ctx)
	if err != nil || !empty {
		return nil, err
	}
	var out []Made
	for _, x := range []struct {
		login, name string
		role        actor.Role
	}{{"sysadmin", "系统管理员", actor.SysAdmin}, {"secadmin", "安全保密管理员", actor.SecAdmin}, {"auditor", "安全审计员", actor.Auditor}} {
		m, err := a.make(ctx, x.login, x.name, "", a.Org.Directory().Root().Name, x.role)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// make makes an account with roles over its own unit.
func (a *App) make(ctx context.Context, login, name, person, unit string, roles ...actor.Role) (Made, error) {
	acc, password, err := a.Account.Create(ctx, System(), account.NewAccount{Login: login, Name: name, Unit: unit, Person: person})
	if err != nil {
		return Made{}, fmt.Errorf("account %s: %w", login, err)
	}
	m := Made{Login: login, Name: name, Unit: unit, Password: password}
	for _, r := range roles {
		if _, err := a.Account.Give(ctx, System(), acc.ID, account.NewGrant{Role: string(r), Unit: unit}); err != nil {
			return Made{}, fmt.Errorf("account %s: %w", login, err)
		}
		m.Role = string(r)
	}
	return m, nil
}
