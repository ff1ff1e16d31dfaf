/** The side panel, in Firefox the sidebar: what was found on the page in front, with what to do about it. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { showFound } from "../shared/found_here.js";
import { localize, say } from "../shared/localize.js";
import { showNotice } from "../shared/notice.js";
import { showProgress } from "../shared/progress.js";
import { screenOfTab, tabOfInterest } from "../shared/tab_screen.js";

let tabId = -1;

async function render() {
  const shown = tabId;
  const { screen, page } = await screenOfTab(shown);
  if (shown !== tabId) return; // another tab came to the front meanwhile
  document.body.dataset.screen = screen.kind;
  const where = document.getElementById("where");
  if (where) where.textContent = screen.site || say("name");
  showNotice(screen);
  showProgress(screen.progress);
  showFound(screen, page);
}

async function follow() {
  tabId = await tabOfInterest();
  await render();
}

localize();
browser.storage.session.onChanged.addListener(render);
browser.tabs.onActivated.addListener(follow);
await follow();
await ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
