/** What a computed style says of pictures, read from its text: `background-image`, `content` and their like. */

/** @typedef {{image: string, size: string, position: string}} Background computed values, for all its layers */

const MUCH_LARGER = 2; // times the box: a background of that size shows a part of itself, as a sheet of sprites does
const LARGEST_SPRITE = 128; // CSS pixels: larger boxes show a part of a photo rather than one icon of many

/**
 * The pictures of a background, without those that show an icon of a sheet.
 * @param {Background} background @param {Size} box
 * @param {number} density device pixels for one CSS pixel
 * @returns {string[]} addresses
 */
const picturesOfBackground = ({ image, size, position }, box, density) => {
  const sizes = splitList(size);
  const positions = splitList(position);
  return splitList(image)
    .map((layer, index) => ({
      address: addressIn(layer, density),
      isSprite: isSprite(sizes[index % sizes.length] ?? "", positions[index % positions.length] ?? "", box),
    }))
    .filter(({ address, isSprite }) => address && !isSprite)
    .map(({ address }) => address);
};

/** Whether a background shows a small part of a sheet of many icons.
 * @param {string} size `auto`, `40px 20px`, `300% auto`, `cover`, …
 * @param {string} position `0% 0%`, `-20px -40px`, …
 * @param {Size} box
 */
const isSprite = (size, position, box) => {
  const [width = "", height = ""] = size.split(" ");
  if (isMuchLarger(width, box.width) || isMuchLarger(height, box.height)) return true;
  const isMoved = /(^|[ (])-\d*\.?\d+px/.test(position);
  return isMoved && Math.max(box.width, box.height) <= LARGEST_SPRITE;
};

/** @param {string} length of a background, along one side @param {number} side of the box */
const isMuchLarger = (length, side) => {
  const amount = Number.parseFloat(length);
  if (length.endsWith("px")) return amount > MUCH_LARGER * side;
  return length.endsWith("%") && amount > MUCH_LARGER * 100;
};

/** @param {string} content the value of `content` @param {number} density @returns {string[]} */
const picturesOfContent = (content, density) =>
  splitOutside(content, " ")
    .map((part) => addressIn(part, density))
    .filter(Boolean);

/** The address in `url("…")` or the fitting one in `image-set(…)`; empty for gradients and everything else.
 * @type {(layer: string, density: number) => string}
 */
const addressIn = (layer, density) => {
  const [, url] = /^url\("((?:[^"\\]|\\.)*)"\)/s.exec(layer) ?? [];
  if (url !== undefined) return url.replace(/\\(.)/gs, "$1");
  const [, set] = /^(?:-webkit-)?image-set\((.*)\)$/s.exec(layer) ?? [];
  if (set === undefined) return "";
  const choices = splitList(set).map((choice) => {
    const [, factor = "1"] = /([\d.]+)(?:x|dppx)\b/.exec(choice.slice(choice.lastIndexOf('"'))) ?? [];
    return { address: addressIn(choice, density), density: Number.parseFloat(factor) };
  });
  choices.sort((one, other) => one.density - other.density);
  return (choices.find((choice) => choice.density >= density) ?? choices.at(-1))?.address ?? "";
};

/** @param {string} list @returns {string[]} */
const splitList = (list) => splitOutside(list, ",").map((part) => part.trim());

/** Splits where the separator stands neither in brackets nor in quotes. @param {string} text @param {string} separator */
const splitOutside = (text, separator) => {
  const parts = [];
  let depth = 0;
  let isQuoted = false;
  let begin = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === "\\") i += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (sign === "(") depth += 1;
    else if (sign === ")") depth -= 1;
    else if (sign === separator && depth === 0) {
      parts.push(text.slice(begin, i));
      begin = i + 1;
    }
  }
  parts.push(text.slice(begin));
  return parts;
};
