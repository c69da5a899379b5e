// An inspection as its people work it: plan, team proposal, authorisation, on
// site, request, paper, finding, report, clue, feedback; each station is looked at.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {as, browser, language, look, sizes, start} from './lib.mjs';
import {open, send, sent} from './walk.mjs';

let site, b;
const pages = new Map();
const wrong = [];
before(async () => { site = await start(); b = await browser(); });
after(async () => { await b?.close(); await site?.stop(); });

const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);

async function who(login, where) {
	if (!pages.has(login)) pages.set(login, await as(b, site, login));
	const p = pages.get(login);
	await open(p, where);
	return p;
}

async function see(p, name) { wrong.push(...await look(p, 'fieldwork-' + name)); }

const href = (p, part) => p.evaluate(x => [...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href').split('?')[0]).find(h => h.startsWith(x) && /[0-9a-f]{8}-/.test(h)), part);
const here = p => new URL(p.url()).pathname;

test('from the plan to the feedback', {timeout: 600000}, async () => {
	let p = await who('office', '/plan');
	await see(p, 'plan');
	await sent(p, 'done.plan.slot', '/plan/slot', {unit: '甘肃省人民检察院', wave: '30', kind: 'mobile', due: day(0), note: '演示'});
	await sent(p, 'done.round.create', '/plan/round', {wave: '30', name: '第三轮巡视'});
	const round = here(p);
	await sent(p, 'done.team.create', round + '/teams', {name: '第九巡视组'});
	const team = await href(p, '/teams/'), visit = await href(p, '/visits/');
	await open(p, visit);
	await sent(p, 'done.visit.edit', visit, {team: {label: '第九巡视组'}});
	for (const [person, post] of [['陈国平', 'leader'], ['吴思涵', 'member']]) {
		await open(p, team);
		await sent(p, 'done.team.seat', team + '/members', {person, post});
	}
	await open(p, round + '/proposal?size=5&deputies=1&skills=finance');
	await see(p, 'proposal');
	await sent(p, 'done.proposal', round + '/proposal/accept');
	await open(p, round);
	await send(p, round + '/enter');
	assert.equal(new URL(p.url()).searchParams.get('done'), null, 'a round was entered without an authorised leader');

	p = await who('leader', round + '/prepare');
	await see(p, 'prepare');
	await sent(p, 'done.authority', team + '/authorise', {document: '授权〔2026〕9号'});
	p = await who('office', round + '/periods');
	await see(p, 'periods');
	await sent(p, 'done.period.edit', round + '/periods', {key: 'request_reply', amount: '5', unit: 'workday', source: '本轮工作方案'});
	await open(p, round);
	await sent(p, 'done.round.enter', round + '/enter');

	p = await who('teamleader', visit);
	await sent(p, 'done.visit.enter', visit + '/enter', {on: day(0)});
	await open(p, visit + '/procedure');
	await sent(p, 'done.act.create', visit + '/procedure', {kind: 'notice', on: day(0), until: day(30), text: '受理电话：000-00000000'});
	await see(p, 'procedure');
	const notice = await p.context().request.get(site.address + visit + '/notice.docx');
	assert.equal(notice.status(), 200);
	assert.equal((await notice.body()).subarray(0, 2).toString(), 'PK');

	p = await who('inspector', visit + '/requests/new');
	await sent(p, 'done.request.create', visit + '/requests', {title: '党组会议记录', text: '近三年'});
	await open(p, visit + '/papers/new');
	await see(p, 'paper-form');
	await sent(p, 'done.paper.create', visit + '/papers', {kind: 'files', secrecy: 'internal', title: '查阅会议记录', on: day(0), text: '四十八次会议，六次没有讨论过程。'});
	const paper = here(p);
	await sent(p, 'done.paper.submit', paper + '/submit');
	p = await who('teamleader', paper);
	await sent(p, 'done.paper.approve', paper + '/approve');

	p = await who('inspector', '/findings/new?visit=' + visit.split('/').pop());
	await send(p, '/findings', {category: 'discipline', title: '党组会议记录不完整', fact: '四十八次会议，六次没有讨论过程。', severity: 'general', scope: 'individual'});
	const finding = here(p);
	assert.match(finding, /^\/findings\/[0-9a-f-]{36}$/);
	await sent(p, 'done.finding.submit', finding + '/submit');
	p = await who('teamleader', finding);
	await sent(p, 'done.finding.confirm', finding + '/confirm');

	await open(p, visit + '/reports/new');
	await sent(p, 'done.report.create', visit + '/reports', {kind: 'inspection', title: '巡视报告', text: '一、民主集中制方面\n党组会议记录不完整。〔底稿1〕\n有关制度执行不严。'});
	const report = here(p);
	assert.equal(await p.locator('main mark').count(), 1, 'the sentence without a paper is not marked');
	assert.equal(await p.locator(`main a[href="${paper}"]`).count(), 1, 'the sentence does not lead to its paper');
	await see(p, 'report');
	await send(p, report + '/submit');
	assert.equal(await p.locator('main .errs').count() > 0, true, 'a report with a bare sentence was handed in without a reason');
	await sent(p, 'done.report.submit', report + '/submit', {text: '综合判断'});
	p = await who('leader', report);
	await sent(p, 'done.report.approve', report + '/approve');

	p = await who('inspector', visit + '/clues/new');
	await sent(p, 'done.clue.create', visit + '/clues', {line: 'discipline', on: day(0), subject: '化名', text: '来信反映'});
	const clue = here(p);
	p = await who('teamleader', clue);
	await sent(p, 'done.clue.hand_over', clue + '/hand_over');
	assert.equal(await p.getByText('来信反映').count(), 0, 'the team still reads the clue');
	p = await who('discipline', clue);
	assert.equal(await p.getByText('来信反映').count() > 0, true, 'the discipline line does not read the clue');
	await see(p, 'clue');

	p = await who('teamleader', visit);
	await sent(p, 'done.visit.leave', visit + '/leave', {on: day(0)});
	p = await who('office', visit);
	await sent(p, 'done.visit.feed_back', visit + '/feedback', {on: day(0)});
	await open(p, visit + '/procedure');
	assert.equal(await p.locator('main .chip.late, main .late').count() > 0, true, 'missing records are not shown');
	assert.deepEqual(wrong, []);
});

test('the restricted seat and the pages on a phone', {timeout: 600000}, async () => {
	const bad = [];
	let p = await who('unit5', '/requests');
	bad.push(...await look(p, 'fieldwork-seat'));
	assert.equal(await p.locator('main tbody tr').count() >= 3, true, 'the unit does not see its requests');
	for (const page of ['/clues', '/plan', '/inspectors']) {
		const r = await p.context().request.get(site.address + page);
		assert.equal(r.status(), 404, `the unit reaches ${page}`);
	}
	const phone = await as(b, site, 'teamleader', sizes.phone);
	for (const [k, page] of ['/requests', '/clues', '/checklists', '/inspection-rules', '/kits'].entries()) {
		await language(phone, k % 2 ? 'en' : 'zh');
		await open(phone, page);
		bad.push(...await look(phone, 'fieldwork-phone' + page.replace('/', '-')));
	}
	assert.deepEqual(bad, []);
});
