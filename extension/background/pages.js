/** What is known of the page in each tab, kept in the session. */

const key = (/** @type {number} */ tabId) => `page:${tabId}`;

/** The picture of a page that a verdict speaks of: the same picture twice on a page is one finding.
 * @param {VerdictMessage} verdict @param {string} pictureKey
 */
const findingId = (verdict, pictureKey) =>
  typeof verdict.sighting_id === "number" ? `sighting ${verdict.sighting_id}` : `picture ${pictureKey}`;

const MOST_PLACES = 20; // remembered for one picture of a page

/** @param {Finding["shown_at"]} known @param {{token: string, key: string}} picture @returns {Finding["shown_at"]} */
function placesWith(known, { token, key }) {
  const others = known.filter((place) => place.token !== token || place.key !== key);
  return [{ token, key }, ...others].slice(0, MOST_PLACES);
}

export class Pages {
  #session;
  #changed;

  /**
   * @param {import("./session.js").Session} session
   * @param {(page: PageRecord | null, tabId: number) => void} changed
   */
  constructor(session, changed) {
    this.#session = session;
    this.#changed = changed;
  }

  /** @param {number} tabId @returns {PageRecord | undefined} */
  of(tabId) {
    return this.#session.read(key(tabId));
  }

  /** @returns {PageRecord[]} */
  all() {
    return this.#session.readAll("page:");
  }

  /**
   * A top document said where it is. The record of the same document goes on; any other begins anew.
   * @param {number} tabId
   * @param {{token: string, address: string, title: string, asked_address?: string | undefined}} document
   */
  async enter(tabId, { token, address, title, asked_address }) {
    const known = this.of(tabId);
    if (known?.token === token && known.address === address) return;
    await this.#write({
      tab_id: tabId,
      token,
      address,
      ...(asked_address && { asked_address }),
      title,
      site: new URL(address).hostname,
      counts: {},
      waiting: 0,
      findings: [],
    });
  }

  /** The top document is gone. @param {number} tabId @param {string} token */
  async leave(tabId, token) {
    if (this.of(tabId)?.token === token) await this.forget(tabId);
  }

  /** @param {number} tabId */
  async forget(tabId) {
    if (!this.of(tabId)) return;
    await this.#session.remove(key(tabId));
    this.#changed(null, tabId);
  }

  /**
   * A document said how many answers it has had; it knows better than an earlier worker's count.
   * @param {number} tabId @param {string} token @param {number} looked
   * @returns {Promise<boolean>} false when it had answers that nobody remembers
   */
  async count(tabId, token, looked) {
    const page = this.of(tabId);
    if (!page) return true;
    const known = page.counts[token];
    const isRemembered = known !== undefined || looked === 0;
    const count = isRemembered
      ? { looked, undecided: looked === 0 ? 0 : (known?.undecided ?? 0) }
      : { looked: 0, undecided: 0 };
    await this.#write({ ...page, counts: { ...page.counts, [token]: count } });
    return isRemembered;
  }

  /** @param {number} tabId @param {number} waiting */
  async setWaiting(tabId, waiting) {
    const page = this.of(tabId);
    if (page && page.waiting !== waiting) await this.#write({ ...page, waiting });
  }

  /**
   * @param {number} tabId
   * @param {{picture: {token: string, key: string}, verdict: VerdictMessage | null}[]} answers null: none could be had
   * @param {number} waiting
   */
  async answer(tabId, answers, waiting) {
    const page = this.of(tabId);
    if (!page) return;
    const counts = { ...page.counts };
    const findings = new Map(page.findings.map((finding) => [finding.id, finding]));
    for (const { picture, verdict } of answers) {
      const { looked, undecided } = counts[picture.token] ?? { looked: 0, undecided: 0 };
      const isOpen = verdict === null || verdict.verdict === "undecided";
      counts[picture.token] = { looked: looked + 1, undecided: undecided + (isOpen ? 1 : 0) };
      if (verdict?.verdict !== "copy" && verdict?.verdict !== "possible_copy") continue;
      const id = findingId(verdict, picture.key);
      const { score, matches, width, height } = verdict;
      const sighting_id = verdict.sighting_id ?? null;
      const shown_at = placesWith(findings.get(id)?.shown_at ?? [], picture);
      findings.set(id, { id, verdict: verdict.verdict, score, sighting_id, matches, width, height, shown_at });
    }
    await this.#write({ ...page, counts, findings: [...findings.values()], waiting });
  }

  /** The user deleted a sighting: no page speaks of it any more. @param {number} sightingId */
  async dropSighting(sightingId) {
    for (const page of this.all()) {
      const findings = page.findings.filter((finding) => finding.sighting_id !== sightingId);
      if (findings.length !== page.findings.length) await this.#write({ ...page, findings });
    }
  }

  /** @param {PageRecord} page */
  async #write(page) {
    const written = this.#session.write(key(page.tab_id), page);
    this.#changed(page, page.tab_id);
    await written;
  }
}
