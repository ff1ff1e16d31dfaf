/**
 * Scrolls the page for pictures of the whole of it, on the user's click, and leaves it as it was. What stays in its place
 * while a page scrolls would be in every picture: it is hidden by animations, since those leave elements, attributes and
 * style sheets as they are.
 */

const STILL = { duration: 1, fill: /** @type {const} */ ("forwards") };
const HIDDEN = { opacity: "0" };
const UNSTUCK = { top: "auto", bottom: "auto", left: "auto", right: "auto" };
const MOST_LOOKED_AT = 20_000; // elements
const LOADING_MS = 600; // for pictures that come into view
const FORGOTTEN_MS = 8_000; // without a word from the worker, which may have died
const PAINTED_MS = 250; // where the browser draws no frames

/** @returns {PageSize} */
const pageSize = () => {
  const { scrollWidth, scrollHeight, clientWidth, clientHeight } =
    document.scrollingElement ?? document.documentElement;
  return {
    width: innerWidth,
    height: innerHeight,
    seen_width: Math.min(clientWidth, innerWidth),
    seen_height: Math.min(clientHeight, innerHeight),
    page_width: scrollWidth,
    page_height: scrollHeight,
    pixels_per_unit: devicePixelRatio,
  };
};

class Slides {
  /** Where the user was. @type {{left: number, top: number} | null} */
  #before = null;
  /** @type {Map<Element, {animation: Animation, isAtBottom: boolean}>} */
  #held = new Map();
  #timer = 0;

  /** @param {{y: number, is_first: boolean, is_last: boolean}} slice @returns {Promise<FromPage>} */
  async scroll({ y, is_first, is_last }) {
    this.#before ??= { left: scrollX, top: scrollY };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.restore(), FORGOTTEN_MS);
    scrollTo({ left: 0, top: y, behavior: "instant" });
    await painted();
    await picturesLoaded();
    this.#holdStill(is_first, is_last);
    await painted();
    return { type: "scrolled", y: scrollY };
  }

  /** @returns {FromPage} */
  restore() {
    clearTimeout(this.#timer);
    for (const { animation } of this.#held.values()) animation.cancel();
    this.#held.clear();
    if (this.#before) scrollTo({ ...this.#before, behavior: "instant" });
    this.#before = null;
    return { type: "restored" };
  }

  /** What is fixed is shown once: at the top of the first picture, or at the bottom of the last.
   * @param {boolean} isFirst @param {boolean} isLast
   */
  #holdStill(isFirst, isLast) {
    let count = 0;
    for (const element of elementsIn(document)) {
      if (++count > MOST_LOOKED_AT) break;
      const { position } = getComputedStyle(element);
      if (position === "sticky" && !this.#held.has(element)) this.#hold(element, UNSTUCK, false);
      else if (position === "fixed") {
        const isAtBottom =
          this.#held.get(element)?.isAtBottom ??
          Element.prototype.getBoundingClientRect.call(element).top > innerHeight / 2;
        if (isAtBottom ? isLast : isFirst) this.#release(element);
        else this.#hold(element, HIDDEN, isAtBottom);
      }
    }
  }

  /** @param {Element} element @param {Keyframe} frame @param {boolean} isAtBottom */
  #hold(element, frame, isAtBottom) {
    if (this.#held.has(element)) return;
    const animation = Element.prototype.animate.call(element, [frame, frame], STILL);
    this.#held.set(element, { animation, isAtBottom });
  }

  /** @param {Element} element */
  #release(element) {
    this.#held.get(element)?.animation.cancel();
    this.#held.delete(element);
  }
}

/** All elements, those in shadow roots included. @param {ParentNode} root @returns {Generator<Element>} */
function* elementsIn(root) {
  for (const element of allIn(root, "*")) {
    yield element;
    const inside = mayHaveRoot(element) ? shadowRootIn(element) : null;
    if (inside) yield* elementsIn(inside);
  }
}

/** Two frames later, when what was changed is drawn. */
const painted = () =>
  new Promise((done) => {
    setTimeout(done, PAINTED_MS);
    requestAnimationFrame(() => requestAnimationFrame(done));
  });

/** Until the pictures in view are loaded, or that takes too long. */
const picturesLoaded = async () => {
  const end = performance.now() + LOADING_MS;
  while (performance.now() < end && [...document.images].some(isComing)) {
    await new Promise((done) => setTimeout(done, 50));
  }
};

/** @param {HTMLImageElement} image */
const isComing = (image) => {
  if (image.complete) return false;
  const { top, bottom } = image.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};
