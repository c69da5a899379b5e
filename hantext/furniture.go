package hantext

import (
	"strings"
)

// The page around an article (页面附件): buttons, navigation, breadcrumbs, neighbours, notices. Each rule looks at one
// whole line; a line that holds a sentence is only taken by the rules for notices.

// buttons are words of which a toolbar line consists.
var buttons = wordSet(`字号 字体 字体大小 字体: 大 中 小 特大 超大 默认 A A+ A- a T T+ T- 颜色 背景色 背景 护眼 夜间 打印 打印本页 打印页面 打印文章 关闭 关闭窗口 关闭本页 分享 分享到 分享至 一键分享
收藏 收藏本页 加入收藏 点赞 赞 踩 转发 评论 我要评论 发表评论 举报 纠错 我要纠错 返回 返回顶部 返回首页 返回列表 返回上一页 回到顶部 TOP Top top 微信 微博 新浪微博 腾讯微博 QQ QQ空间 QQ好友 朋友圈 微信好友 人人网 豆瓣 钉钉 抖音 快手
复制链接 复制 扫一扫 扫一扫在手机打开当前页 扫一扫分享 扫码 扫码阅读 手机阅读 手机版 电脑版 移动版 二维码 听新闻 听全文 朗读 语音播报 语音 无障碍 无障碍浏览 无障碍阅读 长者模式 适老版 关怀版 老年版 繁体 简体 繁體 繁 简 English EN 登录 注册 退出 搜索
全站搜索 高级搜索 首页 网站首页 网站地图 网站导航 设为首页 联系我们 关于我们 RSS 下载 保存 更多 更多>> 查看更多 展开 收起 相关链接 正文 阅读全文 上一页 下一页 上一篇 下一篇 尾页 末页 没有了 无 暂无 红 橙 黄 绿 蓝 白 黑 灰 次 在线投稿 订阅 小字号 大字号 中字号 在看 写留言 喜欢作者 听全文 播报 暂停 播放 倍速 官方微信 官方微博 客户端`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

var counter = lazily(`^(浏览|点击|阅读|访问|点赞|评论|分享|收藏|转发|人气|在看|浏览次数|点击次数|阅读次数|浏览量|点击量|阅读量|访问量|点击数|阅读数|访问次数|赞)?[(（]?\d{0,9}[)）]?(次|人|万|w|\+)?$`)

// isControl tells whether s is one word of a toolbar: a button, a counter.
func isControl(s string) bool {
	s = strings.Trim(s, " :：·•|/[]【】()（）<>《》+-→↑\"")
	if s == "" {
		return false
	}
	return buttons[s] || counter().MatchString(s) && !isNumeral(s)
}

func isNumeral(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isToolbar tells whether every word of the line is a control, at least one of them in letters.
func isToolbar(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return strings.ContainsRune(" |丨｜/\\:：·•【】[]()（）、,，<>《》", r)
	})
	if len(words) == 0 || len(words) > 40 {
		return false
	}
	named := false
	for _, w := range words {
		switch {
		case isControl(w):
			named = true
		case isNumeral(w):
		default:
			return false
		}
	}
	// A lone word such as 无 or 中 can be content (a table cell); a toolbar of one word is an unmistakable one.
	return named && (len(words) > 1 || len([]rune(words[0])) >= 2 && words[0] != "正文")
}

var (
	welcome    = lazily(`^(您好[，,!！]?)?欢迎(您)?(访问|光临|来到|莅临|浏览|进入|关注).{0,60}$`)
	today      = lazily(`(今天是|现在是|当前时间|北京时间|今日) ?[:：]?\d{4} ?[年/-]`)
	dateAndDay = lazily(`^\d{4}年 ?\d{1,2}月 ?\d{1,2}日 ?,?，?(星期[一二三四五六日天]|周[一二三四五六日])( ?农历.{0,12})?( ?\d{1,2}[:：]\d{2}([:：]\d{2})?)?$`)
	crumbs     = lazily(`^[\[【]?(您?(当前|现在|目前)?的?(所在)?的?(位置|页面)|当前栏目|所在栏目)( ?[:：]| ?[>＞»›→]| 是)`)
	crumbChain = lazily(`^[^。！？，,]{1,12}( ?(>>?|＞|»|›|→|-->|&gt;) ?[^。！？，,>＞»›]{1,20}){1,8}( ?[>＞»›])?$`)
	neighbours = lazily(`^[<《【\[]*(上一篇|下一篇|上一条|下一条|上一页|下一页|前一篇|后一篇|上篇|下篇)[>》】\]]*( ?[:：]|[ >》】\]]|$)`)
	related    = lazily(`^[【\[■◆●▪]?(相关(链接|新闻|阅读|文章|稿件|信息|推荐|报道|附件)|热门(推荐|文章|新闻|点击|排行)|推荐阅读|推荐文章|延伸阅读|最新(文章|新闻|资讯|动态|发布)|点击排行|阅读排行|猜你喜欢|友情链接|网友评论|精彩推荐|图片新闻|编辑推荐)[】\]]?[:：]?( ?更多.{0,3})?$`)
	shareBy    = lazily(`^(用?微信)?“?扫(一扫|描|码).{0,30}(二维码|手机|朋友圈|微信|关注|分享).{0,20}$|^(分享到|分享至|转发至|关注我们|微信公众号|官方微信|官方微博).{0,30}$|^点击播报本文.{0,12}$|^分享让更多人看到$|^预览时标签不可点$`)
	notice     = lazily(`ICP备|公网安备|网站标识码|政府网站标识|(?i)all rights reserved|(?i)copyright ?[©(]|©|^版权所有|版权所有.{0,12}$|(?i)^copyright|版权所有[:：]|本站?网?版权归|网站维护[:：]|技术支持[:：]|^(主办|承办|协办|运维)(单位|方)?[:：]|建议(您?使用|用).{0,30}(浏览器|分辨率)|IE ?\d.{0,20}(浏览器|分辨率)`)
	disclaimer = lazily(`^[(（【]?(免责声明|版权声明|特别声明|本网声明|网站声明|郑重声明|转载声明|声明|注)[】)）]?[:：].{0,200}(转载|版权|本网|本站|侵权|著作权)|^凡(本网|注明|未注明).{0,150}(转载|版权|来源)|未经.{0,20}(授权|许可|允许).{0,30}(转载|使用|复制|镜像)`)
	address    = lazily(`^(地址|联系地址|单位地址)[:：].{2,60}(邮编|邮政编码|电话|联系电话)`)
	spamWords  = lazily(`娱乐城|博彩|百家乐|棋牌|彩票|投注|老虎机|真人视讯|电竞|体育直播|私服|代孕|办证|刻章|壮阳|外围|成人视频|加速器|资源网`)
	spamSigns  = lazily(`(?i)app|官网|官方|下载|平台|入口|注册|登录|网址|https?:|www\.|\.com|\.cn|\.net|QQ|微信|加群|免费|在线`)
)

// isFurniture tells whether a whole line belongs to the page and not to the article.
func isFurniture(s string) bool { return furnitureKind(s) != "" }

// furnitureKind names the part of the page, "" for what may be the article's.
func furnitureKind(s string) string {
	length := len([]rune(s))
	switch {
	case length == 0:
		return ""
	case length <= 300 && (notice().MatchString(s) && !bindingSentence(s) || disclaimer().MatchString(s)):
		return KindNotice
	case length > 160 || strings.ContainsAny(strings.TrimRight(s, "！! "), "。！？"):
		if length <= 90 && today().MatchString(s) && welcome().MatchString(s) {
			return KindBanner
		}
		return ""
	case neighbours().MatchString(s), related().MatchString(s):
		return KindNeighbours
	case isToolbar(s):
		return KindToolbar
	case welcome().MatchString(s) && length <= 70, today().MatchString(s), dateAndDay().MatchString(s):
		return KindBanner
	case crumbs().MatchString(s), crumbChain().MatchString(s), isMenu(s):
		return KindNavigation
	case shareBy().MatchString(s):
		return KindToolbar
	case spamWords().MatchString(s) && spamSigns().MatchString(s) && len(spamWords().FindAllString(s, 2))+len(spamSigns().FindAllString(s, 3)) >= 3:
		return KindSpam
	}
	return ""
}

// bindingSentence protects prose that merely mentions a host (主办单位：… inside a sentence of a notice).
func bindingSentence(s string) bool {
	return strings.Count(s, "。") >= 2 || strings.HasSuffix(s, "。") && len([]rune(s)) > 120
}

// isMenu tells whether the line is a row of short names with dividers, or a row of names that begins with 首页.
func isMenu(s string) bool {
	if strings.ContainsAny(s, "，；：") {
		return false
	}
	byBar := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("|丨｜┊", r) })
	if len(byBar) >= 3 {
		return isMenuRow(byBar)
	}
	words := strings.Fields(s)
	if len(words) < 4 {
		return false
	}
	home := false
	for _, w := range words {
		if len([]rune(w)) > 8 {
			return false
		}
		home = home || w == "首页" || w == "网站首页"
	}
	return home
}

// menuName is what sections of a site are called; a row of a table in plain text has other words between its bars.
var menuName = lazily(`^(网站)?首页$|^\p{Han}{0,4}(概况|公开|新闻|动态|服务|互动|要闻|专题|专栏|法规|党建|之窗|园地|风采|机构|信息|指南|导航|邮箱|投稿|我们|地图|声明)$`)

func isMenuRow(parts []string) bool {
	names := 0
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if n := len([]rune(part)); n == 0 || n > 10 {
			return false
		}
		if menuName().MatchString(part) || isControl(part) {
			names++
		}
	}
	return names*2 > len(parts)
}
