/** Moments with their offset from UTC: what the clock showed where the user was, and which clock that was. */

/** @param {number} seconds since 1970 @returns {number} of this computer at that moment, seconds east of UTC */
export const offsetHere = (seconds) => -60 * new Date(seconds * 1000).getTimezoneOffset();

/** @param {number} offset seconds east of UTC @returns {string} such as `+05:30` */
export function offsetText(offset) {
  const minutes = Math.round(Math.abs(offset) / 60);
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${offset < 0 ? "−" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The moment on that clock, as a date whose parts in UTC are those of the clock. @param {number} seconds @param {number} offset */
export const onClock = (seconds, offset) => new Date((seconds + offset) * 1000);

/** As ISO 8601 has it, for programs: `2026-11-23T14:05:00+08:00`. @param {number} seconds @param {number} offset */
export const isoMoment = (seconds, offset) =>
  onClock(seconds, offset).toISOString().slice(0, 19) + offsetText(offset).replace("−", "-");
