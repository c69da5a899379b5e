// Steps of a walk: fill a form and send it, look at a station, make files to
// hand in, and reach the databases from outside of the program.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {deflateSync, crc32} from 'node:zlib';
import {look, root} from './lib.mjs';

const run = promisify(execFile);

// sample finds a real text of the given name; without the folder of real texts
// the walk is made with our own made-up one.
export function sample(real, own) {
	const dir = process.env.HUIKAN_SAMPLES || path.join(root, '../shared/samples');
	const file = path.join(dir, real);
	return existsSync(file) ? file : path.join(root, 'test/browser/data', own);
}

// open goes to a page of the site.
export async function open(page, where) {
	const answer = await page.goto(new URL(where, page.url()).href);
	assert.equal(answer.status(), 200, `${where} answered ${answer.status()}: ${(await page.textContent('body')).slice(0, 300)}`);
}

// send fills the form of an action by the names of its fields, presses a button
// of it (by a part of its formaction, its name, or its only one) and answers the
// question "are you sure". It gives what the program answered to.
export async function send(page, action, fields = {}, button = 'button:not([type=button])') {
	const form = page.locator(`main form[action="${action}"]`).first();
	await form.waitFor({state: 'attached', timeout: 5000}).catch(async () => { throw new Error(`no form ${action} on ${page.url()}: ${(await page.locator('main').innerText()).slice(0, 400)}`); });
	for (const [name, value] of Object.entries(fields)) {
		const field = form.locator(`[name="${name}"]`).first();
		const kind = await field.evaluate(e => e.tagName === 'SELECT' ? 'select' : e.type);
		if (kind === 'file') await field.setInputFiles(value);
		else if (kind === 'select') await field.selectOption(value);
		else if (kind === 'radio' || kind === 'checkbox') {
			for (const v of [value].flat()) {
				if (v === false) await field.uncheck();
				else await form.locator(v === true ? `[name="${name}"]` : `[name="${name}"][value="${v}"]`).first().check();
			}
		} else await field.fill(value);
	}
	const id = await form.getAttribute('id'), inside = form.locator(button);
	return press(page, id && await inside.count() === 0 ? page.locator(`button[form="${id}"]`).first() : inside.first());
}

// press presses a button that leads to another page, and says yes where it asks first.
export async function press(page, button) {
	const asks = await button.getAttribute('data-confirm');
	const next = page.waitForNavigation({waitUntil: 'load', timeout: 15000});
	await button.click();
	if (asks) await page.locator('#ask[open] [data-yes]').click();
	return next;
}

// sent sends a form and holds the program to the answer that it was done.
export async function sent(page, done, action, fields, button) {
	await send(page, action, fields, button);
	assert.equal(new URL(page.url()).searchParams.get('done'), done, `${action}: ${await page.locator('main').innerText().then(t => t.slice(0, 600))}`);
	assert.equal(await page.locator('main .notice.ok').count() > 0, true, `${action}: the page does not say that it was done`);
}

// row opens the record of a table whose row holds a text.
export async function row(page, text) {
	const href = await page.locator('main tbody tr').filter({hasText: text}).first().locator('a').first().getAttribute('href');
	await open(page, href);
	return href;
}

// self is the path of the page.
export const self = page => new URL(page.url()).pathname;

// Stations collects what is wrong on the pages of a walk, with a picture each.
export class Stations {
	constructor(prefix) { this.prefix = prefix; this.no = 0; this.wrong = []; }

	async at(page, name) {
		this.no++;
		this.wrong.push(...await look(page, `${this.prefix}-${String(this.no).padStart(2, '0')}-${name}`));
	}

	clean() { assert.deepEqual(this.wrong, []); }
}

// picture makes a small real PNG of one colour and a text, both as files.
export function files() {
	const dir = mkdtempSync(path.join(tmpdir(), 'huikan-files-'));
	const chunk = (type, data) => {
		const body = Buffer.concat([Buffer.from(type, 'latin1'), data]), out = Buffer.alloc(body.length + 8);
		out.writeUInt32BE(data.length, 0);
		body.copy(out, 4);
		out.writeUInt32BE(crc32(body), body.length + 4);
		return out;
	};
	const side = 64, head = Buffer.alloc(13), rows = Buffer.alloc(side * (1 + 3 * side));
	head.writeUInt32BE(side, 0);
	head.writeUInt32BE(side, 4);
	head.set([8, 2, 0, 0, 0], 8);
	for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) rows.set([40 + 2 * x, 90 + y, 150], y * (1 + 3 * side) + 1 + 3 * x);
	const png = path.join(dir, '制度公示栏.png'), txt = path.join(dir, '制度执行记录.txt');
	writeFileSync(png, Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]));
	writeFileSync(txt, '制度执行记录\n\n一、四月召开例会两次，均有签到。\n二、五月抽查台账三十份，更新及时。\n');
	return {png, txt};
}

// tamper runs a statement on the database beside the program and gives its answer.
export async function tamper(site, sql) {
	const [cmd, args] = site.database ? ['psql', [site.database, '-v', 'ON_ERROR_STOP=1', '-qAtc', sql]] :
		['python3', ['-c', 'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nprint("\\n".join("|".join(map(str,r)) for r in c.execute(sys.argv[2]).fetchall()))\nc.commit()', path.join(site.data, 'huikan.db'), sql]];
	return (await run(cmd, args)).stdout.trim();
}
