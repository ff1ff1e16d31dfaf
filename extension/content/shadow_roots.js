/** Shadow roots, open and closed: each is handed on once, when its host is looked at. */

const MAY_HAVE_ROOT = /-|^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;
const WAIT_MS = 2_000; // until a custom element that has no root is looked at again
const MOST_LOOKS = 5; // its definition may come late, or never
const MOST_AT_ONCE = 300;

class ShadowRoots {
  #found;
  /** @type {WeakSet<ShadowRoot>} */
  #known = new WeakSet();
  /** Custom elements without a root, and how often they were looked at. @type {Map<Element, number>} */
  #rootless = new Map();
  #timer = 0;

  /** @param {(root: ShadowRoot) => void} found */
  constructor(found) {
    this.#found = found;
  }

  /** All are to be handed on once more. */
  forget() {
    this.#known = new WeakSet();
  }

  /** @param {Element} element */
  lookIn(element) {
    const looks = (this.#rootless.get(element) ?? 0) + 1;
    this.#rootless.delete(element);
    if (!mayHaveRoot(element) || !isInPage(element)) return;
    const root = shadowRootIn(element);
    if (root && !this.#known.has(root)) {
      this.#known.add(root);
      this.#found(root);
    } else if (!root && element.localName.includes("-") && looks < MOST_LOOKS) {
      this.#rootless.set(element, looks);
      this.#timer ||= setTimeout(() => this.#lookAgain(), WAIT_MS);
    }
  }

  #lookAgain() {
    this.#timer = 0;
    for (const element of [...this.#rootless.keys()].slice(0, MOST_AT_ONCE)) this.lookIn(element);
    if (this.#rootless.size > 0) this.#timer ||= setTimeout(() => this.#lookAgain(), WAIT_MS);
  }
}

/** @param {Element} element @returns {element is HTMLElement} */
const mayHaveRoot = (element) => element instanceof HTMLElement && MAY_HAVE_ROOT.test(element.localName);
