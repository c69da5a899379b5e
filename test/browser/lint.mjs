// Layout lint: what an accessibility checker does not see. Every finding names
// the element.
export async function lint(page) {
	return page.evaluate(() => {
		const found = new Set();
		const shown = e => {
			const s = getComputedStyle(e), q = e.getBoundingClientRect();
			return q.width > 0 && q.height > 0 && s.visibility !== 'hidden' && s.display !== 'none' && q.right > 0 && q.bottom > 0 && !e.closest('.vh, .skip');
		};
		const name = e => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> "${(e.textContent ?? '').trim().slice(0, 20)}"`;
		const wide = document.documentElement.scrollWidth - innerWidth;
		if (wide > 1) found.add(`the page is ${wide} px wider than the window`);
		for (const e of document.querySelectorAll('body *')) {
			if (e.closest('svg') || !shown(e)) continue;
			if (![...e.childNodes].some(x => x.nodeType === 3 && x.data.trim())) continue;
			const size = parseFloat(getComputedStyle(e).fontSize);
			if (size < 12) found.add(`text of ${size} px: ${name(e)}`);
			if (e.closest('.tw, pre, details:not([open]), iframe, dialog:not([open]), .cl, .clamp')) continue;
			const range = document.createRange();
			range.selectNodeContents(e);
			const text = range.getBoundingClientRect();
			let block = e;
			while (block !== document.body && getComputedStyle(block).display === 'inline') block = block.parentElement;
			const box = block.getBoundingClientRect();
			if (text.right > box.right + 2 || text.bottom > box.bottom + 6) found.add(`text stands out of its box: ${name(e)}`);
			if (text.height > 3.4 * size * 1.6 && text.width < 3 * size && e.textContent.trim().length > 4) found.add(`text squeezed to a column: ${name(e)}`);
		}
		for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
			if (!shown(e) || e.closest('svg') || getComputedStyle(e).display === 'inline') continue;
			const q = e.getBoundingClientRect();
			if (q.width < 24 || q.height < 24) found.add(`target of ${Math.round(q.width)}×${Math.round(q.height)} px: ${name(e)}`);
		}
		for (const e of document.querySelectorAll('[hidden]')) if (getComputedStyle(e).display !== 'none') found.add(`hidden but shown: ${name(e)}`);
		const raw = document.body.innerText.match(/⟦[^⟧]*⟧|#ZgotmplZ|%!\w\(|<nil>|\bundefined\b/);
		if (raw) found.add(`machine text on the page: ${raw[0]}`);
		return [...found].slice(0, 12);
	});
}
