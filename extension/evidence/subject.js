/** What evidence is saved of, as the address of this page says it: sightings or a case, and where their page is open. */

/**
 * @typedef {object} Subject
 * @property {{sighting_ids?: number[], case_id?: number}} wanted
 * @property {string} page the page's address; empty where none is to be captured
 * @property {number | undefined} tab
 * @property {URLSearchParams} link the same for another page of ours
 */

/** @param {string} search @returns {Subject | null} null where it names nothing */
export function readSubject(search) {
  const asked = new URLSearchParams(search);
  const numbers = (asked.get("sighting") ?? "").split(",").filter((text) => /^[1-9]\d{0,15}$/.test(text));
  const caseId = Number(asked.get("case"));
  const tab = Number(asked.get("tab") ?? Number.NaN);
  const page = asked.get("page") ?? "";
  const link = new URLSearchParams();
  if (numbers.length > 0) {
    link.set("sighting", numbers.join(","));
    const wanted = { sighting_ids: numbers.map(Number) };
    return { wanted, page: /^https?:/i.test(page) ? page : "", tab: Number.isInteger(tab) ? tab : undefined, link };
  }
  if (!Number.isSafeInteger(caseId) || caseId < 1) return null;
  link.set("case", String(caseId));
  return { wanted: { case_id: caseId }, page: "", tab: undefined, link };
}
