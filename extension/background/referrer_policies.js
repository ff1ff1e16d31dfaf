/**
 * The referrer policies that documents came with, so that the companion tells a site no more of a page than the browser
 * did. Kept in memory: after the worker's death nothing is known, and then the companion tells other sites nothing.
 */

const MOST_FRAMES = 2_000;

/** @param {string} address */
const withoutFragment = (address) => address.split("#", 1)[0] ?? "";

export class ReferrerPolicies {
  /** @type {Map<string, {address: string, policy: string}>} of the last document that came for a frame */
  #frames = new Map();
  /** @type {WeakMap<chrome.runtime.Port, string>} */
  #documents = new WeakMap();

  /** @param {chrome.webRequest.OnHeadersReceivedDetails} details */
  hearHeaders({ tabId, frameId, url, responseHeaders }) {
    const values = (responseHeaders ?? [])
      .filter(({ name }) => name.toLowerCase() === "referrer-policy")
      .map(({ value }) => value ?? "");
    const frame = `${tabId} ${frameId}`;
    this.#frames.delete(frame);
    this.#frames.set(frame, { address: withoutFragment(url), policy: values.join(",").slice(0, 100) });
    if (this.#frames.size > MOST_FRAMES) this.#frames.delete(this.#frames.keys().next().value ?? "");
  }

  /** A document connects: what came last for its frame is its own, where the address says so too.
   * @param {chrome.runtime.Port} port
   */
  hearDocument(port) {
    const known = this.#frames.get(`${port.sender?.tab?.id} ${port.sender?.frameId}`);
    if (known && known.address === withoutFragment(port.sender?.url ?? "")) this.#documents.set(port, known.policy);
  }

  /** @param {chrome.runtime.Port} port @returns {string | undefined} empty: the browsers' default; undefined: not known */
  of(port) {
    return this.#documents.get(port);
  }
}
