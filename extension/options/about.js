/** Which versions these are, for whoever asks for help. */

import { browser } from "../browser.js";
import { say } from "../shared/localize.js";
import { part } from "../shared/parts.js";

export async function showAbout() {
  browser.storage.session.onChanged.addListener((changes) => {
    if ("companion" in changes) show();
  });
  await show();
}

async function show() {
  const { companion } = await browser.storage.session.get("companion");
  const theirs = /** @type {CompanionState | undefined} */ (companion)?.version;
  const { version } = browser.runtime.getManifest();
  part("about").textContent = theirs ? say("about_both", version, theirs) : say("about_extension", version);
}
