/**
 * Plain words for verdicts, edits and troubles, in the user's language. `say` and the formats are handed in, so that the
 * sentences can be tested without a browser.
 */

import { troubleOf } from "./troubles.js";

/**
 * @typedef {object} Speech
 * @property {(key: string, ...values: (string | number)[]) => string} say
 * @property {string} language
 */

/** With an amount worth telling, the key of the longer phrase and what to put into it. */
const PHRASES = /** @type {Record<EditKind, {plain: string, told?: string, tell?: (amount: number) => number}>} */ ({
  exact: { plain: "edits_exact" }, // never part of a list
  mirrored: { plain: "edit_mirrored" },
  rotated: { plain: "edit_rotated", told: "edit_rotated_by", tell: (degrees) => Math.round(degrees) },
  cropped: { plain: "edit_cropped", told: "edit_cropped_to", tell: (share) => Math.round(share * 100) },
  composed: { plain: "edit_composed", told: "edit_composed_filling", tell: (share) => Math.round(share * 100) },
  recoloured: { plain: "edit_recoloured" },
  overlaid: { plain: "edit_overlaid" },
  shrunk: { plain: "edit_shrunk" },
  stretched: { plain: "edit_stretched" },
  tilted: { plain: "edit_tilted" },
  blurred: { plain: "edit_blurred" },
});

/** @param {Edit} edit @param {Speech} speech */
function phrase({ kind, amount }, { say }) {
  const known = Object.hasOwn(PHRASES, kind) ? PHRASES[kind] : null;
  if (!known) return null; // from a newer companion
  if (known.told && known.tell && typeof amount === "number") return say(known.told, known.tell(amount));
  return say(known.plain);
}

/**
 * What was done to the photo, in one sentence.
 * @param {{verdict: Verdict, edits: Edit[]} | undefined} match @param {Speech} speech
 */
export function wordsForEdits(match, speech) {
  // Of what is only perhaps a copy, nobody can say that it is unchanged.
  if (!match || (match.edits.length === 0 && match.verdict !== "copy")) return "";
  const { edits } = match;
  if (edits.some((edit) => edit.kind === "exact")) return speech.say("edits_exact");
  const phrases = edits.map((edit) => phrase(edit, speech)).filter((words) => words !== null);
  if (phrases.length === 0) return speech.say(edits.length === 0 ? "edits_none" : "edits_some");
  const list = new Intl.ListFormat(speech.language, { type: "conjunction" }).format(phrases);
  return speech.say("edits_list", list);
}

/** How sure it is. Never "100 %" of what is not certain. @param {number} score 0 to 1 @param {Speech} speech */
export function wordsForScore(score, { language }) {
  const share = score < 0.995 ? score : score < 0.999 ? 0.99 : score < 1 ? 0.999 : 1;
  const maximumFractionDigits = share === 0.999 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits }).format(share);
}

/** @type {Record<Verdict, {chip: string, title: string, text: string}>} */
export const VERDICT_WORDS = {
  copy: { chip: "chip_copy", title: "answer_yes", text: "answer_yes_text" },
  possible_copy: { chip: "chip_possible", title: "answer_perhaps", text: "answer_perhaps_text" },
  no_copy: { chip: "chip_no", title: "answer_no", text: "answer_no_text" },
  undecided: { chip: "chip_undecided", title: "answer_undecided", text: "answer_undecided_text" },
};

/**
 * Why there is no answer.
 * @param {string} code of a reason or an error
 * @param {string} words the companion's own, in English, for a code that we have no words for
 * @param {Speech} speech
 */
export function wordsForReason(code, words, { say }) {
  const known = troubleOf(code);
  return known ? say(known.why, words) : words || say("why_internal");
}

/**
 * The heading over what was found on a page.
 * @param {{verdict: Verdict}[]} findings @param {Speech} speech
 */
export function wordsForCount(findings, { say }) {
  const copies = findings.filter((finding) => finding.verdict === "copy").length;
  const possible = findings.length - copies;
  if (copies === 0) return possible === 1 ? say("found_perhaps_one") : say("found_perhaps_many", possible);
  if (possible > 0) return say("found_both", copies, possible);
  return copies === 1 ? say("found_copy_one") : say("found_copy_many", copies);
}
