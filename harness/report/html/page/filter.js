// The filter: what of the cases is listed. It is kept in the address, so that
// the way back and a link lead to the same list.

const filters = ['q', 'status', 'client', 'box', 'requirement', 'family', 'change'];

function readFilter(query) {
  const given = new URLSearchParams(query);
  return Object.fromEntries(filters.map((name) => [name, given.get(name) || '']));
}

function filterAddress(filter) {
  const wanted = new URLSearchParams(filters.filter((name) => filter[name]).map((name) => [name, filter[name]]));
  return '#/?' + wanted;
}

// passes tells whether a case is listed.
function passes(c, filter) {
  if (filter.box && c.box !== filter.box) return false;
  if (filter.family && c.family !== filter.family) return false;
  if (filter.change && (report.changes || {})[c.id] !== filter.change) return false;
  const runs = c.runs.filter((run, i) => run && (!filter.client || filter.client === String(i)));
  if (runs.length === 0) return false;
  if (!runs.some((run) => fits(c, run, filter))) return false;
  return !filter.q || filter.q.toLowerCase().split(/\s+/).every((word) => haystack(c).includes(word));
}

// fits tells whether one run has the status, on the requirement if one is
// given.
function fits(c, run, filter) {
  if (!filter.requirement) {
    const status = kindOf(run.status);
    return !filter.status || statusFits(status, filter.status) || (filter.status === 'soft' && run.verdicts.includes('f'));
  }
  const place = report.requirements.findIndex((r) => r.id === filter.requirement);
  const kind = kindOfLetter(run, place, c, filter.requirement);
  return kind !== '' && (!filter.status || statusFits(kind, filter.status));
}

function statusFits(kind, wanted) {
  return wanted === 'wanting' ? kind === 'fail' || kind === 'open' : kind === wanted;
}

// kindOfLetter reads a verdict. What could not be concluded is only open where
// the case was to prove it, and could have.
function kindOfLetter(run, place, c, requirement) {
  const letter = run.verdicts[place];
  if (letter === 'P') return 'pass';
  if (letter === 'F') return 'fail';
  if (letter === 'f') return 'soft'; // a should, or a case that may only ask so much
  return kindOf(run.status) !== 'none' && c.definition.proves.includes(requirement) ? 'open' : '';
}

function haystack(c) {
  if (!c.haystack) {
    const words = [c.id, c.title, c.definition.why, c.way.join(' '), c.definition.faults.join(' ')];
    c.haystack = words.concat(c.runs.map((run) => run && run.reason)).join(' ').toLowerCase();
  }
  return c.haystack;
}

// filterForm is the controls; change is told each new filter.
function filterForm(filter, change) {
  const set = (name) => (value) => change({...filter, [name]: value});
  const unique = (name) => [...new Set(report.cases.map((c) => c[name]))].sort();
  const any = (word, list) => [['', word], ...list];
  const search = el('input', {type: 'search', name: 'q', value: filter.q, placeholder: 'id, fault, reason …', oninput: (event) => set('q')(event.target.value)});
  const form = el('form', {role: 'search', 'aria-label': 'Cases', class: 'filter', onsubmit: (event) => event.preventDefault()},
    field('Search', search),
    field('Result', choice('status', filter.status, any('any', [['wanting', 'failed or open'], ['fail', 'failed'], ['soft', 'failed a should'], ['open', 'open'], ['pass', 'passed'], ['none', 'not applicable']]), set('status'))),
    report.several ? field('Client', choice('client', filter.client, any('any', report.runs.map((run, i) => [String(i), run.client])), set('client'))) : null,
    field('Box', choice('box', filter.box, any('any', unique('box').map((b) => [b, b])), set('box'))),
    field('Requirement', choice('requirement', filter.requirement, any('any', report.requirements.map((r) => [r.id, r.id])), set('requirement'))),
    field('Family', choice('family', filter.family, any('any', unique('family').map((f) => [f, f])), set('family'))),
    report.changes ? field('Change', choice('change', filter.change, any('any', [...new Set(Object.values(report.changes))].map((c) => [c, c])), set('change'))) : null,
    el('button', {type: 'button', onclick: () => change(readFilter(''))}, 'Clear'));
  return form;
}
