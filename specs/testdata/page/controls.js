// All that can be used on a page, in the order of the document. Remembered in
// window.wanted, so that the reader can tick off what the Tab key reaches.
() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
  const usable = all.filter((e) => e.checkVisibility() && e.getAttribute('tabindex') !== '-1' && !e.disabled);
  window.wanted = new Set(usable);
  window.named = (e) => e.outerHTML.slice(0, 160);
  return usable.length;
}
