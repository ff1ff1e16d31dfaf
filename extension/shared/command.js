/** A command that the user types into a terminal: shown, copied on a click, and explained to who never did that. */

import { element } from "./element.js";
import { say } from "./localize.js";

/** @param {string} command */
export function commandLine(command) {
  const root = element("div", "command");
  const words = element("code", "", command);
  words.dir = "ltr";
  const copies = element("button", "", say("copy"));
  copies.type = "button";
  copies.ariaLabel = say("copy_this", command);
  copies.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      copies.textContent = copies.ariaLabel = say("copied");
    } catch {
      getSelection()?.selectAllChildren(words); // so that the user's own keys copy it
    }
  });
  root.append(words, copies);
  return root;
}

export function howToRun() {
  const root = element("details", "how");
  root.append(
    element("summary", "", say("command_how")),
    element("p", "small", say("command_terminal")),
    element("p", "small", say("command_clone")),
  );
  return root;
}
