// The main job from a meeting's deployment to the verified rectification, walked
// through the pages by the people of the demonstration, on both databases.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {as, browser, huikan, start} from './lib.mjs';
import {Stations, database, files, open, press, row, sample, self, send, sent, tamper} from './walk.mjs';

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

for (const name of ['sqlite', 'postgres']) {
	test(`the thread on ${name}`, {timeout: 170000}, async t => {
		let db;
		if (name === 'postgres') {
			assert.ok(process.env.HUIKAN_TEST_POSTGRES, 'HUIKAN_TEST_POSTGRES is not set: run test/postgres.sh test/browser/run.sh');
			db = await database(process.env.HUIKAN_TEST_POSTGRES);
			t.after(() => db.drop());
		}
		const site = await start(db?.url), b = await browser();
		t.after(async () => { await b.close(); await site.stop(); });
		const w = new World(b, site, name);
		await deployment(w);
		w.stations.clean();
	});
}
