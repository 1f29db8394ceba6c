// The timeline: connections and exchanges of each hop to scale.

function timeline(detail, address) {
  const end = Math.max(detail.end, 1);
  const view = {from: 0, to: end};
  const faults = detail.rows.filter((row) => row.kind === 'fault').map((row) => row.at);
  const place = el('div', {class: 'ruler', tabindex: '0', role: 'application', 'aria-label': 'Timeline; plus and minus zoom, the arrow keys move'});
  const draw = () => place.replaceChildren(timelinePicture(detail, view, address, place.clientWidth || 1000));
  const show = (from, to) => {
    const width = Math.min(Math.max(to - from, 2000), end);
    view.from = Math.min(Math.max(from, 0), end - width);
    view.to = view.from + width;
    draw();
    say(`${seconds(view.from)} to ${seconds(view.to)}`);
  };
  const zoom = (factor, at = (view.from + view.to) / 2) => show(at - (at - view.from) * factor, at + (view.to - at) * factor);
  const move = (part) => show(view.from + part * (view.to - view.from), view.to + part * (view.to - view.from));
  const acts = {
    'Zoom in': () => zoom(0.5), 'Zoom out': () => zoom(2), Earlier: () => move(-0.4), Later: () => move(0.4), 'All of it': () => show(0, end),
    ...(faults.length ? {'The fault': () => show(faults[0] - 1e6, faults[0] + 2e6)} : {}),
  };
  const keys = {'+': 'Zoom in', '=': 'Zoom in', '-': 'Zoom out', ArrowLeft: 'Earlier', ArrowRight: 'Later', Home: 'All of it'};
  place.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[keys[event.key]]();
  });
  place.addEventListener('wheel', (event) => {
    if (!event.ctrlKey) return; // without it the page scrolls
    event.preventDefault();
    const part = (event.clientX - place.getBoundingClientRect().left - timelineLeft) / (place.clientWidth - timelineLeft);
    zoom(event.deltaY > 0 ? 1.25 : 0.8, view.from + part * (view.to - view.from));
  }, {passive: false});
  drag(place, (pixels) => move(-pixels / (place.clientWidth - timelineLeft)));
  const tools = el('div', {class: 'tools', role: 'group', 'aria-label': 'Timeline'}, Object.entries(acts).map(([name, act]) => el('button', {type: 'button', onclick: act}, name)));
  requestAnimationFrame(draw);
  window.addEventListener('resize', () => place.isConnected && draw());
  return [tools, place];
}

// drag reports how far a pressed pointer has moved.
function drag(place, moved) {
  let last = null;
  place.addEventListener('pointerdown', (event) => { last = event.clientX; });
  window.addEventListener('pointerup', () => { last = null; });
  place.addEventListener('pointermove', (event) => {
    if (last === null || Math.abs(event.clientX - last) < 4) return;
    moved(event.clientX - last);
    last = event.clientX;
  });
}

const timelineLeft = 150, track = 16; // px

function timelinePicture(detail, view, address, width) {
  const scale = (at) => timelineLeft + (at - view.from) / (view.to - view.from) * (width - timelineLeft - 10);
  const inView = (from, to) => (to < 0 || to >= view.from) && from <= view.to;
  const rows = tracks(detail);
  const height = rows.height + 26;
  const parts = [ticks(view, scale, height)];
  rows.labels.forEach(([text, y]) => parts.push(svg('text', {class: 'words', x: 0, y: y + 12}, cut(text, 20), svg('title', {}, text))));
  let free = -Infinity; // where the last step's words end
  detail.rows.filter((row) => row.kind === 'step' && inView(row.at, row.at)).forEach((row) => {
    const x = scale(row.at);
    parts.push(svg('line', {class: 'step', x1: x, x2: x, y1: 18, y2: 25}, svg('title', {}, `${seconds(row.at)} ${row.text}`)));
    if (x < free || x + row.text.length * 6.7 > width) return;
    parts.push(svg('text', {class: 'words', x: x, y: 13}, row.text));
    free = x + row.text.length * 6.7 + 12;
  });
  const bar = (kind, from, to, y, tall, title, href) => {
    const x1 = Math.max(scale(from), timelineLeft), x2 = Math.min(scale(to < 0 ? view.to : to), width - 4);
    const shape = svg('rect', {class: kind, x: x1, y: y, width: Math.max(x2 - x1, 2), height: tall, rx: 2}, svg('title', {}, title));
    parts.push(href ? svg('a', {href: href, tabindex: '-1', 'aria-label': title}, shape) : shape); // the diagram has the same links
  };
  detail.connections.forEach((c, i) => inView(c.from, c.to) && bar('connection hue' + (c.number % 4), c.from, c.to, rows.of(i), 5, `connection ${c.number} at hop ${c.hop}, ${seconds(c.from)}`));
  detail.exchanges.forEach((x, i) => inView(x.from, x.to) && bar('exchange' + (x.blamed ? ' blamed' : x.answered ? '' : ' cut'), x.from, x.to, rows.of(x.connection) + 4, 8, `request ${x.number}, ${x.name}, ${seconds(x.from)}: ${fateOf(x)}`, address + '/' + i));
  detail.rows.filter((row) => row.kind === 'fault' && inView(row.at, row.at)).forEach((row) => {
    const x = scale(row.at);
    parts.push(svg('g', {class: 'struck'}, svg('line', {x1: x, x2: x, y1: 30, y2: height - 20}), svg('path', {d: `M${x + 3} 27l-6 9h5l-3 9 9 -12h-5l3 -6z`}), svg('title', {}, `${seconds(row.at)} ${row.text}`)));
  });
  return svg('svg', {class: 'timeline', width: width, height: height, role: 'img', 'aria-label': `Timeline from ${seconds(view.from)} to ${seconds(view.to)}`}, parts);
}

// tracks gives each hop as many rows as it has connections at a time.
function tracks(detail) {
  const places = slots(detail.connections);
  const labels = [['user', 1]], tops = {};
  let y = 48;
  for (let hop = 0; hop < detail.lanes.length - 2; hop++) {
    const used = detail.connections.map((c, i) => (c.hop === hop ? places[i] + 1 : 0));
    tops[hop] = y;
    labels.push([`→ ${detail.lanes[hop + 1]}`, y - 2]);
    y += Math.max(1, ...used) * track + 8;
  }
  return {labels, height: y, of: (i) => tops[detail.connections[i].hop] + places[i] * track};
}

// ticks are the scale, in round numbers.
function ticks(view, scale, height) {
  const rough = (view.to - view.from) / 8, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const marks = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    marks.push(svg('line', {class: 'tick', x1: scale(at), x2: scale(at), y1: 20, y2: height - 16}),
      svg('text', {class: 'time', x: scale(at), y: height - 3, 'text-anchor': 'middle'}, (at / 1e6).toFixed(step < 1e4 ? 3 : step < 1e6 ? 2 : 0) + ' s'));
  }
  return marks;
}
