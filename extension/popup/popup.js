/** The popup: shows the state that the worker keeps in the session, again whenever that changes. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { wordsForFetching } from "../shared/fetching_words.js";
import { showFound } from "../shared/found_here.js";
import { localize, say } from "../shared/localize.js";
import { showNotice } from "../shared/notice.js";
import { showProgress } from "../shared/progress.js";
import { offerSiteAccess } from "../shared/site_access.js";
import { screenOfTab, tabOfInterest } from "../shared/tab_screen.js";
import { listenToActions, offerActions } from "./actions.js";

/** @param {number} tabId */
async function render(tabId) {
  const { screen, page, fetching } = await screenOfTab(tabId);
  document.body.dataset.screen = screen.kind;
  showNotice(screen);
  showProgress(screen.progress);
  showFound(screen, page);
  offerActions(screen);
  showFetching(fetching);
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
await offerSiteAccess(/** @type {HTMLElement} */ (document.getElementById("site-access")));
browser.storage.session.onChanged.addListener(() => render(tabId));
await render(tabId);
await ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
