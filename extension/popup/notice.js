/** The words at the top of the popup: how things are, and what to do where something is wrong. */

import { element } from "../shared/comparison.js";
import { language, moment, number, say } from "../shared/localize.js";
import { wordsForCount } from "../shared/words.js";

/** @typedef {import("../shared/screen.js").Screen} Screen */

/** Commands are the same in every language. */
const SET_UP = "scripts/run";
const REGISTER = "isthisme browsers install";
const DOCTOR = "isthisme doctor";

/** @type {Record<import("../shared/screen.js").ScreenKind, (screen: Screen) => (string | {command: string})[]>} */
const NOTICES = {
  connecting: () => [say("connecting_title"), say("connecting_text")],
  starting: () => [say("starting_title"), say("starting_text")],
  missing: () => [
    say("missing_title"),
    say("missing_text"),
    { command: SET_UP },
    say("missing_or"),
    { command: REGISTER },
    say("missing_after"),
  ],
  refused: () => [say("refused_title"), say("refused_text"), { command: REGISTER }, say("missing_after")],
  unreachable: ({ message }) => [say("unreachable_title"), say("unreachable_text"), { command: DOCTOR }, message],
  update_extension: ({ message }) => [say("update_extension_title"), say("update_extension_text"), message],
  update_companion: ({ message }) => [
    say("update_companion_title"),
    say("update_companion_text"),
    { command: SET_UP },
    message,
  ],
  no_folders: () => [say("no_folders_title"), say("no_folders_text")],
  paused_everywhere: ({ pause }) => [say("paused_title"), say("paused_everywhere_text"), untilWhen(pause)],
  paused_site: ({ pause, site }) => [say("paused_title"), say("paused_site_text", site), untilWhen(pause)],
  found: ({ findings }) => [wordsForCount(findings, { say, language: language() }), say("found_text")],
  looking: ({ looked, waiting }) => [
    say("looking_title"),
    say("looking_text", number(looked), number(looked + waiting)),
  ],
  quiet: ({ looked, undecided }) => [say("quiet_title"), lookedAt(looked - undecided), notLookedAt(undecided)],
  no_page: () => [say("no_page_title"), say("no_page_text")],
};

/** @type {Partial<Record<import("../shared/screen.js").ScreenKind, [string, string]>>} class and text of the chip */
const CHIPS = {
  connecting: ["wait", "state_wait"],
  starting: ["wait", "state_wait"],
  missing: ["off", "state_off"],
  refused: ["off", "state_off"],
  unreachable: ["off", "state_off"],
  update_extension: ["off", "state_off"],
  update_companion: ["off", "state_off"],
};

let shown = "";

/** @param {Screen} screen */
export function showNotice(screen) {
  const [title, ...rest] = NOTICES[screen.kind](screen);
  const lines = [title, ...rest.filter((line) => line !== ""), ...screen.problems.map(problemWords)];
  showChip(screen);
  // Written only when it changed: a screen reader speaks of every change here.
  const now = JSON.stringify(lines);
  if (now === shown) return;
  shown = now;
  const nodes = lines.map((line, index) => {
    if (typeof line === "object") return element("code", "", line.command);
    return element(index === 0 ? "h2" : "p", index > 1 ? "small" : "", line);
  });
  document.getElementById("notice")?.replaceChildren(...nodes);
}

/** @param {Screen} screen */
function showChip({ kind, pause }) {
  const chip = document.getElementById("state");
  if (!chip) return;
  const [className, key] = CHIPS[kind] ?? (pause ? ["paused", "state_paused"] : ["", "state_on"]);
  chip.className = `chip ${className}`;
  chip.textContent = say(key);
}

/** @param {{code: string, message: string}} problem of the companion, which goes on working */
function problemWords({ code, message }) {
  if (code === "no_model") return say("problem_no_model");
  if (code === "folder_absent") return say("problem_folder_absent", message);
  return code === "indexing_failed" ? say("problem_indexing_failed", message) : message;
}

/** @param {Screen["pause"]} pause */
const untilWhen = (pause) => (pause?.until ? say("paused_until", moment(pause.until)) : "");

/** @param {number} count */
function lookedAt(count) {
  if (count === 0) return say("quiet_none");
  return count === 1 ? say("quiet_one") : say("quiet_many", number(count));
}

/** @param {number} count */
function notLookedAt(count) {
  if (count === 0) return "";
  return count === 1 ? say("undecided_one") : say("undecided_many", number(count));
}
