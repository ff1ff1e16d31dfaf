/** Elements to be handled one by one, in the order in which they came. */

/** @typedef {(element: Element) => void} Handle */

class Walk {
  /** @type {{elements: ArrayLike<Element>, next: number, handle: Handle}[]} */
  #lists = [];

  /** @param {ArrayLike<Element>} elements @param {Handle} handle */
  add(elements, handle) {
    if (elements.length > 0) this.#lists.push({ elements, next: 0, handle });
  }

  /** Handles the next element. @returns {boolean} false when there is none */
  step() {
    const list = this.#lists[0];
    const element = list?.elements[list.next];
    if (!list || !element) return false;
    list.next += 1;
    if (list.next === list.elements.length) this.#lists.shift();
    list.handle(element);
    return true;
  }
}
