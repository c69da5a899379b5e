// A self-report taken to its end through the pages: receipt, lead, case, decision,
// sanction; and a sanction of the demonstration to its lifting. On both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, sizes, start} from './lib.mjs';
import {Stations, open, row, self, send, sent} from './walk.mjs';

const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);
const story = '本人在办理一起交通肇事案期间，收受当事人亲属所送购物卡两千元，案结后一直未退还，现主动说明并愿意上交。';

// pick gives the value of a person in the pickers.
async function pick(page, name) {
	const list = await page.evaluate(async q => (await fetch('/pick/people?q=' + encodeURIComponent(q))).json(), name);
	assert.ok(list.length > 0, `nobody is called ${name}`);
	return list[0].value;
}

for (const engine of ['sqlite', 'postgres']) {
	test(`a self-report to its end on ${engine}`, {timeout: 900000}, async t => {
		const site = await start(engine), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new Stations(`conduct-${engine}`);
		const windows = new Map();
		const who = async (login, at) => {
			if (!windows.has(login)) windows.set(login, await as(b, site, login));
			if (at) await open(windows.get(login), at);
			return windows.get(login);
		};
		// He tells of himself and gets a receipt with its place in the log.
		let p = await who('staff', '/conduct/self');
		await w.at(p, 'self-list');
		await open(p, '/conduct/self/new');
		await w.at(p, 'self-new');
		await send(p, '/conduct/self/new', {statement: story});
		assert.equal(await p.locator('main [name=statement]').inputValue(), story, 'the refused form lost what was typed');
		await sent(p, 'done.self_report.create', '/conduct/self/new', {conduct: 'gifts', act_from: day(-400), act_to: day(-380), amount: '2000', statement: story, pledge: true});
		const receipt = self(p);
		await p.waitForTimeout(1500); // the log signs within a second
		await open(p, receipt);
		assert.equal(await p.locator('main a[href$="/proof"]').count(), 1, 'the receipt has no proof');
		await w.at(p, 'receipt');

		// The office finds it among the leads; a later tip about the same is joined to it.
		p = await who('oversight2', '/conduct/leads/new');
		await w.at(p, 'lead-new');
		const subject = await pick(p, '董子然');
		await sent(p, 'done.lead.create', '/conduct/leads/new', {person: subject, conduct: 'gifts', facts: '群众反映其办理交通肇事案期间收受当事人亲属所送购物卡两千元，一直未退还。', source: 'petition', told_on: day(0)});
		assert.match(await p.locator('main').innerText(), /已并案/);
		await open(p, await p.locator('main a:has-text("查看主线索")').getAttribute('href'));
		const lead = self(p);
		await w.at(p, 'lead');
		await sent(p, 'done.lead.assign', lead + '/assign', {assignee: await pick(p, '许昌平')});
		await sent(p, 'done.lead.open', lead + '/open', {assignee: await pick(p, '许昌平'), second: await pick(p, '石婉清'), text: '核对购物卡消费记录，与本人谈话。'});
		const matter = self(p);
		await w.at(p, 'case-checking');
		await send(p, matter + '/file', {second: await pick(p, '许昌平'), text: '同一人充任两名承办人'});
		assert.match(await p.locator('main').innerText(), /两名不同的承办人/);
		await sent(p, 'done.conduct.file', matter + '/file', {second: await pick(p, '石婉清'), text: '涉嫌收受礼品礼金，需要追究责任。'});
		assert.match(await p.locator('main').innerText(), /自查在先/);
		await sent(p, 'done.conduct.report', matter + '/report', {gravity: 'normal', text: '查明：收受购物卡两千元，立案前已主动说明，款项已上交。'});
		await sent(p, 'done.conduct.notify', matter + '/notify', {kinds: 'admin.warning', circumstances: ['disclosed', 'returned_gains'], text: '拟给予警告处分；依据政务处分法第三十四条第一款、第十一条第一项。'});
		await w.at(p, 'case-hearing');

		// He reads what was served on him, and nothing of the case.
		p = await who('staff', '/');
		assert.equal((await p.goto(new URL(matter, p.url()).href)).status(), 404, 'the subject opens his case');
		await open(p, '/conduct/self');
		await row(p, '事实和拟处理依据告知');
		const paper = self(p);
		await sent(p, 'done.served.receive', paper + '/receive');
		await sent(p, 'done.served.answer', paper + '/answer', {answer: 'statement', text: '对事实没有异议，已上交全部款项，请求从轻。'});
		await w.at(p, 'served');

		p = await who('oversight3', matter);
		assert.match(await p.locator('main').innerText(), /请求从轻/);
		await sent(p, 'done.conduct.hear', matter + '/hear');
		p = await who('oversight2', matter);
		await sent(p, 'done.conduct.submit', matter + '/submit', {decider: await pick(p, '崔立新'), text: '事实清楚，建议给予警告处分。'});

		// The leader sees the reasons and decides; a date before the act is refused.
		p = await who('leader2', '/');
		await w.at(p, 'decider-home');
		await open(p, matter);
		assert.match(await p.locator('main').innerText(), /自查在先：/);
		await w.at(p, 'case-decide');
		await send(p, matter + '/decide', {on: day(-390), text: '日期早于行为'});
		assert.match(await p.locator('main').innerText(), /早于行为结束日期/);
		await sent(p, 'done.conduct.decide', matter + '/decide', {on: day(0), kinds: 'admin.warning', text: '经研究，决定给予董子然警告处分。'});

		p = await who('oversight2', matter);
		await sent(p, 'done.conduct.serve', matter + '/serve', {on: day(0)});
		await w.at(p, 'case-in-effect');
		await send(p, matter + '/lift', {on: day(0), text: '还没有期满'});
		assert.match(await p.locator('main').innerText(), /尚未期满/);
		const download = await p.request.get(new URL(matter + '/paper/decision', p.url()).href);
		assert.equal((await download.body()).subarray(0, 2).toString(), 'PK', 'the decision is no Word file');

		// Personnel carries it out; the promotion check names the bar and no case.
		p = await who('personnel', '/conduct/sanctions');
		await w.at(p, 'sanctions');
		await open(p, `/conduct/promotion-check?person=${subject}&on=${day(30)}`);
		assert.match(await p.locator('main').innerText(), /不得晋升职务/);
		await w.at(p, 'promotion');

		// A sanction of the demonstration has run its time and was lifted; its case gets the return visit.
		p = await who('oversight2', '/conduct?view=cases&state=archived');
		await w.at(p, 'cases');
		const old = await row(p, '已归档');
		assert.match(await p.locator('main').innerText(), /已解除/);
		await sent(p, 'done.conduct.visit', old + '/visit', {text: '回访本人和所在部门，工作状态良好。'});
		await w.at(p, 'case-visited');

		for (const at of ['/conduct', '/conduct/forms', '/conduct/forms?by=unit', '/conduct/warnings', '/conduct/pattern', '/conduct/rules', '/conduct/watch']) {
			await open(p, at);
			await w.at(p, 'page' + at.replace(/[^a-z]+/g, '-'));
		}
		p = await who('oversight', '/conduct/watch');
		await w.at(p, 'watch-above');
		if (engine === 'sqlite') {
			const phone = await as(b, site, 'oversight2', sizes.phone);
			for (const at of ['/conduct', matter, old, '/conduct/rules', '/conduct/forms']) {
				await open(phone, at);
				await w.at(phone, 'phone' + at.replace(/[^a-z]+/g, '-'));
			}
		}
		w.clean();
	});
}
