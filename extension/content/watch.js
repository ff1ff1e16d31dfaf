/**
 * Watches a document for pictures: those there, added later, loaded late, swapped, or scrolled into view. It changes
 * nothing in the page and asks it for nothing; sizes come from IntersectionObserver, so that no layout is forced.
 */

class Watch {
  #report;
  #intersections;
  #mutations;
  /** @type {Set<ParentNode & Node>} */
  #unsearched = new Set();
  #isSearchPlanned = false;

  /**
   * @param {(picture: Omit<PagePicture, "key">) => void} report called again when a picture comes nearer
   * @param {() => void} changed called when the document changed
   */
  constructor(report, changed) {
    this.#report = report;
    this.#intersections = new IntersectionObserver((entries) => {
      for (const entry of entries) this.#examine(entry);
    });
    this.#mutations = new MutationObserver((records) => {
      for (const record of records) for (const node of record.addedNodes) this.#searchSoon(node);
      changed();
    });
  }

  /** @param {Document | ShadowRoot} root */
  begin(root) {
    this.#mutations.observe(root, { childList: true, subtree: true });
    // `load` does not bubble but is captured. It covers lazy pictures and swaps: at mutation time Firefox still
    // reports the address from before.
    root.addEventListener("load", (event) => this.#loaded(event.target), { capture: true, passive: true });
    this.examineAgain(root);
  }

  /** Reports everything once more. @param {ParentNode} root */
  examineAgain(root) {
    for (const element of root.querySelectorAll(ANY_PICTURE)) this.#observe(element);
  }

  /** @param {Node} node */
  #searchSoon(node) {
    if (!(node instanceof Element)) return;
    this.#unsearched.add(node);
    if (this.#isSearchPlanned) return;
    this.#isSearchPlanned = true;
    requestIdleCallback(() => this.#search(), { timeout: 200 }); // milliseconds
  }

  #search() {
    this.#isSearchPlanned = false;
    for (const node of this.#unsearched) {
      if (!node.isConnected) continue;
      if (node instanceof Element && node.matches(ANY_PICTURE)) this.#observe(node);
      this.examineAgain(node);
    }
    this.#unsearched.clear();
  }

  /** @param {EventTarget | null} target */
  #loaded(target) {
    if (target instanceof Element && target.matches(ANY_PICTURE)) this.#observe(target);
  }

  /** Observing anew brings an entry even where nothing moved. @param {Element} element */
  #observe(element) {
    this.#intersections.unobserve(element);
    this.#intersections.observe(element);
  }

  /** @param {IntersectionObserverEntry} entry */
  #examine(entry) {
    const element = entry.target;
    if (!element.isConnected) {
      this.#intersections.unobserve(element);
      return;
    }
    const kind = kindOf(element);
    const address = kind?.address(element);
    if (!kind || !address || !isAskable(address)) return;
    const { width, height } = entry.boundingClientRect;
    if (!isWorthLooking({ width, height }, kind.naturalSize(element))) return;
    this.#report({ address, width: Math.round(width), height: Math.round(height), nearness: nearnessOf(entry) });
  }
}

/** @param {IntersectionObserverEntry} entry @returns {Nearness} */
const nearnessOf = (entry) => {
  if (entry.isIntersecting) return 0;
  const screen = entry.rootBounds?.height ?? innerHeight;
  const { top, bottom } = entry.boundingClientRect;
  return top < 2 * screen && bottom > -screen ? 1 : 2;
};
