// The answer: what the run came to, and the musts that were broken.

// brokenBy are the requirements of a level that a run failed, with its cases.
function brokenBy(n, letter) {
  return report.requirements
    .map((r, i) => ({r, cases: report.cases.filter((c) => c.runs[n] && c.runs[n].verdicts[i] === letter)}))
    .filter(({cases}) => cases.length > 0);
}

// countBy is how many cases of a run ended in a kind of way.
function countBy(run, kind) {
  return Object.entries(run.counts || {}).filter(([status]) => kindOf(status) === kind).reduce((sum, [, n]) => sum + n, 0);
}

// answerTo is what a run came to: a kind, a sign and words.
function answerTo(run, n) {
  if (run.swept) return sweptTo(run);
  const [pass, fail, open, none] = ['pass', 'fail', 'open', 'none'].map((kind) => countBy(run, kind));
  const musts = brokenBy(n, 'F').length;
  const judged = pass + fail + open;
  const beside = none ? `; ${none === 1 ? '1 case does' : none + ' cases do'} not apply` : '';
  const left = open ? `; ${open} could not be concluded` : '';
  if (fail) return ['fail', '✗', `${fail} of ${plural(judged, 'case')} failed` + (musts ? `: ${plural(musts, 'must')} broken` : '') + left + beside];
  if (musts || (run.since || []).length) return ['fail', '✗', `${plural(Math.max(musts, (run.since || []).length), 'must')} broken before anything was disturbed` + beside];
  if (open) return ['open', '?', `${open} of ${plural(judged, 'case')} could not be concluded` + beside];
  if (!pass) return ['open', '?', 'Nothing was judged' + beside];
  return ['pass', '✓', (pass === 1 ? 'the case passed' : `all ${pass} passed`) + beside];
}

function banners() {
  return report.runs.map((run, n) => {
    const [kind, sign, words] = answerTo(run, n);
    return el('p', {class: 'banner ' + kind}, el('span', {'aria-hidden': 'true'}, sign + ' '), report.several ? run.client + ': ' : '', words);
  });
}

// worstOf is the case that says most of a requirement: the one with the fewest
// failures beside it, and so the least that explains them.
function worstOf(cases, n) {
  const failures = (c) => [...c.runs[n].verdicts].filter((letter) => letter === 'F').length;
  const judged = cases.filter((c) => c.runs[n].status === 'Fail');
  return [...(judged.length ? judged : cases)].sort((a, b) => failures(a) - failures(b) || (a.id < b.id ? -1 : 1))[0];
}

// brokenTable lists the requirements that failed at a letter's level, those of
// most cases first, each with a case of each client that broke it.
function brokenTable(letter) {
  const found = report.runs.map((run, n) => brokenBy(n, letter));
  const rows = report.requirements.map((r) => ({r, cases: found.map((list) => (list.find((one) => one.r === r) || {cases: []}).cases)}))
    .filter(({cases}) => cases.some((list) => list.length > 0));
  if (rows.length === 0) return null;
  const most = (row) => Math.max(...row.cases.map((list) => list.length));
  rows.sort((a, b) => most(b) - most(a));
  const status = letter === 'F' ? 'fail' : 'soft';
  return el('div', {class: 'scroll'}, el('table', {class: 'broken stacked'},
    el('thead', {}, el('tr', {}, ['Requirement', 'What it asks', ...report.runs.map((run) => (report.several ? run.client : 'Cases'))].map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {}, rows.map(({r, cases}) => el('tr', {},
      el('th', {scope: 'row'}, el('a', {href: filterAddress({requirement: r.id, status})}, r.id)),
      el('td', {}, r.sentence),
      cases.map((list, n) => el('td', ofClient(n, list.length), list.length ? brokenIn(list, n) : '–')))))));
}

// ofClient marks a cell with its client, for screens on which no head stands above.
function ofClient(n, used) {
  return {'data-client': report.several ? report.runs[n].client : null, class: used ? null : 'unused'};
}

function brokenIn(list, n) {
  const worst = worstOf(list, n);
  return [el('span', {class: 'number'}, plural(list.length, 'case')), ', see ', el('a', {href: `#/case/${encodeURIComponent(worst.id)}/${n}`}, worst.id)];
}

// sinceList tells what was broken in a simpler world than that of the cases.
function sinceList() {
  const lines = report.runs.flatMap((run, n) => (run.since || []).map((s) => el('li', {},
    report.several ? run.client + ': ' : '', el('a', {href: filterAddress({requirement: s.requirement})}, s.requirement), ` is broken ${s.since} already${s.comes_of ? ', which comes of ' + s.comes_of : ''}; `,
    s.cases === 1 ? '1 case stands on it, ' : `${s.cases} cases stand on it, see `, el('a', {href: `#/case/${encodeURIComponent(s.example)}/${n}`}, s.example))));
  return lines.length ? el('ul', {class: 'plain'}, lines) : null;
}

// legend says what colours, letters and signs mean.
function legend() {
  const signed = (kind, sign) => el('span', {class: 'tally ' + kind}, sign);
  const rows = [
    [signed('pass', '12'), 'so many cases, and all passed'],
    [signed('fail', '✗ 2/12'), 'a must was broken in 2 of 12'],
    [signed('soft', '✗ 2/12'), 'a should was not kept, or a must where a case may only ask for less'],
    [signed('open', '? 2/12'), 'what the case was to prove could not be concluded'],
    [signed('none', '·'), 'no case asks for it here, or none applies'],
    report.several ? [el('span', {class: 'letter'}, 'A'), 'the first client, B the second, as they are listed under Clients'] : null,
    [el('span', {class: 'struck'}, '⚡'), 'a fault struck here'],
    [el('span', {class: 'cut'}, '✗'), 'at the end of an arrow: it did not come through whole'],
    ['hop 0', 'from the client to the first box; hop 1 leads from there to the next, and so on to the gateway'],
  ];
  return el('details', {class: 'legend'}, el('summary', {}, 'What the colours, letters and signs mean'),
    el('dl', {class: 'facts'}, rows.filter(Boolean).map(([sign, text]) => [el('dt', {}, sign), el('dd', {}, text)])));
}
