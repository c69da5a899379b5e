package linkage

import (
	"slices"
	"testing"
)

func equals(t *testing.T, k EqualKey, a, b Record) bool {
	t.Helper()
	s := NewSet(DefaultRules())
	s.Add(&a)
	s.Add(&b)
	for _, v := range s.Equal(0, k, nil) {
		if slices.Contains(s.Equal(1, k, nil), v) {
			return true
		}
	}
	return false
}

func TestEqualValuesAreReadAsScoringReads(t *testing.T) {
	for _, c := range []struct {
		key  EqualKey
		a, b Record
		want bool
	}{
		{EqualNumber, Record{IDNo: "410105900326278"}, Record{IDNo: "410105199003262781"}, true},
		{EqualNumber, Record{IDNo: "410105199003262781"}, Record{IDNo: "4101051990032627**"}, false},
		{EqualNumber, Record{IDNo: ""}, Record{IDNo: ""}, false},
		{EqualNumber, Record{IDNo: "410105199003262781", OwnerID: "410105199003262781"}, Record{IDNo: "410105199003262781"}, false},
		{EqualNameDay, Record{Name: "張 偉", Birth: "1990年3月26日"}, Record{Name: "张伟", Birth: "19900326"}, true},
		{EqualNameDay, Record{Name: "张伟", Birth: "1990-03-26"}, Record{Name: "张伟", Birth: "1990-03"}, false},
		{EqualNameDay, Record{Name: "张伟", Birth: "1990-01-01"}, Record{Name: "张伟", Birth: "1990-01-01"}, false},
		{EqualNameDay, Record{Name: "张?", Birth: "1990-03-26"}, Record{Name: "张?", Birth: "1990-03-26"}, false},
		{EqualNameDay, Record{Name: "李娜", Former: []string{"李丽"}, Birth: "1990-03-26"}, Record{Name: "李丽", Birth: "1990-03-26"}, true},
		{EqualNameDay, Record{Name: "李娜", Birth: "1991-03-26", IDNo: "410105199003262781"}, Record{Name: "李娜", Birth: "1990-03-26"}, true},
		{EqualNameMonth, Record{Name: "张伟", Birth: "1990-03-26"}, Record{Name: "张伟", Birth: "1990年3月"}, true},
		{EqualNameMonth, Record{Name: "张伟", Birth: "1990"}, Record{Name: "张伟", Birth: "1990"}, false},
		{EqualNameTail, Record{Name: "张伟", IDNo: "**************2781"}, Record{Name: "张伟", IDNo: "410105199003262781"}, true},
		{EqualNameTail, Record{Name: "张伟", IDNo: "410105********2781"}, Record{Name: "张卫", IDNo: "410105199003262781"}, false},
		{EqualSoundDay, Record{Name: "张伟", Birth: "1990-03-26"}, Record{Name: "章玮", Birth: "1990-03-26"}, true},
		{EqualSoundDay, Record{Name: "Zhang Wei", Birth: "1990-03-26"}, Record{Name: "张伟", Birth: "1990-03-26"}, true},
		{EqualSoundDay, Record{Name: "张伟", Birth: "1990-03-26"}, Record{Name: "张薇薇", Birth: "1990-03-26"}, false},
	} {
		if got := equals(t, c.key, c.a, c.b); got != c.want {
			t.Errorf("%s of %+v and %+v: %v", c.key, c.a, c.b, got)
		}
	}
}

// What is told of a record scores as the record itself does, but for the digits that are not told.
func TestADisclosedRecordScoresLikeItself(t *testing.T) {
	rules := DefaultRules()
	own, told := NewSet(rules), NewSet(rules)
	r := Record{ID: "L1", Name: "欧阳文静", Birth: "1985-07-02", Sex: "女", IDNo: "**************4321", Places: []string{"410100", "河南省"}, Orgs: []string{"河南海成律师事务所"}}
	own.Add(&r)
	if _, err := told.AddDisclosed("L1", own.Disclose(0)); err != nil {
		t.Fatal(err)
	}
	if told.facts[0] != own.facts[0] || told.ID(0) != "L1" {
		t.Errorf("%+v is not %+v", told.facts[0], own.facts[0])
	}
	full := r
	full.IDNo = "410105199003262781"
	own.Add(&full)
	if _, err := told.AddDisclosed("L2", own.Disclose(1)); err != nil {
		t.Fatal(err)
	}
	if f := told.facts[1]; f.id.known != 15<<14 || f.id.head&(1<<56-1) != 0 {
		t.Errorf("more than the last four digits are told: %+v", f.id)
	}
	told.TakeNumber(1, own, 1)
	if f := told.facts[1]; f.id != own.facts[1].id {
		t.Errorf("an equal number is not taken: %+v", f.id)
	}
	if told.TakeNumber(0, own, 0); told.facts[0].id.known != 15<<14 {
		t.Error("a masked number was taken")
	}
}

func FuzzAddDisclosed(f *testing.F) {
	s := NewSet(DefaultRules())
	s.Add(&Record{Name: "张伟", Birth: "1990-03-26", IDNo: "410105199003262781"})
	d := s.Disclose(0)
	f.Add(d[:])
	left := NewSet(DefaultRules())
	left.Add(&Record{ID: "y", Name: "张伟", Birth: "1990-03-26", IDNo: "410105199003262781"})
	model := Default(DefaultRules(), 0, left)
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Disclosed
		copy(d[:], b)
		s := NewSet(DefaultRules())
		row, err := s.AddDisclosed("x", d)
		if err != nil {
			return
		}
		x := NewIndex(s, model).Among(1000)
		links, err := x.Link(t.Context(), left, Options{})
		if err != nil {
			t.Fatal(err)
		}
		x.Accounts(left, links, Chinese)
		for k := range EqualKeys {
			s.Equal(row, k, nil)
		}
		if back := s.Disclose(row); back != d {
			t.Errorf("%x told as %x", d, back)
		}
	})
}
