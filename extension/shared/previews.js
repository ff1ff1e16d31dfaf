/** Small copies of pictures from the companion: each is asked for once while it is in use, and few are kept. */

import { ask } from "./ask.js";

const MOST_KEPT = 100; // some 50 kB each

/** @type {Map<string, Promise<Preview>>} the one that was wanted last comes last */
const previews = new Map();

/** @param {{type: "photo_preview", photo_id: number} | {type: "sighting_preview", sighting_id: number}} message */
export function preview(message) {
  const key = JSON.stringify(message);
  /** @type {Promise<Preview>} */
  const known = previews.get(key) ?? ask(message);
  previews.delete(key);
  previews.set(key, known);
  const [oldest] = previews.keys();
  if (previews.size > MOST_KEPT && oldest !== undefined) previews.delete(oldest);
  known.catch(() => previews.delete(key));
  return known;
}
