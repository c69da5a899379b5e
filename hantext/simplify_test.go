package hantext

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSimplify(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"abc 123", "abc 123"},
		{"檢察機關嚴格執行制度", "检察机关严格执行制度"},
		{"扭轉乾坤，乾燥的乾糧，若乾問題，餅乾", "扭转乾坤，干燥的干粮，若干问题，饼干"},
		{"乾隆年間的檔案", "乾隆年间的档案"},
		{"幹部幹預司法，防止幹擾", "干部干预司法，防止干扰"},
		{"皇後與以後，後續工作落後", "皇后与以后，后续工作落后"},
		{"發現問題，理髮，頭髮", "发现问题，理发，头发"},
		{"關於此事，由於歷史原因", "关于此事，由于历史原因"},
		{"關于问题集中於三方面", "关于问题集中于三方面"},
		{"成爲、認為、為了", "成为、认为、为了"},
		{"隨著形勢發展，圍繞著中心，著力解決，著名專家的著作", "随着形势发展，围绕着中心，着力解决，著名专家的著作"},
		{"面向著名专家，对著作权", "面向著名专家，对著作权"},
		{"瞭解情況，一目瞭然，瞭望臺", "了解情况，一目了然，瞭望台"},
		{"憑藉職權，藉口推托，慰藉", "凭借职权，借口推托，慰藉"},
		{"答覆信訪人，全覆蓋，批覆", "答复信访人，全覆盖，批复"},
		{"徵求意見，徵收", "征求意见，征收"},
		{"計畫與計劃、規畫", "计划与计划、规画"},
		{"餘額、剩餘", "余额、剩余"},
		{"沈默與沈陽", "沉默与沈阳"},
		{"裡面、裏應外合、臺灣、颱風、檯賬", "里面、里应外合、台湾、台风、台账"},
		{"麵粉、製度、複雜、恢復、繫統", "面粉、制度、复杂、恢复、系统"},
		{"衆多羣眾、啟動、啓發、衛生、衞生", "众多群众、启动、启发、卫生、卫生"},
		{"證據確鑿，綫索，內部，戶籍，溫州，說明，説明", "证据确凿，线索，内部，户籍，温州，说明，说明"},
		{"李乾元说：乾坤已定。张昇、毕昇、徐喆。打坏了。著名。", "李乾元说：乾坤已定。张昇、毕昇、徐喆。打坏了。著名。"},
		{"𠮷野", "𠮷野"},
	} {
		got := Simplify(c.in)
		if got != c.want {
			t.Errorf("Simplify(%q) = %q, want %q", c.in, got, c.want)
		}
		if again := Simplify(got); again != got {
			t.Errorf("Simplify is not idempotent: %q → %q", got, again)
		}
	}
}

func TestSimplifyIsIdempotent(t *testing.T) {
	c := loadConversion()
	var pool []rune
	for r := range c.open {
		pool = append(pool, r)
		for _, p := range c.phrases[r] {
			pool = append(pool, p.key...)
			pool = append(pool, p.value...)
		}
	}
	pool = append(pool, []rune("國機關設會議發後著名隨乾坤的在a1，")...)
	sortRunes(pool)
	rapid.Check(t, func(rt *rapid.T) {
		s := string(rapid.SliceOfN(rapid.SampledFrom(pool), 0, 30).Draw(rt, "text"))
		once := Simplify(s)
		if twice := Simplify(once); twice != once {
			rt.Fatalf("%q → %q → %q", s, once, twice)
		}
		if len([]rune(once)) != len([]rune(s)) {
			rt.Fatalf("%q changed its length: %q", s, once)
		}
	})
}

func sortRunes(r []rune) {
	for i := 1; i < len(r); i++ {
		for j := i; j > 0 && r[j] < r[j-1]; j-- {
			r[j], r[j-1] = r[j-1], r[j]
		}
	}
}

func BenchmarkSimplify(b *testing.B) {
	s := ""
	for len(s) < 64<<10 {
		s += "檢察機關嚴格執行制度，隨著形勢發展，若乾問題已經解決。"
	}
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Simplify(s)
	}
}
