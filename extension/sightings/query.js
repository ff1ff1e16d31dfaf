/** What is looked for among the sightings: from what the user chose to the fields of a request. */

/**
 * Each is empty where it does not matter.
 * @typedef {object} Choice
 * @property {string} search words in address, title or photo's name
 * @property {string} site
 * @property {string} verdict
 * @property {string} presence
 * @property {string} decision "kept" or "open"
 * @property {string} filing "with" or "without" a case
 */

/** @type {Choice} */
export const EVERYTHING = { search: "", site: "", verdict: "", presence: "", decision: "", filing: "" };

/** @param {Choice} choice @returns {Record<string, unknown>} as PROTOCOL.md has them, without those that do not matter */
export function queryOf({ search, site, verdict, presence, decision, filing }) {
  return {
    ...(search.trim() && { search: search.trim() }),
    ...(site.trim() && { site: hostIn(site) }),
    ...(verdict && { verdict }),
    ...(presence && { presence }),
    ...(decision && { is_kept: decision === "kept" }),
    ...(filing && { is_without_case: filing === "without" }),
  };
}

/** @param {Choice} choice */
export const isEverything = (choice) => Object.keys(queryOf(choice)).length === 0;

/** What the user wrote as a site, which may be a whole address. @param {string} text */
function hostIn(text) {
  const trimmed = text.trim().toLowerCase();
  const address = /^https?:\/\//.test(trimmed) ? trimmed : `https://${trimmed}`;
  return URL.canParse(address) ? new URL(address).host : trimmed;
}
