// The sequence diagram. Rows stand in the order of what happened, not to scale;
// the timeline has the scale.

const rowHeight = 30, timeWidth = 92, letterWidth = 7.3, most = 700; // px, px, px, rows

// fold puts quiet polls together, unless they are wanted or few.
function fold(rows, all) {
  const folded = [];
  for (let i = 0; i < rows.length; i++) {
    let end = i;
    while (end < rows.length && rows[end].quiet) end++;
    if (all || end - i < 4) {
      folded.push(rows[i]);
      continue;
    }
    const polls = rows.slice(i, end).filter((row) => row.kind === 'request' && row.lane === 0).length;
    folded.push({...rows[i], kind: 'gap', lane: 0, exchange: -1, to: -1, text: `${plural(polls, 'quiet poll')} until ${seconds(rows[end - 1].at)}`});
    i = end - 1;
  }
  return folded;
}

// slots gives each connection of a hop a place beside those that are open at
// the same time.
function slots(connections) {
  const ends = {};
  return connections.map((c) => {
    const taken = ends[c.hop] = ends[c.hop] || [];
    let slot = taken.findIndex((end) => end >= 0 && end <= c.from);
    if (slot < 0) slot = taken.length;
    taken[slot] = c.to;
    return slot;
  });
}

function diagram(detail, address, all) {
  const rows = fold(detail.rows, all);
  const shown = rows.slice(0, Math.max(most, rows.findIndex((row) => row.exchange >= 0 && detail.exchanges[row.exchange].blamed) + 100));
  const room = Math.min(window.innerWidth, 1500) - timeWidth - 190;
  const gap = Math.max(215, Math.min(420, Math.floor(room / (detail.lanes.length - 1))));
  const g = {detail, rows: shown, address, gap, slots: slots(detail.connections), x: (lane) => timeWidth + 50 + lane * gap};
  g.width = g.x(detail.lanes.length - 1) + 80;
  g.height = shown.length * rowHeight + 12;
  const picture = svg('svg', {class: 'diagram', width: g.width, height: g.height, role: 'group', 'aria-label': 'Sequence diagram: ' + plural(shown.length, 'row')},
    detail.lanes.map((lane, i) => svg('line', {class: 'lane', x1: g.x(i), x2: g.x(i), y1: 0, y2: g.height})),
    bars(g), shown.map((row, i) => drawRow(g, row, i)));
  const heads = svg('svg', {class: 'lanes', width: g.width, height: 30, 'aria-hidden': 'true'},
    detail.lanes.map((lane, i) => svg('text', {x: g.x(i), y: 20, 'text-anchor': 'middle'}, cut(lane, Math.floor(gap / letterWidth) - 1), svg('title', {}, lane))));
  return el('div', {class: 'scroll tall', role: 'region', tabindex: '0', 'aria-label': 'Sequence diagram'},
    el('div', {class: 'sticky'}, heads), picture,
    shown.length < rows.length ? el('p', {}, `${rows.length - shown.length} rows more are not drawn; the history has them.`) : null);
}

// bars are the connections: each a lifeline on the side that accepted it.
function bars(g) {
  const first = {}, last = {};
  g.rows.forEach((row, i) => {
    if (row.connection < 0) return;
    if (!(row.connection in first)) first[row.connection] = row.kind === 'opened' ? i + 0.5 : 0;
    last[row.connection] = row.kind === 'closed' ? i + 0.5 : g.detail.connections[row.connection].to < 0 ? g.rows.length : i + 0.5;
  });
  return Object.keys(first).map((c) => svg('rect', {
    class: 'connection hue' + (g.detail.connections[c].number % 4), x: barOf(g, c) - 3, width: 6, rx: 3,
    y: first[c] * rowHeight, height: Math.max(6, (last[c] - first[c]) * rowHeight),
  }, svg('title', {}, `connection ${g.detail.connections[c].number}`)));
}

function barOf(g, connection) {
  return g.x(g.detail.connections[connection].hop + 1) - 9 - 10 * Math.min(g.slots[connection], 4);
}

// leftOfBars is where words do not lie on any bar of the connection's hop.
function leftOfBars(g, connection) {
  const hop = connection >= 0 ? g.detail.connections[connection].hop : 0;
  return Math.min(...g.detail.connections.map((c, i) => (c.hop === hop ? barOf(g, i) : Infinity)), g.x(hop + 1)) - 12;
}

function drawRow(g, row, i) {
  const y = i * rowHeight + rowHeight / 2 + 4;
  const draw = {request: arrow, answer: arrow, fault: strike, opened: ending, closed: ending, stray: ending, gap: between, step: aside, note: aside}[row.kind];
  const x = row.exchange >= 0 ? g.detail.exchanges[row.exchange] : null;
  const parts = [
    svg('rect', {class: 'hit', x: 1, y: y - 18, width: g.width - 2, height: rowHeight - 2, rx: 4}),
    svg('text', {class: 'time', x: timeWidth - 12, y: y, 'text-anchor': 'end'}, seconds(row.at)),
    draw(g, row, y),
  ];
  const kind = 'row ' + row.kind + (row.bad ? ' bad' : '') + (x && x.blamed && row.kind === 'request' ? ' blamed' : '');
  if (!x) return svg('g', {class: kind}, parts);
  return svg('a', {class: kind, href: g.address + '/' + row.exchange, 'data-exchange': row.exchange, 'aria-label': spoken(g, row, x)}, parts);
}

// spoken is a row in words.
function spoken(g, row, x) {
  const blamed = x.blamed && row.kind === 'request' ? `; broken here: ${x.blamed}` : '';
  return `${seconds(row.at)}: ${row.kind}, ${g.detail.lanes[row.lane]} to ${g.detail.lanes[row.to]}, request ${x.number}: ${row.text}${row.cut ? ', cut short' : ''}${blamed}`;
}

function arrow(g, row, y) {
  const up = row.to > row.lane;
  let from = g.x(row.lane), to = g.x(row.to);
  if (row.connection >= 0) {
    if (up) to = barOf(g, row.connection) - 3;
    else from = barOf(g, row.connection) - 3;
  }
  const room = Math.floor((Math.abs(to - from) - 16) / letterWidth);
  const middle = (from + to) / 2;
  if (row.cut) to = from + (to - from) * 0.6;
  const way = up ? 1 : -1;
  const x = row.exchange >= 0 ? g.detail.exchanges[row.exchange] : null;
  const blamed = x && x.blamed && row.kind === 'request';
  return [
    svg('line', {class: 'shaft', x1: from, x2: to, y1: y, y2: y}),
    row.cut ? cross(to, y) : svg('path', {class: 'tip', d: `M${to} ${y}l${-8 * way} -4.5v9z`}),
    svg('text', {class: 'words', x: middle, y: y - 5, 'text-anchor': 'middle'}, cut((blamed ? '✗ ' : '') + row.text, room), svg('title', {}, row.text)),
  ];
}

function cross(x, y) {
  return svg('path', {class: 'cross', d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`});
}

// box is words on a ground of their own, so that lines do not run through.
function box(text, x, y, anchor) {
  const width = text.length * letterWidth + 14;
  const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
  return [svg('rect', {class: 'ground', x: left, y: y - 14, width: width, height: 20, rx: 3}),
    svg('text', {class: 'words', x: left + 7, y: y}, text)];
}

function strike(g, row, y) {
  const at = row.connection >= 0 ? barOf(g, row.connection) : (g.x(row.lane) + g.x(row.to)) / 2;
  return [...box('⚡ ' + row.text, g.x(row.lane) + 6, y, 'start'), svg('path', {class: 'bolt', d: `M${at + 4} ${y - 16}l-7 12h6l-5 13 11 -16h-6l5 -9z`})];
}

function ending(g, row, y) {
  const at = row.connection >= 0 ? barOf(g, row.connection) : g.x(row.to) - 9;
  const mark = row.kind === 'closed' ? cross(at, y - 4) : svg('circle', {class: 'knot', cx: at, cy: y - 4, r: 4});
  return [mark, svg('text', {class: 'words', x: leftOfBars(g, row.connection), y: y, 'text-anchor': 'end'}, row.text)];
}

function between(g, row, y) {
  return [svg('line', {class: 'fold', x1: g.x(0), x2: g.width - 20, y1: y - 4, y2: y - 4}), ...box(row.text, g.x(0) + 24, y, 'start')];
}

// aside is what happened at one lane, written where there is room.
function aside(g, row, y) {
  const right = row.lane < g.detail.lanes.length - 1;
  const room = right ? g.width - g.x(row.lane) - 20 : g.x(row.lane) - timeWidth;
  const text = cut(row.text, Math.floor(room / letterWidth) - 2);
  return box(text, g.x(row.lane) + (right ? 8 : -8), y, right ? 'start' : 'end');
}
