// What every browser test uses: a running demonstration, signed-in people, and
// the checks that are made of every page that a test visits.
import {chromium} from 'playwright-core';
import {execFile, spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import {cpSync, existsSync, mkdtempSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {lint} from './lint.mjs';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
export const out = path.join(root, 'test/browser/out');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// The browser without its window renders the same pages and takes two thirds of
// the processor; where Debian does not have it, the whole one is taken.
const program = process.env.CHROMIUM || ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync);

export async function browser() {
	return chromium.launch({executablePath: program, args: flags});
}

const psql = (address, sql) => promisify(execFile)('psql', [address, '-v', 'ON_ERROR_STOP=1', '-qc', sql]);

// The demonstration is made once for each database; every walk works on a copy.
// run.sh says where it lies, so that the files of a run share it; a file that runs
// alone makes its own.
const kept = process.env.HUIKAN_MADE || mkdtempSync(path.join(tmpdir(), 'huikan-made-'));

export async function made(engine) {
	const address = process.env.HUIKAN_TEST_POSTGRES, data = path.join(kept, engine), said = data + '.json', name = `huikan_made_${path.basename(kept).replace(/\W/g, '').toLowerCase()}`;
	if (engine === 'postgres' && !address) throw new Error('HUIKAN_TEST_POSTGRES is not set: run test/postgres.sh test/browser/run.sh');
	const url = engine === 'postgres' ? Object.assign(new URL(address), {pathname: '/' + name}).href : undefined;
	if (!existsSync(said)) {
		if (url) await psql(address, `CREATE DATABASE ${name}`);
		const {status, text} = await huikan('demo', '--no-serve', '--json', '--data', data, ...url ? ['--database', url] : []);
		if (status !== 0) throw new Error(`the demonstration was not made: ${text}`);
		writeFileSync(said, text.split('\n').find(l => l.startsWith('{')));
	}
	return {data, name, accounts: JSON.parse(readFileSync(said, 'utf8')).accounts};
}

// start serves a small demonstration on a database of its own and gives its
// address and accounts; stop ends both.
export async function start(engine = 'sqlite') {
	const first = await made(engine), data = mkdtempSync(path.join(tmpdir(), 'huikan-demo-'));
	cpSync(first.data, data, {recursive: true});
	const db = {drop: async () => {}};
	if (engine === 'postgres') {
		const address = process.env.HUIKAN_TEST_POSTGRES, name = `huikan_browser_${process.pid}_${Date.now()}`;
		await psql(address, `CREATE DATABASE ${name} TEMPLATE ${first.name}`);
		Object.assign(db, {url: Object.assign(new URL(address), {pathname: '/' + name}).href, drop: () => psql(address, `DROP DATABASE ${name} WITH (FORCE)`)});
	}
	return {...await serve(data, db, []), accounts: first.accounts};
}

// later serves a demonstration that has ended again, as it is so many days later,
// for its people with the passwords that they have chosen.
export async function later(site, days) {
	await site.end();
	const next = await serve(site.data, site.db, ['--ahead', String(days)]);
	next.accounts = site.accounts.map(a => ({...a, password: passwords.get(site.address + a.login) ?? a.password}));
	return next;
}

async function serve(data, db, more) {
	const database = db.url;
	const args = ['demo', '--data', data, '--addr', '127.0.0.1:0', '--json', ...more];
	if (database) args.push('--database', database);
	const child = spawn(path.join(root, 'bin/huikan'), args, {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, HUIKAN_LANG: 'en'}});
	let err = '';
	child.stderr.on('data', d => { err += d; });
	const ready = await new Promise((resolve, reject) => {
		let text = '';
		child.stdout.on('data', d => {
			text += d;
			const line = text.split('\n').find(l => l.startsWith('{') && text.includes('\n'));
			if (line) resolve(JSON.parse(line));
		});
		child.on('exit', code => reject(new Error(`the demonstration ended with ${code}: ${err}`)));
		setTimeout(() => reject(new Error('the demonstration did not start in 120 s: ' + err)), 120000).unref();
	});
	return {
		...ready, data, database, db,
		errors: () => err,
		// end stops the program alone, for commands that want the database to themselves.
		async end() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const gone = new Promise(resolve => child.once('exit', resolve));
			child.kill('SIGTERM');
			await gone;
		},
		async stop() {
			await this.end();
			await db.drop();
		},
	};
}

// huikan runs a command of the program and gives its status and output.
export function huikan(...args) {
	return new Promise(resolve => {
		const child = spawn(path.join(root, 'bin/huikan'), args, {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, HUIKAN_LANG: 'en'}});
		let text = '';
		child.stdout.on('data', d => { text += d; });
		child.stderr.on('data', d => { text += d; });
		child.on('exit', status => resolve({status, text}));
	});
}

export const sizes = {
	desk: {viewport: {width: 1366, height: 768}},
	phone: {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true},
};

const passwords = new Map();

// left waits until a page is gone: a click may return before its answer is here.
// Who stays on it is told so by the check that follows.
const left = (page, path) => page.waitForURL(u => !u.pathname.endsWith(path), {timeout: 10000}).catch(() => {});

// as opens a browser window signed in as one of the demonstration's people; the
// one-time password is changed at the first time, as for everybody.
export async function as(b, site, login, options = {}) {
	const context = await b.newContext({...sizes.desk, locale: 'zh-CN', ...options});
	const page = await context.newPage();
	page.faults = [];
	page.engine = site.database ? 'postgres' : 'sqlite';
	page.on('console', m => { if (m.type() === 'error' && !/status of (404|409|422)/.test(m.text())) page.faults.push(m.text()); });
	page.on('pageerror', e => page.faults.push(String(e)));
	const account = site.accounts.find(a => a.login === login);
	if (!account) throw new Error(`the demonstration has no account ${login}: ${site.accounts.map(a => a.login)}`);
	const key = site.address + login;
	await page.goto(site.address + '/sign-in');
	await page.fill('input[name=login]', login);
	await page.fill('input[name=password]', passwords.get(key) ?? account.password);
	await page.click('main button.p, main button');
	await left(page, '/sign-in');
	if (page.url().includes('/password')) {
		const fresh = 'Browser-test-2026-' + login.slice(0, 1) + 'Z';
		await page.fill('input[name=old]', account.password);
		await page.fill('input[name=password]', fresh);
		await page.fill('input[name=again]', fresh);
		await page.click('main form[action="/password"] button');
		await left(page, '/password');
		passwords.set(key, fresh);
	}
	if (page.url().includes('/sign-in')) throw new Error(`${login} could not sign in: ${await page.textContent('main')}`);
	return page;
}

export async function language(page, lang) {
	await page.context().addCookies([{name: 'p_lang', value: lang, url: new URL(page.url()).origin}]);
}

export async function prefer(page, name, value) {
	await page.context().addCookies([{name: 'p_' + name, value, url: new URL(page.url()).origin}]);
}

// look judges the page: accessibility rules and layout. It returns what is wrong,
// in words, and leaves a picture of a page that has something wrong; with
// HUIKAN_PICTURES set, of every page. A walk that is made on both databases meets
// the accessibility rules on the first alone: the pages are the same, and the
// judgement takes longer than the page. Head and menu are judged once for each
// window and colour.
export async function look(page, name) {
	const second = page.engine === 'postgres';
	const frame = await page.evaluate(() => {
		scrollTo(0, 0); // a link under the fixed head would be judged by what is left of it
		return document.documentElement.dataset.theme + !!document.querySelector('.side');
	});
	const around = (page.judged ??= new Set()).has(frame) ? {exclude: [['header.top'], ['.side']]} : {};
	page.judged.add(frame);
	const wrong = [];
	const axe = second ? [] : await page.evaluate(axeSource).then(() => page.evaluate(async around => {
		const r = await globalThis.axe.run({include: [['html']], ...around}, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']});
		return r.violations.map(v => `${v.id} ×${v.nodes.length}: ${v.nodes[0].html.slice(0, 140)}`);
	}, around));
	wrong.push(...axe.map(a => 'axe ' + a), ...await lint(page), ...page.faults.splice(0).map(f => 'console ' + f));
	if (wrong.length || process.env.HUIKAN_PICTURES) {
		mkdirSync(out, {recursive: true});
		await page.screenshot({path: path.join(out, name + '.jpg'), type: 'jpeg', quality: 70, fullPage: true});
	}
	return wrong.map(w => `${name} ${new URL(page.url()).pathname}: ${w}`);
}
