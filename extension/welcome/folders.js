/** The first screen: which folders hold the user's photos. The companion suggests places; any path may be named. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { askBeforeRemoving } from "../shared/folder_removal.js";
import { number, say } from "../shared/localize.js";
import { attempt, part } from "../shared/parts.js";

/** @typedef {{path: string, kind: string, pictures: number, is_more: boolean, is_added: boolean}} Suggestion */

const TROUBLE = "folders-trouble"; // where it is said

/** What each kind of place is called, as the key of a text. @type {Record<string, string>} */
const KINDS = {
  pictures: "place_pictures",
  phone: "place_phone",
  cloud: "place_cloud",
  messages: "place_messages",
  desktop: "place_desktop",
  downloads: "place_downloads",
};
/** Where mostly other pictures than the user's own lie. */
const MIXED = new Set(["downloads", "desktop", "messages"]);

let isListening = false;
let knownFolders = -1;

/** @param {CompanionStatus} status */
export function showFolders(status) {
  if (!isListening) {
    isListening = true;
    listen();
    suggest();
  }
  if (status.folders === knownFolders) return;
  knownFolders = status.folders;
  listAdded();
}

function listen() {
  part("choice").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    attempt(goOn, TROUBLE);
  });
  part("add").addEventListener("click", () => attempt(addNamed, TROUBLE));
  part("choose").addEventListener("click", () => attempt(addChosen, TROUBLE));
  part("path").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || part("path").value.trim() === "") return;
    event.preventDefault();
    attempt(addNamed, TROUBLE);
  });
}

async function suggest() {
  part("folders-news").textContent = say("folders_searching");
  try {
    /** @type {{suggestions: Suggestion[], can_choose?: boolean}} */
    const { suggestions, can_choose } = await ask({ type: "suggest_folders" });
    part("choose").hidden = !can_choose;
    part("suggestions").replaceChildren(...suggestions.map(suggestionRow));
    const found = suggestions.length;
    part("folders-news").textContent = found === 0 ? say("folders_none") : say("folders_places", number(found));
  } catch {
    part("folders-news").textContent = say("folders_none"); // naming a folder works all the same
  }
}

/** @param {Suggestion} suggestion @param {number} index */
function suggestionRow({ path, kind, pictures, is_more, is_added }, index) {
  const row = element("li", "place");
  const box = element("input");
  box.type = "checkbox";
  box.id = `place-${index}`;
  box.value = path;
  box.checked = is_added || !MIXED.has(kind);
  box.disabled = is_added;
  const label = element("label");
  label.htmlFor = box.id;
  const one = pictures === 1 ? say("place_one") : say("place_count", number(pictures));
  const count = is_more ? say("place_more", number(pictures)) : one;
  const name = (Object.hasOwn(KINDS, kind) && KINDS[kind]) || "place_pictures";
  const details = [say(name), count, is_added ? say("place_added") : ""].filter((words) => words !== "");
  label.append(pathWords(path), element("span", "small", details.join(" · ")));
  row.append(box, label);
  return row;
}

/** A path reads from left to right in every language. @param {string} path */
function pathWords(path) {
  const words = element("bdi", "path", path);
  words.dir = "ltr";
  return words;
}

async function listAdded() {
  /** @type {{folders: {path: string, photos: number, unreadable: number, is_present: boolean}[]}} */
  const { folders } = await ask({ type: "folders" }).catch(() => ({ folders: [] }));
  part("added").hidden = folders.length === 0;
  part("added-folders").replaceChildren(
    ...folders.map(({ path, photos, is_present }) => {
      const row = element("li", "place");
      const words = element("div", "words");
      const notes = [
        photos === 1 ? say("known_one") : say("known_many", number(photos)),
        is_present ? "" : say("place_absent"),
      ];
      words.append(pathWords(path), element("span", "small", notes.filter((note) => note !== "").join(" · ")));
      const remove = element("button", "", say("folders_remove"));
      remove.type = "button";
      remove.ariaLabel = say("folders_remove_this", path);
      remove.addEventListener("click", () =>
        askBeforeRemoving(path, row, () => attempt(() => removeFolder(path), TROUBLE)),
      );
      row.append(words, remove);
      return row;
    }),
  );
}

/** @param {string} path */
async function removeFolder(path) {
  await ask({ type: "remove_folder", path });
  part("folders-news").textContent = say("folders_removed", path);
  part("folders-title").focus(); // its button is gone
  await suggest();
  await listAdded();
}

async function addNamed() {
  const path = part("path").value.trim() || say("folder_placeholder");
  await add(path);
  part("path").value = "";
}

/** @param {string} path */
async function add(path) {
  await ask({ type: "add_folder", path });
  part("folders-news").textContent = say("folders_one_added", path);
  await listAdded();
}

/** A page cannot open a window that tells a folder's path; the companion can. */
async function addChosen() {
  part("choose").disabled = true;
  part("folders-news").textContent = say("folders_window");
  try {
    const { path } = await ask({ type: "choose_folder" });
    await add(path);
  } catch (error) {
    part("folders-news").textContent = "";
    const { code } = /** @type {import("../shared/ask.js").AskError} */ (error);
    if (code !== "cancelled") throw error; // they closed the window, and know that they did
  } finally {
    part("choose").disabled = false;
    part("choose").focus();
  }
}

async function goOn() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const chosen = document.querySelectorAll("#suggestions input:checked:not(:disabled)");
  if (part("path").value.trim() !== "") await addNamed();
  for (const box of chosen) await ask({ type: "add_folder", path: box.value });
  if (chosen.length > 0) await suggest();
  await ask({ type: "refresh" });
  if (chosen.length === 0 && part("added").hidden) {
    part(TROUBLE).textContent = say("folders_choose");
    return;
  }
  location.hash = "growth";
}
