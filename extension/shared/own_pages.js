/** The pages of ours that speak of sightings and cases: their addresses, and going there. */

import { browser } from "../browser.js";

/**
 * What a page is about: a whole case, or single sightings.
 * @typedef {{case_id: number} | {sighting_ids: number[]}} Subject
 */

/** @param {Subject} subject @returns {string} the part of an address that names it */
const named = (subject) =>
  "case_id" in subject ? `?case=${subject.case_id}` : `?sightings=${subject.sighting_ids.join(",")}`;

/**
 * What a page of ours was opened for.
 * @param {string} search of its address @returns {Subject | null}
 */
export function subjectIn(search) {
  const parts = new URLSearchParams(search);
  const number = Number(parts.get("case"));
  if (Number.isSafeInteger(number) && number > 0) return { case_id: number };
  const sighting_ids = (parts.get("sightings") ?? "").split(",").map(Number);
  return sighting_ids.every((id) => Number.isSafeInteger(id) && id > 0) ? { sighting_ids } : null;
}

/** @param {Subject} subject */
export const evidencePage = (subject) => `evidence/evidence.html${named(subject)}`;

/** @param {Subject} subject */
export const noticePage = (subject) => `notices/notices.html${named(subject)}`;

/** Where a picture is looked for elsewhere. @param {number} sightingId */
export const elsewherePage = (sightingId) => `elsewhere/elsewhere.html${named({ sighting_ids: [sightingId] })}`;

/** Where a sighting is shown. @param {number} sightingId */
export const sightingPage = (sightingId) => `sightings/sightings.html#sighting=${sightingId}`;

/** @param {string} path inside the extension */
export const openOwn = (path) => browser.tabs.create({ url: browser.runtime.getURL(path) });
