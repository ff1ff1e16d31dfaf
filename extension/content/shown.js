/** Which pictures an element shows that are worth asking about: as what it is, and through its style. */

/**
 * @typedef {object} ShownPicture
 * @property {string} source its address, or what we call it where no address leads to it
 * @property {ReferrerPolicy} [referrer_policy] that of the element, where it has one
 */

/**
 * @param {Element} element @param {Size} box as rendered
 * @param {boolean} isStyled whether its style is to be read, too
 * @returns {ShownPicture[]}
 */
const shownBy = (element, box, isStyled) => {
  /** @type {ShownPicture[]} */
  const shown = [];
  const kind = kindOf(element);
  if (kind && isWorthLooking(box, kind.naturalSize(element))) {
    shown.push({ source: kind.source(element), ...policyOf(element) });
  }
  if (isStyled && isWorthLooking(box, null)) {
    for (const source of styledPictures(element, box)) shown.push({ source });
  }
  return shown.filter(({ source }) => isAskable(source));
};
