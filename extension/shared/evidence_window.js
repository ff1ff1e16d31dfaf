/** The window in which evidence is saved. The page stays in front in its own window, where it is captured. */

import { browser } from "../browser.js";
import { evidencePage } from "./own_pages.js";

const WINDOW = /** @type {const} */ ({ type: "popup", width: 560, height: 720 }); // CSS pixels

/**
 * @param {import("./own_pages.js").Subject} subject
 * @param {{address: string, tab_id: number}} page that is to be captured, in the tab that is meant
 */
export async function openEvidence(subject, { address, tab_id }) {
  const where = new URLSearchParams({ page: address, tab: String(tab_id) });
  const url = browser.runtime.getURL(`${evidencePage(subject)}&${where}`);
  try {
    await browser.windows.create({ url, ...WINDOW });
  } catch {
    await browser.tabs.create({ url }); // a system without windows
  }
}
