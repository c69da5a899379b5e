// A team types a finding and sees what was found before; the office confirms a
// common problem and asks the sister units; a unit answers; the figures show it.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, look, sizes, start} from './lib.mjs';

const main = p => p.locator('main').innerText();

for (const name of ['sqlite', 'postgres']) {
	test('common problems on ' + name, async () => {
		const b = await browser(), site = await start(name);
		const wrong = [];
		const see = async (p, what) => wrong.push(...(await look(p, `common-${name}-${what}`)).map(w => `${what}: ${w}`));
		try {
			// While typing.
			let p = await as(b, site, 'inspector');
			await p.goto(site.address + '/findings');
			const visit = await p.evaluate(async () => (await (await fetch('/api/v1/findings?mine=1')).json()).findings.map(f => f.visit));
			let formed = '';
			for (const v of [...new Set(visit)]) {
				const r = await p.goto(site.address + '/findings/new?visit=' + v);
				if (r.status() === 200) { formed = v; break; }
			}
			assert.ok(formed, 'no visit on which the inspector may record');
			const known = await p.evaluate(async () => (await (await fetch('/api/v1/findings?mine=1')).json()).findings.map(f => f.title));
			await p.locator('form [name=title]').pressSequentially(known[0].slice(0, 14), {delay: 5});
			await p.waitForFunction(() => document.querySelectorAll('[data-alike] li').length > 0, null, {timeout: 8000});
			await see(p, 'typing');
			// The same by a button, as without script.
			await p.click('button[name=alike]');
			assert.equal(await p.locator('form [name=title]').inputValue(), known[0].slice(0, 14), 'the title was lost');
			assert.ok(await p.locator('[data-alike] li').count() > 0, 'the button shows nothing');

			// A person decides.
			p = await as(b, site, 'office');
			await p.goto(site.address + '/problems');
			await see(p, 'list');
			await p.click('form[action="/problems/find"] button');
			await p.waitForURL(/done=/);
			const rows = p.locator('main tr[data-row] th a');
			assert.ok(await rows.count() >= 1, 'no common problem is listed: ' + await main(p));
			await p.goto(site.address + '/problems?state=confirmed');
			await rows.first().click();
			await p.waitForURL(/\/problems\/[0-9A-Z]/i);
			await see(p, 'record');
			const problem = new URL(p.url()).pathname;
			const [download] = await Promise.all([p.waitForEvent('download'), p.click(`a[href="${problem}/circular"]`)]);
			assert.match(download.suggestedFilename(), /\.docx$/);
			await p.fill('form#sweep [name=rectify_source]', '自查工作通知');
			await p.locator('form#sweep [name=levels][value="2"]').check();
			await p.click('form#sweep button');
			await p.click('#ask [data-yes]');
			await p.waitForURL(/\/sweeps\//);
			const sweep = new URL(p.url()).pathname;
			await see(p, 'sweep');

			// A unit answers, on a telephone.
			const unit = await as(b, site, 'unit3', sizes.phone);
			await unit.goto(site.address + '/self-checks');
			await see(unit, 'unit-list');
			await unit.locator('main tr[data-row] th a').first().click();
			await unit.waitForURL(/\/self-checks\//);
			await unit.locator('[name=answer][value=have]').check();
			await unit.fill('[name=note]', '自查发现两次用车没有派车单');
			await unit.click('form#answer button');
			assert.match(await unit.locator('main').innerText(), /佐证/);
			await see(unit, 'unit-refused');
			await unit.locator('[name=answer][value=have]').check();
			await unit.fill('[name=proof]', '核查近两年派车台账 214 条');
			await unit.click('form#answer button');
			await unit.waitForURL(/done=/);
			assert.equal(await unit.locator('main a[href^="/items/"]').count(), 1, 'the reported problem does not lead to the ledger');
			await see(unit, 'unit-answered');

			// The figures show it.
			await p.goto(site.address + sweep + '?answer=have');
			const text = await main(p);
			await p.goto(site.address + problem);
			await see(p, 'figures');
			const figures = await p.evaluate(async path => (await (await fetch('/api/v1' + path)).json()).sweeps.map(s => s.counts), problem);
			assert.ok(figures.some(f => f.have >= 1), 'no figure counts the answer: ' + JSON.stringify(figures) + text);
			assert.deepEqual(wrong, []);
		} finally {
			await b.close();
			await site.stop();
		}
	});
}
