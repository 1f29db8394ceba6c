// The bytes of an exchange, at each hop side by side.

// chainOf is an exchange as it went from hop to hop: the one with which it
// began, and all that carry it on.
function chainOf(detail, place) {
  let root = place;
  while (detail.exchanges[root].parent >= 0) root = detail.exchanges[root].parent;
  const all = [root];
  for (let i = 0; i < all.length; i++) {
    detail.exchanges.forEach((x, j) => { if (x.parent === all[i]) all.push(j); });
  }
  return all;
}

function fateOf(x) {
  if (x.beyond) return 'it goes on where nothing is shown';
  if (x.answered) return `${x.status}, whole, after ${seconds(x.to - x.from)}`;
  if (x.status) return `${x.status}, cut short`;
  return x.to < 0 ? 'no answer' : `no answer; the connection ended after ${seconds(x.to - x.from)}`;
}

function bytesOf(detail, place) {
  const all = chainOf(detail, place);
  return el('div', {class: 'hops'}, all.map((i) => {
    const x = detail.exchanges[i];
    const beside = x.parent >= 0 ? x.parent : all.find((j) => detail.exchanges[j].parent === i);
    const part = (name, field) => block(name, detail.data[x[field]], beside !== undefined && detail.data[detail.exchanges[beside][field]]);
    return el('article', {class: 'hop', 'aria-label': `Hop ${x.hop}, request ${x.number}`},
      el('h4', {}, `Hop ${x.hop}: ${detail.lanes[x.hop]} → ${detail.lanes[x.hop + 1]}`),
      el('p', {}, `connection ${detail.connections[x.connection].number}, request ${x.number}, at ${seconds(x.from)}: ${fateOf(x)}`),
      x.faults ? el('p', {class: 'struck'}, '⚡ ' + x.faults) : null,
      x.blamed ? el('p', {class: 'blamed'}, '✗ ' + x.blamed) : null,
      part('Request head', 'head'), part('Request body', 'body'),
      part('Answer head', 'answerHead'), part('Answer body', 'answerBody'),
      x.edited ? block('Head before the fault changed it', detail.data[x.edited], null) : null);
  }));
}

// block shows data line by line. Lines that the hop beside does not have are
// marked.
function block(name, text, beside) {
  if (!text) return el('div', {class: 'block'}, el('h5', {}, name), el('p', {class: 'nothing'}, 'none'));
  const known = beside ? new Set(beside.split('\n')) : null;
  const lines = text.replace(/\n$/, '').split('\n').map((line) => {
    const other = known && !known.has(line);
    return el('span', {class: other ? 'line other' : 'line'}, other ? el('span', {class: 'aside'}, 'differs: ') : null, escapes(line), '\n');
  });
  return el('div', {class: 'block'}, el('h5', {}, name), el('pre', {tabindex: '0', role: 'group', 'aria-label': name}, lines));
}

// escapes sets what stands for a byte apart from what was text.
function escapes(line) {
  return line.split(/(\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\r)/).map((part, i) => (i % 2 ? el('span', {class: 'escape'}, part) : part));
}
