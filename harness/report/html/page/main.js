// The address says what is shown: #/?filter, #/case/ID/CLIENT/EXCHANGE, #/swept/CLIENT.

let shown; // the case on the page, and what chooses an exchange in it; unset until something is shown

async function route() {
  const address = location.hash.startsWith('#/') ? location.hash : '#/';
  if (shown && location.hash && address !== location.hash) return; // a place in the page
  const main = document.getElementById('main');
  const [, kind, id, run, exchange] = address.split('?')[0].split('/');
  const c = kind === 'case' ? caseNamed(decodeURIComponent(id)) : null;
  if (kind === 'swept' && report.runs[id]?.swept) {
    shown = {};
    main.replaceChildren(...sweptPage(id));
    window.scrollTo(0, 0);
    main.focus({preventScroll: true});
    return;
  }
  if (!c) {
    report.back = address;
    shown = {};
    main.replaceChildren(...overview(readFilter(address.split('?')[1] || '')).filter(Boolean));
    if (address.includes('?')) document.getElementById('cases')?.scrollIntoView();
    else window.scrollTo(0, 0);
    return;
  }
  const n = run === undefined ? Math.max(0, worst(c)) : Number(run);
  const chosen = exchange === undefined ? -1 : Number(exchange);
  if (shown?.id !== c.id || shown.run !== n) {
    const page = await casePage(c, n);
    shown = {id: c.id, run: n, choose: page.choose};
    main.replaceChildren(...page.parts.flat().filter(Boolean));
    window.scrollTo(0, 0);
    main.focus({preventScroll: true});
  }
  shown.choose(chosen);
  if (chosen >= 0 && !document.activeElement.closest('.diagram')) document.getElementById('sequence').scrollIntoView();
}

// worst is the run that one wants to see first.
function worst(c) {
  const failed = c.runs.findIndex((run) => run && kindOf(run.status) === 'fail');
  return failed >= 0 ? failed : c.runs.findIndex((run) => run);
}

load().then(route).then(() => {
  window.addEventListener('hashchange', route);
  document.documentElement.dataset.ready = Math.round(performance.now()); // ms since the page was called
});
