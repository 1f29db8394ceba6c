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
  const [musts, shoulds, since] = [brokenTable('F'), brokenTable('f'), sinceList()];
  return [
    el('h1', {}, report.title),
    ...banners(),
    report.changes ? section('changes', 'What changed', changeTable()) : null,
    musts ? section('broken', 'Musts that were broken', musts) : null,
    since ? section('since', 'Broken before a case began', since) : null,
    report.runs.some((run) => (run.levels || []).some((level) => level.run === level.of)) ? section('levels', 'Levels', levelTable()) : null,
    section('matrix', 'Requirements and boxes', ...matrix(), legend()),
    shoulds ? section('shoulds', 'Shoulds that were not kept', shoulds) : null,
    section('clients', report.changes ? 'Runs' : 'Clients', clientTable()),
    cases,
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

// levelTable is how the clients stand with the levels of the edition.
function levelTable() {
  const names = [...new Set(report.runs.flatMap((run) => (run.levels || []).map((level) => level.level)))];
  const standing = (s) => {
    const [kind, sign, word] = s.met ? ['pass', '✓', 'met'] : s.run === s.of ? ['fail', '✗', 'not met'] : ['open', '?', s.run ? 'not judged as a whole' : 'not run'];
    return [el('span', {class: 'badge ' + kind}, el('span', {'aria-hidden': 'true'}, sign), ' ' + word), el('span', {class: 'why'}, `${s.passed} of ${s.of} passed` + (s.run < s.of ? `, ${s.of - s.run} not run` : ''))];
  };
  return el('div', {class: 'scroll'}, el('table', {},
    el('thead', {}, el('tr', {}, ['Client', ...names].map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {}, report.runs.map((run) => el('tr', {}, el('th', {scope: 'row'}, run.client),
      names.map((name) => el('td', {}, ...(run.levels || []).filter((s) => s.level === name).map(standing))))))));
}

function changeTable() {
  const order = ['regressed', 'still red', 'fixed', 'new', 'gone', 'other'];
  const all = Object.values(report.changes);
  if (all.length === 0) return el('p', {}, 'No difference.');
  return el('ul', {class: 'changes'}, order.filter((change) => all.includes(change)).map((change) => el('li', {},
    el('a', {class: 'change ' + change.replace(' ', '-'), href: filterAddress({change})}, `${change}: ${plural(all.filter((c) => c === change).length, 'case')}`))));
}

function caseTable(filter, rows) {
  const found = report.cases.filter((c) => passes(c, filter));
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
    el('td', {class: 'fault'}, faults || 'none'),
    c.runs.map((run, n) => el('td', {...ofClient(n, run), class: run ? 'result' : 'result unused'}, run ? resultIn(c, run, n) : '–')));
}

function resultIn(c, run, n) {
  const why = run.known ? 'known: ' + run.known : run.status === 'Pass' ? '' : run.reason;
  const mark = report.several ? el('a', {href: `#/case/${encodeURIComponent(c.id)}/${n}`, 'aria-label': `${run.status}, ${report.runs[n].client}, ${c.id}`}, badge(run.status)) : badge(run.status);
  return [mark, why ? el('span', {class: 'why'}, cut(why, 160)) : null];
}
