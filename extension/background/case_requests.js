/** What our own pages may ask of cases. */

import { wholeList, wholeTimeline } from "./whole_lists.js";

/** @typedef {(message: any) => Promise<any>} Answer */

const PORTION = 200; // sightings at once, the companion's limit

/**
 * @param {(type: string, fields?: (message: any) => Record<string, unknown>) => Answer} passOn to the companion
 * @param {import("./pages.js").Pages} pages
 * @returns {Record<string, Answer>}
 */
export function caseRequests(passOn, pages) {
  const deleteCase = passOn("delete_case", ({ case_id, with_sightings }) => ({ case_id, with_sightings }));
  const sightingsOf = wholeList(
    passOn("sightings", ({ case_id, before, limit }) => ({ case_id, before, limit })),
    "sightings",
    "sighting_id",
  );
  const allCases = wholeList(
    passOn("cases", ({ before }) => ({ before })),
    "cases",
    "case_id",
  );

  /** @param {number} case_id @returns {Promise<number[]>} */
  const sightingIdsOf = async (case_id) => {
    /** @type {number[]} */
    const found = [];
    for (;;) {
      const { sightings } = await sightingsOf({ case_id, before: found.at(-1), limit: PORTION });
      found.push(...sightings.map((/** @type {Sighting} */ { sighting_id }) => sighting_id));
      if (sightings.length < PORTION) return found;
    }
  };

  return {
    cases: async (message) => {
      const { cases } = await allCases(message);
      return {
        cases: cases.sort((/** @type {Case} */ one, /** @type {Case} */ other) => other.changed_at - one.changed_at),
      };
    },
    case: passOn("case", ({ case_id }) => ({ case_id })),
    suggest_cases: passOn("suggest_cases"),
    make_case: passOn("make_case", ({ name, offender, sighting_ids }) => ({ name, offender, sighting_ids })),
    put_in_case: passOn("put_in_case", ({ sighting_ids, case_id }) => ({ sighting_ids, case_id })),
    merge_cases: passOn("merge_cases", ({ case_id, into }) => ({ case_id, into })),
    change_case: passOn("change_case", ({ case_id, name, status }) => ({ case_id, name, status })),
    add_note: passOn("add_note", ({ case_id, text }) => ({ case_id, text })),
    delete_note: passOn("delete_note", ({ event_id }) => ({ event_id })),
    delete_case: async (message) => {
      const gone = message.with_sightings ? await sightingIdsOf(message.case_id) : [];
      await deleteCase(message);
      for (const sightingId of gone) await pages.dropSighting(sightingId);
      return { sighting_ids: gone };
    },
    timeline: wholeTimeline(passOn("timeline", ({ case_id, sighting_id, first }) => ({ case_id, sighting_id, first }))),
  };
}
