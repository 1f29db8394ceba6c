// The texts of a page whose contrast with what is behind them is below a
// bound, as WCAG computes it. Colours that let something through are laid over
// what is behind them; in a drawing that is the rectangles of the same group.
(bound) => {
  const colour = (text) => {
    const numbers = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return {r: numbers[0], g: numbers[1], b: numbers[2], a: numbers.length > 3 ? numbers[3] : 1};
  };
  const over = (top, under) => {
    const mix = (name) => top[name] * top.a + under[name] * (1 - top.a);
    return {r: mix('r'), g: mix('g'), b: mix('b'), a: 1};
  };
  const light = ({r, g, b}) => {
    const part = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  // Many texts have the same behind them: each element is looked at once.
  const known = new Map();
  const behind = (element) => {
    if (!element) return {r: 255, g: 255, b: 255, a: 1};
    if (!known.has(element)) known.set(element, layersOf(element).reduce((under, top) => over(top, under), behind(element.parentElement)));
    return known.get(element);
  };
  const layersOf = (element) => {
    if (!(element instanceof SVGElement)) return [colour(getComputedStyle(element).backgroundColor)];
    return [...element.querySelectorAll(':scope > rect.ground, :scope > rect.hit')].filter((shape) => getComputedStyle(shape).fill !== 'none').map((shape) => {
      const c = colour(getComputedStyle(shape).fill);
      return {...c, a: c.a * Number(getComputedStyle(shape).fillOpacity)};
    }).reverse();
  };
  const wrong = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest('script, style, noscript, title, .skip')) continue;
    if (!element.checkVisibility() || element.getClientRects().length === 0) continue;
    seen++;
    const style = getComputedStyle(element), ground = behind(element);
    const own = over(colour(element instanceof SVGElement ? style.fill : style.color), ground);
    const [a, b] = [light(own), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < bound) wrong.add(`${ratio.toFixed(2)} ${element.tagName}.${element.getAttribute('class')} "${texts.currentNode.data.trim().slice(0, 40)}"`);
  }
  return seen < 10 ? [`only ${seen} texts were found`] : [...wrong];
}
