/** What is missing from a capture of a page, or cut, in words. */

import { element } from "../shared/element.js";
import { language, number, say } from "../shared/localize.js";
import { wordsForReason } from "../shared/words.js";

/** What is missing of which part. @type {Record<string, string>} */
const MISSING = { screen: "note_screen", whole: "note_whole", html: "note_html", page: "note_page" };

/** @param {{kind: string, code: string, values?: number[]}[]} notes */
export function showNotes(notes) {
  const place = /** @type {HTMLElement} */ (document.getElementById("notes"));
  place.hidden = notes.length === 0;
  document.getElementById("notes-list")?.replaceChildren(...notes.map((note) => element("li", "", wordsForNote(note))));
}

/** @param {{kind: string, code: string, values?: number[]}} note */
function wordsForNote({ kind, code, values = [] }) {
  if (code === "page_cut") return say("note_page_cut", number(values[0] ?? 0));
  if (code === "text_cut") return say("note_text_cut");
  const why = wordsForReason(code, "", { say, language: language() });
  return say(MISSING[kind] ?? "note_page", why);
}
