package app

import (
	"fmt"
	"io/fs"
	"strings"

	"huikan/internal/account"
	"huikan/internal/contact"
	"huikan/internal/directive"
	"huikan/internal/fieldwork"
	"huikan/internal/inspection"
	"huikan/internal/kernel/fault"
	"huikan/internal/lookback"
	"huikan/internal/meeting"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
	"huikan/internal/rectification"
	"huikan/internal/screening"
)

// Explain tells an error in a person's language, for the command line.
func Explain(err error, lang string) string {
	f, ok := fault.Of(err)
	if !ok {
		return err.Error()
	}
	set, e := ui.New()
	if e != nil {
		return err.Error()
	}
	words := []map[string]map[string]string{web.Catalogue(), linkWords(), psiWords(), web.Words(document.Words), web.Words(sheet.Words), web.Words(vault.Words), org.New(org.Deps{}).Room().Words, person.New(person.Deps{}).Room().Words,
		account.New(account.Deps{}).Room().Words, directive.New(directive.Deps{}).Room().Words, meeting.New(meeting.Deps{}).Room().Words, inspection.New(inspection.Deps{}).Room().Words, fieldwork.New(fieldwork.Deps{}).Room().Words,
		rectification.New(rectification.Deps{}).Room().Words, lookback.New(lookback.Deps{}).Room().Words}
	words = append(words, opsWords())
	words = append(words, contact.New(contact.Deps{}).Room().Words, screening.Words())
	for i, w := range words {
		if e := set.AddRoom(fmt.Sprint("words", i), noPages, w); e != nil {
			return err.Error() + " (" + e.Error() + ")"
		}
	}
	text := set.Words().Say(lang, f.Key, f.Args...)
	// What was being done stands before the fault in the chain: file, step, place.
	if at, ok := strings.CutSuffix(err.Error(), f.Error()); ok && at != "" {
		text = at + text
	}
	for _, x := range f.Fields {
		text += "\n  " + x.Name + ": " + set.Words().Say(lang, x.Key, x.Args...)
	}
	return text
}

var noPages fs.FS = web.NoPages

// ExitCode is the exit status for an error: 2 for wrong use and wrong input, 1
// for trouble that was found or met.
func ExitCode(err error) int {
	switch fault.KindOf(err) {
	case fault.KindInvalid, fault.KindLimit, fault.KindNotFound, fault.KindForbidden:
		return 2
	}
	return 1
}
