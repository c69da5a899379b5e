package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
)

func TestKindsSurviveWrapping(t *testing.T) {
	cause := errors.New("the disk")
	for kind, f := range map[fault.Kind]*fault.Error{
		fault.KindInvalid: fault.Invalid("error.x", 1), fault.KindNotFound: fault.NotFound("item"), fault.KindForbidden: fault.Forbidden("rule"),
		fault.KindUnauthenticated: fault.Unauthenticated(), fault.KindConflict: fault.Conflict("item"), fault.KindState: fault.State("error.state"),
		fault.KindLimit: fault.Limit("error.x"), fault.KindUnavailable: fault.Unavailable("error.disk"),
	} {
		err := fmt.Errorf("closing: %w", errors.Join(fmt.Errorf("storing: %w", f.With(cause)), errors.New("also")))
		got, ok := fault.Of(err)
		if !ok || got != f || fault.KindOf(err) != kind || !fault.Is(err, kind) || !errors.Is(err, cause) {
			t.Errorf("%s: got %v of %v", kind, got, err)
		}
		for _, other := range []fault.Kind{fault.KindInvalid, fault.KindInternal} {
			if other != kind && fault.Is(err, other) {
				t.Errorf("%s is %s as well", kind, other)
			}
		}
	}
}

func TestWhatIsNoFaultIsInternal(t *testing.T) {
	err := fmt.Errorf("reading: %w", errors.New("x"))
	if _, ok := fault.Of(err); ok || fault.KindOf(err) != fault.KindInternal || !fault.Is(err, fault.KindInternal) {
		t.Errorf("%v is a fault", err)
	}
	if fault.Is(nil, fault.KindInternal) {
		t.Error("no error is an internal one")
	}
	if _, ok := fault.Of(nil); ok {
		t.Error("no error is a fault")
	}
}

// A refusal says the same as absence; only the log sees the rule.
func TestDeniedLooksAbsent(t *testing.T) {
	denied, absent := fault.Denied("item", "item.read: recusal"), fault.NotFound("item")
	if denied.Kind != absent.Kind || denied.Key != absent.Key || fmt.Sprint(denied.Args) != fmt.Sprint(absent.Args) || len(denied.Fields) != 0 {
		t.Errorf("%+v and %+v", denied, absent)
	}
	if denied.Denied == "" || absent.Denied != "" || !strings.Contains(denied.Error(), "recusal") {
		t.Errorf("the log does not learn why: %v", denied)
	}
}

func TestFieldsTellAllAtOnce(t *testing.T) {
	var f fault.Fields
	f.Need("title", "整改")
	f.Max("title", "整改整改", 4)
	if err := f.Err(); err != nil {
		t.Errorf("nothing fails: %v", err)
	}
	f.Need("unit", " \t")
	f.Max("title", "整改整改整", 4)
	f.Add("due", "error.date", "x")
	got, ok := fault.Of(f.Err())
	if !ok || got.Kind != fault.KindInvalid || len(got.Fields) != 3 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{"unit error.required []", "title error.too_long [4 5]", "due error.date [x]"} {
		if x := got.Fields[i]; fmt.Sprint(x.Name, " ", x.Key, " ", x.Args) != want {
			t.Errorf("field %d: %+v, want %s", i, x, want)
		}
	}
	for _, part := range []string{"unit: error.required", "title: error.too_long 4 5"} {
		if !strings.Contains(got.Error(), part) {
			t.Errorf("%q is not in %q", part, got.Error())
		}
	}
}
