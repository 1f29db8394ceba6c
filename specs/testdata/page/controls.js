// All that can be used on a page, in the order of the document. Remembered in
// window.wanted, from which is ticked off what the Tab key reaches.
() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
  const usable = all.filter((e) => e.checkVisibility() && e.getAttribute('tabindex') !== '-1' && !e.disabled);
  window.wanted = new Set(usable);
  document.addEventListener('focusin', (event) => window.wanted.delete(event.target));
  window.named = (e) => e.outerHTML.slice(0, 160);
  return usable.length;
}
