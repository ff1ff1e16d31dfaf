/** The question before a folder is taken off the list: what is forgotten has to be read anew. */

import { element } from "./element.js";
import { say } from "./localize.js";

/**
 * Puts the question in the place of a folder's row; the row comes back when the answer is no.
 * @param {string} path @param {HTMLElement} row of a list @param {() => void} remove
 */
export function askBeforeRemoving(path, row, remove) {
  const question = element("li", row.className);
  const yes = element("button", "main", say("remove"));
  const no = element("button", "", say("cancel"));
  for (const button of [yes, no]) button.type = "button";
  const answers = element("div", "row-of-actions");
  answers.append(yes, no);
  question.append(element("p", "", say("folder_remove_question", path)), answers);
  yes.addEventListener("click", remove);
  no.addEventListener("click", () => {
    question.replaceWith(row);
    row.querySelector("button")?.focus();
  });
  row.replaceWith(question);
  no.focus();
}
