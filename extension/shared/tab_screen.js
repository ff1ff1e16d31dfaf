/** The screen of a tab, from what the worker keeps in the session. */

import { browser } from "../browser.js";
import { screenOf } from "./screen.js";

/**
 * @param {number} tabId
 * @returns {Promise<{screen: import("./screen.js").Screen, page?: PageRecord, fetching?: FetchingState}>}
 */
export async function screenOfTab(tabId) {
  const kept = await browser.storage.session.get(["companion", "decisions", "fetching", `page:${tabId}`]);
  const page = /** @type {PageRecord | undefined} */ (kept[`page:${tabId}`]);
  const screen = screenOf({
    companion: /** @type {CompanionState | undefined} */ (kept.companion),
    decisions: /** @type {Decision[] | undefined} */ (kept.decisions),
    page,
    nowSeconds: Date.now() / 1000,
  });
  return { screen, page, fetching: /** @type {FetchingState | undefined} */ (kept.fetching) };
}

/**
 * The tab that a page of ours speaks of: the active one of its window, or that named in its address.
 * @returns {Promise<number>} -1 where there is none
 */
export async function tabOfInterest() {
  const named = new URLSearchParams(location.search).get("tab");
  if (named !== null) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? -1;
}
