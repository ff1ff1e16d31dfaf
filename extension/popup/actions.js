/** What the user can do in the popup: pause and resume, name a folder, or index without waiting. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { say } from "../shared/localize.js";
import { attempt, part } from "../shared/parts.js";
import { inAnHour, untilTomorrow } from "../shared/pauses.js";

const TROUBLE = "trouble"; // where it is said

/** The site of the page that the popup speaks of. */
let site = "";
/** What Resume resumes. @type {"everywhere" | "site"} */
let paused = "everywhere";

/** @param {import("../shared/screen.js").Screen} screen */
export function offerActions(screen) {
  site = screen.site;
  paused = screen.pause?.scope ?? "everywhere";
  part("pausing").hidden = !screen.isConnected;
  part("pause").hidden = screen.pause !== null;
  part("pause-site").hidden = site === "";
  part("resume").hidden = screen.pause === null;
  part("resume").textContent = say(paused === "site" ? "resume_site" : "resume");
  part("folder").hidden = screen.kind !== "no_folders";
  part("index-now").hidden = !screen.progress?.waits_because;
}

/** Connects buttons to what they do, once. */
export function listenToActions() {
  const nowSeconds = () => Date.now() / 1000;
  whenClicked("pause-hour", () => pause({ until: inAnHour(nowSeconds()) }));
  whenClicked("pause-tomorrow", () => pause({ until: untilTomorrow(new Date()) }));
  whenClicked("pause-always", () => pause({}));
  whenClicked("pause-site", () => pause({ site }));
  whenClicked("resume", () => ask(paused === "site" ? { type: "resume", site } : { type: "resume" }));
  whenClicked("index-now", () => ask({ type: "index_now" }));
  part("folder").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const path = part("folder-path").value.trim() || say("folder_placeholder");
    attempt(async () => {
      await ask({ type: "add_folder", path });
      await ask({ type: "refresh" });
    }, TROUBLE);
  });
  for (const link of [part("sightings"), part("help"), part("welcome"), part("options")]) {
    link.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      event.preventDefault();
      browser.tabs.create({ url: link.href });
    });
  }
  whenClicked("panel", openPanel);
}

/** Within the click, which browsers want to see before they open a panel. */
async function openPanel() {
  const { sidePanel, sidebarAction } = /** @type {any} */ (browser);
  if (sidebarAction) await sidebarAction.open();
  else await sidePanel.open({ windowId: browser.windows.WINDOW_ID_CURRENT });
  window.close();
}

/** @param {{site?: string, until?: number}} which */
async function pause(which) {
  await ask({ type: "pause", ...which });
  part("pause").open = false;
}

/** @param {string} id @param {() => Promise<unknown>} action */
function whenClicked(id, action) {
  part(id).addEventListener("click", () => attempt(action, TROUBLE));
}
