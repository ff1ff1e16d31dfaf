/**
 * Where the browser was asked to go, of pages that it reached by redirects: a link that leads to a stolen picture is part
 * of the evidence. Kept in memory, for each tab of the way that it took last.
 */

import { shortAddress } from "./page_identity.js";

const MOST_TABS = 500;

/** @param {string} address */
const withoutFragment = (address) => address.split("#", 1)[0] ?? "";

export class Redirects {
  /** @type {Map<number, {request: string, first: string, last: string}>} */
  #ways = new Map();

  /** @param {chrome.webRequest.OnBeforeRedirectDetails} details */
  hearRedirect({ tabId, requestId, url, redirectUrl }) {
    const known = this.#ways.get(tabId);
    const first = known?.request === requestId ? known.first : withoutFragment(url);
    this.#ways.delete(tabId);
    this.#ways.set(tabId, { request: requestId, first, last: withoutFragment(redirectUrl) });
    if (this.#ways.size > MOST_TABS) this.#ways.delete(this.#ways.keys().next().value ?? -1);
  }

  /** An answer came for a tab: of another request, the way before it is over.
   * @param {{tabId: number, requestId: string, type: string}} details
   */
  hearAnswer({ tabId, requestId, type }) {
    if (type === "main_frame" && this.#ways.get(tabId)?.request !== requestId) this.#ways.delete(tabId);
  }

  /** @param {number} tabId @param {string} address of its page @returns {string | undefined} undefined: there was no redirect */
  firstOf(tabId, address) {
    const way = this.#ways.get(tabId);
    return way && way.last === address && way.first !== address ? shortAddress(way.first) : undefined;
  }
}
