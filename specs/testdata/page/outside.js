// What of a page sticks out of a window of a width: what matters most wherever it
// is, and of the rest whatever is in nothing that scrolls by itself.
(width) => {
  const matters = '.banner, #broken td, #broken th[scope=row], #cases .result, #cases th[scope=row], #matrix select, #dearest li, .verdict p, .facts dd, #files a, .tabs a, #changes a, #swept a, .command button';
  const scrolls = '.scroll, .tall, .hops, pre, svg, table.stacked';
  const out = (e) => e.checkVisibility() && e.getBoundingClientRect().right + scrollX > width + 0.5 && e.getBoundingClientRect().width > 1;
  const named = (e) => `${e.tagName}.${e.getAttribute('class')} "${e.textContent.trim().slice(0, 40)}"`;
  const found = [...document.querySelectorAll(matters)].filter(out);
  const rest = [...document.querySelectorAll('body *')].filter((e) => out(e) && !e.closest('.skip, .aside') && !(e.parentElement.closest(scrolls)));
  const wide = document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
  return [...wide, ...new Set([...found, ...rest].map(named))];
}
