/** How often the companion looks whether reported pictures are still there. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { say } from "../shared/localize.js";
import { attempt, part, refresh, tell } from "../shared/parts.js";

const STATE = "fetching"; // as in background/fetching.js

export async function manageRechecking() {
  part("recheck").addEventListener("change", () =>
    attempt(async () => {
      show(await ask({ type: "recheck_schedule", hours: Number(part("recheck").value) }));
      tell(say("saved"));
    }, "recheck-trouble"),
  );
  browser.storage.session.onChanged.addListener((changes) => {
    if (STATE in changes) sayWhoFetches();
  });
  await Promise.all([
    refresh(async () => show(await ask({ type: "recheck_schedule" })), "recheck-trouble"),
    sayWhoFetches(),
  ]);
}

/** @param {{hours: number}} schedule */
function show({ hours }) {
  part("recheck").value = String(hours);
  part("recheck").disabled = false;
}

async function sayWhoFetches() {
  const state = /** @type {FetchingState | undefined} */ ((await browser.storage.session.get(STATE))[STATE]);
  part("recheck-now").textContent = state?.who === "browser" ? say("recheck_browser_only") : "";
}
