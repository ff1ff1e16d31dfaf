/** Asks documents for the bytes of a picture, or for what lies under the pointer, and hears their answers. */

const BYTES_MS = 6_000;
const POINTER_MS = 1_000;
const MOST_PARTS = 64; // the companion's limits, which hold for what a page gives as well
const MOST_CHARACTERS = 14 * 2 ** 20; // of base64 for 10 MiB

/**
 * @typedef {object} Asked
 * @property {string[]} parts
 * @property {number} characters
 * @property {(value: any) => void} resolve
 */

export class DocumentAnswers {
  #documents;
  /** @type {Map<string, Asked>} by document, and picture or pointer */
  #asked = new Map();

  /** @param {import("./documents.js").Documents} documents */
  constructor(documents) {
    this.#documents = documents;
  }

  /**
   * The bytes of a picture, as base64 by parts, or why the document does not give them.
   * @param {string} token @param {string} key
   * @returns {Promise<string[] | string>}
   */
  async bytes(token, key) {
    return (await this.#ask(token, { type: "give", key }, `bytes ${key}`, BYTES_MS)) ?? "no_answer";
  }

  /**
   * What the last context menu was opened on; null where nobody knows.
   * @param {string} token
   * @returns {Promise<UnderPointer | null>}
   */
  async underPointer(token) {
    return await this.#ask(token, { type: "under_pointer" }, "pointer", POINTER_MS);
  }

  /** What documents may answer. @returns {Record<string, (message: any, port: chrome.runtime.Port) => void>} */
  get requests() {
    return {
      given: ({ key, part, parts, bytes }, port) => {
        const asked = this.#waiting(port, `bytes ${key}`);
        if (!asked) return;
        asked.characters += typeof bytes === "string" ? bytes.length : 0;
        const isInOrder = part === asked.parts.length && Number.isInteger(parts) && part < parts && parts <= MOST_PARTS;
        if (!isInOrder || typeof bytes !== "string" || asked.characters > MOST_CHARACTERS) asked.resolve("too_large");
        else if (asked.parts.push(bytes) === parts) asked.resolve(asked.parts);
      },
      not_given: ({ key, reason }, port) => this.#waiting(port, `bytes ${key}`)?.resolve(String(reason).slice(0, 50)),
      under_pointer_is: ({ picture, place, pixels_per_unit }, port) => {
        const pixelsPerUnit = Number(pixels_per_unit) || 1;
        const under = {
          picture: picture ?? null,
          place: isPlace(place) ? place : null,
          pixels_per_unit: pixelsPerUnit,
        };
        this.#waiting(port, "pointer")?.resolve(under);
      },
    };
  }

  /** @param {chrome.runtime.Port} port @param {string} what */
  #waiting(port, what) {
    return this.#asked.get(`${this.#documents.of(port)?.token} ${what}`);
  }

  /** @param {string} token @param {ToPage} message @param {string} what @param {number} timeoutMs @returns {Promise<any>} */
  async #ask(token, message, what, timeoutMs) {
    const name = `${token} ${what}`;
    if (this.#asked.has(name) || !this.#documents.has(token)) return null;
    let timer;
    try {
      return await new Promise((resolve) => {
        this.#asked.set(name, { parts: [], characters: 0, resolve });
        timer = setTimeout(() => resolve(null), timeoutMs);
        this.#documents.tell(token, message);
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(name);
    }
  }
}

/** @param {any} place @returns {place is Place} */
const isPlace = (place) => ["x", "y", "width", "height"].every((side) => Number.isFinite(place?.[side]));
