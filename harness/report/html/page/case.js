// One case, as one client went through it.

async function casePage(c, n) {
  const detail = (await detailsOf(c))[n];
  for (const list of ['faults', 'verdicts', 'chain']) detail.result[list] = detail.result[list] || [];
  const address = `#/case/${encodeURIComponent(c.id)}/${n}`;
  document.title = `${c.id} – Gauntlet`;
  const picture = el('div', {});
  const bytes = el('div', {id: 'chosen'});
  const parts = [
    caseNav(c), el('h1', {}, c.id), el('p', {class: 'lead'}, c.title),
    report.several ? clientTabs(c, n) : null,
    el('p', {class: 'outcome'}, badge(detail.result.status), ' ', detail.result.status === 'Pass' ? '' : detail.result.reason || ''),
    detail.result.known ? el('p', {}, 'Known failure: ' + detail.result.known) : null,
    section('what', 'What happens', whatAndWhy(c, detail)),
    section('verdicts', 'What was required', verdictList(c, detail, address)),
  ];
  const files = (detail.files || []).length ? section('files', 'Files', fileList(detail.files)) : null;
  if (detail.problem || detail.rows.length === 0) {
    return {parts: [...parts, section('sequence', 'What went over the wire', el('p', {}, detail.problem || 'Nothing was recorded.')), files], choose: () => {}};
  }
  const draw = (all) => picture.replaceChildren(diagram(detail, address, all));
  const choose = (place, jump) => chooseExchange(detail, address, place, picture, bytes, jump);
  draw(false);
  parts.push(
    section('sequence', 'What went over the wire',
      el('p', {class: 'tools'}, el('label', {}, el('input', {type: 'checkbox', onchange: (event) => { draw(event.target.checked); choose(detail.chosen, false); }}), ' Show quiet polls'),
        el('a', {href: '#timeline', onclick: (event) => { event.preventDefault(); document.querySelector('#timeline button').focus(); }}, 'Skip the diagram')),
      picture),
    section('timeline', 'To scale', ...timeline(detail, address)),
    section('bytes', 'Bytes, hop by hop', bytes), files);
  return {parts, choose: (place) => choose(place >= 0 ? place : firstOfInterest(detail), place >= 0)};
}

// firstOfInterest is what is shown before anything is chosen.
function firstOfInterest(detail) {
  const find = (wanted) => detail.exchanges.findIndex((x) => x.hop === 0 && wanted(x));
  const places = [find((x) => x.blamed), find((x) => x.faults), find(() => true)];
  return places.find((place) => place >= 0) ?? (detail.exchanges.length ? 0 : -1);
}

function chooseExchange(detail, address, place, picture, bytes, jump) {
  const x = detail.exchanges[place];
  if (!x) return;
  detail.chosen = place;
  const related = new Set(chainOf(detail, place).map(String));
  for (const row of picture.querySelectorAll('[data-exchange]')) {
    row.classList.toggle('related', related.has(row.dataset.exchange));
    row.classList.toggle('chosen', row.dataset.exchange === String(place));
  }
  const order = detail.exchanges.map((_, i) => i).filter((i) => detail.exchanges[i].hop === x.hop).sort((a, b) => detail.exchanges[a].from - detail.exchanges[b].from);
  const at = order.indexOf(place);
  const step = (text, to) => (to === undefined ? null : el('a', {class: 'button', href: `${address}/${to}`}, text));
  bytes.replaceChildren(
    el('h3', {}, `Request ${x.number}: ${x.name}`),
    el('p', {class: 'tools'}, step('Previous request', order[at - 1]), step('Next request', order[at + 1])),
    bytesOf(detail, place));
  const scroller = picture.querySelector('.scroll'), row = picture.querySelector('.chosen');
  if (row && scroller) scroller.scrollTop = row.getBBox().y - scroller.clientHeight / 3;
  if (jump) say(`Request ${x.number}: ${fateOf(x)}`);
}

function caseNav(c) {
  const list = report.listed && report.listed.includes(c.id) ? report.listed : report.cases.map((other) => other.id);
  const at = list.indexOf(c.id);
  const to = (id, text) => (id ? el('a', {class: 'button', href: '#/case/' + encodeURIComponent(id), 'aria-label': `${text}: ${id}`}, text) : null);
  return el('nav', {class: 'tools', 'aria-label': 'Cases'}, el('a', {class: 'button', href: report.back || '#/'}, '← All cases'), to(list[at - 1], 'Previous case'), to(list[at + 1], 'Next case'));
}

function clientTabs(c, n) {
  return el('nav', {class: 'tabs', 'aria-label': 'Clients'}, c.runs.map((run, i) => (run ? el('a', {href: `#/case/${encodeURIComponent(c.id)}/${i}`, 'aria-current': i === n ? 'page' : null},
    el('span', {class: 'letter'}, report.runs[i].letter), report.runs[i].client, ' ', badge(run.status)) : el('span', {}, report.runs[i].client + ': not run'))));
}

function whatAndWhy(c, detail) {
  const d = c.definition;
  const knobs = (d.knobs || []).map((knob) => `${knob.name} ${knob.value}`);
  const row = (name, ...value) => [el('dt', {}, name), el('dd', {}, ...value)];
  return [
    el('p', {}, d.why || ''),
    el('dl', {class: 'facts'},
      row('Way', ['client', ...detail.result.chain, 'gateway'].join(' → ')),
      row('Fault', detail.result.faults.length ? el('ul', {class: 'plain'}, detail.result.faults.map((f) => el('li', {}, el('code', {}, f.text), ` struck ${f.fired === 1 ? 'once' : f.fired + ' times'}` + (f.connections.length ? `, on connection ${f.connections.slice(0, 12).join(', ')}${f.connections.length > 12 ? ' …' : ''}` : '')))) : 'none'),
      row('Gateway', [detail.result.dialect, d.think ? 'takes ' + d.think : '', ...knobs].filter(Boolean).join(', ')),
      d.workload && d.workload.length ? row('User', d.workload.join(', ')) : [],
      row('Run', `${detail.result.mode}, seed ${detail.result.seed}, ${seconds(detail.result.protocol_ms * 1000)} on its own clock; ${detail.total || 0} events`),
      Object.keys(detail.result.controls).length ? row('Undisturbed', Object.entries(detail.result.controls).map(([name, status]) => `${name === 'direct' ? 'without a box' : 'with the box alone'}: ${status}`).join('; ')) : []),
    el('h3', {}, 'Reproduce'), command(detail.result.reproduce),
  ];
}

// fileList leads to what lies on the disk; there it is unmasked, unlike here.
function fileList(files) {
  return [el('p', {class: 'found'}, 'As they are stored, with passwords where there are some.'), el('ul', {class: 'plain'}, files.map((file) => el('li', {}, el('a', {href: file.address}, file.name))))];
}

// command is a line to copy.
function command(line) {
  if (!line) return el('p', {}, 'Not known.');
  const code = el('code', {}, line);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand('copy');
    }
    say('The command was copied.');
    button.textContent = 'Copied';
  };
  const button = el('button', {type: 'button', onclick: copy}, 'Copy');
  return el('div', {class: 'command'}, el('pre', {tabindex: '0', role: 'group', 'aria-label': 'Command'}, code), button);
}

function verdictList(c, detail, address) {
  const all = detail.result.verdicts;
  const place = (v) => (v.level === 'must' ? 0 : 2) + (v.comes_of ? 1 : 0);
  const failed = all.filter((v) => v.status === 'Fail').sort((a, b) => place(a) - place(b));
  const open = all.filter((v) => v.status !== 'Fail' && v.status !== 'Pass' && c.definition.proves.includes(v.requirement));
  const rest = all.filter((v) => !failed.includes(v) && !open.includes(v));
  return [
    ...[...failed, ...open].map((v) => verdict(v, detail, address)),
    all.length === 0 ? el('p', {}, 'Nothing was judged.') : null,
    rest.length ? el('details', {open: failed.length + open.length === 0}, el('summary', {}, `${plural(rest.length, 'other requirement')}: ${rest.filter((v) => v.status === 'Pass').length} passed`), verdictTable(c, rest)) : null,
  ];
}

function verdict(v, detail, address) {
  const r = report.requirements.find((q) => q.id === v.requirement) || {statements: [], sentence: '', rationale: ''};
  const places = (v.exchanges || []).map((n) => detail.exchanges.findIndex((x) => x.hop === 0 && x.number === n)).filter((place) => place >= 0);
  const kind = v.status === 'Fail' && v.level !== 'must' ? 'open' : kindOf(v.status); // what fails nobody is no alarm
  return el('article', {class: 'verdict ' + kind},
    el('h3', {}, badge(v.status, kind), ' ', v.requirement, el('span', {class: 'level'}, ' ' + v.level)),
    el('p', {class: 'reason'}, v.reason || ''),
    v.comes_of ? el('p', {}, el('strong', {}, 'Follows from: '), v.comes_of) : null,
    seeAlso(detail, address, places),
    el('p', {}, el('strong', {}, 'Asked: '), r.sentence, ' ', r.rationale),
    r.statements.length ? el('ul', {class: 'statements'}, r.statements.map((s) => el('li', {}, el('strong', {}, s), ' ' + report.statements[s]))) : null);
}

// seeAlso leads to the requests that a verdict speaks of or, if it names none,
// to the first that a fault struck.
function seeAlso(detail, address, places) {
  const to = (place) => el('a', {class: 'button', href: `${address}/${place}`}, `request ${detail.exchanges[place].number}`);
  if (places.length) return el('p', {class: 'places'}, 'See ', places.map(to));
  const struck = detail.exchanges.findIndex((x) => x.faults);
  return struck < 0 ? null : el('p', {class: 'places'}, 'The fault struck ', to(struck));
}

function verdictTable(c, verdicts) {
  const about = Object.fromEntries(report.requirements.map((r) => [r.id, r]));
  return el('div', {class: 'scroll'}, el('table', {},
    el('thead', {}, el('tr', {}, ['Requirement', 'Level', 'Result', 'Observations', 'What it asks, and where that is from'].map((head) => el('th', {scope: 'col'}, head)))),
    el('tbody', {}, verdicts.map((v) => el('tr', {},
      el('th', {scope: 'row'}, v.requirement + (c.definition.proves.includes(v.requirement) ? ' ●' : '')), el('td', {}, v.level), el('td', {}, badge(v.status)), el('td', {class: 'count'}, String(v.checked)),
      el('td', {}, about[v.requirement] ? `${about[v.requirement].sentence} ${about[v.requirement].statements.map((s) => `${s}: ${report.statements[s]}`).join(' ')}` : '', v.reason ? el('span', {class: 'why'}, v.reason) : null))))),
  el('p', {class: 'found'}, '● what this case is about'));
}
