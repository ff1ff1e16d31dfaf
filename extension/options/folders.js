/** The folders with the user's photos, and how far the indexing is. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { askBeforeRemoving } from "../shared/folder_removal.js";
import { number, say } from "../shared/localize.js";
import { attempt, part, refresh } from "../shared/parts.js";
import { showProgress } from "../shared/progress.js";
import { fill, row } from "./rows.js";

/** @typedef {{path: string, photos: number, unreadable: number, is_present: boolean}} Folder */

let told = "";

export async function manageFolders() {
  part("folder").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const path = part("folder-path").value.trim() || say("folder_placeholder");
    attempt(async () => {
      show(await ask({ type: "add_folder", path }));
      part("folder-path").value = "";
    }, "folder-trouble");
  });
  browser.storage.session.onChanged.addListener((changes) => {
    if ("companion" in changes) follow();
  });
  await follow();
}

/** Asks for the folders again when what is known of them may have changed. */
async function follow() {
  const { companion } = await browser.storage.session.get("companion");
  const status = /** @type {CompanionState | undefined} */ (companion)?.status;
  showProgress(status?.progress ?? null);
  const now = JSON.stringify([status?.folders, status?.photos]);
  if (now === told) return;
  told = now;
  await refresh(async () => show(await ask({ type: "folders" })), "folder-trouble");
}

/** @param {{folders: Folder[]}} answer */
function show({ folders }) {
  fill(
    "folders",
    folders.map(({ path, photos, unreadable, is_present }) => {
      const details = [
        say("folder_photos", number(photos)),
        unreadable > 0 ? say("progress_unreadable", number(unreadable)) : "",
        is_present === false ? say("folder_absent") : "",
      ];
      const detail = details.filter((text) => text !== "").join(" · ");
      const words = { text: path, detail, isAddress: true, button: say("remove"), label: say("remove_this", path) };
      const remove = async () => show(await ask({ type: "remove_folder", path }));
      return row(words, async (item) => askBeforeRemoving(path, item, () => attempt(remove, "folder-trouble")));
    }),
  );
}
