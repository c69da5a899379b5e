// The office checks a case backward, has figures and a published circular checked,
// and works a letter of verification to its end. On both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, sizes, start} from './lib.mjs';
import {Stations, open, row, self, sent} from './walk.mjs';

const printed = `湖南省检察机关2025年第四季度记录报告过问或干预、插手检察办案等重大事项情况
2025年第四季度，全省检察机关共记录报告过问或干预、插手检察办案等重大事项1000件。其中，省检察院填报20件，市级检察院填报180件，基层检察院填报800件，分别占比2.0%、18.0%和80.0%。
从内容看，了解进展、陈述案情、反映情况、督促加快办理950件，占比95.0%；接触交往40件，占比4.0%；违规过问或干预、插手检察办案1件，占比1.0%。`;

for (const engine of ['sqlite', 'postgres']) {
	test(`backward check, figures, circular and letters on ${engine}`, {timeout: 900000}, async t => {
		const site = await start(engine), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new Stations(`register-${engine}`);
		const p = await as(b, site, 'oversight2');

		await open(p, '/conduct?view=cases');
		await row(p, '违规会见');
		const matter = self(p);
		await open(p, matter + '/backward');
		const text = await p.locator('main').innerText();
		for (const said of ['他人登记本人', '本人未登记', '原同事执业', '审批链', '20264107000066', '审批其案件']) assert.ok(text.includes(said), `the backward check does not say ${said}`);
		await w.at(p, 'backward');
		await sent(p, 'done.conduct.check', matter + '/backward', {contacts: '2', missing: '2', note: '两次打听均未登记，已核对上下印证。'});

		await open(p, '/register/stats?by=class');
		await w.at(p, 'figures');
		await open(p, '/register/published');
		await sent(p, 'done.published.take', '/register/published', {text: printed, source: '虚构'});
		const checked = await p.locator('main').innerText();
		assert.match(checked, /2 处矛盾/);
		assert.ok(checked.includes('991'), 'the sum that follows is not told');
		await w.at(p, 'published');

		await open(p, '/register/silence');
		await w.at(p, 'silence');
		await open(p, '/register/draws');
		await row(p, '已抽取');
		await w.at(p, 'draw');
		await row(p, '待发函');
		const letter = self(p);
		await sent(p, 'done.letter.send', letter + '/send', {text: '致某案辩护律师'});
		await sent(p, 'done.letter.differ', letter + '/differ', {text: '曾当面询问'});
		await sent(p, 'done.letter.ask', letter + '/ask', {text: '请说明'});
		await sent(p, 'done.letter.explain', letter + '/explain', {text: '依程序接待'});
		await w.at(p, 'letter');
		await sent(p, 'done.letter.settle', letter + '/settle', {outcome: 'lawful', text: '有来访登记佐证'});

		// A record that was not made: one proposes what the rules list, the office above decides.
		await open(p, '/register/omissions?view=heard');
		await row(p, '已听取意见');
		const omission = self(p);
		await sent(p, 'done.omission.propose', omission + '/propose', {consequence: 'warning', text: '经核实应记未记'});
		assert.equal(await p.locator(`form[action="${omission}/decide"]`).count(), 0, 'who proposed it may decide it');
		const above = await as(b, site, 'oversight');
		await open(above, omission);
		await w.at(above, 'omission');
		await sent(above, 'done.omission.decide', omission + '/decide', {text: '同意'});

		await open(p, '/register/silence?by=unit');
		await w.at(p, 'silence-units');
		await open(p, '/register/talks?view=arranged');
		await row(p, '待约谈');
		await sent(p, 'done.talk.hold', self(p) + '/hold', {outcome: 'explained', text: '重申逐条记录'});
		await w.at(p, 'talk');

		const phone = await as(b, site, 'oversight2', sizes.phone);
		await open(phone, matter + '/backward');
		await w.at(phone, 'backward-phone');
		assert.deepEqual(w.wrong, []);
	});
}
