// The main job from a meeting's deployment to the verified rectification, walked
// through the pages by the people of the demonstration, on both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, huikan, later, start} from './lib.mjs';
import {Stations, files, open, press, row, sample, self, send, sent, tamper} from './walk.mjs';

const henan = '河南省人民检察院';
const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);

// World opens a window for each person once.
class World {
	constructor(b, site, prefix) { Object.assign(this, {b, site, windows: new Map(), stations: new Stations(prefix)}); }

	async who(login, where) {
		if (!this.windows.has(login)) this.windows.set(login, await as(this.b, this.site, login));
		const page = this.windows.get(login);
		if (where) await open(page, where);
		return page;
	}

	// tomorrow: what is closed on the day of a draw is not drawn.
	async tomorrow() {
		for (const p of this.windows.values()) await p.context().close();
		this.windows.clear();
		Object.assign(this.site, await later(this.site, 1));
	}

	look(page, name) { return this.stations.at(page, name); }
}

async function deployment(w) {
	let p = await w.who('supervisor', '/directives/import');
	await w.look(p, 'directive-import');
	await sent(p, 'done.directive.import', '/directives/import', {file: sample('seed.txt', 'report.txt')});
	const directive = self(p);
	assert.ok(await p.locator('main mark').count() >= 3, 'the report shows no requirement in its text');
	assert.ok(await p.locator('main h3').count() >= 2, 'the report shows no themes');
	await w.look(p, 'directive');

	await open(p, await p.locator('main a[href$="/edit"]').first().getAttribute('href'));
	const edit = self(p), text = await p.locator(`form[action="${edit}"] [name=text]`).inputValue();
	await w.look(p, 'requirement');
	await sent(p, 'done.requirement.edit', edit, {text: text + '（办公厅整理）'});
	assert.match(await p.locator('main').innerText(), /（办公厅整理）/);
	await sent(p, 'done.directive.confirm', directive + '/confirm');
	assert.equal(await p.locator('main a[href$="/edit"]').count(), 0, 'a confirmed report can still be edited');

	await open(p, directive + '/assign');
	await w.look(p, 'assign');
	await send(p, directive + '/assign', {title: '报送全年整改清单'});
	assert.equal(await p.locator('main .errs').count(), 1, 'a task without measure and date was sent');
	assert.equal(await p.locator('main [name=title]').inputValue(), '报送全年整改清单', 'the refused form lost what was typed');
	await w.look(p, 'assign-refused');
	const first = await p.locator('main [name=requirements]').first().getAttribute('value');
	await sent(p, 'done.directive.assign', directive + '/assign', {requirements: first, title: '报送全年整改清单', measure: '报送清单，逐项列明责任人和时限', due: day(30), to: 'units', units: `${henan}\n湖北省人民检察院`});
	assert.match(await p.locator('main').innerText(), /河南/);
	await w.look(p, 'lineage');

	p = await w.who('unit', '/tasks');
	await w.look(p, 'tasks');
	const task = await row(p, '报送全年整改清单');
	await sent(p, 'done.task.sign', task + '/step/sign');
	await w.look(p, 'task');
	await sent(p, 'done.task.report', task, {text: '已核对十四项，清单附后。'}, 'button[formaction$="/step/report"]');

	p = await w.who('supervisor', task);
	await w.look(p, 'task-reported');
	await press(p, p.locator('main button[formaction$="/step/accept"], main form[action$="/step/accept"] button').first());
	assert.equal(new URL(p.url()).searchParams.get('done'), 'done.task.accept');
	await open(p, directive + '/lineage');
	await w.look(p, 'lineage-done');
}

// circular puts a published circular in the ledger.
async function circular(w) {
	const p = await w.who('office', '/circulars/import');
	await w.look(p, 'circular-import');
	await sent(p, 'done.circular.upload', '/circulars/import', {file: sample('circulars/s01-pinyin.txt', 'circular.txt')});
	const kept = await p.locator('main input[name$="-keep"]:checked').count();
	assert.ok(kept >= 3, `only ${kept} findings were seen in the circular`);
	await w.look(p, 'circular-review');
	await send(p, self(p), {unit: '没有这个院'});
	assert.equal(await p.locator('main .errs').count(), 1, 'a circular of an unknown unit was taken');
	await sent(p, 'done.circular.import', self(p), {unit: henan});
	const numbers = await p.locator('main tbody th a').allInnerTexts();
	assert.equal(numbers.length, kept, 'not every confirmed finding was imported');
	await w.look(p, 'circular-visit');
	await open(p, await p.locator('main tbody th a').first().getAttribute('href'));
	await w.look(p, 'circular-finding');
	await open(p, '/ledger?view=all&per=100');
	const ledger = await p.locator('main tbody th').allInnerTexts();
	for (const no of numbers) assert.ok(ledger.some(x => x.includes(no)), `the finding ${no} of the circular is not in the ledger: ${ledger}`);
	await w.look(p, 'ledger-office');
}

// planned looks up when the unit is due by the plan of full coverage, and which
// classes of problems are in force.
async function planned(w) {
	const p = await w.who('office', '/plan');
	assert.match(await p.locator('main').innerText(), /河南/, 'the plan of full coverage does not name the unit');
	await w.look(p, 'plan');
	await open(p, '/taxonomies');
	await open(p, await p.locator('main tbody a').first().getAttribute('href'));
	await w.look(p, 'taxonomy');
}

// inspection finds a problem at a unit, feeds it back and has it accepted.
async function inspection(w) {
	let p = await w.who('office', '/rounds');
	await w.look(p, 'rounds');
	const round = await row(p, '第二轮巡视');
	const team = await p.locator(`form[action="${round}/visits"] select[name=team] option`).last().getAttribute('value');
	await sent(p, 'done.visit.create', round + '/visits', {unit: henan, team});
	await w.look(p, 'round');
	const visit = await row(p, henan);
	await sent(p, 'done.visit.enter', visit + '/enter', {on: day(-2)});

	p = await w.who('inspector', visit);
	await w.look(p, 'visit');
	await open(p, await p.locator('main a[href^="/findings/new"]').first().getAttribute('href'));
	await send(p, '/findings', {title: '督办台账长期不更新'});
	assert.equal(await p.locator('main .errs').count(), 1, 'a finding without its facts was taken');
	assert.equal(await p.locator('main [name=title]').inputValue(), '督办台账长期不更新', 'the refused form lost what was typed');
	await w.look(p, 'finding-refused');
	const classed = await p.locator('main [name=class] option').evaluateAll(list => list.find(o => o.textContent.includes('检察履职')).value);
	await sent(p, 'done.finding.create', '/findings', {category: 'theory', class: classed, aspect: '落实重大决策部署', fact: '查阅近一年台账，有七个月没有更新记录。', basis: '督办工作办法第九条', cause: '没有明确专人负责。', consequence: '上级部署的落实情况底数不清。', severity: 'serious', scope: 'individual'});
	const finding = self(p);
	await sent(p, 'done.finding.submit', finding + '/submit');
	assert.match(await p.locator('main').innerText(), /T03 检察履职/, 'the class of the finding is not shown');
	await w.look(p, 'finding');

	p = await w.who('teamleader', finding);
	await sent(p, 'done.finding.confirm', finding + '/confirm');
	p = await w.who('office', visit);
	await sent(p, 'done.visit.leave', visit + '/leave', {on: day(-1)});
	await w.look(p, 'visit-feedback');
	await sent(p, 'done.visit.feed_back', visit + '/feedback', {on: day(0)});

	p = await w.who('unit', finding);
	await w.look(p, 'finding-unit');
	await sent(p, 'done.finding.accept', finding + '/accept');
	return p.locator('main h1').innerText();
}

// rectification works the accepted finding as the unit does, against its reviewer.
async function rectification(w, no) {
	let p = await w.who('unit', '/ledger?view=all');
	await w.look(p, 'ledger');
	const item = await row(p, no);
	await w.look(p, 'item-to-claim');
	await sent(p, 'done.item.claim', item + '/claim');
	await open(p, item + '/plan');
	await sent(p, 'done.item.plan', item + '/plan', {lead: '分管副检察长', department: '办公室', root: '没有明确专人负责。', goal: '台账每周更新，按月通报。', similar: '对其他台账开展自查。', rules: '修订督办工作办法。'});
	for (const [kind, text] of [['symptom', '补齐七个月的台账'], ['system', '修订督办工作办法'], ['source', '明确专人并纳入考核']]) {
		await open(p, item + '/measures/new');
		await sent(p, 'done.item.measure', item + '/measures/new', {text, kind, responsible: '办公室主任', department: '办公室', due: day(60)});
	}
	await w.look(p, 'item-planned');
	await sent(p, 'done.item.submit_plan', item + '/submit-plan');

	p = await w.who('reviewer', item + '/review');
	await w.look(p, 'plan-review');
	await sent(p, 'done.item.approve_plan', item + '/approve-plan', {opinion: '措施可行。'});

	p = await w.who('unit', item + '/progress');
	await w.look(p, 'progress');
	await sent(p, 'done.item.progress', item + '/progress', {on: day(0), text: '台账已补齐，办法正在修订。', claimed: 'in_progress'});
	const {png, txt} = files();
	await open(p, item + '/evidence');
	await sent(p, 'done.item.evidence', item + '/evidence', {files: [png, txt], note: '台账与公示', dated: day(0)});
	await open(p, item + '/evidence');
	await w.look(p, 'evidence');
	await apply(p, item, '台账已补齐，办法已修订，已明确专人。', p => w.look(p, 'apply'));
	await w.look(p, 'item-applied');
	return item;
}

async function apply(p, item, statement, look) {
	await open(p, item + '/apply');
	const measures = await p.locator('main [name=measures]').evaluateAll(list => list.map(e => e.value));
	assert.equal(measures.length, 3);
	if (look) await look(p);
	await sent(p, 'done.item.apply', item + '/apply', {statement, measures, claimed: 'done'});
}

// reviewed holds the rules of closing: not by the unit, not before every piece of
// evidence was opened; returned once, applied again, closed.
async function reviewed(w, item) {
	let p = await w.who('unit', item);
	assert.equal(await p.locator(`main a[href="${item}/review"], main form[action$="/close"]`).count(), 0, 'the unit is offered to close its own item');
	const own = await p.context().request.post(w.site.address + item + '/close', {form: {rev: '99', opinion: '自行销号'}, headers: {Origin: w.site.address}, maxRedirects: 0});
	// What a role never may is answered as if it were not there.
	assert.ok([403, 404].includes(own.status()), `the unit closed its own item, or was refused otherwise: ${own.status()}`);

	p = await w.who('reviewer', '/review');
	await w.look(p, 'review-queue');
	await open(p, item + '/review');
	await w.look(p, 'review-unread');
	await send(p, item + '/close', {opinion: '同意'});
	assert.equal(new URL(p.url()).searchParams.get('done'), null, 'an item was closed before its evidence was opened');
	await w.look(p, 'review-refused');
	await open(p, item + '/review?open=all');
	assert.equal(await p.locator('main figure img').count(), 1, 'the picture among the evidence is not shown');
	await w.look(p, 'review-opened');
	await send(p, item + '/return');
	assert.equal(await p.locator('main .errs').count() > 0, true, 'an application was returned without a reason');
	await sent(p, 'done.item.return', item + '/return', {reasons: 'system_missing', opinion: '请补充修订后的办法文本。'});

	p = await w.who('unit', item);
	await w.look(p, 'item-returned');
	await open(p, item + '/evidence');
	await sent(p, 'done.item.evidence', item + '/evidence', {files: [files().txt], note: '修订后的办法', dated: day(0)});
	await apply(p, item, '已补充修订后的办法文本。');

	p = await w.who('reviewer', item + '/review?open=all');
	const claims = await p.locator(`form[action="${item}/close"] [name=borne]`).evaluateAll(list => list.map(e => e.value));
	assert.ok(claims.length > 0, 'the application has no claims to check');
	await sent(p, 'done.item.close', item + '/close', {opinion: '同意销号。', borne: claims});
	await open(p, item);
	assert.match(await p.locator('main').innerText(), /已销号/);
	assert.equal(await p.locator(`main a[href="${item}/review"]`).count(), 0, 'a closed item can be reviewed again');
	await w.look(p, 'item-closed');
}

// lookback looks the next day at all that was closed at the unit in this round, judges
// the very item that was closed before, and reads what it says of the close-outs.
async function lookback(w, no, item) {
	let p = await w.who('office', '/lookback/new');
	await w.look(p, 'lookback-new');
	const round = await p.locator('main [name=rounds]').evaluateAll(list => list.find(e => e.closest('label').textContent.includes('第二轮巡视')).value);
	await sent(p, 'done.lookback.create', '/lookback/new', {round: '第一轮巡视“回头看”', name: '第二轮巡视销号事项全量核查', rounds: round, units: henan, to: day(0), census: true});
	const own = self(p);
	await sent(p, 'done.lookback.commit', own + '/commit');
	await w.look(p, 'lookback-committed');
	await sent(p, 'done.lookback.reveal', own + '/reveal');
	await w.look(p, 'lookback-drawn');
	const href = await row(p, no);
	const team = await p.locator(`main form[action="${href}/assign"] [name=team] option`).last().getAttribute('value');
	await sent(p, 'done.sample.assign', href + '/assign', {team});

	p = await w.who('lookback', '/lookback?view=items&state=open');
	await w.look(p, 'lookback-items');
	assert.equal(await row(p, no), href, 'the item that was closed is not in the work of the team');
	await w.look(p, 'sample');
	await send(p, href + '/judge', {reason: '现场查看，公示栏与记录不符。'});
	assert.ok(await p.locator('main .errs').count() > 0, 'a judgement without a verdict was taken');
	const claims = await p.locator(`main form[action="${href}/test"] [name=claim] option`).evaluateAll(list => list.map(e => e.value));
	assert.ok(claims.length > 0, 'the claims of the close-out are not there to be tested');
	for (const claim of claims) await sent(p, 'done.sample.test', href + '/test', {claim, result: 'untrue', note: '公示栏与声明不符。'});
	await sent(p, 'done.sample.judge', href + '/judge', {verdict: 'paper', effect: 'little', methods: ['look', 'check'], reason: '现场查看，公示栏与记录不符。', files: [files().png], asked: '值班干警', note: '不清楚新办法的内容。'});
	await w.look(p, 'sample-judged');

	p = await w.who('lookleader', href);
	await sent(p, 'done.sample.confirm', href + '/confirm');
	await w.look(p, 'sample-confirmed');

	p = await w.who('unit', item);
	assert.match(await p.locator('main').innerText(), /敷衍整改/, 'the item does not show what the look-back found');
	await w.look(p, 'item-verified');

	p = await w.who('leader', '/lookback');
	await w.look(p, 'lookback-leader');
	await open(p, own);
	await w.look(p, 'lookback-round');
	await open(p, own + '/result');
	assert.match(await p.locator('main').innerText(), /%/, 'the result page tells no share');
	await w.look(p, 'lookback-result');
	const reports = self(p).replace(/\/result$/, '/reports');
	p = await w.who('office', reports);
	await sent(p, 'done.lookback_report.make', reports, {opinion: '对敷衍整改的单位督办。'});
	await w.look(p, 'lookback-report');
	const docx = await p.context().request.get(w.site.address + self(p) + '/docx');
	assert.equal(docx.status(), 200);
	assert.equal((await docx.body()).subarray(0, 2).toString(), 'PK', 'the report is no .docx');
	p = await w.who('leader');
	await open(p, '/board');
	await w.look(p, 'board');
}

// verified proves the log on its page and by the command, and finds one changed byte.
async function verified(w) {
	const p = await w.who('auditor', '/log');
	await w.look(p, 'log');
	await send(p, '/log/verify');
	assert.match(await p.locator('main .notice.ok').innerText(), /核验通过/);
	await w.look(p, 'log-verified');
	await w.site.end();
	const verify = () => huikan('log', 'verify', '--data', w.site.data, ...(w.site.database ? ['--database', w.site.database] : []));
	const clean = await verify();
	assert.equal(clean.status, 0, clean.text);
	const victim = await tamper(w.site, "SELECT id FROM inspection_finding WHERE title = '督办台账长期不更新'");
	assert.match(victim, /^[0-9a-f-]{36}$/);
	await tamper(w.site, `UPDATE inspection_finding SET severity = 'seriouz' WHERE id = '${victim}'`);
	const dirty = await verify();
	assert.equal(dirty.status, 1, 'a changed byte was not found: ' + dirty.text);
	assert.match(dirty.text, new RegExp(victim), 'the changed row is not named: ' + dirty.text);
}

for (const name of ['sqlite', 'postgres']) {
	test(`the thread on ${name}`, {timeout: 600000}, async t => {
		const site = await start(name), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new World(b, site, name);
		await deployment(w);
		await circular(w);
		await planned(w);
		const no = await inspection(w), item = await rectification(w, no);
		await reviewed(w, item);
		await w.tomorrow();
		await lookback(w, no, item);
		await verified(w);
		w.stations.clean();
	});
}
