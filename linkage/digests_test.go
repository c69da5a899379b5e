package linkage

import (
	"fmt"
	"testing"
)

// What is written as it should be takes a short way; the long way must read the same.
func TestTheShortWayReadsAsTheLong(t *testing.T) {
	for _, s := range []string{"410103199003262781", "41010319900326278X", "410103199003262782", "410103000000000000", "111111111111111111", "000000000000000000", "410103199013412781",
		"4101031990032627X1", "4101031990032627 1", "41010319900326278x", "410103********2781", "41010319900326000", "410103199003262００"} {
		if short, long := parseID([]byte(s)), parseID([]byte(" "+s)); short != long {
			t.Errorf("number %s: %+v, the long way %+v", s, short, long)
		}
	}
	for _, s := range []string{"1990-03-26", "1990-02-30", "1990-13-01", "1899-01-01", "2100-01-01", "1990-00-00", "0000-00-00", "199a-03-26", "1990-3-026", "1990.03.26", "1990- 3-26", "１990-03-"} {
		if short, long := parseDate([]byte(s)), parseDate([]byte(" "+s)); short != long {
			t.Errorf("date %s: %v, the long way %v", s, short, long)
		}
	}
}

func FuzzTheShortWayReadsAsTheLong(f *testing.F) {
	f.Add("41010319900326278X")
	f.Add("1990-03-26")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 30 && parseID([]byte(s)) != parseID([]byte(" "+s)) {
			t.Errorf("number %q", s)
		}
		if parseDate([]byte(s)) != parseDate([]byte(" "+s)) {
			t.Errorf("date %q", s)
		}
	})
}

func TestDigestsRemember(t *testing.T) {
	var d digests[int]
	if _, ok := d.get(digest([]byte("空"))); ok {
		t.Error("nothing was put in, and something is there")
	}
	for i := range 5000 {
		d.put(digest(fmt.Appendf(nil, "单位%d", i)), i)
	}
	for i := range 5000 {
		if v, ok := d.get(digest(fmt.Appendf(nil, "单位%d", i))); !ok || v != i {
			t.Fatalf("单位%d: %d %v", i, v, ok)
		}
	}
	if _, ok := d.get(digest([]byte("单位5000"))); ok {
		t.Error("a text that was not put in is there")
	}
	seen := map[uint64]string{}
	for i := range 70000 { // lengths on both sides of eight bytes, zeros at the end
		for _, s := range []string{fmt.Sprint(i), fmt.Sprint(i) + "\x00", fmt.Sprintf("firm-%d-office", i)} {
			h := digest([]byte(s))
			if o, ok := seen[h]; ok && o != s {
				t.Fatalf("%q and %q have one digest", o, s)
			}
			seen[h] = s
		}
	}
}

func TestOwnersAreFoundByTheirIdentifier(t *testing.T) {
	s := NewSet(DefaultRules())
	for i := range 3000 {
		s.Add(&Record{ID: fmt.Sprintf("S%d", i%2990), Name: "张伟"})
	}
	o := NewOwners(s)
	for _, c := range []struct {
		id   string
		want int
	}{{"S10", 10}, {"S2989", 2989}, {"S3", 2993}, {"S2990", -1}, {"", -1}} {
		if got := o.find([]byte(c.id)); got != c.want {
			t.Errorf("%s: row %d, not %d", c.id, got, c.want)
		}
	}
}
