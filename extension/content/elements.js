/**
 * Elements read so that no page gets in the way: a form shows its fields as properties of its own, so that one with a
 * field named `matches` has no method `matches`, for us neither.
 */

/** @param {Element} element @param {string} selector */
const isMatch = (element, selector) => Element.prototype.matches.call(element, selector);

/** @param {ParentNode} root @param {string} selector @returns {NodeListOf<Element>} as it is now: it does not change */
const allIn = (root, selector) =>
  root instanceof Element ? Element.prototype.querySelectorAll.call(root, selector) : root.querySelectorAll(selector);

/** @param {Node} node @returns {boolean} */
const isInPage = (node) => Reflect.get(Node.prototype, "isConnected", node);

/** @param {Node} node @returns {Node | null} */
const parentOf = (node) => Reflect.get(Node.prototype, "parentNode", node);
