/** The lists of the settings: rows with a button at their end. */

import { element } from "../shared/element.js";
import { attempt, part } from "../shared/parts.js";

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
