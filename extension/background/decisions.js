/** What the user decided, as the companion keeps it. The session holds a copy, which badge, popup and panel read. */

const KEY = "decisions";
const PORTION = 200;

export class Decisions {
  #session;
  #companion;
  #changed;
  /** @type {string | null} the companion's mark of what was read */
  #mark = null;
  #readings = 0;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./companion.js").Companion} companion
   * @param {() => void} changed
   */
  constructor(session, companion, changed) {
    this.#session = session;
    this.#companion = companion;
    this.#changed = changed;
    companion.onChange((state) => {
      const mark = state.phase === "ready" ? (state.status?.decisions ?? "") : null;
      const isNews = mark !== null && mark !== this.#mark;
      this.#mark = mark ?? this.#mark;
      if (isNews) this.read().catch(() => (this.#mark = null)); // the next status tries again
    });
  }

  /** @returns {Decision[]} newest first */
  get all() {
    return this.#session.read(KEY) ?? [];
  }

  /** Reads them anew. Rejects where the companion does not answer; then what was known stays. */
  async read() {
    const reading = ++this.#readings;
    /** @type {Decision[]} */
    const found = [];
    for (;;) {
      const before = found.at(-1)?.decision_id;
      const answer = await this.#companion.request({ type: "decisions", limit: PORTION, before }).answered;
      found.push(...answer.decisions.map(remembered));
      if (!answer.is_more && answer.decisions.length < PORTION) break;
    }
    if (reading !== this.#readings) return; // one that began later knows better
    await this.#session.write(KEY, found);
    this.#changed();
  }
}

/** What alerts need of a decision; the rest is asked for where it is shown. @param {Decision} decision @returns {Decision} */
const remembered = ({ decision_id, kind, decided_at, pattern, reach, photo_id, sighting_ids }) => ({
  decision_id,
  kind,
  decided_at,
  pattern,
  reach,
  photo_id,
  sighting_ids,
});
