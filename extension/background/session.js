/**
 * What must survive the death of the worker. storage.session is the truth; the copy in memory is read once at the start
 * and written through.
 */

import { browser } from "../browser.js";

export class Session {
  /** @type {Record<string, any>} */
  #memory = {};

  /** Reads what an earlier worker left. To be awaited before anything else is asked. */
  async open() {
    this.#memory = { ...(await browser.storage.session.get(null)), ...this.#memory };
  }

  /** @param {string} key */
  read(key) {
    return this.#memory[key];
  }

  /** @param {string} prefix @returns {any[]} */
  readAll(prefix) {
    return Object.keys(this.#memory)
      .filter((key) => key.startsWith(prefix))
      .map((key) => this.#memory[key]);
  }

  /** Resolves when the value would outlive the worker. @param {string} key @param {unknown} value */
  async write(key, value) {
    this.#memory[key] = value;
    await browser.storage.session.set({ [key]: value });
  }

  /** @param {string} key */
  async remove(key) {
    delete this.#memory[key];
    await browser.storage.session.remove(key);
  }
}
