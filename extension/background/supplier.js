/**
 * Hands in the bytes of pictures that the companion cannot have itself, when it asks for them: from the document that
 * shows the picture, else with the user's session, else, for the user's own question, from the screen.
 */

/**
 * @typedef {object} Wanted
 * @property {number} target the request that the picture belongs to
 * @property {string} key of the picture in that request
 * @property {boolean} fromDocumentOnly no new request may be made for it
 */

/**
 * @typedef {object} Source
 * @property {string} token of the document; empty where there is none
 * @property {string} key of the picture in its document; empty where the document does not know it
 * @property {string} address empty where there is none
 * @property {string} page_address
 * @property {boolean} is_private
 */

export class Supplier {
  #companion;
  #askDocument;
  #fetch;

  /**
   * @param {object} parts
   * @param {{request: (message: {type: string, [field: string]: unknown}) => {answered: Promise<Frame>}}} parts.companion
   * @param {(token: string, key: string) => Promise<string[] | string>} parts.askDocument
   * @param {(address: string, pageAddress: string) => Promise<string[] | string>} parts.fetch
   */
  constructor({ companion, askDocument, fetch }) {
    this.#companion = companion;
    this.#askDocument = askDocument;
    this.#fetch = fetch;
  }

  /**
   * @param {Wanted} wanted
   * @param {Source} source
   * @param {() => Promise<string[] | string>} [lookAtScreen]
   */
  async supply({ target, key, fromDocumentOnly }, source, lookAtScreen) {
    const ways = [];
    if (source.token && source.key) ways.push(() => this.#askDocument(source.token, source.key));
    // A private window's cookies are not ours, and those of the other windows must not be seen with it.
    if (/^https?:/i.test(source.address) && !fromDocumentOnly && !source.is_private) {
      ways.push(() => this.#fetch(source.address, source.page_address));
    }
    if (lookAtScreen) ways.push(lookAtScreen);
    let reason = "no_way";
    for (const way of ways) {
      const found = await way();
      if (typeof found !== "string") {
        await this.#handIn(target, key, found);
        return;
      }
      reason = found;
    }
    await this.#tell({ type: "supply_nothing", target, key, reason });
  }

  /** @param {number} target @param {string} key @param {string[]} parts */
  async #handIn(target, key, parts) {
    for (const [part, bytes] of parts.entries()) {
      // What is refused once is over.
      if (!(await this.#tell({ type: "supply_bytes", target, key, part, parts: parts.length, bytes }))) return;
    }
  }

  /** @param {{type: string, [field: string]: unknown}} message @returns {Promise<boolean>} whether it was taken */
  async #tell(message) {
    try {
      await this.#companion.request(message).answered;
      return true;
    } catch {
      return false; // nobody waits any more, or the companion went away
    }
  }
}
