/**
 * What a page calls itself, cut to what is kept and sent. Both are the page's own to choose: without a limit here, one
 * that is too long for the companion or the session would keep all its pictures from being looked at.
 */

export const LONGEST_TITLE = 1_000; // characters; the companion takes 10,000
export const LONGEST_PAGE_ADDRESS = 16_384; // characters; the companion takes 65,536, the session 10 MB for all tabs

/** @param {unknown} title @returns {string} with whole characters only, also where it was cut */
export const shortTitle = (title) => (typeof title === "string" ? title.slice(0, LONGEST_TITLE).toWellFormed() : "");

/** The address without its fragment; of one that is too long, the beginning of what leads to the page. @param {string} address */
export function shortAddress(address) {
  const whole = address.split("#", 1)[0] ?? "";
  if (whole.length <= LONGEST_PAGE_ADDRESS || !URL.canParse(whole)) return whole.slice(0, LONGEST_PAGE_ADDRESS);
  const url = new URL(whole);
  // A name and password stand before the host, which must not be cut.
  Object.assign(url, { username: "", password: "", search: "" });
  return url.href.slice(0, LONGEST_PAGE_ADDRESS);
}

/**
 * Whether the browser, too, says that a document lies there: a content script runs beside an untrusted page.
 * @param {string} address @param {chrome.runtime.MessageSender | undefined} sender
 */
export function isOriginOf(address, sender) {
  // `url` and `origin` need no permission, unlike `tab.url`. The address comes first, since the origin of a sandboxed
  // document is opaque; the origin speaks for about:blank, where a window that a site opened wears the site's address.
  const origins = [sender?.url, sender?.tab?.url, sender?.origin].map(originOf);
  const told = origins.find((origin) => origin !== null);
  return told !== undefined && originOf(address) === told;
}

/** @param {string | undefined} address @returns {string | null} null where there is none, or an opaque one */
function originOf(address) {
  if (address === undefined || !URL.canParse(address)) return null;
  const { origin } = new URL(address);
  return origin === "null" ? null : origin;
}

/**
 * A page as the companion takes it.
 * @param {{address: string, title: string, asked_address?: string | undefined}} page
 */
export function pageOf({ address, title, asked_address }) {
  return { address, title, ...(asked_address && { asked_address }) };
}
