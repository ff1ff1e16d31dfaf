/** Marks on pages, where the user chose them: which pictures of which document carry one. */

import { openFindings } from "../shared/decisions.js";

export class Marks {
  #documents;
  #settings;
  #decisions;
  /** What each document was told, as text. @type {Map<string, string>} */
  #told = new Map();

  /**
   * @param {import("./documents.js").Documents} documents
   * @param {() => AlertSettings} settings
   * @param {() => Decision[]} decisions
   */
  constructor(documents, settings, decisions) {
    this.#documents = documents;
    this.#settings = settings;
    this.#decisions = decisions;
  }

  /** @param {PageRecord} page */
  draw(page) {
    /** @type {Map<string, string[]>} */
    const wanted = new Map(Object.keys(page.counts).map((token) => [token, []]));
    const findings = this.#settings().marks ? openFindings(page, this.#decisions()) : [];
    for (const { token, key } of findings.flatMap(({ shown_at }) => shown_at)) wanted.get(token)?.push(key);
    for (const [token, keys] of wanted) {
      const text = JSON.stringify(keys);
      // Where there are no marks and were none, the document hears nothing at all.
      if ((this.#told.get(token) ?? "[]") === text) continue;
      this.#told.set(token, text);
      this.#documents.tell(token, { type: "marks", keys });
    }
  }

  /** @param {string} token of a document that is gone */
  forget(token) {
    this.#told.delete(token);
  }
}
