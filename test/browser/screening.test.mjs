// A register comes in as .xlsx, ten hits are judged by keyboard, a second reader
// confirms, a warning goes to the justice administration and its answer comes
// back — on both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, look, start} from './lib.mjs';
import {open, self} from './walk.mjs';
import {workbook} from './xlsx.mjs';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const citizen = (birth, serial) => {
	const n = '410105' + birth.replaceAll('-', '') + String(serial).padStart(3, '0');
	return n + '10X98765432'[[...n].reduce((sum, d, i) => sum + weights[i] * d, 0) % 11];
};
const names = ['戚明远', '窦思齐', '鲍廷玉', '滕子昭', '郎景行', '凌若虚', '樊世安', '毕云舒', '安如松', '常怀谷', '乐正清', '时静言'];
const people = names.map((name, i) => ({name, birth: `19${70 + i}-0${1 + i % 9}-1${i % 9}`, no: `X${100 + i}`})).map((p, i) => ({...p, id: citizen(p.birth, 301 + 2 * i)}));

const staff = [['离任人员名册'], ['人员编号', '姓名', '性别', '出生日期', '证件号码', '原单位', '状态', '离任日期', '职级'],
	...people.map(p => [p.no, p.name, '男', p.birth, p.id, '河南省人民检察院', '辞职', '2026-01-15', '四级高级检察官'])];
const lawyers = [['姓名', '性别', '出生日期', '身份证号', '执业证号', '律师事务所', '执业地市', '省份', '状态'],
	...people.map((p, i) => [p.name, '男', p.birth, p.id, `1410120261${String(i).padStart(7, '0')}`, '河南新程律师事务所', '郑州市', '河南省', '执业'])];

async function bring(page, kind, source, rows) {
	await open(page, '/screening/import?kind=' + kind);
	const form = page.locator('form[action="/screening/import"]').last();
	await form.locator('[name=source]').fill(source);
	await form.locator('[name=file]').setInputFiles({name: kind + '.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook(rows)});
	await form.locator('.acts button').first().click();
	await page.locator('form#apply').waitFor();
	assert.match(await page.locator('main').innerText(), new RegExp(`新增 ${people.length}`));
	const wrong = await look(page, 'screening-import-' + kind);
	await page.locator('form#apply button').click();
	await page.waitForURL(u => u.search.includes('done.register.import'));
	return wrong;
}

for (const engine of ['sqlite', 'postgres']) {
	test(`registers, review by keyboard and warnings on ${engine}`, {timeout: 600000}, async t => {
		const site = await start(engine), b = await browser();
		const wrong = [];
		try {
			const one = await as(b, site, 'oversight2'), bar = await as(b, site, 'bar');
			wrong.push(...await bring(one, 'staff', '浏览器测试', staff), ...await bring(bar, 'lawyers', '浏览器测试', lawyers));
			await open(one, '/screening');
			await one.locator('form[action="/screening/run"] button').click();
			await one.waitForURL(u => u.search.includes('done.screening.run'));
			wrong.push(...await look(one, 'screening-list'));

			// Ten answers, one key each; the page goes on by itself.
			await open(one, '/screening/review');
			wrong.push(...await look(one, 'screening-review'));
			let judged = '';
			for (let i = 0; i < 10; i++) {
				const title = await one.locator('h1').innerText();
				const url = one.url();
				await one.keyboard.press(i % 4 === 3 ? 'u' : 'h');
				await one.waitForURL(u => String(u) !== url, {timeout: 10000});
				assert.match(one.url(), /done\.match\.(hit|unsure|confirm)/, `answer ${i + 1} of ${title}`);
				if (i % 4 !== 3) judged = title;
			}
			assert.ok(judged);

			// The second reader confirms what the first found.
			const two = await as(b, site, 'oversight');
			await open(two, '/screening?state=proposed&q=' + encodeURIComponent('河南新程'));
			const href = await two.locator('main tbody a[href^="/screening/hits/"]').first().getAttribute('href');
			await open(one, href);
			assert.equal(await one.locator('form#confirm').count(), 0, 'the first reader may confirm');
			await open(two, href);
			wrong.push(...await look(two, 'screening-hit'));
			await two.locator('form#confirm button').click();
			await two.waitForURL(u => u.search.includes('done.match.confirm'));

			// A warning goes out, is acknowledged and answered, and the answer is seen.
			await open(one, href);
			await one.locator('form#send .acts button').first().click();
			await one.waitForURL(u => u.search.includes('done.warning.send'));
			const warning = self(one);
			wrong.push(...await look(one, 'screening-warning'));
			await open(bar, '/');
			wrong.push(...await look(bar, 'screening-bar-home'));
			await open(bar, warning);
			await bar.locator('form#receive button').click();
			await bar.waitForURL(u => u.search.includes('done.warning.receive'));
			await bar.locator('form#answer [name=text]').fill('已核实，责令三十日内注销执业证书。');
			await bar.locator('form#answer .acts button').first().click();
			await bar.waitForURL(u => u.search.includes('done.warning.answer'));
			assert.equal((await bar.goto(site.address + href)).status(), 404, 'the liaison opens a hit');
			await open(one, warning);
			assert.match(await one.locator('main').innerText(), /责令三十日内注销执业证书/);

			// One press hands the confirmed hit over to the leads; its number is all that stays.
			await open(one, href);
			await one.locator('form#lead button').click();
			await one.waitForURL(u => u.search.includes('done.match.lead'));
			assert.match(await one.locator('main').innerText(), /线索编号[\s\S]*此处只保留编号/);
			assert.equal(await one.locator('form#lead').count(), 0, 'it is handed over a second time');
			wrong.push(...await look(one, 'screening-lead'));
			await open(one, '/screening/together');
			assert.match(await one.locator('main').innerText(), /程砚秋[\s\S]*程映雪[\s\S]*B12/);
			wrong.push(...await look(one, 'screening-together'));

			// A talk before departure: the pledge; the list of the year: who was confirmed above is put on it.
			await open(one, '/screening/departures?state=talked');
			wrong.push(...await look(one, 'screening-departures'));
			await one.locator('main tbody a[href^="/screening/departures/"]').first().click();
			await one.locator('form#pledge button').click();
			await one.waitForURL(u => u.search.includes('done.departure.pledge'));
			wrong.push(...await look(one, 'screening-departure'));
			await open(one, '/screening/yearly');
			await one.locator('details.card > summary').click();
			await one.locator('form#yearly .acts button').first().click();
			await one.waitForURL(u => u.search.includes('done.yearly'));
			wrong.push(...await look(one, 'screening-yearly'));
			await open(bar, '/screening/yearly');
			assert.match(await bar.locator('main tbody').innerText(), new RegExp(people[0].name));

			// The licensing counter.
			await open(bar, '/screening/ask');
			const p = people[0];
			await bar.fill('[name=name]', p.name);
			await bar.fill('[name=id_number]', p.id);
			await bar.fill('[name=city]', '郑州市');
			await bar.locator('form[action="/screenings"] .acts button').first().click();
			await bar.locator('main [role=status]').first().waitFor();
			assert.match(await bar.locator('main').innerText(), /限制从业[\s\S]*2029-01-15/);
			wrong.push(...await look(bar, 'screening-ask'));
			for (const where of ['/screening/calendar', '/screening/readers', '/screening/registers', '/screening/rules', '/screening/rules/2021-09-30', '/screening/clinic']) {
				await open(one, where);
				wrong.push(...await look(one, 'screening' + where.replace(/[^a-z0-9]+/g, '-').replace('-screening', '')));
			}
			// The yearly statement about relatives, from the first page.
			const staffer = await as(b, site, 'staff');
			await open(staffer, '/');
			await staffer.locator('a[href="/screening/declaration"]').last().click();
			await staffer.locator('form[action="/screening/declaration"] [name=complete]').check();
			wrong.push(...await look(staffer, 'screening-declaration'));
			await staffer.locator('form[action="/screening/declaration"] button').first().click();
			await staffer.waitForURL(u => u.search.includes('done.declaration.make'));
			await open(one, '/screening/declarations');
			wrong.push(...await look(one, 'screening-declarations'));
			await open(one, await (async () => { await open(one, href); return one.locator('a[href^="/screening/persons/"]').first().getAttribute('href'); })());
			wrong.push(...await look(one, 'screening-person'));
		} catch (err) {
			throw new Error(`${err.message}\n${site.errors().slice(-2000)}`, {cause: err});
		} finally {
			await b.close();
			await site.stop();
		}
		assert.deepEqual(wrong, []);
	});
}
