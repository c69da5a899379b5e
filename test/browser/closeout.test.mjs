// A close-out from its claims to the look-back's page, by the people of the
// demonstration: claims written and judged, three signatures, a return with
// reason, the consistency checks, a report with its numbers, the consequences.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, start} from './lib.mjs';
import {Stations, files, open, self, sent, send} from './walk.mjs';

const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);

async function closeout(b, site, prefix) {
	const stations = new Stations(prefix), windows = new Map();
	const who = async (login, where) => {
		if (!windows.has(login)) windows.set(login, await as(b, site, login));
		const page = windows.get(login);
		if (where) await open(page, where);
		return page;
	};
	// The unit writes what can be tested about an item that is overdue.
	let p = await who('unit', '/ledger?view=overdue');
	const item = await p.locator('main tbody a').first().getAttribute('href');
	await open(p, item + '/evidence');
	await sent(p, 'done.item.evidence', item + '/evidence', {files: [files().txt], note: '核对记录', dated: day(0)});
	await open(p, item + '/claims');
	await sent(p, 'done.item.claims', item + '/claims/split', {statement: '追缴违规费用3万元。修订管理办法并印发。'});
	assert.equal(await p.locator('main tbody tr').count(), 2, 'the statement was not split into two claims');
	await stations.at(p, 'claims');
	await open(p, item + '/apply');
	const measures = await p.locator('main [name=measures]').evaluateAll(list => list.map(e => e.value));
	await sent(p, 'done.item.apply', item + '/apply', {statement: '已追缴并修订办法。', measures, claimed: 'done'});
	await stations.at(p, 'applied');

	// Three levels, each by another person; the unit signs first.
	p = await who('office', item + '/review?open=all');
	assert.equal(await p.locator(`form[action="${item}/sign"]`).count(), 0, 'the office may sign before the unit');
	p = await who('unithead', item + '/review?open=all');
	await stations.at(p, 'unit-signs');
	await sent(p, 'done.item.sign', item + '/sign', {opinion: '同意上报。'});
	p = await who('office', item + '/review?open=all');
	await send(p, item + '/sign', {opinion: '同意'});
	assert.ok(await p.locator('main .errs').count() > 0, 'the office signed with claims unchecked');
	const borne = await p.locator(`form[action="${item}/sign"] [name=borne]`).evaluateAll(list => list.map(e => e.value));
	assert.equal(borne.length, 2);
	await sent(p, 'done.item.sign', item + '/sign', {borne, opinion: '属实。'});
	p = await who('reviewer', item + '/review?open=all');
	await stations.at(p, 'discipline');
	await sent(p, 'done.item.return', item + '/return', {reasons: 'system_missing', opinion: '请补充办法的执行记录。'});
	p = await who('unit', item);
	assert.match(await p.locator('main').innerText(), /退回补充/);

	// The ledger's standing checks, each with the way to put it right.
	p = await who('office', '/ledger/checks');
	await stations.at(p, 'checks');
	await open(p, '/review/signers');
	await stations.at(p, 'signers');

	// A report freezes its numbers; the next one reconciles with it.
	await open(p, '/rectify-reports');
	const round = await p.locator('[name=round] option').last().getAttribute('value');
	for (const title of ['一季度整改报告', '二季度整改报告']) {
		await open(p, '/rectify-reports');
		await sent(p, 'done.rectify_report.make', '/rectify-reports', {round, title});
	}
	assert.match(await p.locator('main').innerText(), /勾稽相符/);
	await stations.at(p, 'report');
	const report = self(p), docx = await p.context().request.get(site.address + report + '/docx');
	assert.equal(docx.status(), 200);
	assert.equal((await docx.body()).subarray(0, 2).toString(), 'PK');

	// What the look-back found, and what follows.
	await open(p, '/lookback');
	await open(p, await p.locator('main tbody a').first().getAttribute('href'));
	await open(p, await p.locator('main a[href$="/result"]').first().getAttribute('href'));
	assert.match(await p.locator('main').innerText(), /整改半衰期/);
	// The look-back's report carries its numbers with query and rows, and agrees with the result page.
	const untrue = await p.locator('.stats li').filter({has: p.locator('.lb', {hasText: /^不实$/})}).first().innerText();
	await open(p, self(p).replace(/\/result$/, '/reports'));
	await stations.at(p, 'lookback-reports');
	await sent(p, 'done.lookback_report.make', self(p), {opinion: '对敷衍整改的单位督办，下半年再次核查。'});
	assert.match(await p.locator('main').innerText(), /勾稽相符/);
	assert.match(await p.locator('main').innerText(), /与核查结果页面一致/);
	const counted = await p.locator('#figures tbody tr, table tbody tr').filter({hasText: '销号不实'}).first().innerText();
	assert.ok(counted.includes(untrue.match(/\d+/)[0]), `the report counts ${counted}, the result page ${untrue}`);
	await stations.at(p, 'lookback-report');
	const looked = self(p), official = await p.context().request.get(site.address + looked + '/docx');
	assert.equal(official.status(), 200);
	assert.equal((await official.body()).subarray(0, 2).toString(), 'PK');
	await open(p, looked + '?figure=verdict_paper');
	await stations.at(p, 'lookback-rows');
	await open(p, '/lookback/half-life');
	await stations.at(p, 'half-life');
	stations.clean();
}

for (const name of ['sqlite', 'postgres']) {
	test(`a close-out on ${name}`, {timeout: 600000}, async t => {
		const site = await start(name), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		await closeout(b, site, 'closeout-' + name);
	});
}
