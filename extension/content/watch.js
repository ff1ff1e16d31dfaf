/**
 * Watches a document for pictures: those there, added later, loaded late, swapped, restyled, or scrolled into view. It
 * changes nothing in the page and asks it for nothing; sizes come from IntersectionObserver, so that no layout is
 * forced. What may be much is done in pieces, what is seen first.
 */

const RESTYLE_MS = 500; // after a class or style changed: scripts that animate change them again and again
const RESTYLE_SHARE = 0.05; // of the time, at the most, goes to elements whose style changed

/** @typedef {Document | ShadowRoot | Element} Part */
/** @typedef {Size & {nearness: Nearness}} Rendering in CSS pixels */

class Watch {
  #report;
  #changed;
  #intersections;
  #mutations;
  #work = new IdleWork(
    () => this.#doPiece(),
    () => this.#seen.length > 0,
  );
  #canvases = new Canvases((canvas) => this.#observe(canvas));
  #roots = new ShadowRoots((root) => this.begin(root));
  /** @type {IntersectionObserverEntry[]} */
  #seen = [];
  /** @type {IntersectionObserverEntry[]} */
  #unseen = [];
  /** @type {Set<Part>} */
  #unsearched = new Set();
  #pictures = new Walk();
  #others = new Walk();
  /** Where pictures lie that still load. @type {WeakMap<Element, Rendering>} */
  #loading = new WeakMap();
  /** Elements whose style shows a picture, or did. @type {WeakSet<Element>} */
  #styled = new WeakSet();
  /** Elements whose style may have changed, and whether that of all in them may have. @type {Map<Element, boolean>} */
  #restyled = new Map();
  #restyleTimer = 0;
  #restyleSpentMs = 0; // on what changed its style last

  /**
   * @param {(picture: FoundPicture) => void} report called again when a picture comes nearer
   * @param {() => void} changed called when the document changed
   */
  constructor(report, changed) {
    this.#report = report;
    this.#changed = changed;
    this.#intersections = new IntersectionObserver((entries) => {
      for (const entry of entries) (entry.isIntersecting ? this.#seen : this.#unseen).push(entry);
      this.#work.doSlice();
    });
    this.#mutations = new MutationObserver((records) => this.#mutated(records));
  }

  /**
   * Looks at what is there already without waiting for an idle moment: a page that loads has none.
   * @param {Document} document
   */
  beginNow(document) {
    this.begin(document);
    this.#work.doSlice();
  }

  /** @param {Document | ShadowRoot} root */
  begin(root) {
    const attributeFilter = ["class", "style", "poster"];
    this.#mutations.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter });
    this.#listen(root);
    this.#search(root);
  }

  /** Reports everything once more. @param {Document} document */
  examineAgain(document) {
    this.#roots.forget();
    this.#search(document);
  }

  /**
   * `load` does not bubble but is captured. It covers lazy pictures and swaps: at mutation time Firefox still reports
   * the address from before.
   * @param {Document | ShadowRoot} root
   */
  #listen(root) {
    root.addEventListener("load", this.#loaded, { capture: true, passive: true });
  }

  #loaded = (/** @type {Event} */ { target }) => {
    if (!(target instanceof Element)) return;
    if (isMatch(target, ANY_PICTURE)) this.#pictureLoaded(target);
    else if (isMatch(target, "link[rel~=stylesheet i]")) this.#restyleAround(target);
  };

  /** Where it lay is known: it need not wait for the next frame, which may be long in coming while a page loads.
   * @param {Element} element
   */
  #pictureLoaded(element) {
    const place = this.#loading.get(element);
    this.#loading.delete(element);
    if (place && isInPage(element)) this.#tell(element, place, false);
    this.#observe(element);
  }

  /** @param {MutationRecord[]} records */
  #mutated(records) {
    for (const { type, target, attributeName, addedNodes } of records) {
      if (type === "childList") {
        for (const node of addedNodes) if (node instanceof Element) this.#added(node);
        // Whoever writes a document anew with `document.open` takes all listeners off.
        if (target instanceof Document) this.#listen(target);
      } else if (target instanceof Element) {
        if (attributeName === "poster") this.#observe(target);
        else this.#restyleSoon(target, attributeName === "class");
      }
    }
    this.#changed();
  }

  /** @param {Element} element */
  #added(element) {
    this.#search(element);
    if (isMatch(element, "style")) this.#restyleAround(element);
  }

  /** @param {Part} part */
  #search(part) {
    this.#unsearched.add(part);
    this.#work.wake();
  }

  /** A sheet of styles came, which may dress anything beside it. @param {Element} sheet */
  #restyleAround(sheet) {
    const root = sheet.getRootNode();
    const parts = root instanceof Document ? [root.documentElement] : root instanceof ShadowRoot ? root.children : [];
    for (const part of parts) this.#restyleSoon(part, true);
  }

  /** @param {Element} element @param {boolean} isDeep whether the style of what is in it may have changed, too */
  #restyleSoon(element, isDeep) {
    this.#restyled.set(element, isDeep || this.#restyled.get(element) === true);
    if (this.#restyleTimer) return;
    const waitMs = Math.max(RESTYLE_MS, this.#restyleSpentMs / RESTYLE_SHARE);
    this.#restyleTimer = setTimeout(() => this.#lookAtRestyled(), waitMs);
  }

  #lookAtRestyled() {
    const restyled = this.#restyled;
    this.#restyled = new Map();
    this.#restyleTimer = 0;
    this.#restyleSpentMs = 0;
    const look = (/** @type {Element} */ element) => {
      const begin = performance.now();
      this.#look(element);
      this.#restyleSpentMs += performance.now() - begin;
    };
    this.#others.add([...restyled.keys()], (element) => {
      if (hasAncestor(element, (ancestor) => restyled.get(ancestor) === true)) return; // it is looked at with that one
      look(element);
      if (restyled.get(element)) this.#others.add(allIn(element, "*"), look);
    });
    this.#work.wake();
  }

  /** @returns {boolean} false when there was nothing to do */
  #doPiece() {
    const seen = this.#seen.shift();
    if (seen) return this.#examine(seen);
    if (this.#pictures.step()) return true;
    const [part] = this.#unsearched;
    if (part) return this.#open(part);
    const unseen = this.#unseen.shift();
    if (unseen) return this.#examine(unseen);
    return this.#others.step();
  }

  /** @param {Part} part @returns {true} */
  #open(part) {
    this.#unsearched.delete(part);
    if (!isInPage(part)) return true;
    if (part instanceof Element) {
      if (isMatch(part, ANY_PICTURE)) this.#observe(part);
      this.#others.add([part], this.#look);
    }
    this.#pictures.add(allIn(part, ANY_PICTURE), this.#observe);
    this.#others.add(allIn(part, "*"), this.#look);
    return true;
  }

  #look = (/** @type {Element} */ element) => {
    if (!isInPage(element)) return;
    this.#roots.lookIn(element);
    if (!hasStyledPicture(element)) return;
    this.#styled.add(element);
    this.#observe(element);
  };

  /** Observing anew brings an entry even where nothing moved. */
  #observe = (/** @type {Element} */ element) => {
    this.#intersections.unobserve(element);
    this.#intersections.observe(element);
  };

  /** @param {IntersectionObserverEntry} entry @returns {true} */
  #examine(entry) {
    const element = entry.target;
    const { width, height } = entry.boundingClientRect;
    if (element instanceof HTMLCanvasElement) {
      this.#canvases.see(element, entry.isIntersecting && isWorthLooking({ width, height }, element));
    }
    if (!isInPage(element)) {
      this.#intersections.unobserve(element);
      return true;
    }
    const place = { width: Math.round(width), height: Math.round(height), nearness: nearnessOf(entry) };
    if (element instanceof HTMLImageElement && !element.complete) this.#loading.set(element, place);
    this.#tell(element, place, this.#styled.has(element));
    return true;
  }

  /** @param {Element} element @param {Rendering} place @param {boolean} isStyled whether its style is to be read, too */
  #tell(element, place, isStyled) {
    for (const { natural, ...picture } of shownBy(element, place, isStyled)) {
      if (isWorthLooking(place, natural)) this.#report({ element, ...picture, ...place });
    }
  }
}

/** @param {IntersectionObserverEntry} entry @returns {Nearness} */
const nearnessOf = (entry) => {
  if (entry.isIntersecting) return 0;
  const screen = entry.rootBounds?.height ?? innerHeight;
  const { top, bottom } = entry.boundingClientRect;
  return top < 2 * screen && bottom > -screen ? 1 : 2;
};

/** @param {Element} element @param {(ancestor: Element) => boolean} isSought */
const hasAncestor = (element, isSought) => {
  for (let node = parentOf(element); node instanceof Element; node = parentOf(node)) if (isSought(node)) return true;
  return false;
};
