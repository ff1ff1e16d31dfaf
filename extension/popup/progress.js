/** How far the indexing of the user's photos is. */

import { number, say, span } from "../shared/localize.js";

/** @param {Progress | null} progress */
export function showProgress(progress) {
  const section = document.getElementById("progress");
  if (!section) return;
  section.hidden = progress === null;
  if (!progress) return;
  const { task, done, total, photos_per_second, seconds_left, unreadable } = progress;
  write("progress-task", say(task === "rebuilding" ? "progress_rebuilding" : "progress_indexing"));
  const bar = document.getElementById("progress-bar");
  if (bar instanceof HTMLProgressElement) {
    if (total > 0) bar.value = done / total;
    else bar.removeAttribute("value"); // not counted yet
  }
  const parts = [
    say("progress_count", number(done), number(total)),
    photos_per_second > 0 ? say("progress_rate", number(photos_per_second, { maximumSignificantDigits: 2 })) : "",
    typeof seconds_left === "number" ? say("progress_left", span(seconds_left)) : "",
    unreadable > 0 ? say("progress_unreadable", number(unreadable)) : "",
  ];
  write("progress-words", parts.filter((part) => part !== "").join(" · "));
}

/** @param {string} id @param {string} text */
function write(id, text) {
  const element = document.getElementById(id);
  if (element && element.textContent !== text) element.textContent = text;
}
