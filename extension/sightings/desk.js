/** What the screens of this page share: the cases, what was decided, and who hears when something changes. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { standingsOf } from "../shared/decisions.js";

/**
 * @typedef {{removed: number[]} | {isMeant: (sighting: Sighting) => boolean, fields: Partial<Sighting>} | "decided" | "cases"} Change
 *   sightings that are no more; sightings with new fields; something was decided; other cases or other names
 */

export class Desk {
  /** @type {Case[]} */
  cases = [];
  /** @type {Decision[]} as far as alerts need them */
  #decisions = [];
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();

  /** Reads what is known, and follows what is decided, also on other pages of ours. */
  async open() {
    browser.storage.session.onChanged.addListener((changes) => {
      if (!("decisions" in changes)) return;
      this.#decisions = /** @type {Decision[]} */ (changes.decisions?.newValue ?? []);
      this.#tell("decided");
    });
    const { decisions } = await browser.storage.session.get("decisions");
    this.#decisions = /** @type {Decision[] | undefined} */ (decisions) ?? [];
    await this.readCases();
  }

  async readCases() {
    ({ cases: this.cases } = await ask({ type: "cases" }));
    this.#tell("cases");
  }

  /** @param {number | null | undefined} id @returns {Case | undefined} */
  caseOf(id) {
    return this.cases.find(({ case_id }) => case_id === id);
  }

  /**
   * What the user said about a sighting.
   * @param {Sighting} sighting @returns {import("../shared/decisions.js").Standing}
   */
  standingOf(sighting) {
    const finding = { ...sighting, id: "", shown_at: [] };
    const [standing] = standingsOf({ address: sighting.page_address, findings: [finding] }, this.#decisions);
    if (!standing) throw new Error("a finding has a standing");
    return standing.kind === "open" && sighting.is_kept ? { ...standing, kind: "mine" } : standing;
  }

  /** @param {(change: Change) => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** @param {(change: Change) => void} listener */
  ignore(listener) {
    this.#listeners.delete(listener);
  }

  /** @param {number[]} ids of sightings that are no more */
  removed(ids) {
    this.#tell({ removed: ids });
  }

  /** @param {number[]} ids @param {Partial<Sighting>} fields that are new of these sightings */
  changed(ids, fields) {
    const those = new Set(ids);
    this.#tell({ isMeant: ({ sighting_id }) => those.has(sighting_id), fields });
  }

  /** All of a case are in another one now, or in none. @param {number} caseId @param {number | null} into */
  moved(caseId, into) {
    this.#tell({ isMeant: ({ case_id }) => case_id === caseId, fields: { case_id: into } });
  }

  /** @param {Change} change */
  #tell(change) {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
