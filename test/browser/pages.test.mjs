// Every page of the menu and one record of each kind, for somebody who uses it,
// in both languages, light and dark, on a desk and on a phone; without scripts;
// and two windows that change the same record.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {as, browser, language, look, prefer, sizes, start} from './lib.mjs';
import {open, self, send, sent} from './walk.mjs';

let site, b;
before(async () => { site = await start(); b = await browser(); });
after(async () => { await b?.close(); await site?.stop(); });

// people who together use every page; the records they open are the first ones
// of a list: list, part of the link, name.
const people = {
	office: [['/rounds', '/rounds/'], ['/rounds', '/rounds/', '/edit'], ['/lookback', '/lookback/'], ['/units', '/units/'], ['/taxonomies', '/taxonomies/'], ['/ledger?view=all&kind=self_report', '/items/']],
	supervisor: [['/dispatches', '/dispatches/'], ['/meetings', '/meetings/'], ['/issues', '/issues/'], ['/directives', '/directives/', '/coverage'], ['/reconciliations', '/reconciliations/'], ['/directives', '/directives/'], ['/directives', '/directives/', '/lineage'], ['/directives', '/directives/', '/assign'], ['/tasks', '/tasks/']],
	teamleader: [['/rounds', '/rounds/'], ['/findings', '/findings/']],
	inspector2: [['/findings?mine=1&state=draft', '/findings/'], ['/findings?mine=1&state=draft', '/findings/', '/edit']],
	reviewer: [['/review', '/items/'], ['/ledger?view=all', '/items/']],
	unit: [['/dispatch-parts', '/dispatch-parts/'], ['/tasks', '/tasks/'], ['/tasks', '/tasks/', '/break-down'], ['/ledger?view=all', '/items/'], ['/ledger?view=open', '/items/', '/progress'], ['/ledger?view=open', '/items/', '/evidence'], ['/ledger?view=open', '/items/', '/extension']],
	lookback: [['/lookback?view=items', '/lookback/items/'], ['/rounds', '/rounds/']],
	leader: [['/lookback', '/lookback/', '/result'], ['/lookback', '/lookback/', '/lenses']],
	personnel: [['/people', '/people/'], ['/people', '/people/', '/edit'], ['/units', '/units/'], ['/units?closed=1', '/units/', '/handover']],
	oversight: [['/notices', '/notices/'], ['/notices', '/notices/', '/receipts'], ['/campaigns', '/campaigns/'], ['/campaigns', '/campaigns/', '/effect'], ['/risk', '/risk/alerts/'], ['/risk/points', '/risk/points/'], ['/schemes', '/schemes/'], ['/assessments', '/assessments/']],
	secadmin: [['/accounts', '/accounts/']],
	auditor: [],
	sysadmin: [['/accounts', '/accounts/']],
};
const more = {oversight: ['/notices/new', '/campaigns/new', '/risk/import', '/risk/rules/new'], leader: ['/palette?q=整改', '/board?as=office&under=河南省人民检察院'], office: ['/rounds/new', '/lookback/new', '/search?q=台账', '/taxonomies/new', '/ledger?view=all&list=effects', '/help', '/me'], supervisor: ['/directives/import', '/meetings/new'], sysadmin: ['/accounts/new'], personnel: ['/people/new'], unit: ['/help', '/search?q=整改']};

// Further records, looked at once each: on a desk or on a phone, in one language and one
// colour, by turns. Where one is found only behind another, both steps are told.
const records = {
	office: [['/rounds', '/rounds/', '/prepare'], ['/rounds', '/rounds/', '/periods'], ['/inspectors', '/inspectors/'], ['/checklists', '/checklists/'], [['/rounds', '/rounds/'], '/visits/'],
		['/rounds', '/rounds/', '/linked'], ['/taxonomies', '/taxonomies/', '/undecided'], ['/ledger?view=aside', '/items/', '/aside'], [['/rectify', '/rectify/'], '/rectify-rounds/']],
	teamleader: [['/requests', '/requests/'], ['/clues', '/clues/'], [['/rounds', '/rounds/'], '/visits/', '/field'], [['/rounds', '/rounds/'], '/visits/', '/procedure']],
	oversight: [['/crosschecks', '/crosschecks/'], ['/contacts', '/contacts/'], ['/register/omissions', '/register/omissions/'], ['/register/published', '/register/published/'], ['/register/talks', '/register/talks/'],
		['/screening', '/screening/hits/'], ['/screening/registers', '/screening/registers/'], ['/screening/warnings', '/screening/warnings/'], ['/risk/rules', '/risk/rules/'], ['/notices?q=以文件落实', '/notices/', '/effect']],
	oversight2: [['/conduct', '/conduct/leads/'], ['/conduct?view=cases', '/conduct/cases/'], ['/conduct?view=cases', '/conduct/cases/', '/backward'], ['/register/draws', '/register/draws/']],
};
const once = new Set();

// found opens a list and gives the address of its first record of a kind.
async function found(page, login, from, part) {
	await open(page, Array.isArray(from) ? await found(page, login, ...from) : from);
	const href = await page.evaluate(p => [...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href').split('?')[0]).find(h => h.startsWith(p) && /[0-9a-f]{8}-/.test(h)), part);
	assert.ok(href, `${login}: no ${part} at ${from}`);
	return href;
}

// pagesOf finds the addresses of a person's pages once.
async function pagesOf(page, login) {
	const list = await page.evaluate(() => [...document.querySelectorAll('.side a')].map(a => a.getAttribute('href')));
	assert.ok(list.length >= 2, `${login} has no menu`);
	for (const x of more[login] ?? []) list.push(x);
	for (const [from, part, then = ''] of people[login] ?? []) list.push(await found(page, login, from, part) + then);
	for (const [from, part, then = ''] of records[login] ?? []) {
		const where = await found(page, login, from, part) + then;
		if (!list.includes(where)) list.push(where), once.add(where);
	}
	// A page that somebody before him uses the same way is not walked again.
	return [...new Set(list)].filter(x => x === '/' || !walked.has(x) && walked.add(x));
}
const walked = new Set();
const slug = where => where.replace(/[0-9a-f-]{36}/g, 'x').replace(/[^a-z0-9]+/gi, '_').replace(/^_|_$/g, '') || 'home';

// Each page is looked at on a desk and on a phone, once in each language and
// once in each colour; from page to page they are combined the other way round.
for (const login of Object.keys({...people, ...records})) {
	test(`pages of ${login}`, {timeout: 600000}, async () => {
		const wrong = [];
		const desk = await as(b, site, login);
		const list = await pagesOf(desk, login);
		assert.ok(list.length > 0);
		const walk = async (page, size, turn) => {
			for (const [k, where] of list.entries()) {
				if (once.has(where) && k % 2 !== turn) continue;
				const [lang, theme] = (k + turn + (k >> 1)) % 2 ? ['en', 'dark'] : ['zh', 'light'];
				await language(page, lang);
				await prefer(page, 'theme', theme);
				await open(page, where);
				assert.equal(await page.getAttribute('html', 'data-theme'), theme);
				assert.equal(await page.getAttribute('html', 'lang'), lang === 'zh' ? 'zh-CN' : 'en');
				wrong.push(...await look(page, `pages-${login}-${slug(where)}-${size}-${lang}-${theme}`));
			}
			await page.context().close();
		};
		await Promise.all([walk(desk, 'desk', 0), as(b, site, login, sizes.phone).then(page => walk(page, 'phone', 1))]);
		assert.deepEqual(wrong, []);
	});
}

test('without scripts', {timeout: 600000}, async () => {
	const page = await as(b, site, 'unit', {javaScriptEnabled: false});
	await open(page, '/ledger?view=all');
	const all = await page.locator('main tbody tr').count();
	await page.selectOption('main form.bar select[name=state]', 'closed');
	await page.click('main form.bar button');
	const closed = await page.locator('main tbody tr').count();
	assert.ok(closed > 0 && closed < all, `the filter shows ${closed} of ${all} items`);
	await page.locator('main tbody th a').first().click();
	assert.match(self(page), /^\/items\//);
	assert.match(await page.locator('main').innerText(), /问题原文/);

	await open(page, '/ledger?view=overdue');
	await page.locator('main tbody th a').first().click();
	const item = self(page);
	await page.locator(`main a[href="${item}/progress"]`).first().click();
	const text = '正在补齐记录，尚未完成。';
	await page.fill(`form[action="${item}/progress"] [name=text]`, text);
	await page.fill(`form[action="${item}/progress"] [name=on]`, '去年的某一天');
	await page.locator(`form[action="${item}/progress"] button`).first().click();
	assert.equal(await page.locator('main .errs').count(), 1, 'a date that is none was taken');
	assert.equal(await page.inputValue('main [name=text]'), text, 'the form lost what was typed');
	await page.context().close();
});

test('two windows that change the same requirement', {timeout: 600000}, async () => {
	const one = await as(b, site, 'supervisor'), two = await as(b, site, 'supervisor');
	await open(one, '/directives/import');
	await sent(one, 'done.directive.import', '/directives/import', {text: '演示省召开巡视整改推进会\n\n2026-03-18 来源：演示稿\n\n会议要求，要逐项核对未销号事项，要倒查弄虚作假的整改责任。\n\n会议强调，要把制度执行情况纳入年度考核。'});
	const edit = await one.locator('main a[href$="/edit"]').first().getAttribute('href');
	await clash(one, two, edit, edit, 'text', '第一个窗口的说法', '第二个窗口的说法');
});

test('two windows that change the same finding', {timeout: 600000}, async () => {
	const one = await as(b, site, 'inspector2'), two = await as(b, site, 'inspector2');
	await open(one, '/findings?mine=1&state=draft');
	const finding = await one.locator('main tbody th a').first().getAttribute('href');
	await clash(one, two, finding + '/edit', finding, 'title', '第一个窗口的题目', '第二个窗口的题目');
});

// clash saves a form from two windows; the second gets both versions on a page
// and nothing of the first is lost.
async function clash(one, two, form, action, field, first, second) {
	await open(one, form);
	await open(two, form);
	const before = await two.locator(`main form[action="${action}"] [name=${field}]`).inputValue();
	await send(one, action, {[field]: first});
	assert.match(one.url(), /done=/, await one.locator('main').innerText());
	await send(two, action, {[field]: second});
	assert.equal(await two.locator('main .conflict').count(), 1, 'the second window overwrote the first: ' + two.url());
	const shown = await two.locator('main .conflict').innerText();
	assert.ok(shown.includes(first) && shown.includes(second), 'the conflict page does not show both versions: ' + shown);
	assert.ok(before && shown.includes(before), 'what both began with is not shown: ' + shown);
	assert.deepEqual(await look(two, 'pages-conflict-' + field), []);
	await send(two, action, {[field]: second + '（合并）'});
	assert.match(two.url(), /done=/, 'the merged version cannot be saved: ' + await two.locator('main').innerText());
	await one.context().close();
	await two.context().close();
}
