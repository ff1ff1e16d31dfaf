/** How a whole page is put together from slices: pure numbers. Lengths are CSS pixels unless said otherwise. */

export const LIMITS = { screens: 30, pixels: 40_000_000, side: 32_000 }; // pixels and side: of the picture

/**
 * @typedef {object} Plan
 * @property {number} scale pixels of the picture for one CSS pixel
 * @property {number} width of the picture, in its pixels
 * @property {number} height
 * @property {number} seenHeight of one screen
 * @property {number[]} tops where each slice begins
 * @property {number} shown how much of the page's height the picture shows
 * @property {number} pageHeight
 * @property {boolean} isCut whether the page is larger than what it shows
 */

/**
 * A picture in the screen's own pixels where that stays in the limits, else in CSS pixels, and cut only where that is
 * too large as well.
 * @param {PageSize} size @param {number} pixelsPerUnit @param {typeof LIMITS} [limits]
 * @returns {Plan | null} null for a page that shows nothing
 */
export function planOf(size, pixelsPerUnit, limits = LIMITS) {
  const { seen_width, seen_height, page_width, page_height } = size;
  if (!(seen_width >= 1) || !(seen_height >= 1) || !(pixelsPerUnit > 0)) return null;
  const wanted = Math.min(Math.max(page_height, seen_height), limits.screens * seen_height);
  const fits = (/** @type {number} */ scale) =>
    seen_width * scale * (wanted * scale) <= limits.pixels && Math.max(seen_width, wanted) * scale <= limits.side;
  const scale = fits(pixelsPerUnit) ? pixelsPerUnit : Math.min(pixelsPerUnit, 1);
  const width = Math.min(limits.side, Math.round(seen_width * scale));
  const height = Math.floor(Math.min(Math.round(wanted * scale), limits.pixels / width, limits.side));
  const shown = Math.min(wanted, height / scale);
  const tops = [];
  for (let top = 0; top < shown; top += seen_height) tops.push(top);
  const isCut = shown < page_height - 1 || seen_width < page_width - 1;
  return { scale, width, height, seenHeight: seen_height, tops, shown, pageHeight: page_height, isCut };
}
