// Pictures as .png: drawn by the browser, with the fonts of this machine. The server has none to
// write Chinese with; without this file the pictures are there as .svg.
(() => {
'use strict';
const doc = document;
doc.querySelectorAll('a[data-picture]').forEach(a => {
  const b = doc.createElement('button');
  b.type = 'button';
  b.className = 'btn';
  b.textContent = a.dataset.png;
  b.addEventListener('click', () => fetch(a.href).then(r => r.ok ? r.text() : Promise.reject(r.status)).then(svg => new Promise((ok, no) => {
    const img = new Image();
    img.onload = () => ok(img);
    img.onerror = no;
    img.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg);
  })).then(img => {
    const c = doc.createElement('canvas'), d = doc.createElement('a');
    c.width = 2 * img.width;
    c.height = 2 * img.height;
    c.getContext('2d').drawImage(img, 0, 0, c.width, c.height);
    d.href = c.toDataURL('image/png');
    d.download = a.dataset.picture + '.png';
    d.click();
  }).catch(() => { const say = doc.querySelector('#say'); if (say) say.textContent = say.dataset.failed; }));
  a.after(' ', b);
});
})();
