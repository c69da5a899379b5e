package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// kitMark is the file that makes a data folder a kit; kitFile is the locked kit
// itself, which tells what it started from.
const (
	kitMark = "kit.json"
	kitFile = "kit.age"
)

type kitInfo struct {
	Kit     id.ID      `json:"kit"`
	Expires clock.Date `json:"expires"`
}

// readKitMark tells whether a data folder is a kit.
func readKitMark(data string) (kitInfo, bool, error) {
	var k kitInfo
	raw, err := os.ReadFile(filepath.Join(data, kitMark))
	if errors.Is(err, fs.ErrNotExist) {
		return k, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err != nil {
		return k, true, fault.Unavailable("kit.bad.mark", data).With(err)
	}
	return k, true, nil
}

// kitRooms are the rooms that a kit opens: field work, what it stands on and the
// search. What somebody did in another one would not come back, and would be wiped.
var kitRooms = []string{"org", "person", "account", "inspection", "fieldwork", "export", "insight"}

// kitAlive refuses a kit that has run out.
func kitAlive(data string, today clock.Date) error {
	k, is, err := readKitMark(data)
	if err == nil && is && today > k.Expires {
		return fault.State("kit.expired", string(k.Expires))
	}
	return err
}

// kitEnd bounds serving by the end of a kit's last day.
func kitEnd(ctx context.Context, data string) (context.Context, context.CancelFunc, error) {
	k, is, err := readKitMark(data)
	if err != nil || !is {
		return ctx, func() {}, err
	}
	ctx, cancel := context.WithDeadline(ctx, k.Expires.AddDays(1).Time().In(clock.Beijing))
	return ctx, cancel, nil
}

// NewPassphrase makes a passphrase for a kit.
func NewPassphrase() string { return fieldwork.NewPassphrase() }

// KitOrder says for whom a kit is.
type KitOrder struct {
	Round, Team string // id or name; the team may be left out when there is one
	Days        int
}

// IssueKit writes a locked kit for a team of a round.
func (a *App) IssueKit(ctx context.Context, o KitOrder, passphrase string, w io.Writer) (fieldwork.Kit, error) {
	var team id.ID
	err := a.DB.Read(ctx, func(q db.Q) error {
		rounds, err := inspection.Rounds(ctx, q)
		if err != nil {
			return err
		}
		rounds = slices.DeleteFunc(rounds, func(r inspection.Round) bool { return string(r.ID) != o.Round && r.Name != o.Round })
		if len(rounds) != 1 {
			return fault.Invalid("kit.bad.round", o.Round, len(rounds))
		}
		teams, err := inspection.TeamsOf(ctx, q, rounds[0].ID)
		if err != nil {
			return err
		}
		if o.Team != "" {
			teams = slices.DeleteFunc(teams, func(t inspection.Team) bool { return string(t.ID) != o.Team && t.Name != o.Team })
		}
		if len(teams) != 1 {
			return fault.Invalid("kit.bad.team", o.Team, len(teams))
		}
		team = teams[0].ID
		return nil
	})
	if err != nil {
		return fieldwork.Kit{}, err
	}
	return a.Fieldwork.IssueKit(ctx, System(), team, o.Days, passphrase, w)
}

// unitMap maps the identifiers of units of a bundle to those of an installation.
func (a *App) unitMap(units map[id.ID]string) (map[id.ID]id.ID, error) {
	out := map[id.ID]id.ID{}
	for home, code := range units {
		u, ok := a.Org.Directory().ByCode(code)
		if !ok {
			return nil, fault.Invalid("kit.bad.unit", code)
		}
		out[home] = u.ID
	}
	return out, nil
}

// OpenKit unlocks a kit into an empty data folder and gives its people accounts.
func OpenKit(ctx context.Context, c Config, raw []byte, passphrase string) (made []Made, b fieldwork.Bundle, err error) {
	if b, err = fieldwork.Unlock(raw, passphrase); err != nil {
		return nil, b, err
	}
	now := clock.Clock(clock.System{})
	if c.Clock != nil {
		now = c.Clock
	}
	if today := clock.Today(now); today > b.Kit.Expires {
		return nil, b, fault.State("kit.expired", string(b.Kit.Expires))
	}
	a, err := Open(ctx, c)
	if err != nil {
		return nil, b, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if len(a.Org.Directory().All()) > 0 {
		return nil, b, fault.State("kit.not_empty", c.Data)
	}
	if err := a.Org.SeedTree(ctx, System()); err != nil {
		return nil, b, err
	}
	to, err := a.unitMap(b.Units)
	if err != nil {
		return nil, b, err
	}
	in, err := fieldwork.Translated(b, to)
	if err != nil {
		return nil, b, err
	}
	var people []person.NewPerson
	for _, p := range in.People {
		people = append(people, person.NewPerson{ID: p.ID, StaffNo: p.StaffNo, Name: p.Name, Unit: string(p.Unit), Title: p.Title})
	}
	if err := a.Person.AddMany(ctx, System(), people); err != nil {
		return nil, b, err
	}
	if err := a.Fieldwork.Carry(ctx, System(), in); err != nil {
		return nil, b, err
	}
	for _, p := range in.People {
		m, err := a.make(ctx, "k-"+strings.ToLower(p.StaffNo), p.Name, string(p.ID), string(p.Unit))
		if err != nil {
			return nil, b, err
		}
		m.Role = "inspector"
		made = append(made, m)
	}
	mark, err := json.Marshal(kitInfo{b.Kit.ID, b.Kit.Expires})
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Data, kitFile), raw, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Data, kitMark), mark, 0o600)
	}
	if err != nil {
		return nil, b, fmt.Errorf("open kit: %w", err)
	}
	return made, b, a.Log.Sequence(ctx)
}

// ReturnKit merges the kit of a folder into an installation, then wipes the
// folder and writes the certificate into the installation's log.
func (a *App) ReturnKit(ctx context.Context, folder, passphrase string) (fieldwork.Kit, fieldwork.Wiped, error) {
	var none fieldwork.Wiped
	mark, is, err := readKitMark(folder)
	if err != nil {
		return fieldwork.Kit{}, none, err
	}
	if !is {
		return fieldwork.Kit{}, none, fault.Invalid("kit.bad.folder", folder)
	}
	raw, err := os.ReadFile(filepath.Join(folder, kitFile))
	if err != nil {
		return fieldwork.Kit{}, none, fileError(filepath.Join(folder, kitFile), err)
	}
	b, err := fieldwork.Unlock(raw, passphrase)
	if err != nil {
		return fieldwork.Kit{}, none, err
	}
	if b.Kit.ID != mark.Kit {
		return fieldwork.Kit{}, none, fault.Invalid("kit.bad.folder", folder)
	}
	in, err := bring(ctx, folder, b, a.Clock)
	if err != nil {
		return fieldwork.Kit{}, none, err
	}
	kit, merged, err := a.Fieldwork.Return(ctx, System(), in)
	if err != nil {
		return kit, none, err
	}
	w := fieldwork.Wiped{Kit: kit.ID, Method: "keys first, then every file overwritten once with random bytes, synced and removed", LogSize: in.LogSize, Checkpoint: in.Checkpoint, Merged: merged}
	if w.Files, err = wipe(folder); err != nil {
		return kit, w, err
	}
	w.At = clock.Instant(a.Clock.Now())
	kit, err = a.Fieldwork.Certify(ctx, System(), w)
	return kit, w, err
}

// bring reads what a kit's folder holds, with the identifiers of home.
func bring(ctx context.Context, folder string, b fieldwork.Bundle, c clock.Clock) (in fieldwork.Brought, err error) {
	k, err := Open(ctx, Config{Data: folder, Clock: c, past: true})
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	to, err := k.unitMap(b.Units)
	if err != nil {
		return in, err
	}
	local, err := fieldwork.Translated(b, to)
	if err != nil {
		return in, err
	}
	if err := k.Log.Sequence(ctx); err != nil {
		return in, err
	}
	if in, err = k.Fieldwork.Bring(ctx, local); err != nil {
		return in, err
	}
	rep, err := k.Log.Verify(ctx)
	if err != nil {
		return in, err
	}
	if len(rep.Troubles) > 0 { // somebody changed rows beside the program
		return in, fault.Invalid("kit.bad.log", rep.Troubles[0].String())
	}
	in.LogSize = rep.Size
	if in.Checkpoint, err = k.Log.Checkpoint(ctx); err != nil {
		return in, err
	}
	home := map[id.ID]id.ID{}
	for a, b := range to {
		home[b] = a
	}
	return fieldwork.Translated(in, home)
}

// wipe destroys a kit's folder: the keys first, which closes everything sealed,
// then every other file. On flash memory a controller may keep old blocks; the
// sealed part is closed with the keys all the same.
func wipe(folder string) ([]fieldwork.WipedFile, error) {
	var files []string
	err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("wipe kit: %w", err)
	}
	slices.SortStableFunc(files, func(a, b string) int {
		key := func(p string) int {
			if strings.Contains(p, string(filepath.Separator)+"keys"+string(filepath.Separator)) {
				return 0
			}
			return 1
		}
		return key(a) - key(b)
	})
	var out []fieldwork.WipedFile
	for _, p := range files {
		w, err := wipeFile(folder, p)
		if err != nil {
			return out, fmt.Errorf("wipe kit: %w", err)
		}
		out = append(out, w)
	}
	return out, os.RemoveAll(folder)
}

func wipeFile(folder, p string) (fieldwork.WipedFile, error) {
	rel, err := filepath.Rel(folder, p)
	if err != nil {
		return fieldwork.WipedFile{}, err
	}
	f, err := os.OpenFile(p, os.O_RDWR, 0)
	if err != nil {
		return fieldwork.WipedFile{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.CopyN(f, rand.Reader, n)
	}
	if err = errors.Join(err, f.Sync(), f.Truncate(0), f.Close()); err != nil {
		return fieldwork.WipedFile{}, err
	}
	return fieldwork.WipedFile{Name: filepath.ToSlash(rel), Size: n, Hash: hex.EncodeToString(sum.Sum(nil))}, os.Remove(p)
}

// ServeKit serves an opened kit until it is interrupted or runs out.
func ServeKit(ctx context.Context, c Config, say func(line string)) error {
	if _, is, err := readKitMark(c.Data); err != nil || !is {
		if err == nil {
			err = fault.Invalid("kit.bad.folder", c.Data)
		}
		return err
	}
	if err := checkListen(c); err != nil {
		return err
	}
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Listen(ctx, c, func(addr string) { say(addr) })
}

// maxKitFile bounds a locked kit.
const maxKitFile = 512 << 20

// ReadKit reads a locked kit; errors name the file.
func ReadKit(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	if info.Size() > maxKitFile {
		return nil, fault.Limit("error.file_large", name, info.Size()>>20, maxKitFile>>20)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	return raw, nil
}
