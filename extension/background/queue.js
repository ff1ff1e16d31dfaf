/**
 * The pictures that wait for an answer. It is a cache: each document knows what it has sent and had no answer for, and
 * sends it again to a new worker.
 */

import { bytesInFrame } from "./frame_size.js";

export class Queue {
  /** @type {Map<string, Map<string, Waiting>>} by document, then by picture */
  #documents = new Map();

  /**
   * Adds pictures of a document; one that waits already keeps its place.
   * @param {{token: string, tab_id: number}} owner
   * @param {PagePicture[]} pictures
   */
  add({ token, tab_id }, pictures) {
    const waiting = this.#documents.get(token) ?? new Map();
    this.#documents.set(token, waiting);
    for (const picture of pictures) {
      if (waiting.has(picture.key)) continue;
      const address_bytes = bytesInFrame(picture.address);
      waiting.set(picture.key, { ...picture, address_bytes, token, tab_id, tries: 0, not_before: 0, request: null });
    }
  }

  /** @param {string} token @param {string[]} keys they are seen now */
  bringNearer(token, keys) {
    for (const key of keys) {
      const picture = this.#documents.get(token)?.get(key);
      if (picture) picture.nearness = 0;
    }
  }

  /** @param {Waiting} picture */
  remove(picture) {
    const waiting = this.#documents.get(picture.token);
    // The same key may stand for a later asking; that one stays.
    if (waiting?.get(picture.key) === picture) waiting.delete(picture.key);
  }

  /** @param {Waiting} picture */
  has(picture) {
    return this.#documents.get(picture.token)?.get(picture.key) === picture;
  }

  /** @param {string} token */
  dropDocument(token) {
    this.#documents.delete(token);
  }

  /** @param {number} tabId */
  dropTab(tabId) {
    for (const [token, waiting] of this.#documents) {
      const [first] = waiting.values();
      if (first?.tab_id === tabId) this.#documents.delete(token);
    }
  }

  /** Forgets everything. @returns {Waiting[]} what waited */
  clear() {
    const waiting = this.all();
    this.#documents.clear();
    return waiting;
  }

  /** @returns {Waiting[]} */
  all() {
    return [...this.#documents.values()].flatMap((waiting) => [...waiting.values()]);
  }

  /** @param {number} tabId */
  count(tabId) {
    let count = 0;
    for (const waiting of this.#documents.values()) {
      const [first] = waiting.values();
      if (first?.tab_id === tabId) count += waiting.size;
    }
    return count;
  }
}
