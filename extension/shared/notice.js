/** The words at the top of the popup: how things are, and what to do where something is wrong. */

import { ask } from "./ask.js";
import { element } from "./element.js";
import { language, moment, number, say } from "./localize.js";
import { stopNodes, wayOutOf } from "./ways.js";
import { wordsForCount, wordsForReason } from "./words.js";

/** @typedef {import("./screen.js").Screen} Screen */

/** @type {Partial<Record<import("./screen.js").ScreenKind, (screen: Screen) => string[]>>} */
const NOTICES = {
  connecting: () => [say("connecting_title"), say("connecting_text")],
  starting: () => [say("starting_title"), say("starting_text")],
  no_folders: () => [say("no_folders_title"), say("no_folders_text")],
  paused_everywhere: ({ pause }) => [say("paused_title"), say("paused_everywhere_text"), untilWhen(pause)],
  paused_site: ({ pause, site }) => [say("paused_title"), say("paused_site_text", site), untilWhen(pause)],
  found: ({ findings }) => [wordsForCount(findings, { say, language: language() }), say("found_text")],
  decided: () => [say("decided_title"), say("decided_text")],
  looking: ({ looked, waiting }) => [
    say("looking_title"),
    say("looking_text", number(looked), number(looked + waiting)),
  ],
  quiet: ({ looked, undecided, photos }) => [
    say("quiet_title"),
    lookedAt(looked - undecided),
    comparedWith(looked - undecided, photos),
    notLookedAt(undecided),
  ],
  no_page: () => [say("no_page_title"), say("no_page_text")],
};

let shown = "";

/** @param {Screen} screen */
export function showNotice(screen) {
  showChip(screen);
  const lines = NOTICES[screen.kind]?.(screen) ?? [];
  // Written only when it changed: a screen reader speaks of every change here.
  const now = JSON.stringify([lines, screen.trouble, screen.message, screen.problems]);
  if (now === shown) return;
  shown = now;
  const nodes = screen.trouble ? stopNodes(screen, lookAgain, "h2") : lineNodes(lines);
  const place = document.getElementById("notice");
  place?.replaceChildren(...nodes, ...problemNodes(screen.problems));
  place?.setAttribute("data-trouble", screen.trouble);
}

/** @param {string[]} lines the heading first; empty ones are left out */
function lineNodes(lines) {
  const [title = "", ...rest] = lines.filter((line) => line !== "");
  return [element("h2", "", title), ...rest.map((line, index) => element("p", index > 0 ? "small" : "", line))];
}

/** @param {{code: string, message: string}[]} problems of a companion that goes on working */
function problemNodes(problems) {
  return problems.map(({ code, message }) => {
    const node = element("div", "problem");
    const words = element("p", "small", wordsForReason(code, message, { say, language: language() }));
    node.append(words, ...wayOutOf(code, lookAgain));
    return node;
  });
}

function lookAgain() {
  ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
}

/** @param {Screen} screen */
function showChip({ kind, pause, trouble }) {
  const chip = document.getElementById("state");
  if (!chip) return;
  const isWaiting = kind === "connecting" || kind === "starting";
  const [className, key] = trouble
    ? ["off", "state_off"]
    : isWaiting
      ? ["wait", "state_wait"]
      : pause
        ? ["paused", "state_paused"]
        : ["", "state_on"];
  chip.className = `chip ${className}`;
  chip.textContent = say(key);
}

/** @param {Screen["pause"]} pause */
const untilWhen = (pause) => (pause?.until ? say("paused_until", moment(pause.until)) : "");

/** @param {number} count */
function lookedAt(count) {
  if (count === 0) return say("quiet_none");
  return count === 1 ? say("quiet_one") : say("quiet_many", number(count));
}

/** @param {number} looked pictures @param {number} photos */
function comparedWith(looked, photos) {
  if (looked === 0 || photos === 0) return "";
  return photos === 1 ? say("quiet_known_one") : say("quiet_known_many", number(photos));
}

/** @param {number} count */
function notLookedAt(count) {
  if (count === 0) return "";
  return count === 1 ? say("undecided_one") : say("undecided_many", number(count));
}
