/** The window in which evidence is saved. The page stays in front in its own window, where it is captured. */

import { browser } from "../browser.js";

const WINDOW = /** @type {const} */ ({ type: "popup", width: 560, height: 720 }); // CSS pixels

/**
 * @param {{sighting_ids: number[], page?: string, tab_id?: number} | {case_id: number}} wanted
 *   page: its address, where it is to be captured if a tab shows it; tab_id: the tab that is meant
 */
export async function openEvidence(wanted) {
  const asked = new URLSearchParams();
  if ("case_id" in wanted) {
    asked.set("case", String(wanted.case_id));
  } else {
    asked.set("sighting", wanted.sighting_ids.join(","));
    if (wanted.page) asked.set("page", wanted.page);
    if (wanted.tab_id !== undefined) asked.set("tab", String(wanted.tab_id));
  }
  const url = browser.runtime.getURL(`evidence/evidence.html?${asked}`);
  try {
    await browser.windows.create({ url, ...WINDOW });
  } catch {
    await browser.tabs.create({ url }); // a system without windows
  }
}
