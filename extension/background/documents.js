/** The documents whose content scripts are connected. A connection that ends is a document that is gone. */

/**
 * @typedef {object} PageDocument
 * @property {chrome.runtime.Port} port
 * @property {string} token
 * @property {number} tab_id
 * @property {number} frame_id the browser's number for its frame; 0 for the top one
 * @property {boolean} is_top
 */

export class Documents {
  /** @type {Map<chrome.runtime.Port, PageDocument>} */
  #byPort = new Map();

  /** @param {PageDocument} document */
  add(document) {
    this.#byPort.set(document.port, document);
  }

  /** @param {chrome.runtime.Port} port */
  of(port) {
    return this.#byPort.get(port);
  }

  /** @param {chrome.runtime.Port} port @returns {PageDocument | undefined} the one that is gone */
  remove(port) {
    const document = this.#byPort.get(port);
    this.#byPort.delete(port);
    // A document that has connected anew is not gone.
    return document && !this.withToken(document.token) ? document : undefined;
  }

  /** @param {string} token */
  has(token) {
    return this.withToken(token) !== undefined;
  }

  /** @param {number} tabId @param {number} frameId @returns {PageDocument | undefined} the one that came last */
  inFrame(tabId, frameId) {
    return [...this.#byPort.values()].findLast(({ tab_id, frame_id }) => tab_id === tabId && frame_id === frameId);
  }

  /** @param {string} token @param {ToPage} message */
  tell(token, message) {
    const document = this.withToken(token);
    if (document) post(document.port, message);
  }

  /** @param {ToPage} message @param {number} [tabId] only the documents of this tab */
  tellAll(message, tabId) {
    for (const { port, tab_id } of this.#byPort.values()) {
      if (tabId === undefined || tab_id === tabId) post(port, message);
    }
  }

  /** @param {string} token @returns {PageDocument | undefined} */
  withToken(token) {
    return [...this.#byPort.values()].find((document) => document.token === token);
  }
}

/** @param {chrome.runtime.Port} port @param {ToPage} message */
function post(port, message) {
  try {
    port.postMessage(message);
  } catch {
    // It is going away; its disconnect event follows.
  }
}
