/** Reading all photos anew: seldom needed and long, so it is asked twice. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { attempt, part } from "../shared/parts.js";

export async function manageRebuild() {
  part("rebuild").addEventListener("click", () => {
    part("rebuild-question").hidden = false;
    part("rebuild-yes").focus();
  });
  part("rebuild-no").addEventListener("click", close);
  part("rebuild-yes").addEventListener("click", () => {
    close();
    attempt(() => ask({ type: "rebuild" }), "folder-trouble");
  });
  browser.storage.session.onChanged.addListener((changes) => {
    if ("companion" in changes) show();
  });
  await show();
}

/** Not while there is nothing to read, nor while something is read. */
async function show() {
  const { companion } = await browser.storage.session.get("companion");
  const { phase, status } = /** @type {CompanionState | undefined} */ (companion) ?? {};
  part("rebuild").hidden = phase !== "ready" || !status?.folders || Boolean(status.progress);
  if (part("rebuild").hidden) part("rebuild-question").hidden = true;
}

function close() {
  part("rebuild-question").hidden = true;
  part("rebuild").focus();
}
