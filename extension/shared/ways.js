/** The ways out of a trouble, as the user sees them: commands to copy, sentences, and buttons. */

import { browser } from "../browser.js";
import { commandLine, howToRun } from "./command.js";
import { element } from "./element.js";
import { say } from "./localize.js";
import { troubleOf } from "./troubles.js";

/**
 * @param {import("./troubles.js").Way[]} ways
 * @param {() => unknown} [again] what the button to try again does; without it there is none
 * @returns {HTMLElement[]}
 */
export function wayOut(ways, again) {
  const last = ways.findLast((way) => "command" in way);
  return ways.flatMap((way) => {
    /** @type {HTMLElement[]} */
    const nodes = [];
    if ("command" in way) nodes.push(commandLine(way.command));
    else if ("say" in way) nodes.push(element("p", "small", say(way.say)));
    else nodes.push(...actionButton(way, way.action === "folders" ? openFolders : again));
    if (way === last) nodes.push(howToRun());
    return nodes;
  });
}

/** @param {{label: string}} way @param {(() => unknown) | undefined} act */
function actionButton({ label }, act) {
  if (!act) return [];
  const button = element("button", "way", say(label));
  button.type = "button";
  button.addEventListener("click", act);
  return [button];
}

/**
 * What stops everything, from its heading to the companion's own words.
 * @param {{trouble: string, message: string}} screen @param {() => unknown} again @param {"h1" | "h2"} heading
 */
export function stopNodes({ trouble, message }, again, heading) {
  const { title = "", text = "", ways = [] } = troubleOf(trouble) ?? {};
  const told = message ? [element("p", "small", message)] : [];
  return [element(heading, "", say(title)), element("p", "", say(text)), ...wayOut(ways, again), ...told];
}

/**
 * Below the one sentence about a trouble: a command there needs an introduction.
 * @param {string} code @param {() => unknown} [again]
 */
export function wayOutOf(code, again) {
  const ways = troubleOf(code)?.ways ?? [];
  const [first] = ways;
  return wayOut(first && "command" in first ? [{ say: "way_command" }, ...ways] : ways, again);
}

/** The page where folders are chosen. */
export function openFolders() {
  browser.tabs.create({ url: browser.runtime.getURL("welcome/welcome.html#folders") });
}
