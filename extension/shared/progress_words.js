/** What the indexing of the user's photos does, how far it is, and how long it still takes. */

/** @typedef {import("./words.js").Speech} Speech */

/**
 * @param {Progress} progress @param {Speech} speech
 * @returns {{title: string, line: string, why: string}} why: it waits or goes slowly; empty where it does neither
 */
export function wordsForProgress(progress, speech) {
  const { step, done, total, photos_per_second, seconds_left, unreadable } = progress;
  const { say } = speech;
  const number = (/** @type {number} */ value, /** @type {Intl.NumberFormatOptions} */ how = {}) =>
    new Intl.NumberFormat(speech.language, how).format(value);
  const parts = [
    step === "looking" ? say("progress_files", number(done)) : say("progress_count", number(done), number(total)),
    photos_per_second > 0 ? say("progress_rate", number(photos_per_second, { maximumSignificantDigits: 2 })) : "",
    typeof seconds_left === "number" ? say("progress_left", wordsForSpan(seconds_left, speech)) : "",
    unreadable > 0 ? say("progress_unreadable", number(unreadable)) : "",
  ];
  return {
    title: say(titleOf(progress)),
    line: parts.filter((part) => part !== "").join(" · "),
    why: wordsForRestraint(progress, speech),
  };
}

/** @param {Progress} progress @returns {string} the key of a text */
function titleOf({ task, step }) {
  if (step === "switching") return "progress_switching";
  if (task === "rebuilding") return "progress_rebuilding";
  return step === "looking" ? "progress_looking" : "progress_indexing";
}

/** Why indexing waits, as the key of a text. @type {Record<string, string>} */
const WAITS = { on_battery: "progress_on_battery", busy: "progress_busy" };

/** @param {Progress} progress @param {Speech} speech */
function wordsForRestraint({ waits_because, cpu_percent }, { say, language }) {
  if (waits_because) return say((Object.hasOwn(WAITS, waits_because) && WAITS[waits_because]) || "progress_waiting");
  if (!cpu_percent) return "";
  return say("progress_slowed", new Intl.NumberFormat(language, { style: "percent" }).format(cpu_percent / 100));
}

/** A span of time, as roughly as people say it. @param {number} seconds @param {Speech} speech */
export function wordsForSpan(seconds, { say }) {
  const minutes = Math.round(seconds / 60);
  if (seconds < 59.5) return say("span_seconds", Math.max(1, Math.round(seconds)));
  if (minutes < 60) return say("span_minutes", minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 10 && minutes % 60 > 0
    ? say("span_hours_minutes", hours, minutes % 60)
    : say("span_hours", Math.round(minutes / 60));
}
