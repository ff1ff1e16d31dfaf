/** The passive check: takes pictures from the queue in batches, asks the companion, and records the answers. */

import { LARGEST_ADDRESS_BYTES } from "./frame_size.js";
import { pageOf } from "./page_identity.js";
import { CompanionError } from "./port.js";
import { chooseBatch, nextDueMs } from "./schedule.js";

const DEADLINE_SECONDS = 60;
const GRACE_MS = 10_000; // after the deadline, before we stop believing that the companion keeps it
const GATHER_MS = 80; // answers that come within this time are written together
const MOST_TRIES = 3;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** @typedef {{picture: Waiting, verdict: VerdictMessage | null}} Answered */

export class Checks {
  #queue;
  #pages;
  #companion;
  #mayAsk;
  #activeTabs;
  #tellSettled;
  #terms;
  #supplier;
  #underWay = { pictures: 0, batches: 0 };
  #overloads = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import("./queue.js").Queue} parts.queue
   * @param {import("./pages.js").Pages} parts.pages
   * @param {import("./companion.js").Companion} parts.companion
   * @param {(tabId: number) => boolean} parts.mayAsk
   * @param {Set<number>} parts.activeTabs
   * @param {(token: string, keys: string[]) => void} parts.tellSettled
   * @param {import("./picture_terms.js").PictureTerms} parts.terms
   * @param {import("./supplier.js").Supplier} parts.supplier
   */
  constructor({ queue, pages, companion, mayAsk, activeTabs, tellSettled, terms, supplier }) {
    this.#queue = queue;
    this.#pages = pages;
    this.#companion = companion;
    this.#mayAsk = mayAsk;
    this.#activeTabs = activeTabs;
    this.#tellSettled = tellSettled;
    this.#terms = terms;
    this.#supplier = supplier;
  }

  /** Asks for as much as may be asked for now. */
  advance() {
    this.#refuseTooLarge();
    const waiting = this.#queue.all();
    if (waiting.length === 0) return;
    if (!this.#companion.isReady) {
      this.#companion.connect();
      return;
    }
    for (;;) {
      const batch = chooseBatch({
        waiting,
        activeTabs: this.#activeTabs,
        mayAsk: this.#mayAsk,
        underWay: this.#underWay,
        nowMs: Date.now(),
      });
      if (!batch) break;
      this.#ask(batch);
    }
    this.#wakeForWhatWasPutOff(waiting);
  }

  /** What no frame can carry is not asked for: one such frame would end the connection, and with it all other checks. */
  #refuseTooLarge() {
    for (const picture of this.#queue.all()) {
      if (picture.address_bytes > LARGEST_ADDRESS_BYTES) this.#record(picture.tab_id, [{ picture, verdict: null }]);
    }
  }

  /** Cancels the requests whose pictures nobody waits for any more. @param {Waiting[]} dropped */
  cancel(dropped) {
    const left = new Set(this.#queue.all().map((picture) => picture.request));
    const abandoned = new Set(dropped.map((picture) => picture.request));
    for (const target of abandoned) {
      if (target === null || left.has(target)) continue;
      this.#companion.request({ type: "cancel", target }).answered.catch(() => {});
    }
  }

  /** @param {Batch} batch */
  async #ask({ tab_id, pictures }) {
    const page = this.#pages.of(tab_id);
    if (!page) return;
    this.#underWay.batches += 1;
    this.#underWay.pictures += pictures.length;
    // All pictures of a batch are of one tab.
    const isPrivate = pictures.some(({ token }) => this.#terms.isPrivate(token));
    const unanswered = new Map(pictures.map((picture, index) => [String(index), picture]));
    /** @type {Answered[]} */
    let gathered = [];
    const write = () => {
      const answers = gathered;
      gathered = [];
      return this.#record(tab_id, answers);
    };
    const { id, answered } = this.#companion.request(
      {
        type: "check_page",
        page: pageOf(page),
        images: pictures.map((picture, index) => ({
          key: String(index),
          ...(picture.nearness === 0 ? { is_seen: true } : {}),
          ...this.#terms.ofPicture(picture),
        })),
        deadline_seconds: DEADLINE_SECONDS,
        ...this.#terms.ofRequest(isPrivate),
      },
      (verdict) => {
        const picture = unanswered.get(verdict.key);
        if (!picture || !unanswered.delete(verdict.key)) return;
        if (gathered.length === 0) setTimeout(write, GATHER_MS);
        gathered.push({ picture, verdict });
      },
      ({ key, from_document_only }) => {
        const picture = unanswered.get(key);
        if (!picture) return;
        const wanted = { target: id, key, fromDocumentOnly: from_document_only === true };
        const { token, address } = picture;
        const source = { token, key: picture.key, address, page_address: page.address, is_private: isPrivate };
        this.#supplier.supply(wanted, source);
      },
    );
    for (const picture of pictures) picture.request = id;
    let lateTimer;
    const late = new Promise((_, reject) => {
      lateTimer = setTimeout(
        () => {
          this.#companion.request({ type: "cancel", target: id }).answered.catch(() => {});
          reject(new CompanionError("deadline_exceeded", ""));
        },
        DEADLINE_SECONDS * 1000 + GRACE_MS,
      );
    });
    let code = "";
    try {
      await Promise.race([answered, late]);
      this.#overloads = 0;
    } catch (error) {
      code = /** @type {import("./port.js").CompanionError} */ (error).code;
    }
    clearTimeout(lateTimer);
    this.#underWay.batches -= 1;
    this.#underWay.pictures -= pictures.length;
    const finished = this.#putBack([...unanswered.values()], code);
    gathered.push(...finished.map((picture) => ({ picture, verdict: null })));
    await write();
    this.advance();
  }

  /**
   * Puts back what had no answer.
   * @param {Waiting[]} pictures @param {string} code why, or empty when the companion just left them out
   * @returns {Waiting[]} those that were tried often enough
   */
  #putBack(pictures, code) {
    if (code === "overloaded") this.#overloads += 1;
    const finished = [];
    for (const picture of pictures) {
      picture.request = null;
      // Not the picture's fault: it waits until the companion is back, the pause is over, or the rush is.
      if (code === "overloaded") picture.not_before = Date.now() + pauseMs(this.#overloads);
      else if (code === "paused") picture.not_before = Date.now() + LAST_RETRY_MS;
      else if (code !== "gone") {
        picture.tries += 1;
        picture.not_before = Date.now() + pauseMs(picture.tries);
        if (picture.tries >= MOST_TRIES) finished.push(picture);
      }
    }
    return finished;
  }

  /** @param {number} tabId @param {Answered[]} answers */
  async #record(tabId, answers) {
    const current = answers.filter(({ picture }) => this.#queue.has(picture));
    if (current.length === 0) return;
    for (const { picture } of current) this.#queue.remove(picture);
    try {
      await this.#pages.answer(tabId, current, this.#queue.count(tabId));
    } catch (error) {
      console.error(error); // the session is full; the next worker is sent these again
      return;
    }
    // Only what is written is settled: a document sends the rest again to the next worker.
    for (const token of new Set(current.map(({ picture }) => picture.token))) {
      const keys = current.filter(({ picture }) => picture.token === token).map(({ picture }) => picture.key);
      this.#tellSettled(token, keys);
    }
  }

  /** @param {Waiting[]} waiting */
  #wakeForWhatWasPutOff(waiting) {
    clearTimeout(this.#timer);
    const nowMs = Date.now();
    const due = nextDueMs(waiting, nowMs);
    if (due !== null) this.#timer = setTimeout(() => this.advance(), due - nowMs);
  }
}

/** @param {number} times how often it failed, 1 or more */
const pauseMs = (times) => Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LAST_RETRY_MS);
