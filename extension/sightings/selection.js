/** Which sightings are selected, as lists let people select: one by one, from here to there, all. */

export class Selection {
  /** @type {Set<number>} */
  #ids = new Set();
  /** @type {number | null} where a range begins */
  #anchor = null;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** In the order in which they were selected. */
  get ids() {
    return [...this.#ids];
  }

  get size() {
    return this.#ids.size;
  }

  /** @param {number} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** @param {number} id @param {boolean} isSelected */
  set(id, isSelected) {
    this.#anchor = id;
    this.#put([id], isSelected);
  }

  /**
   * Everything from the last one that was set to this one becomes like that one.
   * @param {number} id @param {number[]} order as they are shown
   */
  extend(id, order) {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.set(id, true);
      return;
    }
    const isSelected = this.#anchor === null || this.#ids.has(this.#anchor);
    this.#put(order.slice(Math.min(from, to), Math.max(from, to) + 1), isSelected);
  }

  /** @param {number[]} ids */
  add(ids) {
    this.#put(ids, true);
  }

  /** @param {number[]} ids that are no longer there */
  drop(ids) {
    this.#put(ids, false);
  }

  clear() {
    this.#anchor = null;
    this.#put(this.ids, false);
  }

  /** @param {number[]} ids @param {boolean} isSelected */
  #put(ids, isSelected) {
    const before = this.#ids.size;
    for (const id of ids) {
      if (isSelected) this.#ids.add(id);
      else this.#ids.delete(id);
    }
    if (this.#ids.size !== before) this.#changed();
  }
}
