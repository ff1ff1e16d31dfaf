/** Puts the user's language into our pages. Texts are always set as text, never as HTML. */

import { browser } from "../browser.js";
import { offsetHere, offsetText, onClock } from "./clock.js";

/** @param {string} key @param {(string | number)[]} values */
export const say = (key, ...values) => browser.i18n.getMessage(key, values.map(String));

/** The language of the texts, which is not the browser's where we have no texts in that. */
export const language = () => say("language_tag") || "en";

/** Where an attribute names a text, and which property shows it. */
const PLACES = /** @type {const} */ ([
  ["data-say", "textContent"],
  ["data-say-label", "ariaLabel"],
  ["data-say-placeholder", "placeholder"],
]);

/** Fills in every element that names a text. */
export function localize() {
  document.documentElement.lang = language();
  for (const [attribute, property] of PLACES) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      /** @type {any} */ (element)[property] = say(element.getAttribute(attribute) ?? "");
    }
  }
  const title = document.querySelector("title[data-say]");
  if (title) document.title = title.textContent ?? "";
}

/** A whole number or a share as the language writes it. @param {number} number @param {Intl.NumberFormatOptions} [how] */
export const number = (number, how) => new Intl.NumberFormat(language(), how).format(number);

/** @param {number} share 0 to 1 */
export const percent = (share) => number(share, { style: "percent", maximumFractionDigits: 0 });

/** @param {number} seconds since 1970 */
export const moment = (seconds) =>
  new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(seconds * 1000));

/**
 * A moment on the clock of where the user was, with that clock's offset from UTC.
 * @param {number} seconds since 1970 @param {number | null} [offset] seconds east of UTC; of this computer where not known
 */
export function momentThere(seconds, offset) {
  const east = offset ?? offsetHere(seconds);
  const how = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  const shown = new Intl.DateTimeFormat(language(), how).format(onClock(seconds, east));
  return say("moment_there", shown, offsetText(east));
}
