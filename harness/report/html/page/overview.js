// The overview: who was judged, what was broken, the matrix, the cases.

const pageOfCases = 60; // rows at a time

function overview(filter) {
  document.title = report.title + ' – Gauntlet';
  const list = el('div', {});
  const draw = (wanted, rows) => list.replaceChildren(caseTable(wanted, rows));
  const cases = section('cases', 'Cases', list);
  const change = (wanted) => {
    history.replaceState(null, '', filterAddress(wanted));
    const used = document.activeElement && document.activeElement.name;
    place.replaceChildren(filterForm(wanted, change));
    const again = used && place.querySelector(`[name="${used}"]`);
    if (again) again.focus();
    if (again && used === 'q') again.setSelectionRange(again.value.length, again.value.length);
    draw(wanted, pageOfCases);
  };
  const place = el('div', {}, filterForm(filter, change));
  cases.insertBefore(place, list);
  draw(filter, pageOfCases);
  const [musts, shoulds, since, swept] = [brokenTable('F'), brokenTable('f'), sinceList(), sweptList()];
  return [
    el('h1', {}, report.title),
    report.changes ? section('changes', 'What changed', changeTable()) : null,
    ...banners(),
    swept ? section('swept', 'What was swept', swept) : null,
    musts ? section('broken', 'Musts that were broken', musts) : null,
    since ? section('since', 'Broken before a case began', since) : null,
    report.several && !report.changes ? section('standings', 'Clients by levels and requirements', standings()) : levelsWhole() ? section('levels', 'Levels', levelTable()) : null,
    report.cases.length || !swept ? section('matrix', 'Requirements and boxes', ...matrix(), legend()) : null,
    shoulds ? section('shoulds', 'Shoulds that were not kept', shoulds) : null,
    section('clients', report.changes ? 'Runs' : 'Clients', clientTable()),
    ...(report.cases.length || !swept ? [section('dearest', 'What took longest and cost most', dearest()), cases] : []),
  ];
}

function clientTable() {
  const edition = report.runs.some((run) => run.edition);
  const heads = ['Client', 'Mode', 'Seed', edition && 'Edition', 'Cases', 'Passed', 'Failed', 'Open', 'Not applicable', 'Run directory'].filter(Boolean);
  return el('div', {class: 'scroll'}, el('table', {class: 'clients'},
    el('thead', {}, el('tr', {}, heads.map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {}, report.runs.map((run) => el('tr', {},
      el('th', {scope: 'row'}, report.several ? el('span', {class: 'letter'}, run.letter) : null, run.client),
      el('td', {}, run.mode + (run.product ? ', ' + run.product : '')), el('td', {}, String(run.seed)),
      edition ? el('td', {}, String(run.edition || '')) : null,
      el('td', {}, String(run.cases)),
      ['pass', 'fail', 'open', 'none'].map((kind) => el('td', {class: 'count ' + (countBy(run, kind) ? kind : '')}, String(countBy(run, kind)))),
      el('td', {}, el('code', {}, run.dir)))))));
}

// levelsWhole reports whether a level was run as a whole.
function levelsWhole() {
  return report.runs.some((run) => (run.levels || []).some((level) => level.run === level.of));
}

// gravity orders the cases: what failed comes first.
function gravity(c, filter) {
  const runs = c.runs.filter((run, n) => run && (!filter.client || filter.client === String(n)));
  return Math.min(...runs.map((run) => ['fail', 'open', 'pass', 'none'].indexOf(kindOf(run.status))));
}

// standings are the clients side by side: by level, then by requirement.
function standings() {
  const levels = [...new Set(report.runs.flatMap((run) => (run.levels || []).filter((s) => s.run > 0).map((s) => s.level)))];
  const ids = report.requirements.map((r) => r.id);
  const counted = report.runs.map(() => ids.map(() => ({pass: 0, fail: 0, soft: 0, open: 0})));
  for (const c of report.cases) {
    c.runs.forEach((run, n) => ids.forEach((id, i) => {
      const kind = run ? kindOfLetter(run, i, c, id) : '';
      if (kind) counted[n][i][kind]++;
    }));
  }
  const rows = ids.map((id, i) => ({id, level: report.requirements[i].level, cells: counted.map((of) => of[i])})).filter((row) => row.cells.some((cell) => total(cell) > 0));
  return el('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Clients by levels and requirements'}, el('table', {class: 'matrix standings'},
    el('thead', {}, el('tr', {}, ['Level or requirement', ...report.runs.map((run) => run.client)].map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {},
      levels.map((name) => el('tr', {class: 'of-level'}, el('th', {scope: 'row'}, name), report.runs.map((run, n) => el('td', {}, (run.levels || []).filter((s) => s.level === name).map((s) => standingIn(s, n)))))),
      rows.map((row) => el('tr', {}, el('th', {scope: 'row'}, el('a', {href: filterAddress({requirement: row.id})}, breakable(row.id)), el('span', {class: 'level'}, ' ' + row.level)),
        row.cells.map((cell, n) => el('td', {}, cellOf(cell, {requirement: row.id}, n))))))));
}

// standingIn is how a client stands with a level; it leads to what the client still lacks.
function standingIn(s, n) {
  const [kind, sign, word] = s.met ? ['pass', '✓', 'met'] : s.failed ? ['fail', '✗', 'not met'] : ['open', '?', 'not judged as a whole'];
  return el('a', {class: 'tally ' + kind, href: filterAddress({client: String(n), status: s.met ? '' : 'wanting'}), 'aria-label': `${s.level}, ${report.runs[n].client}: ${word}, ${passedOf(s)}`}, `${sign} ${passedOf(s)}`);
}

// passedOf counts a level's cases: of those that were run, how many passed.
function passedOf(s) {
  if (s.run === 0) return 'not run';
  return `${s.passed} of ${s.run} passed` + (s.run < s.of ? `, ${s.of - s.run} not run` : '');
}

// cellOf is what a client made of a requirement in all its cases.
function cellOf(cell, filter, n) {
  if (total(cell) === 0) return el('span', {class: 'tally none'}, '·');
  if (cell.pass === total(cell)) return el('a', {class: 'tally pass', href: filterAddress({...filter, client: String(n)}), 'aria-label': `all ${cell.pass} passed: ${filter.requirement}, ${report.runs[n].client}`}, String(cell.pass));
  return wanting(cell, filter, n);
}

// dearest are the cases that took longest and those that cost most.
function dearest() {
  const all = report.cases.flatMap((c) => c.runs.map((run, n) => run && {c, run, n}).filter(Boolean));
  const most = (of, shown) => [...all].filter((one) => of(one.run) > 0).sort((a, b) => of(b.run) - of(a.run) || (a.c.id < b.c.id ? -1 : 1)).slice(0, 5)
    .map(({c, run, n}) => el('li', {}, el('a', {href: `#/case/${encodeURIComponent(c.id)}/${n}`}, c.id), report.several ? ` (${report.runs[n].client})` : '', ': ' + shown(run)));
  const list = (heading, items) => (items.length ? el('div', {}, el('h3', {}, heading), el('ol', {}, items)) : null);
  return el('div', {class: 'beside'},
    list('On its own clock', most((run) => run.took, (run) => seconds(run.took * 1000))),
    list('On this machine', most((run) => run.wall, (run) => seconds(run.wall * 1000))),
    list('In requests', most((run) => run.requests, (run) => plural(run.requests, 'request'))));
}

// levelTable is how the clients stand with the levels of the edition.
function levelTable() {
  const names = [...new Set(report.runs.flatMap((run) => (run.levels || []).filter((level) => level.run === level.of).map((level) => level.level)))]; // a case of another one says nothing
  const standing = (s) => {
    const [kind, sign, word] = s.met ? ['pass', '✓', 'met'] : s.run === s.of ? ['fail', '✗', 'not met'] : ['open', '?', s.run ? 'not judged as a whole' : 'not run'];
    return [el('span', {class: 'badge ' + kind}, el('span', {'aria-hidden': 'true'}, sign), ' ' + word), el('span', {class: 'why'}, passedOf(s))];
  };
  return el('div', {class: 'scroll'}, el('table', {},
    el('thead', {}, el('tr', {}, ['Client', ...names].map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {}, report.runs.map((run) => el('tr', {}, el('th', {scope: 'row'}, run.client),
      names.map((name) => el('td', {}, ...(run.levels || []).filter((s) => s.level === name).map(standing))))))));
}

// changeTable names what became of cases, and of each change a few of them.
function changeTable() {
  const order = ['regressed', 'still red', 'costlier', 'fixed', 'new', 'gone', 'other'];
  const named = 5;
  const cases = (change) => report.cases.filter((c) => report.changes[c.id] === change).map((c) => c.id);
  const found = order.map((change) => [change, cases(change)]).filter(([, ids]) => ids.length > 0);
  if (found.length === 0) return el('p', {}, 'No difference.');
  return el('ul', {class: 'changes'}, found.map(([change, ids]) => el('li', {},
    el('a', {class: 'change ' + change.replace(' ', '-'), href: filterAddress({change})}, `${change}: ${plural(ids.length, 'case')}`),
    ids.slice(0, named).map((id, n) => [n === 0 ? ' ' : ', ', el('a', {href: `#/case/${encodeURIComponent(id)}`}, id)]).flat(),
    ids.length > named ? ` and ${ids.length - named} more` : '')));
}

function caseTable(filter, rows) {
  const found = report.cases.filter((c) => passes(c, filter)).sort((a, b) => gravity(a, filter) - gravity(b, filter)); // stable: by id within
  say(plural(found.length, 'case'));
  report.listed = found.map((c) => c.id);
  const more = found.length > rows ? el('button', {type: 'button', onclick: (event) => event.target.closest('div').replaceWith(caseTable(filter, found.length))}, `Show the other ${found.length - rows}`) : null;
  if (found.length === 0) return el('div', {}, el('p', {}, 'No case is like that.'));
  return el('div', {},
    el('p', {class: 'found'}, plural(found.length, 'case')),
    el('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'List of cases'}, el('table', {class: 'cases stacked'},
      el('thead', {}, el('tr', {}, ['Case', 'Way', 'Fault', ...(report.several ? report.runs.map((run) => run.client) : ['Result'])].map((head) => el('th', {scope: 'col'}, head)))),
      el('tbody', {}, found.slice(0, rows).map(caseRow)))),
    more);
}

function caseRow(c) {
  const faults = (c.runs.find((run) => run) || {}).faults || '';
  return el('tr', {},
    el('th', {scope: 'row'}, el('a', {href: '#/case/' + encodeURIComponent(c.id)}, c.id), el('span', {class: 'title'}, c.title)),
    el('td', {}, c.way.join(' → ') || 'direct'),
    el('td', {class: 'fault'}, faults || 'no fault'),
    c.runs.map((run, n) => el('td', {...ofClient(n, run), class: run ? 'result' : 'result unused'}, run ? resultIn(c, run, n) : '–')));
}

function resultIn(c, run, n) {
  const why = run.known ? 'known: ' + run.known : run.status === 'Pass' ? '' : run.reason;
  const mark = report.several ? el('a', {href: `#/case/${encodeURIComponent(c.id)}/${n}`, 'aria-label': `${run.status}, ${report.runs[n].client}, ${c.id}`}, badge(run.status)) : badge(run.status);
  return [mark, why ? el('span', {class: 'why'}, cut(why, 160)) : null];
}
