/** Which pictures of this document were found, sent and answered. One address is one picture. */

class Ledger {
  /** @type {Map<string, PagePicture & {isSent: boolean}>} without an answer yet */
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
   * @param {Omit<PagePicture, "key">} picture
   * @returns {"new" | "nearer" | "known"} nearer: it was sent before, and now it is seen
   */
  note(picture) {
    const key = keyOf(picture.address);
    if (this.#settled.has(key)) return "known";
    const known = this.#open.get(key);
    if (!known) {
      this.#open.set(key, { ...picture, key, isSent: false });
      return "new";
    }
    if (known.nearness <= picture.nearness) return "known";
    known.nearness = picture.nearness;
    if (!known.isSent) return "new";
    return picture.nearness === 0 ? "nearer" : "known";
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
      const { key, address, width, height, nearness } = picture;
      sent.push({ key, address, width, height, nearness });
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
