/** The second screen: the index grows. What changes by the second is not spoken; what a listener wants to know is. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { language, number, percent, say } from "../shared/localize.js";
import { attempt, part } from "../shared/parts.js";
import { wordsForProgress } from "../shared/progress_words.js";
import { wayOutOf } from "../shared/ways.js";
import { wordsForReason } from "../shared/words.js";

const SPOKEN_STEPS = 4; // a screen reader hears of each quarter

const speech = () => ({ say, language: language() });

let isListening = false;
let writtenProblems = "";

/** @param {CompanionStatus} status */
export function showGrowth({ photos, progress, folders, problems }) {
  if (!isListening) {
    isListening = true;
    part("index-now").addEventListener("click", indexNow);
  }
  write("known", photos === 1 ? say("known_one") : say("known_many", number(photos)));
  part("progress").hidden = !progress;
  if (progress) showProgress(progress);
  const isDone = !progress && folders > 0 && photos > 0;
  write("growth-title", say(isDone ? "growth_title_done" : "growth_title"));
  part("growth-text").hidden = isDone;
  const done = folders === 0 ? say("growth_no_folder") : photos === 0 ? say("growth_nothing") : say("growth_done");
  write("growth-done", progress ? "" : done);
  write("growth-news", progress ? spoken(progress) : done);
  showProblems(problems);
}

/** @param {Progress} progress */
function showProgress(progress) {
  const { title, line, why } = wordsForProgress(progress, speech());
  write("progress-task", title);
  write("progress-words", line);
  write("progress-why", why);
  part("index-now").hidden = !progress.waits_because;
  const bar = /** @type {HTMLProgressElement} */ (part("progress-bar"));
  if (progress.total > 0) bar.value = progress.done / progress.total;
  else bar.removeAttribute("value"); // not counted yet
}

/** @param {Progress} progress */
function spoken(progress) {
  const { title, why } = wordsForProgress(progress, speech());
  const { done, total } = progress;
  const share = total > 0 ? Math.floor((done / total) * SPOKEN_STEPS) / SPOKEN_STEPS : 0;
  return [title, share > 0 ? percent(share) : "", why].filter((words) => words !== "").join(" ");
}

/** @param {CompanionStatus["problems"]} problems */
function showProblems(problems) {
  const now = JSON.stringify(problems);
  if (now === writtenProblems) return;
  writtenProblems = now;
  part("problems").replaceChildren(
    ...problems.map(({ code, message }) => {
      const row = element("li", "card");
      row.append(element("p", "", wordsForReason(code, message, speech())), ...wayOutOf(code, lookAgain));
      return row;
    }),
  );
}

function lookAgain() {
  return ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
}

const indexNow = () =>
  attempt(async () => {
    await ask({ type: "index_now" });
    part("growth-title").focus(); // the button is about to go
  }, "growth-trouble");

/** @param {string} id @param {string} text */
function write(id, text) {
  if (part(id).textContent !== text) part(id).textContent = text;
}
