/** Which pictures of this document were found, sent and answered. One source is one picture. */

/**
 * A picture as it was found in this document.
 * @typedef {object} FoundPicture
 * @property {Element} element that shows it
 * @property {string} source its address, or what we call it where no address leads to it
 * @property {number} width as rendered, CSS pixels
 * @property {number} height
 * @property {Nearness} nearness
 * @property {ReferrerPolicy} [referrer_policy]
 */

/** @typedef {PagePicture & {source: string, element: WeakRef<Element>, isSent: boolean}} OpenPicture */

class Ledger {
  /** @type {Map<string, OpenPicture>} without an answer yet */
  #open = new Map();
  /** @type {Set<string>} keys only: addresses would pile up on endless pages */
  #settled = new Set();
  #sent = 0;

  /** How many pictures have their answer. */
  get settled() {
    return this.#settled.size;
  }

  /** How many are sent and have no answer. */
  get underWay() {
    return this.#sent;
  }

  get hasUnanswered() {
    return this.#open.size > 0;
  }

  /**
   * Notes that the page shows a picture.
   * @param {FoundPicture} found
   * @returns {"new" | "nearer" | "known"} nearer: it was sent before, and now it is seen
   */
  note(found) {
    const key = keyOf(found.source);
    if (this.#settled.has(key)) return "known";
    const known = this.#open.get(key);
    if (!known) {
      this.#open.set(key, {
        ...asPicture(found),
        source: found.source,
        element: new WeakRef(found.element),
        isSent: false,
      });
      return "new";
    }
    if (known.nearness <= found.nearness) return "known";
    known.nearness = found.nearness;
    if (!known.isSent) return "new";
    return found.nearness === 0 ? "nearer" : "known";
  }

  /** Where a picture came from that has no answer yet.
   * @param {string} key @returns {{source: string, element: WeakRef<Element>} | undefined}
   */
  originOf(key) {
    return this.#open.get(key);
  }

  /**
   * The next pictures to send, nearest first, which from now on count as sent.
   * @param {{most: number, mostSeen: number, mostCharacters: number}} room mostSeen: for those that are seen
   * @returns {PagePicture[]}
   */
  send({ most, mostSeen, mostCharacters }) {
    const unsent = [...this.#open.values()].filter((picture) => !picture.isSent);
    unsent.sort((one, other) => one.nearness - other.nearness);
    const sent = [];
    let characters = 0;
    for (const picture of unsent) {
      if (this.#sent >= (picture.nearness === 0 ? mostSeen : most)) break;
      characters += picture.address.length;
      if (sent.length > 0 && characters > mostCharacters) break;
      picture.isSent = true;
      this.#sent += 1;
      const { isSent, source, element, ...told } = picture;
      sent.push(told);
    }
    return sent;
  }

  /** @param {string[]} keys */
  settle(keys) {
    for (const key of keys) {
      // Else it is an answer from before `forget`; where the page still shows that picture, it is asked for anew.
      if (!this.#open.get(key)?.isSent) continue;
      this.#sent -= 1;
      this.#open.delete(key);
      this.#settled.add(key);
    }
  }

  /** What was sent and not answered is to be sent again: whoever had it is gone. */
  unsend() {
    for (const picture of this.#open.values()) picture.isSent = false;
    this.#sent = 0;
  }

  forget() {
    this.#open.clear();
    this.#settled.clear();
    this.#sent = 0;
  }
}

/** What the worker is told of a picture. @param {FoundPicture} found @returns {PagePicture} */
const asPicture = ({ source, element, ...place }) =>
  livesInPage(source)
    ? { key: keyOf(source), address: "", lives_in_page: true, ...place }
    : { key: keyOf(source), address: source, ...place };
