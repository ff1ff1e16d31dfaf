/** Which pictures an element shows: as what it is, and through its style. */

/**
 * @typedef {object} ShownPicture
 * @property {string} source its address, or what we call it where no address leads to it
 * @property {Size | null} natural null where the browser does not tell
 * @property {ReferrerPolicy} [referrer_policy] that of the element, where it has one
 */

/**
 * @param {Element} element @param {Size} box as rendered
 * @param {boolean} isStyled whether its style is to be read, too
 * @returns {ShownPicture[]} those that can be asked about
 */
const shownBy = (element, box, isStyled) => {
  /** @type {ShownPicture[]} */
  const shown = [];
  const kind = kindOf(element);
  if (kind) shown.push({ source: kind.source(element), natural: kind.naturalSize(element), ...policyOf(element) });
  if (isStyled) for (const source of styledPictures(element, box)) shown.push({ source, natural: null });
  return shown.filter(({ source }) => isAskable(source));
};
