// Elements. Whatever comes from a run is set as text or as an attribute's
// value, never as HTML.

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

function el(name, attributes, ...children) {
  return build(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

// say tells those who do not see what has changed.
function say(text) {
  document.getElementById('said').textContent = text;
}

// badge is a status as a word with a sign of its own: colour alone says nothing.
const signs = {Pass: '✓', Fail: '✗', Inconclusive: '?', Blocked: '⊘', Broken: '!', NotApplicable: '–', Unsupported: '–'};

function badge(status, kind = kindOf(status)) {
  return el('span', {class: 'badge ' + kind}, el('span', {'aria-hidden': 'true'}, signs[status] || '?'), ' ' + status);
}

// kindOf sorts the statuses into what matters to a reader.
function kindOf(status) {
  if (status === 'Pass') return 'pass';
  if (status === 'Fail' || status === 'Broken') return 'fail';
  return status === 'NotApplicable' || status === 'Unsupported' ? 'none' : 'open';
}

// plural is a number with its noun.
function plural(n, noun) {
  return n + ' ' + noun + (n === 1 ? '' : 's');
}

// seconds is a time of the run's clock.
function seconds(micro) {
  return (micro / 1e6).toFixed(3) + ' s';
}

// breakable is an id in which a line may break after a dot.
function breakable(id) {
  return id.split(/(?<=\.)/).flatMap((part, i) => (i ? [el('wbr'), part] : [part]));
}

function cut(text, length) {
  return text.length <= length ? text : text.slice(0, Math.max(1, length - 1)) + '…';
}

function field(label, control) {
  return el('label', {class: 'field'}, el('span', {}, label), control);
}

function choice(name, value, options, change) {
  const control = el('select', {name: name, onchange: (event) => change(event.target.value)},
    options.map(([key, text]) => el('option', {value: key, selected: key === value}, text)));
  return control;
}

// section is a landmark with its heading.
function section(id, heading, ...children) {
  return el('section', {id: id, 'aria-labelledby': id + '-h'}, el('h2', {id: id + '-h'}, heading), ...children);
}
