/**
 * The kinds of pictures that a page can hold. Each says which elements hold them, at which address, and how many pixels
 * they have. Kinds to come (CSS backgrounds, posters, canvases) are further entries.
 */

/**
 * @typedef {object} PictureKind
 * @property {string} selector
 * @property {(element: any) => string} address empty when there is none, or none yet
 * @property {(element: any) => {width: number, height: number}} naturalSize zero until it is loaded
 */

/** @type {PictureKind[]} */
const PICTURE_KINDS = [
  {
    selector: "img",
    // currentSrc is what srcset and <picture> came to.
    address: (image) => image.currentSrc || image.src,
    naturalSize: (image) => ({ width: image.naturalWidth, height: image.naturalHeight }),
  },
];

const ANY_PICTURE = PICTURE_KINDS.map((kind) => kind.selector).join(",");

/** @param {Element} element */
const kindOf = (element) => PICTURE_KINDS.find((kind) => element.matches(kind.selector));
