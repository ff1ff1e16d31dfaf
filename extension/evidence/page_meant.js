/** The page that evidence is saved of, and the tab where it is open: as the address says, else as the sighting has it. */

import { ask } from "../shared/ask.js";

/**
 * @param {import("../shared/own_pages.js").Subject} subject @param {string} search of this page's address
 * @returns {Promise<{address: string, tab_id: number | undefined} | null>} null where no page is meant, as with a case
 */
export async function pageMeant(subject, search) {
  const asked = new URLSearchParams(search);
  const address = asked.get("page") ?? (await pageOfSighting(subject));
  const tab = Number(asked.get("tab") ?? Number.NaN);
  return /^https?:/i.test(address) ? { address, tab_id: Number.isInteger(tab) ? tab : undefined } : null;
}

/** @param {import("../shared/own_pages.js").Subject} subject */
async function pageOfSighting(subject) {
  const [id = 0, ...others] = "sighting_ids" in subject ? subject.sighting_ids : [];
  if (id === 0 || others.length > 0) return "";
  /** @type {{sightings: Sighting[]}} */
  const { sightings } = await ask({ type: "sightings", before: id + 1, limit: 1 }).catch(() => ({ sightings: [] }));
  return sightings.find(({ sighting_id }) => sighting_id === id)?.page_address ?? "";
}
