/** How far the indexing of the user's photos is. */

import { language, say } from "./localize.js";
import { wordsForProgress } from "./progress_words.js";

/** @param {Progress | null} progress */
export function showProgress(progress) {
  const section = document.getElementById("progress");
  if (!section) return;
  section.hidden = progress === null;
  if (!progress) return;
  const { title, line, why } = wordsForProgress(progress, { say, language: language() });
  write("progress-task", title);
  write("progress-words", line);
  write("progress-why", why);
  const bar = document.getElementById("progress-bar");
  if (bar instanceof HTMLProgressElement) {
    if (progress.total > 0) bar.value = progress.done / progress.total;
    else bar.removeAttribute("value"); // not counted yet
  }
}

/** @param {string} id @param {string} text */
function write(id, text) {
  const element = document.getElementById(id);
  if (element && element.textContent !== text) element.textContent = text;
}
