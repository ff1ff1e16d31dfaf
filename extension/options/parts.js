/** What the sections of this page share: finding their elements, rows with a button, and saying how it went. */

import { element } from "../shared/comparison.js";
import { language, say } from "../shared/localize.js";
import { wordsForReason } from "../shared/words.js";

/** @param {string} id @returns {any} the element with this id, which the page is known to have */
export const part = (id) => document.getElementById(id);

/** @param {string} words */
export function tell(words) {
  part("news").textContent = words;
}

/** Does what the user wants, and says so where it fails. @param {() => Promise<unknown>} action @param {string} [placeId] */
export async function attempt(action, placeId = "news") {
  part(placeId).textContent = "";
  await refresh(action, placeId);
}

/** Shows anew what changed; what was said before stays. @param {() => Promise<unknown>} action @param {string} [placeId] */
export async function refresh(action, placeId = "news") {
  try {
    await action();
  } catch (error) {
    const { code = "internal", message } = /** @type {import("../shared/ask.js").AskError} */ (error);
    // For a folder that is none, only the companion knows what is wrong with it.
    const why = code === "usage" ? message : wordsForReason(code, message, { say, language: language() });
    part(placeId).textContent = say("action_failed", why);
  }
}

/**
 * A row of a list: words, and a button at its end.
 * @param {{text: string, detail?: string, isAddress?: boolean, button: string, label: string}} words
 *   label: the button's name for who does not see the row
 * @param {(row: HTMLLIElement) => Promise<unknown>} clicked
 */
export function row({ text, detail, isAddress = false, button, label }, clicked) {
  const made = element("li");
  const words = element("div");
  const line = element("p", "", text);
  if (isAddress) line.dir = "ltr";
  words.append(line);
  if (detail) words.append(element("p", "small", detail));
  const act = element("button", "", button);
  act.type = "button";
  act.ariaLabel = label;
  act.addEventListener("click", () => attempt(() => clicked(made)));
  made.append(words, act);
  return made;
}

/** Shows rows in a list, or that there are none; the focus stays in the list. @param {string} id @param {HTMLElement[]} rows */
export function fill(id, rows) {
  const list = part(id);
  const place = [...list.children].findIndex((child) => child.contains(document.activeElement));
  list.replaceChildren(...rows);
  part(`${id}-none`).hidden = rows.length > 0;
  if (place >= 0) (rows[Math.min(place, rows.length - 1)]?.querySelector("button") ?? part(`${id}-title`))?.focus();
}
