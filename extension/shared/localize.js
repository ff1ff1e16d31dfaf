/** Puts the user's language into our pages. Texts are always set as text, never as HTML. */

import { browser } from "../browser.js";

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
