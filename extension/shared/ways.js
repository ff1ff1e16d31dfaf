/** The ways out of a trouble, as the user sees them: commands to copy, sentences, and buttons. */

import { browser } from "../browser.js";
import { element } from "./comparison.js";
import { say } from "./localize.js";
import { troubleOf } from "./troubles.js";

/**
 * @param {import("./troubles.js").Way[]} ways
 * @param {() => unknown} [again] what the button to try again does; without it there is none
 * @returns {HTMLElement[]}
 */
export function wayOut(ways, again) {
  return ways.flatMap((way) => {
    if ("command" in way) return element("code", "", way.command);
    if ("say" in way) return element("p", "small", say(way.say));
    const act = way.action === "folders" ? openFolders : again;
    if (!act) return [];
    const button = element("button", "way", say(way.label));
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  });
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
