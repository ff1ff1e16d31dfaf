/** Buttons for what can be done. Where it fails, that is said. */

import { element } from "../shared/element.js";
import { attempt } from "../shared/parts.js";

/** @typedef {{text: string, act: () => unknown, look?: "main" | "grave" | "quiet"}} Deed */

/** @param {Deed} deed */
export function deedButton({ text, act, look = undefined }) {
  const made = element("button", look, text);
  made.type = "button";
  made.addEventListener("click", () => attempt(async () => act()));
  return made;
}

/** @param {Deed[]} deeds */
export function deedRow(deeds) {
  const row = element("div", "row-of-actions");
  row.append(...deeds.map(deedButton));
  return row;
}
