/** Where and until when the user paused checking. Times are seconds since 1970, as in the protocol. */

/** @param {{until?: number | null}} pause @param {number} nowSeconds */
const runs = (pause, nowSeconds) => pause.until === null || pause.until === undefined || pause.until > nowSeconds;

/**
 * @param {Pauses | undefined} pauses
 * @param {string} site a host name
 * @param {number} nowSeconds
 * @returns {{scope: "everywhere" | "site", until: number | null} | null} null when checking is on
 */
export function pauseAt(pauses, site, nowSeconds) {
  if (!pauses) return null;
  if (pauses.everywhere && runs(pauses, nowSeconds)) return { scope: "everywhere", until: pauses.until ?? null };
  const here = pauses.sites.find((pause) => pause.site === site && runs(pause, nowSeconds));
  return here ? { scope: "site", until: here.until ?? null } : null;
}

/**
 * When the next pause that runs ends by itself.
 * @param {Pauses | undefined} pauses @param {number} nowSeconds
 * @returns {number | null} null when none does
 */
export function nextPauseEnd(pauses, nowSeconds) {
  if (!pauses) return null;
  const all = pauses.everywhere ? [pauses, ...pauses.sites] : pauses.sites;
  const ends = all.map((pause) => pause.until ?? 0).filter((until) => until > nowSeconds);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** @param {number} nowSeconds */
export const inAnHour = (nowSeconds) => Math.round(nowSeconds) + 3600;

/** The next morning: who pauses at 1 a.m. means the coming morning. @param {Date} now */
export function untilTomorrow(now) {
  const morning = new Date(now);
  morning.setHours(6, 0, 0, 0);
  if (morning <= now) morning.setDate(morning.getDate() + 1);
  return Math.round(morning.getTime() / 1000);
}
