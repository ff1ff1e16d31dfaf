/**
 * Asks documents for the bytes of a picture, for what lies under the pointer, or for the page as it is shown, and hears
 * their answers.
 */

const BYTES_MS = 6_000;
const POINTER_MS = 1_000;
const TEXT_MS = 20_000;
const VIEW_MS = 4_000;
const MOST_TEXT_PARTS = 100;
const MOST_TEXT_CHARACTERS = 24 * 2 ** 20;
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

  /** How large the page is. @param {string} token @returns {Promise<PageSize | null>} null where nobody knows */
  async measure(token) {
    return await this.#ask(token, { type: "measure" }, "size", VIEW_MS);
  }

  /**
   * Scrolls a document for a picture of it.
   * @param {string} token @param {{y: number, is_first: boolean, is_last: boolean}} slice
   * @returns {Promise<number | null>} where it is then; null where it does not say
   */
  async scroll(token, slice) {
    return await this.#ask(token, { type: "scroll", ...slice }, "scroll", VIEW_MS);
  }

  /** The page as it was before it was scrolled. @param {string} token */
  async restore(token) {
    await this.#ask(token, { type: "restore" }, "restore", VIEW_MS);
  }

  /** The page's HTML as it is shown. @param {string} token @returns {Promise<{text: string, is_cut: boolean} | null>} */
  async text(token) {
    return await this.#ask(token, { type: "give_text" }, "text", TEXT_MS);
  }

  /** A document that is gone answers nothing any more. @param {string} token */
  forget(token) {
    for (const [name, asked] of this.#asked) {
      if (name.startsWith(`${token} `)) asked.resolve(null);
    }
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
      size: ({ size }, port) => this.#waiting(port, "size")?.resolve(isPageSize(size) ? size : null),
      scrolled: ({ y }, port) => this.#waiting(port, "scroll")?.resolve(Number.isFinite(y) && y >= 0 ? y : null),
      restored: (_message, port) => this.#waiting(port, "restore")?.resolve(null),
      text: ({ part, parts, text, is_cut }, port) => {
        const asked = this.#waiting(port, "text");
        if (!asked) return;
        asked.characters += typeof text === "string" ? text.length : 0;
        const isInOrder = part === asked.parts.length && part < parts && parts <= MOST_TEXT_PARTS;
        if (!isInOrder || typeof text !== "string" || asked.characters > MOST_TEXT_CHARACTERS) asked.resolve(null);
        else if (asked.parts.push(text) === parts) {
          asked.resolve({ text: asked.parts.join(""), is_cut: is_cut === true });
        }
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

/** @param {any} size @returns {size is PageSize} */
const isPageSize = (size) =>
  ["width", "height", "seen_width", "seen_height", "page_width", "page_height", "pixels_per_unit"].every((side) =>
    Number.isFinite(size?.[side]),
  );

/** @param {any} place @returns {place is Place} */
const isPlace = (place) => ["x", "y", "width", "height"].every((side) => Number.isFinite(place?.[side]));
