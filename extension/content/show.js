/**
 * Shows on the page where a picture is: on the user's own click, or because the user chose marks. An animation draws the
 * outline, since that leaves elements, attributes and styles as they are. A page can find out all the same, by asking for
 * the animations of its elements, and it sees that it is scrolled: so nothing here runs by itself.
 */

// White inside and red around it: seen on pictures and pages of any colour, and where what is around is cut off.
const OUTLINE = { outline: "4px solid #ffffff", outlineOffset: "-4px", boxShadow: "0 0 0 4px #d1271b" };
const SHOWN_MS = 6_000;
const MOST_SHOWABLE = 5_000; // pictures remembered, so that endless pages fill no memory

class Showing {
  /** Where each picture was seen last. @type {Map<string, WeakRef<Element>>} */
  #elements = new Map();
  /** @type {Map<string, Animation>} */
  #marks = new Map();

  /** @param {string} key @param {Element} element */
  note(key, element) {
    this.#elements.delete(key); // what was seen last stays longest
    this.#elements.set(key, new WeakRef(element));
    const [oldest] = this.#elements.size > MOST_SHOWABLE ? this.#elements.keys() : [];
    if (oldest !== undefined) this.#elements.delete(oldest);
  }

  /** Scrolls to a picture and marks it for some seconds. @param {string} key */
  show(key) {
    const element = this.#elementOf(key);
    if (!element) return;
    Element.prototype.scrollIntoView.call(element, { block: "center", inline: "nearest" });
    Element.prototype.animate.call(element, [OUTLINE, OUTLINE], { duration: SHOWN_MS });
  }

  /** Marks these pictures until it is told otherwise, and no others. @param {string[]} keys */
  mark(keys) {
    for (const [key, mark] of this.#marks) {
      if (keys.includes(key)) continue;
      mark.cancel();
      this.#marks.delete(key);
    }
    for (const key of keys) {
      const element = this.#marks.has(key) ? null : this.#elementOf(key);
      if (!element) continue;
      const animate = Element.prototype.animate;
      this.#marks.set(key, animate.call(element, [OUTLINE, OUTLINE], { duration: 1, fill: "forwards" }));
    }
  }

  /** @param {string} key */
  #elementOf(key) {
    const element = this.#elements.get(key)?.deref();
    return element && isInPage(element) ? element : null;
  }
}
