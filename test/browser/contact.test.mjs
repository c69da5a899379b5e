// The register of inquiries through the pages, on both databases: a zero return
// in two clicks, a record on a phone, a one-sided contact worked to its end, and
// the reporter who sees that his record was opened.
import test from 'node:test';
import assert from 'node:assert/strict';
import {as, browser, look, sizes, start} from './lib.mjs';

for (const engine of ['sqlite', 'postgres']) {
	test(`the register of inquiries on ${engine}`, {timeout: 600000}, async t => {
		const site = await start(engine);
		const b = await browser();
		const wrong = [];
		t.after(async () => { await b.close(); await site.stop(); });
		const see = async (page, name) => {
			await page.evaluate(() => scrollTo(0, 0)); // what lies under the head is no fault of the page
			wrong.push(...await look(page, `contact-${engine}-${name}`));
		};

		await t.test('a zero return in two clicks from the first page', async () => {
			const page = await as(b, site, 'inspector');
			await page.goto(site.address + '/');
			await see(page, 'home');
			const begin = Date.now();
			await page.click('a.btn:has-text("没有，提交零报告") >> nth=-1');
			await page.waitForURL(/my\/returns\/\d/);
			await page.click('button:has-text("承诺并提交零报告")');
			await page.waitForURL(/done=done\.return\.file/);
			assert.ok(Date.now() - begin < 10000, 'under ten seconds');
			assert.match(await page.textContent('main'), /报送回执/);
			await see(page, 'receipt');
			await page.goto(site.address + '/my/returns');
			await see(page, 'year');
			await page.context().close();
		});

		let address, code;
		await t.test('a record on a phone', async () => {
			const page = await as(b, site, 'staff', sizes.phone);
			await page.goto(site.address + '/contacts/new');
			await page.click('label:has-text("检察机关人员") >> nth=0');
			await page.fill('input[name=asker_name]', '罗庆峰');
			await page.fill('input[name=asker_unit]', '湖北省人民检察院');
			await page.fill('input[name=case_no]', '20264100000777');
			await page.click('label:has-text("微信")');
			await page.fill('textarea[name=words]', '问一件起诉案件的处理意见');
			await page.click('label:has-text("私下打听")');
			await page.click('label:has-text("拒绝")');
			await see(page, 'form-phone');
			await page.click('button:has-text("提交登记")');
			await page.waitForURL(/contacts\/[0-9a-f-]{36}/);
			address = new URL(page.url()).pathname;
			code = await page.textContent('h1');
			assert.match(await page.textContent('main'), /还没有人拆阅过内容/);
			await see(page, 'record-phone');
			await page.context().close();
		});

		await t.test('the office opens it, and the reporter sees that', async () => {
			const page = await as(b, site, 'oversight2');
			await page.goto(site.address + '/contacts');
			await see(page, 'list');
			await page.goto(site.address + address);
			assert.ok(!(await page.textContent('main')).includes('处理意见'), 'sealed');
			await page.click('label:has-text("审核办理")');
			await page.fill('input[name=reason]', '审核本月登记');
			await page.click('button:has-text("拆阅")');
			await page.waitForURL(/done=done\.opening\.open/);
			assert.match(await page.textContent('main'), /问一件起诉案件的处理意见/);
			await see(page, 'opened');
			await page.context().close();
			const reporter = await as(b, site, 'staff');
			await reporter.goto(site.address + address);
			assert.match(await reporter.textContent('main'), /许昌平[\s\S]*审核本月登记/);
			await see(reporter, 'trace');
			await reporter.context().close();
			const concerned = await as(b, site, 'unit2');
			const res = await concerned.goto(site.address + address);
			assert.equal(res.status(), 404);
			await concerned.context().close();
		});

		await t.test('a one-sided contact is worked to its end', async () => {
			const page = await as(b, site, 'oversight2');
			await page.goto(site.address + '/crosschecks');
			await page.click('button:has-text("比对登记")');
			await page.waitForURL(/done=done\.crosscheck\.run/);
			await see(page, 'crosschecks');
			await page.click('main tbody a >> nth=0');
			await page.waitForURL(/crosschecks\/[0-9a-f-]{36}/);
			await see(page, 'one-sided');
			await page.fill('textarea[name=text] >> nth=0', '请对方所在院说明当期有无联系承办人');
			await page.click('form#query button');
			await page.waitForURL(/done=done\.crosscheck\.query/);
			await page.click('label:has-text("不清楚")');
			await page.fill('textarea[name=text]', '本人称记不清，已提醒补报');
			await page.click('form#reply button');
			await page.waitForURL(/done=done\.crosscheck\.reply/);
			await page.fill('form#settle textarea', '已提醒如实记录，办结');
			await page.click('form#settle button');
			await page.waitForURL(/done=done\.crosscheck\.settle/);
			assert.match(await page.textContent('main'), /已办结/);
			await page.goto(site.address + '/crosschecks?view=matched');
			assert.match(await page.textContent('main tbody'), /%/);
			await page.goto(site.address + '/contacts/calendar');
			await see(page, 'calendar');
			await page.goto(site.address + '/contacts/people');
			await see(page, 'people');
			await page.context().close();
		});
		assert.deepEqual(wrong, []);
		assert.equal(code.length > 10, true);
	});
}
