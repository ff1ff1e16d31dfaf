/** Which pictures are worth asking about. */

const SMALLEST_SIDE = 64; // CSS pixels or image pixels: below this, in both, a picture is an icon
const SMALLEST_NATURAL_SIDE = 32; // image pixels: below this nothing can be told, however large it is drawn
const SMALLEST_RENDERED_SIDE = 24; // CSS pixels: below this nobody would know a face
const LONGEST_ADDRESS = 10_000_000; // characters; data: addresses are the only long ones

/**
 * @param {{width: number, height: number}} rendered
 * @param {{width: number, height: number}} natural
 */
const isWorthLooking = (rendered, natural) => {
  const renderedSide = Math.max(rendered.width, rendered.height);
  const naturalSide = Math.max(natural.width, natural.height);
  if (renderedSide < SMALLEST_RENDERED_SIDE || naturalSide < SMALLEST_NATURAL_SIDE) return false;
  return Math.max(renderedSide, naturalSide) >= SMALLEST_SIDE;
};

/** Whether the companion can be asked about this address: drawings (SVG) hold no photos, blob: lives in the page only.
 * @param {string} address
 */
const isAskable = (address) => {
  if (address.length > LONGEST_ADDRESS) return false;
  if (/^data:image\//i.test(address)) return !/^data:image\/svg/i.test(address);
  return /^https?:/i.test(address) && !/\.svgz?([?#]|$)/i.test(address);
};

/**
 * A short name for an address, the same each time: 53 bits, so that a page with a hundred thousand pictures has one
 * chance in a million of two sharing one. Addresses themselves would fill the memory of endless pages.
 * @param {string} address
 */
const keyOf = (address) => {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < address.length; i++) {
    const unit = address.charCodeAt(i);
    high = Math.imul(high ^ unit, 0xcc9e2d51);
    low = Math.imul(low ^ unit, 0x1b873593);
    high = (high << 13) | (high >>> 19);
    low = (low << 15) | (low >>> 17);
  }
  high = Math.imul(high ^ (low >>> 16), 0x85ebca6b);
  low = Math.imul(low ^ (high >>> 13), 0xc2b2ae35);
  return (((high >>> 0) & 0x1fffff) * 0x100000000 + (low >>> 0)).toString(36);
};
