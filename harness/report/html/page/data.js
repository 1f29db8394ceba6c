// Data. The index and the chunks of cases are JSON, gzip and base64.

const kept = new Map();

function unpack(id) {
  if (!kept.has(id)) kept.set(id, decode(document.getElementById(id).textContent));
  return kept.get(id);
}

async function decode(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(plain).json();
}

// The report, once it is unpacked.
let report;

async function load() {
  report = await unpack('index');
  report.cases.forEach((c, i) => {
    c.place = i;
    c.definition = {why: '', proves: [], faults: [], workload: [], ...c.definition};
  });
  report.several = report.runs.length > 1;
  report.runs.forEach((run, i) => { run.letter = String.fromCharCode(65 + i); });
}

// What each client made of a case.
async function detailsOf(c) {
  const chunk = await unpack('chunk-' + Math.floor(c.place / report.per_chunk));
  return chunk[c.place % report.per_chunk];
}

function caseNamed(id) {
  return report.cases.find((c) => c.id === id);
}
