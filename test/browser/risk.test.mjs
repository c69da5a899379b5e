// A risk alert to its end through the pages: a file with broken rows is refused,
// its good version taken in, judged, verified, and turned into a lead whose number
// alone stays; a rule of one's own is published by a second person; a risk point
// goes its five ways. On both databases.
import assert from 'node:assert/strict';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {as, browser, sizes, start} from './lib.mjs';
import {Stations, open, row, self, send, sent} from './walk.mjs';

const day = n => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);
const heads = '案号,案件类型,节点,日期,工号,承办单位,流水号\n';
const line = (no, kind, ago, staff, serial) => `豫检刑诉〔2026〕${no}号,审查起诉,${kind},${day(-ago)},${staff},河南省人民检察院,${serial}\n`;

for (const engine of ['sqlite', 'postgres']) {
	test(`a risk alert to its end on ${engine}`, {timeout: 900000}, async t => {
		const site = await start(engine), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new Stations(`risk-${engine}`);
		const windows = new Map();
		const who = async (login, at) => {
			if (!windows.has(login)) windows.set(login, await as(b, site, login));
			if (at) await open(windows.get(login), at);
			return windows.get(login);
		};
		const dir = mkdtempSync(path.join(tmpdir(), 'huikan-risk-'));
		const file = (name, text) => { writeFileSync(path.join(dir, name), text); return path.join(dir, name); };

		// Half of the rows are broken: nothing is taken, each is shown with its reason.
		let p = await who('oversight2', '/risk/import');
		await w.at(p, 'import');
		const returns = line(900, '受理', 90, 'D00026', 'R1') + line(900, '退查', 70, 'D00026', 'R2') + line(900, '退查', 50, 'D00026', 'R3') + line(900, '退查', 30, 'D00026', 'R4');
		const broken = file('broken.csv', heads + returns + line(901, '跳舞', 20, 'D00026', 'R5') + line(902, '受理', -20, 'D00026', 'R6') + line(903, '受理', 20, 'NOBODY', 'R7') + line('', '受理', 20, 'D00026', 'R8').replace('豫检刑诉〔2026〕号', ''));
		await send(p, '/risk/import', {source: '测试导出', file: broken});
		assert.match(await p.locator('main').innerText(), /有 4 行需要修改（共 8 行），没有导入任何内容/);
		await w.at(p, 'import-broken');
		const copy = await p.request.get(new URL(await p.locator('main a[href^="/risk/import/bad"]').getAttribute('href'), p.url()).href);
		assert.equal((await copy.body()).subarray(0, 2).toString(), 'PK', 'the annotated copy is no workbook');
		await open(p, '/risk/import');
		await send(p, '/risk/import', {source: '测试导出', file: file('good.csv', heads + returns)});
		assert.match(await p.locator('main').innerText(), /检查通过：4 项事件、1 件案件；新增 4/);
		await p.locator('main form:has(input[name=apply]) button').click();
		await p.waitForURL(/done=done.risk_event.import/);
		await w.at(p, 'events');

		// The rules run; the alert explains itself.
		await open(p, '/risk');
		await sent(p, 'done.risk_run.start', '/risk/run', {}, 'button:not([value])');
		await open(p, '/risk?rule=returned_thrice');
		await row(p, '退回补充侦查超过两次');
		const alert = self(p), text = await p.locator('main').innerText();
		assert.match(text, /退回补充侦查次数 大于 2 次/);
		assert.match(text, /豫检刑诉〔2026〕900号/);
		assert.match(text, /刑事诉讼法/);
		await w.at(p, 'alert');
		await send(p, alert + '/snooze', {text: '等待材料', until: day(400)});
		assert.match(await p.locator('main').innerText(), /暂缓最长 180 天/);
		await sent(p, 'done.alert.verify', alert + '/verify', {text: '调阅流程记录，三次退查均由承办人提出。'});
		await sent(p, 'done.alert.lead', alert + '/lead', {text: '多次退查疑为拖延，请核查。'});
		const number = (await p.locator('main').innerText()).match(/X-\d+-\d+-\d+/)?.[0];
		assert.ok(number, 'the number of the lead does not stand on the alert');
		await w.at(p, 'alert-lead');
		await open(p, '/conduct');
		assert.match(await p.locator('main').innerText(), new RegExp(number), 'the lead is not among the leads');
		await open(p, '/risk/loop');
		assert.match(await p.locator('main').innerText(), new RegExp(number));
		await w.at(p, 'loop');

		// A red one is not cleared by who verified it; a colleague does.
		await open(p, '/risk?rule=contact_then_change');
		await row(p, '过问记录后短期内作出有利决定');
		const red = self(p);
		await sent(p, 'done.alert.verify', red + '/verify', {text: '核对登记和审批。'});
		await send(p, red + '/clear', {text: '变更有依据。'});
		assert.match(await p.locator('main').innerText(), /由核实人以外的人排除/);
		p = await who('oversight3', red);
		await sent(p, 'done.alert.clear', red + '/clear', {text: '因病取保，有医院证明和审批单。'});

		// Nobody outside reads it: the staff, a leader, the office of the highest unit that does not judge it.
		p = await who('staff', '/');
		assert.equal((await p.goto(new URL(alert, p.url()).href)).status(), 404, 'the staff opens an alert');
		p = await who('leader2', '/');
		assert.equal((await p.goto(new URL(alert, p.url()).href)).status(), 404, 'a leader opens an alert');

		// A rule that loops is refused in words; one's own rule is published by another.
		p = await who('oversight3', '/risk/rules/new');
		await w.at(p, 'rule-new');
		const rule = {name_zh: '退查后久拖', subject: 'case', level: '3', document: '本院办案规程', why: '多起反映', text: '[1,2].all(x, x > 0)'};
		await send(p, '/risk/rules/new', rule);
		assert.match(await p.locator('main').innerText(), /规则里不能有循环或遍历/);
		await sent(p, 'done.risk_rule.write', '/risk/rules/new', {...rule, text: '退回补充侦查次数 不少于 2 次 且 在办天数 大于 60 天'});
		const mine = self(p);
		await sent(p, 'done.risk_rule.test', mine + '/test');
		assert.match(await p.locator('main').innerText(), /豫检刑诉〔2026〕900号/, 'the run on history does not name the case');
		assert.equal(await p.locator(`main form[action="${mine}/publish"]`).count(), 0, 'the author may publish');
		await w.at(p, 'rule-tested');
		p = await who('oversight2', mine);
		await sent(p, 'done.risk_rule.publish', mine + '/publish');
		await w.at(p, 'rule-published');

		// A risk point goes its five ways.
		p = await who('staff', '/risk/points/new');
		await w.at(p, 'point-new');
		await send(p, '/risk/points/new', {post: '检察官助理'});
		assert.equal(await p.locator('main [name=post]').inputValue(), '检察官助理', 'the refused form lost what was typed');
		await sent(p, 'done.risk_point.create', '/risk/points/new', {post: '检察官助理', link: '退回补充侦查', scope: 'individual', class: 'process', shown: '以退查拖延办案期限。', cause: '退查提纲无人审核。', probability: '3', harm: '4', system: '第二次退查须部门负责人审批。', rules: 'returned_thrice'});
		const point = self(p);
		for (const [login, step, fields] of [['oversight2', 'discuss', {text: '部门会议评议，属实。'}], ['leader2', 'approve', {text: '同意。'}], ['oversight', 'assess', {text: '等级适当。'}], ['oversight2', 'publish', {}]]) {
			p = await who(login, point);
			await sent(p, 'done.risk_point.' + step, `${point}/${step}`, fields);
		}
		assert.match(await p.locator('main').innerText(), /退回补充侦查超过两次 · 已转线索|已转线索/);
		await w.at(p, 'point-published');
		p = await who('staff', point);
		await w.at(p, 'point-staff');

		p = await who('oversight2', '/');
		await w.at(p, 'home');
		for (const at of ['/risk', '/risk/rules', '/risk/points', '/risk/settings']) {
			await open(p, at);
			await w.at(p, 'page' + at.replace(/[^a-z]+/g, '-'));
		}
		if (engine === 'sqlite') {
			const phone = await as(b, site, 'oversight2', sizes.phone);
			for (const at of ['/risk', alert, '/risk/rules', point]) {
				await open(phone, at);
				await w.at(phone, 'phone' + at.replace(/[^a-z]+/g, '-').slice(0, 24));
			}
		}
		w.clean();
	});
}
