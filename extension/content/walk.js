/** Elements to be handled one by one, in the order in which they came. */

class Walk {
  #handle;
  /** @type {{elements: ArrayLike<Element>, next: number}[]} */
  #lists = [];

  /** @param {(element: Element) => void} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /** @param {ArrayLike<Element>} elements */
  add(elements) {
    if (elements.length > 0) this.#lists.push({ elements, next: 0 });
  }

  /** Handles the next element. @returns {boolean} false when there is none */
  step() {
    const list = this.#lists[0];
    const element = list?.elements[list.next];
    if (!list || !element) return false;
    list.next += 1;
    if (list.next === list.elements.length) this.#lists.shift();
    this.#handle(element);
    return true;
  }
}
