/**
 * The entry **Is this me?** in the menu of every picture, and its like where only the page knows what lies under the
 * pointer: backgrounds, canvases, videos. It always leads to a window with an answer.
 */

import { browser } from "../browser.js";
import { pageOf, shortAddress, shortTitle } from "./page_identity.js";

const ENTRIES = /** @type {const} */ ([
  { id: "is-this-me", title: "menu_entry", contexts: ["image"] },
  { id: "is-this-me-here", title: "menu_entry_here", contexts: ["page", "video"] },
]);
const WHERE = ["http://*/*", "https://*/*", "file:///*"]; // not on our own pages
const WINDOW = { width: 500, height: 720 }; // CSS pixels

/** Puts the entries into the menu: one of them for each place, since two would make a menu of their own. */
export async function offerQuestion() {
  await browser.contextMenus.removeAll(); // in Firefox they may be there from before
  for (const { id, title, contexts } of ENTRIES) {
    browser.contextMenus.create({
      id,
      title: browser.i18n.getMessage(title),
      contexts: [...contexts],
      documentUrlPatterns: WHERE,
    });
  }
}

/**
 * @param {chrome.contextMenus.OnClickData} info
 * @param {chrome.tabs.Tab | undefined} tab
 * @param {object} parts
 * @param {import("./questions.js").Questions} parts.questions
 * @param {import("./pages.js").Pages} parts.pages
 * @param {import("./documents.js").Documents} parts.documents
 * @param {import("./document_answers.js").DocumentAnswers} parts.answers
 */
export async function askAboutPicture(info, tab, { questions, pages, documents, answers }) {
  if (!ENTRIES.some(({ id }) => id === info.menuItemId)) return;
  const address = shortAddress(info.pageUrl ?? info.frameUrl ?? "");
  // Without the permission to read tabs, Chromium keeps a tab's title from us; the page's own script told it.
  const page = pages.of(tab?.id ?? -1);
  const title = shortTitle(tab?.title ?? (page?.address === address ? page.title : ""));
  const document = documents.inFrame(tab?.id ?? -1, info.frameId ?? 0);
  const under = document ? await answers.underPointer(document.token) : null;
  const picture = pictureMeant(info, under);
  const id = await questions.ask({
    page: pageOf({ address, title, asked_address: page?.address === address ? page.asked_address : undefined }),
    address: picture.address,
    source: {
      token: document?.token ?? "",
      key: picture.key,
      tab_id: tab?.id ?? -1,
      window_id: tab?.windowId ?? -1,
      is_private: tab?.incognito === true,
      place: under?.place ?? null,
      pixels_per_unit: under?.pixels_per_unit ?? 1,
      referrer_policy: under?.picture?.referrer_policy,
    },
  });
  const url = browser.runtime.getURL(`answer/answer.html?question=${id}`);
  try {
    await browser.windows.create({ url, type: "popup", ...WINDOW });
  } catch {
    await browser.tabs.create({ url }); // a kiosk, or a system without windows
  }
}

/**
 * What the browser calls the picture counts, where it names one; the page's own word where it does not.
 * @param {chrome.contextMenus.OnClickData} info @param {UnderPointer | null} under
 * @returns {{address: string, key: string}}
 */
function pictureMeant({ srcUrl, mediaType }, under) {
  const told = under?.picture;
  const named = mediaType === "video" ? "" : (srcUrl ?? "");
  if (named === "" || /^blob:/i.test(named)) return { address: told?.address ?? "", key: told?.key ?? "" };
  return { address: named, key: told?.address === named ? told.key : "" };
}
