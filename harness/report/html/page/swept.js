// The map of a sweep: what became of the points, by state of the protocol and effect.

// sums are what became of all points of a grid.
function sums(grid) {
  const all = {runs: 0, passed: 0, failed: 0, excused: 0, unreached: 0, empty: 0};
  for (const cell of grid.rows.flatMap((row) => row.cells)) {
    for (const name of Object.keys(all)) all[name] += cell[name] || 0;
    if (kindOfCell(cell) === 'missed') all.empty++;
  }
  return all;
}

// inWords are counts in words; what there is none of is left out.
function inWords(counts) {
  const words = [['passed', 'passed'], ['failed', 'failed'], ['excused', 'excused'], ['unreached', 'never reached']];
  const open = words.reduce((rest, [name]) => rest - (counts[name] || 0), counts.runs || 0);
  return [...words, ['open', 'not concluded']].map(([name, word]) => [name === 'open' ? open : counts[name], word])
    .filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`).join(', ');
}

// sweptTo is what a sweep came to: a kind, a sign and words.
function sweptTo(run) {
  const all = sums(run.swept);
  if (all.failed) return ['fail', '✗', `${all.failed} of ${plural(all.runs, 'point')} failed: ${plural(run.cases, 'example')}`];
  return all.passed + all.excused ? ['pass', '✓', `No point of ${all.runs} failed`] : ['open', '?', 'Nothing was judged'];
}

// sweptList leads to the maps; null if no run was a sweep.
function sweptList() {
  const swept = report.runs.map((run, n) => ({run, n})).filter(({run}) => run.swept);
  if (swept.length === 0) return null;
  return el('ul', {class: 'plain'}, swept.map(({run, n}) => {
    const all = sums(run.swept);
    return el('li', {}, report.several ? run.client + ': ' : null,
      `${plural(all.runs, 'point')}: ${inWords(all)}. `, el('a', {href: '#/swept/' + n}, 'The map of effects and states'), `, with ${plural(all.empty, 'empty cell')}.`);
  }));
}

// kindOfCell is how a cell looks: as its worst point.
function kindOfCell(cell) {
  if (cell.impossible) return 'impossible';
  if (cell.failed) return 'fail';
  if ((cell.runs || 0) === (cell.unreached || 0)) return 'missed';
  return cell.excused ? 'open' : cell.passed ? 'pass' : 'none';
}

function gridCell(cell, row, column) {
  const kind = kindOfCell(cell);
  if (kind === 'impossible') return el('td', {class: kind, 'aria-label': 'cannot strike there'});
  const said = cell.runs ? `${plural(cell.runs, 'point')}: ${inWords(cell)}` : 'never tried';
  const shown = kind === 'fail' ? `✗ ${cell.failed}/${cell.runs}` : kind === 'missed' ? '–' : String(cell.runs);
  return el('td', {}, el('span', {class: 'tally ' + kind, title: `${row}, ${column}: ${said}`}, el('span', {'aria-hidden': 'true'}, shown), el('span', {class: 'aside'}, said)));
}

// sweptPage is the map of a run.
function sweptPage(n) {
  const run = report.runs[n];
  const grid = run.swept;
  document.title = 'Swept: ' + run.client + ' – Gauntlet';
  return [
    el('nav', {class: 'tools', 'aria-label': 'Back'}, el('a', {class: 'button', href: report.back || '#/'}, '← Overview')),
    el('h1', {}, 'What the sweep of ' + run.client + ' has covered'),
    el('p', {class: 'lead'}, `${plural(sums(grid).runs, 'point')}: ${inWords(sums(grid))}.`),
    el('p', {}, 'A cell has the number of points that were run; ', el('span', {class: 'tally fail'}, '✗ 1/9'), ' is one failed of nine, ', el('span', {class: 'tally open'}, '9'), ' has some that nobody could pass, and ',
      el('span', {class: 'tally missed'}, '–'), ' is one that no point has reached. A pale number was not concluded, and where an effect cannot strike the cell is grey.'),
    el('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Effects by states'}, el('table', {class: 'matrix grid'},
      el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, grid.corner), grid.columns.map((column) => el('th', {scope: 'col'}, el('span', {}, column))))),
      el('tbody', {}, grid.rows.map((row) => el('tr', {}, el('th', {scope: 'row'}, row.name), row.cells.map((cell, i) => gridCell(cell, row.name, grid.columns[i]))))))),
  ];
}
