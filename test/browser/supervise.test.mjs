// From the text of a meeting to a verified task, for reports of four builds; the
// lineage has no orphan; one of them comes as a PDF that a browser printed. Then a meeting with its sign-in, the dashboard with its
// exports, and the palette by keyboard.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {as, browser, root, start} from './lib.mjs';
import {Stations, files, open, press, row, self, send, sent} from './walk.mjs';

const henan = '河南省人民检察院';
const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);

// Made-up texts of different build: demands after a dash, numbered sections of a
// notice, first and second within a paragraph, plain obligations.
const texts = {
	dash: '全省检察机关专项整改推进会召开\n来源：清河检察网　责任编辑：周宁　发布时间：2026-04-12\n4月12日，推进会在清河召开。\n围绕“一体抓实整改与监督”，会议要求——逐项核对未销号事项，明确责任人；对反弹问题倒查责任；把好的做法固化为制度。\n',
	sections: '关于做好有关专项工作的通知\n发布时间：2026-04-20\n一、加强组织领导\n各级检察院要成立专班，明确专人负责。\n二、严格落实责任\n对逾期未完成的，应当说明理由。\n',
	ordinal: '二季度重点工作部署会召开\n发布时间：2026-04-28\n会议对二季度工作进行部署。一是要完成上半年自查；二是要报送自查报告；三是要开展交叉核查。\n各市检察院以视频形式参会。\n',
	plain: '工作会议召开\n发布时间：2026-05-06\n会议听取了情况汇报。必须把责任压实到人。务必在年底前完成清理。\n',
};

function reports() {
	const seed = path.join(process.env.HUIKAN_SAMPLES || path.join(root, '../shared/samples'), 'seed.txt');
	return existsSync(seed) ? {seed: readFileSync(seed, 'utf8'), ...texts} : texts;
}

// figure reads one figure of the tiles of a page.
const figure = (p, label) => p.locator('main .stats li').filter({hasText: label}).first().locator('b,a').first().innerText();

// printed is a text as a PDF, as a browser prints a page of the web.
async function printed(b, text) {
	const page = await b.newPage(), file = path.join(mkdtempSync(path.join(tmpdir(), 'huikan-pdf-')), '部署.pdf');
	await page.setContent('<meta charset="utf-8"><style>p{text-indent:2em;margin:0;line-height:2}</style>' + text.trim().split('\n').map(line => `<p>${line}</p>`).join(''));
	await page.pdf({path: file, format: 'A5'});
	await page.close();
	return file;
}

async function walk(w, name, given) {
	let p = w.supervisor;
	await open(p, '/directives/import');
	await sent(p, 'done.directive.import', '/directives/import', given);
	if (given.file) assert.match(await p.locator('main').innerText(), /读自 PDF/, 'nothing says that the order of the text must be looked at');
	const directive = self(p);
	assert.ok(await p.locator('main mark').count() > 0, `${name}: no requirement was found`);
	await sent(p, 'done.directive.confirm', directive + '/confirm');
	await open(p, directive + '/assign');
	const all = await p.locator('main [name=requirements]').evaluateAll(list => list.map(x => x.value));
	const fields = {requirements: all, title: '落实' + name, measure: '报送落实情况，附佐证', due: day(30), to: 'units', units: henan, asks: '落实项数', minutes: '10'};
	await send(p, directive + '/assign', fields, 'button[value=preview]');
	assert.match(await p.locator('main').innerText(), /将发给 1 个单位/, 'the preview does not count the receivers');
	await sent(p, 'done.directive.assign', directive + '/assign');

	p = w.unit;
	await open(p, '/tasks?q=' + encodeURIComponent('落实' + name));
	const task = await row(p, '落实' + name);
	await sent(p, 'done.task.sign', task + '/step/sign');
	await send(p, task, {text: '已落实。'}, 'button[formaction$="/step/report"]');
	assert.ok(await p.locator('main .errs').count() > 0, 'a report with an empty field was taken');
	await sent(p, 'done.task.report', task, {text: '已落实，佐证附后。', answer0: String(all.length), files: files().txt}, 'button[formaction$="/step/report"]');

	p = w.supervisor;
	await open(p, task);
	await press(p, p.locator('main button[formaction$="/step/accept"], main form[action$="/step/accept"] button').first());
	assert.equal(new URL(p.url()).searchParams.get('done'), 'done.task.accept');
	await open(p, directive + '/lineage');
	assert.equal(await figure(p, '无任务的要求'), '0', `${name}: a requirement has no task`);
	assert.equal(await figure(p, '无出处的任务'), '0', `${name}: a task has no sentence`);
	await open(p, directive + '/coverage');
	assert.equal(await figure(p, '无佐证'), '0', `${name}: verified without evidence`);
	if (name === 'dash') {
		await w.stations.at(p, 'coverage');
		await open(p, task);
		await w.stations.at(p, 'task');
	}
}

async function meeting(w) {
	let p = w.supervisor;
	await open(p, '/meetings/new');
	await sent(p, 'done.meeting.create', '/meetings', {title: '调度会', on: day(0), form: 'video', agenda: '通报进展 | 某人 | 20', audience: 'units', units: henan});
	const at = self(p);
	await sent(p, 'done.meeting.call', at + '/step/call');
	await open(w.unit, at);
	await sent(w.unit, 'done.venue.sign_in', at + '/venue/confirm', {lead: '梁建军', present: '12'}, 'button[formaction$="/venue/sign_in"]');
	await open(p, at);
	await sent(p, 'done.meeting.hold', at + '/step/hold');
	await sent(p, 'done.meeting.absent', at + '/step/absent');
	await sent(p, 'done.meeting.close', at + '/step/close');
	await w.stations.at(p, 'meeting');
}

async function board(w) {
	const p = w.supervisor;
	await open(p, '/board');
	for (const end of ['.xlsx', '.docx', '.svg']) {
		const href = await p.locator(`main a[href*="${end}"]`).first().getAttribute('href');
		const answer = await p.request.get(new URL(href, p.url()).href);
		assert.equal(answer.status(), 200, href);
	}
	const [picture] = await Promise.all([p.waitForEvent('download', {timeout: 20000}), p.locator('main a[data-picture] + button').first().click()]);
	assert.match(picture.suggestedFilename(), /\.png$/);
	assert.ok(readFileSync(await picture.path()).subarray(1, 4).equals(Buffer.from('PNG')), 'the picture is no PNG');
	const tile = p.locator('main .stats a[href^="/tasks"]').first();
	const n = await tile.innerText();
	await open(p, await tile.getAttribute('href'));
	assert.match(await p.locator('main .tools').innerText(), new RegExp('\\b' + n + '\\b|' + n), 'the list has another number than the tile');
	await open(p, '/');
	await p.keyboard.press('Control+k');
	await p.locator('dialog.pal[open] input').fill('jsc');
	await p.locator('dialog.pal[open] a').first().filter({hasText: '驾驶舱'}).waitFor({timeout: 10000}); // the first one: the whole menu holds it too
	await w.stations.at(p, 'palette');
	await p.keyboard.press('Enter');
	await p.waitForURL(u => u.pathname === '/board', {timeout: 10000});
}

for (const engine of ['sqlite', 'postgres']) {
	test(`from a meeting's text to a verified task on ${engine}`, {timeout: 600000}, async t => {
		const site = await start(engine), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = {supervisor: await as(b, site, 'supervisor'), unit: await as(b, site, 'unit'), stations: new Stations('supervise-' + engine)};
		for (const [name, text] of Object.entries(reports()).slice(0, engine === 'sqlite' ? 9 : 2)) await walk(w, name, name === 'ordinal' ? {file: await printed(b, text)} : {text});
		await meeting(w);
		await board(w);
		w.stations.clean();
	});
}
