package linkage

import "strings"

// seedFamilies are the most frequent family names with their share of the people in ten thousands, as the yearly name
// reports of the Ministry of Public Security and the census give them, rounded. They keep a small register from taking
// a common family name for a rare one.
const seedFamilies = "王 720 李 700 张 670 刘 520 陈 440 杨 300 黄 220 赵 200 吴 190 周 180 徐 140 孙 135 马 130 朱 120 胡 115 郭 110 何 110 林 105 罗 100 高 100 " +
	"郑 90 梁 85 谢 75 宋 70 唐 65 许 65 邓 60 冯 60 韩 60 曹 58 曾 55 彭 55 萧 40 蔡 50 潘 50 田 50 董 50 袁 50 于 50 余 48 叶 45 蒋 45 杜 45 苏 42 魏 45 程 42 吕 42 丁 40 沈 38 任 40 姚 38 卢 38 傅 35 钟 38 姜 36 崔 35 谭 35 廖 34 范 33 汪 32 陆 32 金 32 石 31 戴 30 贾 30 韦 28 夏 28 邱 28 方 28 侯 26 邹 26 熊 26 孟 24 秦 24 白 23 江 23 阎 20 薛 22 尹 22 段 21 雷 21 黎 20 史 20 龙 20 陶 19 贺 19 顾 19 毛 18 郝 18 龚 18 邵 18 万 18 钱 17 严 17 覃 16 武 16 戴 16 莫 15 孔 15 向 15 汤 15"

// seedGiven are frequent characters of given names, most frequent first.
const seedGiven = "英华文玉明国丽秀建志春平军红伟兰海云晓林桂金荣芳德小新福生永梅珍霞敏静强辉艳燕庆光玲俊凤美成杰佳子清雪宇超波龙洪东勇涛中世胜宏江祥兴飞琴宝忠义良亮阳婷娟莲慧芬树利瑞少素莉磊立民欣芝萍仁雅正振浩嘉家安天学鹏思长娜淑刚昌爱香保元加琳琼锋洋玮晨"

type seedName struct {
	name  name
	times uint32
}

// seedNames is a small people of made-up weight: 500 persons.
func seedNames() []seedName {
	var out []seedName
	f := strings.Fields(seedFamilies)
	given := []rune(seedGiven)
	t := chars()
	total := 0
	for i := 0; i+1 < len(f); i += 2 {
		n := 0
		for _, c := range f[i+1] {
			n = n*10 + int(c-'0')
		}
		c := t.fold[[]rune(f[i])[0]]
		for range (n + 9) / 18 {
			a, b := given[total*7%len(given)], given[(total*13+5)%len(given)]
			out = append(out, seedName{name(c) | name(t.fold[a])<<16 | name(t.fold[b])<<32, 1})
			total++
		}
	}
	return out
}
