/**
 * The kinds of elements that hold a picture. Each says which elements these are, which picture they show, and how many
 * pixels it has. What any element may show besides, through its style, is in styles.js.
 */

/**
 * @typedef {object} PictureKind
 * @property {string} selector
 * @property {(element: any) => string} source the address, or the name of what has none; empty when there is none, or
 *   none yet
 * @property {(element: any) => Size | null} naturalSize zero until it is loaded; null where the browser does not tell
 */

const untold = () => null;

/** Objects and embeds hold anything: asking for what may be a document would be more than the page does.
 * @param {string} type @param {string} address
 */
const isImage = (type, address) =>
  /^image\//i.test(type) || (type === "" && /^[^?#]+\.(jpe?g|png|webp|avif|gif|bmp)([?#]|$)/i.test(address));

/** @type {PictureKind[]} */
const PICTURE_KINDS = [
  {
    selector: "img",
    // currentSrc is what srcset and <picture> came to.
    source: (image) => image.currentSrc || image.src,
    naturalSize: (image) => ({ width: image.naturalWidth, height: image.naturalHeight }),
  },
  {
    selector: "canvas",
    source: (canvas) => nameOfCanvas(canvas),
    naturalSize: ({ width, height }) => ({ width, height }),
  },
  {
    selector: "video[poster]",
    source: (video) => video.poster,
    naturalSize: untold,
  },
  {
    selector: "svg image",
    source: (image) => absolute(image.href.baseVal, image.baseURI),
    naturalSize: untold,
  },
  {
    selector: "input[type=image i]",
    source: (input) => input.src,
    naturalSize: untold,
  },
  {
    selector: "object[data]",
    source: (object) => (isImage(object.type, object.data) ? object.data : ""),
    naturalSize: untold,
  },
  {
    selector: "embed[src]",
    source: (embed) => (isImage(embed.type, embed.src) ? embed.src : ""),
    naturalSize: untold,
  },
];

const ANY_PICTURE = PICTURE_KINDS.map((kind) => kind.selector).join(",");

/** @param {Element} element */
const kindOf = (element) => PICTURE_KINDS.find((kind) => isMatch(element, kind.selector));

/** @param {string} address @param {string} base */
const absolute = (address, base) => (address && URL.canParse(address, base) ? new URL(address, base).href : "");
