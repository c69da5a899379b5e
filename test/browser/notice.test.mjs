// A circular from its draft to the public page, and what its readers do with it,
// on both databases; then the exported site, served by a server that knows nothing of us.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {existsSync, mkdtempSync, readFileSync, readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {as, browser, huikan, look, sizes, start} from './lib.mjs';
import {Stations, open, self, send, sent} from './walk.mjs';

const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);

async function walk(b, site, prefix) {
	const s = new Stations(prefix);
	let p = await as(b, site, 'oversight');
	await open(p, '/questions');
	await send(p, '/questions', {theme: '三个规定', text: '同事打听案情，要不要记录？', options: '要记录', answer: '1', source: '实施办法'});
	assert.equal(await p.locator('main .errs').count(), 1, 'a question with one option was taken');
	await sent(p, 'done.question.create', '/questions', {options: '要记录\n不用记录'});

	await open(p, '/notices/new');
	await s.at(p, 'new');
	const question = await p.locator('main [name=questions]').first().getAttribute('value');
	await sent(p, 'done.notice.create', '/notices/new', {kind: 'typical', title: '只改文件不改做法的典型案例', editor: '宋文博', body: '某院销号材料齐全，做法未变。\n其中周明远同志负责销号。', public_title: '典型案例通报', public_body: '某院销号材料齐全，做法未变，已责令重新整改。', lesson: '销号看做法，不看文件。', pass_mark: '60', must_read: true, questions: question});
	const n = self(p);
	await send(p, n + '/submit');
	assert.match(await p.locator('main .errs').innerText(), /周明远/, 'a person is named in a typical case');
	await s.at(p, 'refused');
	await sent(p, 'done.notice.edit', n + '/edit', {body: '某院销号材料齐全，做法未变。'});
	await sent(p, 'done.notice.submit', n + '/submit');
	assert.equal(await p.locator(`main form[action="${n}/approve"]`).count(), 0, 'the author may approve');

	let q = await as(b, site, 'leader');
	await open(q, n);
	await sent(q, 'done.notice.approve', n + '/approve');
	await open(p, n);
	await s.at(p, 'issue');
	await sent(p, 'done.notice.issue', n + '/issue', {to: 'units', units: '河南省人民检察院、湖北省人民检察院'});
	assert.equal((await fetch(site.address + '/public')).status, 200);
	await sent(p, 'done.notice.publish', n + '/publish');
	const slug = await p.locator('main a[href^="/public/"]').getAttribute('href');

	q = await as(b, site, 'unit');
	await open(q, n);
	assert.equal(await q.locator(`main form[action="${n}/study"]`).count(), 0, 'a study before it is signed for');
	await sent(q, 'done.notice.sign', n + '/sign');
	await send(q, n + '/study', {held_on: day(3), form: 'meeting', expected: '10', attended: '12', text: '讨论'});
	assert.equal(await q.locator('main form[action$="/study"] .err').count(), 2, 'a study in the future with too many people');
	await sent(q, 'done.notice.study', n + '/study', {held_on: day(0), attended: '9'});

	q = await as(b, site, 'staff', sizes.phone);
	await open(q, n);
	await sent(q, 'done.notice.confirm', n + '/confirm');
	await s.at(q, 'test-phone');
	await sent(q, 'done.notice.answer', n + '/answer', {qa: '1'});
	await s.at(q, 'result-phone');
	assert.equal(await q.locator(`main form[action="${n}/answer"]`).count(), 0, 'the test can be answered twice');

	await open(p, n + '/receipts');
	await s.at(p, 'receipts');
	assert.match(await p.locator('main').innerText(), /河南省人民检察院/);

	const reader = await (await b.newContext(sizes.desk)).newPage();
	reader.faults = [];
	await reader.goto(site.address + '/public');
	await s.at(reader, 'public');
	await reader.goto(site.address + slug);
	for (const [id, name] of [['t-dark', 'dark'], ['t-contrast', 'contrast'], ['s-huge', 'huge']]) {
		await reader.locator(`label[for=${id}]`).click();
		await s.at(reader, 'public-' + name);
	}
	const text = await reader.locator('body').innerText();
	assert.ok(text.includes('已责令重新整改') && !text.includes('销号看做法'), 'the public page is not the public version: ' + text);
	s.clean();
	return path.basename(slug);
}

// exported serves a folder as any web server would.
function exported(dir) {
	const server = createServer((req, res) => {
		const file = path.join(dir, decodeURIComponent(new URL(req.url, 'http://x').pathname));
		if (!existsSync(file)) return res.writeHead(404).end();
		res.writeHead(200, {'content-type': {'.html': 'text/html; charset=utf-8', '.css': 'text/css', '.xml': 'application/atom+xml'}[path.extname(file)] ?? 'text/plain'}).end(readFileSync(file));
	});
	return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close()})));
}

// plain reads the exported page without script: size and colours obey, the reader's
// system is followed, and paper stays white whatever was chosen.
async function plain(b, address, slug) {
	const page = await (await b.newContext({...sizes.desk, javaScriptEnabled: false, colorScheme: 'dark'})).newPage();
	await page.goto(`${address}/${slug}.html`);
	const seen = () => page.evaluate(() => ['.text', 'article p:last-child'].map(q => getComputedStyle(document.querySelector(q))).map((s, i) => i ? [s.color, s.fontSize] : s.backgroundColor).flat());
	const [dark, , size] = await seen();
	await page.locator('label[for=t-light]').click();
	const [light] = await seen();
	assert.notEqual(dark, light, 'the colours of the system are not followed');
	await page.locator('label[for=t-contrast]').click();
	await page.locator('label[for=s-huge]').click();
	assert.ok(parseFloat((await seen())[2]) > 1.4 * parseFloat(size), 'the text does not grow without script');
	assert.equal((await seen())[0], 'rgb(0, 0, 0)');
	await page.emulateMedia({media: 'print'});
	assert.deepEqual((await seen()).slice(0, 2), ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], 'what is printed cannot be read');
	await page.context().close();
}

async function site(engine) {
	const b = await browser(), s = await start(engine);
	try {
		const slug = await walk(b, s, 'notice-' + engine);
		const dir = path.join(mkdtempSync(path.join(tmpdir(), 'huikan-site-')), 'site');
		const at = ['publish', '--data', s.data, ...s.database ? ['--database', s.database] : [], '--out', dir];
		for (let i = 0; i < 2; i++) { // beside the running server; a second export replaces the first
			const r = await huikan(...at);
			assert.equal(r.status, 0, r.text);
		}
		assert.ok(readdirSync(dir).includes(slug + '.html'));
		for (const f of readdirSync(dir)) assert.doesNotMatch(readFileSync(path.join(dir, f), 'utf8'), /<script|销号看做法/, f);
		const web = await exported(dir), page = await (await b.newContext({...sizes.phone})).newPage();
		page.faults = [];
		await page.goto(web.address + '/index.html');
		const wrong = await look(page, `notice-${engine}-exported`);
		await page.locator('.text a').first().click();
		wrong.push(...await look(page, `notice-${engine}-exported-article`));
		assert.deepEqual(wrong.filter(w => !/favicon/.test(w)), []);
		await plain(b, web.address, slug);
		web.stop();
		const foreign = mkdtempSync(path.join(tmpdir(), 'huikan-foreign-'));
		(await import('node:fs')).writeFileSync(path.join(foreign, 'other.txt'), 'x');
		const r = await huikan('publish', '--data', s.data, ...s.database ? ['--database', s.database] : [], '--out', foreign);
		assert.equal(r.status, 2, 'a folder with other files was written over');
		assert.ok(existsSync(path.join(foreign, 'other.txt')));
	} finally {
		await b.close();
		await s.stop();
	}
}

for (const engine of ['sqlite', 'postgres']) test(`circulars on ${engine}`, {timeout: 600000}, () => site(engine));
