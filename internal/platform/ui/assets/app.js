// Enhancements only: every page works without this file.
(() => {
'use strict';
const doc = document, root = doc.documentElement, $ = (s, e = doc) => e.querySelector(s), $$ = (s, e = doc) => [...e.querySelectorAll(s)];
const on = (type, sel, fn) => doc.addEventListener(type, ev => { const t = ev.target.closest && ev.target.closest(sel); if (t) fn(ev, t); });
// The one Trusted Types policy: markup comes from this server only.
const policy = window.trustedTypes ? trustedTypes.createPolicy('app', { createHTML: s => s }) : { createHTML: s => s };
const words = () => $('#say').dataset;
const popups = 'details[open].burger,details[open].user,details[open].cols', modal = d => { if (d && d.showModal) d.showModal(); return !!(d && d.showModal); };
const make = (tag, cls, text) => { const e = doc.createElement(tag); e.className = cls; e.textContent = text; return e; };

// Preferences: at once here, then on the server.
const turn = { theme: { dark: 'light', light: 'auto', auto: 'dark' }, size: { large: 'normal', normal: 'large' }, density: { compact: 'normal', normal: 'compact' }, keys: { off: 'on', on: 'off' } };
on('submit', 'form[data-pref]', (ev, form) => {
  const b = ev.submitter || $('button', form), { name, value } = b, body = new URLSearchParams(new FormData(form));
  if (!turn[name] || !window.fetch) return;
  ev.preventDefault();
  body.set(name, value);
  root.dataset[name] = value;
  $$(`form[data-pref] button[name=${name}]`).forEach(x => {
    x.value = turn[name][value];
    if (name !== 'theme') x.setAttribute('aria-pressed', /large|compact|off/.test(value));
  });
  fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => {});
});

// Drawer: the same address, asked for in part; trouble leads to the whole page.
const drawer = $('#drawer');
let opener = null;
async function openDrawer(link) {
  try {
    const r = await fetch(link.href, { headers: { 'X-Partial': 'drawer' } });
    if (!r.ok || r.redirected) throw 0;
    drawer.innerHTML = policy.createHTML(await r.text());
    opener = link;
    drawer.showModal();
    watch(drawer);
    $('#drawer-title').focus();
  } catch (e) { location.href = link.href; }
}
on('click', 'a[data-drawer]', (ev, a) => {
  if (ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.button || !drawer || !drawer.showModal) return;
  ev.preventDefault();
  openDrawer(a);
});
on('click', '[data-close]', () => drawer.close());
if (drawer) {
  drawer.addEventListener('close', () => { drawer.textContent = ''; if (opener) opener.focus(); });
  drawer.addEventListener('click', ev => { if (ev.target === drawer) drawer.close(); });
}

// A click on a row opens it, unless text is being marked.
on('click', 'tr[data-row]', (ev, tr) => {
  if (ev.target.closest('a,button,input,label,select,summary') || String(getSelection())) return;
  const a = $('th a', tr);
  if (a) a.click();
});

// Bulk bar.
function count(form) {
  const bar = $('[data-bulk]', form);
  if (!bar) return;
  const boxes = $$('input[name=id]', form), n = boxes.filter(x => x.checked).length, all = $('[data-all]', form), every = $('[data-every]', form);
  bar.hidden = !n;
  $('[data-n]', bar).textContent = n;
  if (!n && every) every.checked = false;
  if (all) { all.checked = n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
}
on('change', 'input[data-all]', (ev, box) => { $$('input[name=id]', box.form).forEach(x => { x.checked = box.checked; }); count(box.form); });
on('change', 'input[name=id]', (ev, box) => box.form && count(box.form));

// Unsent input: warn; drafts stay in this tab, none of sensitive forms.
const dirty = new Set();
addEventListener('beforeunload', ev => { if (dirty.size) { ev.preventDefault(); ev.returnValue = ''; } });
const keyOf = f => 'draft:' + location.pathname + ':' + f.dataset.keep;
const slot = e => /checkbox|radio/.test(e.type) ? 'checked' : 'value';
const keeps = f => f.dataset.keep && !('sensitive' in f.dataset);
const kept = f => $$('input[name],textarea[name],select[name]', f).filter(e => !/^(hidden|password|file)$/.test(e.type));
function store(f) {
  try { sessionStorage.setItem(keyOf(f), JSON.stringify(kept(f).map(e => e[slot(e)]))); } catch (e) { /* full */ }
}
function offer(f) {
  let saved = null;
  try { saved = JSON.parse(sessionStorage.getItem(keyOf(f))); } catch (e) { return; }
  if (!Array.isArray(saved)) return;
  const w = words(), box = make('div', 'notice wait', ''), yes = make('button', 'btn', w.restore), no = make('button', 'btn t', w.drop);
  yes.type = no.type = 'button';
  yes.onclick = () => { kept(f).forEach((e, i) => { if (i in saved) e[slot(e)] = saved[i]; }); dirty.add(f); box.remove(); };
  no.onclick = () => { sessionStorage.removeItem(keyOf(f)); box.remove(); };
  box.append(make('p', 'grow', w.draft), yes, no);
  f.before(box);
}
on('input', 'form[data-guard]', (ev, f) => dirty.add(f));
setInterval(() => dirty.forEach(f => keeps(f) && f.isConnected && store(f)), 10000);

// Irreversible steps are asked about once more.
on('submit', 'form', (ev, f) => {
  const b = ev.submitter, text = b && b.dataset.confirm, ask = $('#ask');
  if (ev.defaultPrevented) return;
  if (text && ask && ask.showModal && !f.dataset.sure) {
    ev.preventDefault();
    $('[data-ask]', ask).textContent = text;
    $('[data-yes]', ask).onclick = () => {
      const i = make('input', '', '');
      Object.assign(i, { type: 'hidden', name: 'confirmed', value: '1' });
      f.append(i); f.dataset.sure = 1; ask.close(); f.requestSubmit(b);
    };
    $('[data-no]', ask).onclick = () => ask.close();
    ask.showModal();
    return;
  }
  dirty.delete(f);
  if (f.dataset.keep) sessionStorage.removeItem(keyOf(f));
});

// Dropped and pasted files go into the file field.
function give(input, files) {
  const d = new DataTransfer();
  if (input.multiple) [...input.files].forEach(x => d.items.add(x));
  [...files].forEach(x => d.items.add(x));
  input.files = d.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
const zone = '[data-drop-zone]';
on('dragover', zone, (ev, z) => { ev.preventDefault(); z.classList.add('over'); });
on('dragleave', zone, (ev, z) => z.classList.remove('over'));
on('drop', zone, (ev, z) => { ev.preventDefault(); z.classList.remove('over'); give($('input', z), ev.dataTransfer.files); });
doc.addEventListener('paste', ev => { const z = $(zone); if (z && ev.clipboardData.files.length) { ev.preventDefault(); give($('input', z), ev.clipboardData.files); } });
on('change', zone + ' input', (ev, i) => {
  const list = $('.picked', i.closest(zone));
  list.textContent = '';
  [...i.files].forEach(x => list.append(make('li', '', `${x.name} (${Math.ceil(x.size / 1024)} KB)`)));
});

// Suggestions for pickers.
let wait = 0;
on('input', 'input[data-src]', (ev, i) => {
  clearTimeout(wait);
  if (ev.isComposing || !i.value) return;
  wait = setTimeout(async () => {
    try {
      const u = new URL(i.dataset.src, location.href);
      u.searchParams.set('q', i.value);
      const items = await (await fetch(u, { headers: { Accept: 'application/json' } })).json();
      i.list.textContent = '';
      items.forEach(x => { const o = make('option', '', x.label || ''); o.value = x.value; i.list.append(o); });
    } catch (e) { /* no suggestions */ }
  }, 200);
});

// Like records beside a field that is being filled in.
on('input', 'form [name]', (ev, i) => {
  const box = $('[data-alike]');
  if (!box || i.name !== box.dataset.of || ev.isComposing) return;
  clearTimeout(wait);
  wait = setTimeout(async () => {
    try {
      const u = new URL(box.dataset.alike, location.href);
      u.searchParams.set('q', i.value);
      const r = await (await fetch(u)).json();
      box.textContent = '';
      r.lines.forEach(x => {
        const li = make('li', '', ''), a = make(x.href ? 'a' : 'span', '', x.title);
        if (x.href) a.href = x.href;
        li.append(a, make('br', '', ''), make('small', 'hint', x.meta + (x.flag ? ' · ' + x.flag : '')));
        box.append(li);
      });
    } catch (e) { /* stays */ }
  }, 300);
});

// Jobs: a region renews itself while it names an address.
function poll(e) {
  setTimeout(async () => {
    try {
      const r = await fetch(e.dataset.poll, { headers: { 'X-Partial': 'drawer' } });
      if (!r.ok) throw 0;
      const box = make('div', '', '');
      box.innerHTML = policy.createHTML(await r.text());
      const next = e.id ? $('#' + e.id, box) : box.firstElementChild;
      if (next) { e.replaceWith(next); if (next.dataset.poll) poll(next); }
    } catch (x) { $('#say').textContent = words().failed; }
  }, 2000);
}

// Keyboard: rests in fields, in IME composition and when switched off.
let prefix = 0;
const press = key => { const b = $(`[data-key=${key}]`, drawer && drawer.open ? drawer : doc); if (b) b.click(); };
function move(step) {
  const rows = $$('tr[data-row]'), at = rows.findIndex(r => r.classList.contains('cur')), next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  if (!next) return;
  rows.forEach(r => r.classList.remove('cur'));
  next.classList.add('cur');
  const a = $('th a', next) || $('input', next);
  if (a) a.focus();
}
const find = ev => { const q = $$('[data-search]').find(x => x.offsetParent); if (q) { ev.preventDefault(); q.select(); } };
doc.addEventListener('keydown', ev => {
  if (ev.isComposing || ev.keyCode === 229) return;
  const t = ev.target, typing = /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName) && !/^(checkbox|radio)$/.test(t.type), k = ev.key;
  if (k === 'Escape') { const d = $(popups); if (d) { d.open = false; $('summary', d).focus(); } return; }
  if (ev.ctrlKey || ev.metaKey) {
    if (k === 'k') find(ev);
    if (k === 'Enter' && t.form && t.form.matches('.form')) { ev.preventDefault(); t.form.requestSubmit($('.acts button', t.form)); }
    return;
  }
  if (typing || ev.altKey || root.dataset.keys === 'off') return;
  if (prefix && Date.now() - prefix < 1500) {
    prefix = 0;
    const a = $(`.side [data-go="g ${CSS.escape(k)}"]`);
    if (a) { ev.preventDefault(); a.click(); }
    return;
  }
  const row = $('tr.cur');
  if (k === 'g') prefix = Date.now();
  else if (k === '/') find(ev);
  else if (k === '?') modal($('#keys'));
  else if (k === 'j') move(1);
  else if (k === 'k') move(-1);
  else if (k === 'x' && row) { const b = $('input[name=id]', row); if (b) b.click(); }
  else if (/^[a-z]$/.test(k)) press(k);
});
on('click', '[data-help]', ev => { if (modal($('#keys'))) ev.preventDefault(); });
doc.addEventListener('click', ev => $$(popups).forEach(d => { if (!d.contains(ev.target)) d.open = false; }));

// The watermark comes back when taken away.
const mark = $('.wm');
if (mark) new MutationObserver(() => { if (!mark.isConnected) doc.body.append(mark); }).observe(doc.body, { childList: true });

function watch(e) {
  $$('form.bulkform', e).forEach(count);
  $$('form[data-keep]', e).forEach(f => keeps(f) && offer(f));
  $$('[data-poll]', e).forEach(poll);
}
watch(doc);
const first = $('[data-focus]');
if (first) first.focus();
})();
