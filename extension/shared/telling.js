/** When the user is told of what was found: quiet hours and the digest, as pure functions of time. */

/**
 * @typedef {object} TellingSettings
 * @property {{is_on: boolean, from: string, until: string}} quiet_hours times of day such as `22:00`
 * @property {{is_on: boolean, at: string}} digest
 */

const MINUTES_A_DAY = 24 * 60;

/**
 * When what is found now is to be told: now, when the quiet hours end, or with the next digest.
 * @param {TellingSettings} settings @param {number} nowMs
 * @returns {number} milliseconds since 1970, `nowMs` or later
 */
export function tellAt({ quiet_hours, digest }, nowMs) {
  const at = digest.is_on ? nextTimeOfDay(digest.at, nowMs) : nowMs;
  return quiet_hours.is_on ? endOfQuiet(quiet_hours, at) : at;
}

/**
 * The end of the quiet hours that a time lies in; the time itself where it lies in none.
 * @param {{from: string, until: string}} hours which may span midnight @param {number} timeMs
 */
function endOfQuiet({ from, until }, timeMs) {
  const [start, end, now] = [minutesOf(from), minutesOf(until), minutesAt(timeMs)];
  if (start === null || end === null || start === end) return timeMs;
  const isQuiet = start < end ? start <= now && now < end : now >= start || now < end;
  return isQuiet ? nextTimeOfDay(until, timeMs) : timeMs;
}

/** The next time that clocks show this time of day; now, where they show it now. @param {string} text @param {number} nowMs */
function nextTimeOfDay(text, nowMs) {
  const minutes = minutesOf(text);
  if (minutes === null || minutes === minutesAt(nowMs)) return nowMs;
  const next = new Date(nowMs);
  // By the clock on the wall: a day may have 23 or 25 hours.
  next.setHours(0, minutes, 0, 0);
  if (next.getTime() <= nowMs) {
    next.setDate(next.getDate() + 1);
    next.setHours(0, minutes, 0, 0);
  }
  return next.getTime();
}

/** @param {string} text @returns {number | null} minutes since midnight; null where it is no time of day */
function minutesOf(text) {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return Number(hours) < 24 && Number(minutes) < 60 && total < MINUTES_A_DAY ? total : null;
}

/** @param {number} timeMs */
function minutesAt(timeMs) {
  const time = new Date(timeMs);
  return time.getHours() * 60 + time.getMinutes();
}
