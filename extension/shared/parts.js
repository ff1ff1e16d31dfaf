/** What our pages share: finding their elements, doing what the user wants, and saying how it went. */

import { language, say } from "./localize.js";
import { wordsForReason } from "./words.js";

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
    part(placeId).textContent = say("action_failed", wordsForError(error));
  }
}

/** Why something failed. @param {unknown} error */
export function wordsForError(error) {
  const { code = "internal", message } = /** @type {import("./ask.js").AskError} */ (error);
  // Of a wish that cannot be and has no code of its own only the companion knows what is wrong.
  return code === "usage" ? message : wordsForReason(code, message, { say, language: language() });
}
