// A tip to its answer through the pages: somebody without a sign-in and without
// script hands it in on a phone, the office asks, he answers by his code, it
// becomes a lead and is answered; whom it is about and whose name it bears do not
// find it. On both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, language, prefer, sizes, start} from './lib.mjs';
import {Stations, open, self, send, sent} from './walk.mjs';

const henan = '河南省人民检察院', text = '上月两次在院外与当事人亲属吃饭，随后案件延期。';

for (const engine of ['sqlite', 'postgres']) {
	test(`a tip to its answer on ${engine}`, {timeout: 600000}, async t => {
		const site = await start(engine), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new Stations(`tip-${engine}`);
		const main = p => p.locator('main').innerText();

		// Outside: a phone without script, no cookie before or after.
		const outside = await b.newContext({...sizes.phone, locale: 'zh-CN', javaScriptEnabled: false});
		const p = await outside.newPage();
		p.faults = [];
		p.engine = engine;
		await p.goto(site.address + '/sign-in');
		await p.locator('main a[href="/tip"]').click();
		const hand = async fields => {
			const form = p.locator('main form[action="/tip"]');
			for (const [name, value] of Object.entries(fields)) {
				if (name === 'files') await form.locator('[name=files]').setInputFiles(value);
				else await form.locator(`[name="${name}"]`).fill(value);
			}
			await form.locator('button').first().click();
			await p.waitForLoadState();
		};
		await hand({unit: '火星检察院', text});
		assert.match(await main(p), /不能确定是哪个单位/);
		assert.equal(await p.locator('[name=text]').inputValue(), text, 'what was written is lost');
		await hand({unit: henan, files: {name: '说明.txt', mimeType: 'text/plain', buffer: Buffer.from('两次的日期')}});
		const code = (await main(p)).match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){4}/)?.[0];
		assert.ok(code, 'no receipt code: ' + await main(p));
		assert.deepEqual(await outside.cookies(), [], 'something is left in the browser');
		const follow = async () => {
			await p.goto(site.address + '/tip/read');
			await p.locator('main [name=code]').fill(code.toLowerCase().replaceAll('-', ' '));
			await p.locator('main form[action="/tip/read"] button').first().click();
			await p.waitForLoadState();
			return main(p);
		};
		assert.match(await follow(), /已收到，等待检务督察部门受理[\s\S]*说明\.txt/);

		// The public pages, looked at with script, in both sizes and languages.
		for (const size of ['desk', 'phone']) {
			const c = await b.newContext({...sizes[size], locale: 'zh-CN'}), q = await c.newPage();
			q.faults = [];
			q.engine = engine;
			await q.goto(site.address + '/tip');
			if (size === 'phone') {
				await language(q, 'en');
				await prefer(q, 'theme', 'dark');
				await q.reload();
			}
			await w.at(q, `new-${size}`);
			await q.goto(site.address + '/tip/read');
			await w.at(q, `code-${size}`);
			await q.locator('main [name=code]').fill(code);
			await q.locator('main form[action="/tip/read"] button').first().click();
			await q.waitForLoadState();
			await w.at(q, `dialogue-${size}`);
			await c.close();
		}

		// Inside: the office opens with a purpose, asks, and is answered.
		const o = await as(b, site, 'oversight2', sizes.desk);
		await open(o, '/tips?state=received');
		await w.at(o, 'list');
		await o.locator('main tbody a').first().click();
		await o.waitForLoadState();
		const at = self(o);
		assert.doesNotMatch(await main(o), /两次在院外/, 'the content is there before it is opened');
		await w.at(o, 'sealed');
		await sent(o, 'done.tip.open', at + '/open', {purpose: '受理审查'});
		assert.match(await main(o), /两次在院外[\s\S]*说明\.txt[\s\S]*受理审查/);
		await sent(o, 'done.tip.take', at + '/take');
		await sent(o, 'done.tip.ask', at + '/ask', {text: '在哪一家饭店？'});
		assert.match(await follow(), /请您补充情况[\s\S]*在哪一家饭店/);
		await p.locator('main [name=text]').fill('火车站东边的一家。');
		await p.locator('main form[action="/tip/read"] button').first().click();
		await p.waitForLoadState();
		assert.match(await main(p), /已发送[\s\S]*火车站东边/);
		await open(o, at);
		await w.at(o, 'opened');
		await sent(o, 'done.tip.refer', at + '/refer', {name: '某检察官', text: '在院外与当事人亲属吃饭两次。'});
		assert.match(await main(o), /X-[0-9A-Z-]+/);
		await sent(o, 'done.tip.close', at + '/close', {text: '已查实并处理。'});
		await w.at(o, 'closed');
		assert.match(await follow(), /已办结并答复[\s\S]*已查实并处理/);

		// One that names the office is not there for it: it went above.
		await p.goto(site.address + '/tip');
		await hand({unit: henan, about: '许昌平', text: '反映之后没有下文。'});
		await open(o, '/tips?state=received');
		const mine = await main(o);
		const top = await as(b, site, 'oversight', sizes.desk);
		await open(top, '/tips');
		const first = await top.locator('main tbody a').first();
		const above = await first.getAttribute('href'), no = await first.innerText();
		assert.ok(!mine.includes(no), 'a tip about the office is in its list');
		assert.equal((await o.goto(new URL(above, o.url()).href)).status(), 404);
		await w.at(top, 'above');
		w.clean();
	});
}
