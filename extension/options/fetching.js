/** Who fetches pictures: the companion or the browser alone, and what holds now, whatever was chosen. */

import { browser } from "../browser.js";
import { wordsForFetching } from "../shared/fetching_words.js";
import { say } from "../shared/localize.js";
import { attempt, part, tell } from "../shared/parts.js";

const SETTING = "who_fetches"; // as in background/fetching.js
const STATE = "fetching";

export async function manageFetching() {
  for (const who of ["companion", "browser"]) {
    part(`fetch-${who}`).addEventListener("change", () =>
      attempt(async () => {
        await browser.storage.local.set({ [SETTING]: who });
        tell(say("saved"));
      }),
    );
  }
  browser.storage.session.onChanged.addListener((changes) => {
    if (STATE in changes) show();
  });
  await show();
}

async function show() {
  const chosen = (await browser.storage.local.get(SETTING))[SETTING];
  part(chosen === "browser" ? "fetch-browser" : "fetch-companion").checked = true;
  const state = /** @type {FetchingState | undefined} */ ((await browser.storage.session.get(STATE))[STATE]);
  // What the user chose needs no reason; what happens by itself does.
  part("fetch-now").textContent = state?.because === "setting" ? "" : wordsForFetching(state, { say });
}
