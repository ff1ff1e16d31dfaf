/** Which pictures are worth asking about. */

/** @typedef {{width: number, height: number}} Size */

const SMALLEST_SIDE = 64; // CSS pixels or image pixels: below this, in both, a picture is an icon
const SMALLEST_NATURAL_SIDE = 32; // image pixels: below this nothing can be told, however large it is drawn
const SMALLEST_RENDERED_SIDE = 24; // CSS pixels: below this nobody would know a face
const LONGEST_ADDRESS = 10_000_000; // characters; data: addresses are the only long ones

/**
 * @param {Size} rendered
 * @param {Size | null} natural null where the browser does not tell: then strips are left out, too, since it is mostly
 *   backgrounds that are not told of
 */
const isWorthLooking = (rendered, natural) => {
  const renderedSide = Math.max(rendered.width, rendered.height);
  if (!natural) {
    return renderedSide >= SMALLEST_SIDE && Math.min(rendered.width, rendered.height) >= SMALLEST_RENDERED_SIDE;
  }
  const naturalSide = Math.max(natural.width, natural.height);
  if (renderedSide < SMALLEST_RENDERED_SIDE || naturalSide < SMALLEST_NATURAL_SIDE) return false;
  return Math.max(renderedSide, naturalSide) >= SMALLEST_SIDE;
};

/** Whether no address leads to what is called so, from outside of its document. @param {string} source */
const livesInPage = (source) => /^(blob|canvas|frame):/i.test(source);

/** Whether the companion can be asked about a picture: drawings (SVG) hold no photos.
 * @param {string} source its address, or what we call it where it has none
 */
const isAskable = (source) => {
  if (source.length > LONGEST_ADDRESS) return false;
  if (/^data:image\//i.test(source)) return !/^data:image\/svg/i.test(source);
  if (livesInPage(source)) return true;
  return /^https?:/i.test(source) && !/\.svgz?([?#]|$)/i.test(source);
};

/**
 * A short name for a source, the same each time: 53 bits, so that a page with a hundred thousand pictures has one
 * chance in a million of two sharing one. Addresses themselves would fill the memory of endless pages.
 * @param {string} source
 */
const keyOf = (source) => {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    high = Math.imul(high ^ unit, 0xcc9e2d51);
    low = Math.imul(low ^ unit, 0x1b873593);
    high = (high << 13) | (high >>> 19);
    low = (low << 15) | (low >>> 17);
  }
  high = Math.imul(high ^ (low >>> 16), 0x85ebca6b);
  low = Math.imul(low ^ (high >>> 13), 0xc2b2ae35);
  return (((high >>> 0) & 0x1fffff) * 0x100000000 + (low >>> 0)).toString(36);
};
