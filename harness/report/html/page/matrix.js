// The matrix: requirements, or families of cases, by the kind of box.

// tallies counts per row, box and run; of gives a case's row and kind.
function tallies(rows, of) {
  const boxes = [...new Set(report.cases.map((c) => c.box))].sort(byWay);
  const table = new Map(rows.map((row) => [row, new Map(boxes.map((box) => [box, report.runs.map(() => ({pass: 0, fail: 0, soft: 0, open: 0}))]))]));
  for (const c of report.cases) {
    c.runs.forEach((run, n) => {
      if (!run) return;
      for (const [row, kind] of of(c, run)) {
        const cell = table.get(row).get(c.box)[n];
        if (kind in cell) cell[kind]++;
      }
    });
  }
  return {boxes, table};
}

const usualWays = ['direct', 'forward', 'forward with password', 'forward with quirks', 'intercept', 'intercept with quirks'];

function byWay(a, b) {
  const rank = (box) => (usualWays.indexOf(box) < 0 ? usualWays.length : usualWays.indexOf(box));
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

function byRequirement() {
  const ids = report.requirements.map((r) => r.id);
  const {boxes, table} = tallies(ids, (c, run) => ids.map((id, i) => [id, kindOfLetter(run, i, c, id)]));
  return {boxes, table, head: 'Requirement', filter: 'requirement', about: Object.fromEntries(report.requirements.map((r) => [r.id, r.level + ': ' + r.sentence]))};
}

function byFamily() {
  const families = [...new Set(report.cases.map((c) => c.family))].sort();
  const {boxes, table} = tallies(families, (c, run) => [[c.family, kindOf(run.status)]]);
  return {boxes, table, head: 'Family of cases', filter: 'family', about: {}};
}

// matrixTable shows one client's column of each cell, or all side by side.
function matrixTable(kind, client) {
  const {boxes, table, head, filter, about} = kind === 'family' ? byFamily() : byRequirement();
  const shown = report.runs.map((run, n) => n).filter((n) => client === '' || client === String(n));
  const rows = [...table].filter(([, cells]) => [...cells.values()].some((cell) => shown.some((n) => total(cell[n]) > 0)));
  return el('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Matrix'},
    el('table', {class: 'matrix' + (shown.length > 1 ? ' several' : '')},
      el('caption', {}, 'How many cases passed. Where some did not: how many of how many failed (✗; pale: a should) or stayed open (?). Cases that do not apply are not counted.'),
      el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, head), boxes.map((box) => el('th', {scope: 'col'}, box)))),
      el('tbody', {}, rows.map(([row, cells]) => el('tr', {},
        el('th', {scope: 'row'}, el('a', {href: filterAddress({[filter]: row}), title: about[row]}, breakable(row))),
        boxes.map((box) => el('td', {}, shown.map((n) => cellFor(cells.get(box)[n], {[filter]: row, box}, n)))))))));
}

function total(cell) {
  return cell.pass + cell.fail + cell.soft + cell.open;
}

function cellFor(cell, filter, n) {
  const letter = report.several ? el('span', {class: 'letter'}, report.runs[n].letter) : null;
  const all = total(cell);
  if (all === 0) return el('span', {class: 'tally none'}, '·');
  if (cell.pass === all) return el('span', {class: 'tally pass'}, letter, String(all));
  return wanting(cell, filter, n);
}

// wanting is a cell in which not all passed; it leads to what did not.
function wanting(cell, filter, n) {
  const letter = report.several && filter.box ? el('span', {class: 'letter'}, report.runs[n].letter) : null;
  const all = total(cell);
  const [kind, sign, word] = cell.fail ? ['fail', '✗', 'failed'] : cell.soft ? ['soft', '✗', 'failed a should'] : ['open', '?', 'open'];
  const where = {...filter, status: kind, client: report.several ? String(n) : ''};
  const name = `${cell[kind]} of ${all} ${word}: ${[filter.requirement || filter.family, filter.box].filter(Boolean).join(', ')}` + (report.several ? ', ' + report.runs[n].client : '');
  return el('a', {class: 'tally ' + kind, href: filterAddress(where), 'aria-label': name}, letter, `${sign} ${cell[kind]}/${all}`);
}

// matrix is the table with its switches.
function matrix() {
  const state = {kind: 'requirement', client: ''};
  const place = el('div', {});
  const draw = () => place.replaceChildren(matrixTable(state.kind, state.client));
  const set = (name) => (value) => { state[name] = value; draw(); };
  draw();
  return [el('form', {class: 'filter', 'aria-label': 'Matrix', onsubmit: (event) => event.preventDefault()},
    field('Rows', choice('rows', state.kind, [['requirement', 'requirements'], ['family', 'families of cases']], set('kind'))),
    report.several ? field('Client', choice('matrix-client', state.client, [['', 'all, side by side'], ...report.runs.map((run, i) => [String(i), run.client])], set('client'))) : null),
  place];
}
