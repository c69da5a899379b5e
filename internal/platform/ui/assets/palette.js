'use strict';
// Command palette: Ctrl K opens a list of pages and records that the server
// gives (/palette works without this file). Loaded beside app.js, whose own
// Ctrl K goes to the search box where dialogs are not known.
(() => {
  const doc = document, field = doc.querySelector('[data-search]');
  if (!field || !window.HTMLDialogElement) return;
  let box, input, list, timer, asked = 0, at = -1;
  const el = (tag, props, ...kids) => { const e = Object.assign(doc.createElement(tag), props); e.append(...kids); return e; };
  const links = () => [...list.querySelectorAll('a')];
  function mark(n) {
    const all = links();
    at = Math.max(-1, Math.min(all.length - 1, n));
    all.forEach((a, i) => a.classList.toggle('cur', i === at));
    if (at >= 0) all[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', at >= 0 ? all[at].id : '');
  }
  function show(items) {
    list.replaceChildren(...items.map((x, i) => el('li', {}, el('a', { href: x.href, id: 'pal-' + i }, el('span', { textContent: x.title }), el('span', { className: 'hint', textContent: [x.kind, x.note, x.why].filter(Boolean).join(' · ') })))));
    mark(items.length ? 0 : -1);
  }
  async function ask() {
    const n = ++asked;
    try {
      const r = await fetch('/api/v1/palette', { method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json' }, body: JSON.stringify({ q: input.value }) });
      if (!r.ok || n !== asked) return;
      show((await r.json()).items || []);
    } catch (x) { list.replaceChildren(); }
  }
  function make() {
    input = el('input', { type: 'search', autocomplete: 'off', placeholder: field.placeholder });
    input.setAttribute('aria-label', field.getAttribute('aria-label'));
    input.setAttribute('aria-controls', 'pal-list');
    list = el('ul', { className: 'plain', id: 'pal-list' });
    box = el('dialog', { className: 'dlg pal' }, el('form', { action: '/palette', method: 'post' }, input), list);
    box.setAttribute('aria-label', field.getAttribute('aria-label'));
    input.name = 'q';
    input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    box.addEventListener('keydown', ev => {
      if (ev.isComposing || ev.keyCode === 229) return;
      if (ev.key === 'ArrowDown' || ev.key === 'ArrowUp') { ev.preventDefault(); mark(at + (ev.key === 'ArrowDown' ? 1 : -1)); }
      if (ev.key === 'Enter' && at >= 0) { ev.preventDefault(); links()[at].click(); }
    });
    box.addEventListener('click', ev => { if (ev.target === box) box.close(); });
    doc.body.append(box);
  }
  doc.addEventListener('keydown', ev => {
    if (!(ev.ctrlKey || ev.metaKey) || ev.key !== 'k' || ev.isComposing) return;
    ev.preventDefault();
    ev.stopImmediatePropagation();
    if (!box) make();
    if (box.open) { box.close(); return; }
    box.showModal();
    input.value = '';
    input.focus();
    ask();
  }, true);
})();
