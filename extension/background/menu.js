/** The entry **Is this me?** in the menu of every picture. It always leads to a window with an answer. */

import { browser } from "../browser.js";
import { shortAddress, shortTitle } from "./page_identity.js";

const ENTRY = "is-this-me";
const WHERE = ["http://*/*", "https://*/*", "file:///*"]; // not on our own pages
const WINDOW = { width: 480, height: 640 }; // CSS pixels

/** Puts the entry into the menu. */
export async function offerQuestion() {
  await browser.contextMenus.removeAll(); // in Firefox it may be there from before
  browser.contextMenus.create({
    id: ENTRY,
    title: browser.i18n.getMessage("menu_entry"),
    contexts: ["image"],
    documentUrlPatterns: WHERE,
  });
}

/**
 * @param {chrome.contextMenus.OnClickData} info
 * @param {chrome.tabs.Tab | undefined} tab
 * @param {{questions: import("./questions.js").Questions, pages: import("./pages.js").Pages}} parts
 */
export async function askAboutPicture(info, tab, { questions, pages }) {
  if (info.menuItemId !== ENTRY) return;
  const address = shortAddress(info.pageUrl ?? info.frameUrl ?? "");
  // Without the permission to read tabs, Chromium keeps a tab's title from us; the page's own script told it.
  const page = pages.of(tab?.id ?? -1);
  const title = shortTitle(tab?.title ?? (page?.address === address ? page.title : ""));
  const id = await questions.ask({ page: { address, title }, address: info.srcUrl ?? "" });
  const url = browser.runtime.getURL(`answer/answer.html?question=${id}`);
  try {
    await browser.windows.create({ url, type: "popup", ...WINDOW });
  } catch {
    await browser.tabs.create({ url }); // a kiosk, or a system without windows
  }
}
