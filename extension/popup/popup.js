/** The popup: shows the state that the worker keeps in the session, again whenever that changes. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { wordsForFetching } from "../shared/fetching_words.js";
import { localize, say } from "../shared/localize.js";
import { screenOf } from "../shared/screen.js";
import { listenToActions, offerActions } from "./actions.js";
import { showFound } from "./found.js";
import { showNotice } from "./notice.js";
import { showProgress } from "./progress.js";

/** The tab that the popup speaks of: the active one, or that named in the address of this page. */
async function tabOfInterest() {
  const named = new URLSearchParams(location.search).get("tab");
  if (named !== null) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? -1;
}

/** @param {number} tabId */
async function render(tabId) {
  const kept = await browser.storage.session.get(["companion", "fetching", `page:${tabId}`]);
  const screen = screenOf({
    companion: /** @type {CompanionState | undefined} */ (kept.companion),
    page: /** @type {PageRecord | undefined} */ (kept[`page:${tabId}`]),
    nowSeconds: Date.now() / 1000,
  });
  document.body.dataset.screen = screen.kind;
  showNotice(screen);
  showProgress(screen.progress);
  showFound(screen.findings);
  offerActions(screen);
  showFetching(/** @type {FetchingState | undefined} */ (kept.fetching));
}

/** @param {FetchingState | undefined} fetching */
function showFetching(fetching) {
  const line = document.getElementById("fetching");
  if (!line) return;
  line.textContent = wordsForFetching(fetching, { say });
  line.hidden = line.textContent === "";
}

localize();
const tabId = await tabOfInterest();
listenToActions();
browser.storage.session.onChanged.addListener(() => render(tabId));
await render(tabId);
await ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
