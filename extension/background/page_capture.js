/**
 * Saves a page as it is shown, on the user's click: the visible part, the page's HTML, the whole page, in this order,
 * since the last may scroll it. It goes to the companion in parts. What cannot be had is said and leaves the rest standing.
 */

import { browser } from "../browser.js";
import { offsetHere } from "../shared/clock.js";
import { base64Parts } from "./base64.js";
import { drawsWithoutScrolling, NotPictured, PagePictures } from "./page_pictures.js";
import { CompanionError } from "./port.js";

const LARGEST_TEXT_BYTES = 24 * 2 ** 20;

/**
 * @typedef {object} Part
 * @property {"screen" | "whole" | "html"} kind
 * @property {Blob} blob
 * @property {number} width pixels; 0 of a text
 * @property {number} height
 * @property {string} words in English, for the companion: what is to be known of this part
 *
 * @typedef {object} Captured
 * @property {number} capture_id
 * @property {string[]} kinds that were saved
 * @property {{code: string, kind: string, values?: number[]}[]} notes what is missing or cut, and why
 */

export class PageCapture {
  #pages;
  #documents;
  #answers;
  #companion;
  #session;

  /**
   * @param {object} parts
   * @param {import("./pages.js").Pages} parts.pages
   * @param {import("./documents.js").Documents} parts.documents
   * @param {import("./document_answers.js").DocumentAnswers} parts.answers
   * @param {import("./companion.js").Companion} parts.companion
   * @param {import("./session.js").Session} parts.session
   */
  constructor({ pages, documents, answers, companion, session }) {
    this.#pages = pages;
    this.#documents = documents;
    this.#answers = answers;
    this.#companion = companion;
    this.#session = session;
  }

  /**
   * The tab that shows a page now.
   * @param {string} address @param {number} [tabId] which is meant, where that is known
   * @returns {Promise<{tab_id: number, is_private: boolean, page_sees_it: boolean} | null>}
   */
  async find(address, tabId) {
    const shown = this.#pages
      .all()
      .filter((page) => page.address === address && this.#documents.has(page.token))
      .sort((one, other) => Number(other.tab_id === tabId) - Number(one.tab_id === tabId));
    for (const { tab_id } of shown) {
      const tab = await browser.tabs.get(tab_id).catch(() => null);
      if (tab) return { tab_id, is_private: tab.incognito, page_sees_it: !drawsWithoutScrolling() };
    }
    return null;
  }

  /**
   * @param {{capture: string, address: string, tab_id?: number, is_whole: boolean}} wanted
   * @returns {Promise<Captured>}
   */
  async save({ capture, address, tab_id, is_whole }) {
    const found = await this.find(address, tab_id);
    if (!found) throw new CompanionError("page_left", "");
    // Of a private window nothing is written, whatever the user's page asks.
    if (found.is_private) throw new CompanionError("private_window", "");
    const page = this.#pages.of(found.tab_id);
    if (!page) throw new CompanionError("page_left", "");
    const takenAt = new Date();
    try {
      const { parts, notes } = await this.#inFront(found.tab_id, (source) =>
        this.#take({ ...source, token: page.token }, capture, is_whole),
      );
      const [missing] = notes;
      if (parts.length === 0) throw new CompanionError(missing?.code ?? "not_pictured", "");
      await this.#tell(capture, "sending", 0, 1);
      const about = { page: { address: page.address, title: page.title }, ...momentOf(takenAt) };
      const capture_id = await this.#send({ capture, ...about }, parts);
      return { capture_id, kinds: parts.map(({ kind }) => kind), notes };
    } finally {
      await this.#session.remove(`capture:${capture}`);
    }
  }

  /** Chromium captures what is in front, so the tab comes there meanwhile.
   * @template Result
   * @param {number} tabId @param {(source: {tab_id: number, window_id: number}) => Promise<Result>} take
   */
  async #inFront(tabId, take) {
    const tab = await browser.tabs.get(tabId);
    const source = { tab_id: tabId, window_id: tab.windowId };
    if (tab.active || drawsWithoutScrolling()) return take(source);
    const [before] = await browser.tabs.query({ active: true, windowId: tab.windowId });
    await browser.tabs.update(tabId, { active: true });
    try {
      return await take(source);
    } finally {
      const [now] = await browser.tabs.query({ active: true, windowId: tab.windowId });
      // Only where the user has not gone elsewhere meanwhile.
      if (now?.id === tabId && before?.id !== undefined) {
        await browser.tabs.update(before.id, { active: true }).catch(() => {});
      }
    }
  }

  /** @param {CaptureSource} source @param {string} capture @param {boolean} isWhole */
  async #take(source, capture, isWhole) {
    /** @type {Part[]} */
    const parts = [];
    /** @type {Captured["notes"]} */
    const notes = [];
    const pictures = new PagePictures(this.#answers, (token) => this.#documents.has(token));
    /** @param {Part["kind"]} kind @param {() => Promise<Part>} take */
    const attempt = async (kind, take) => {
      try {
        parts.push(await take());
      } catch (error) {
        notes.push({ kind, code: error instanceof NotPictured ? error.code : "not_pictured" });
      }
    };
    await this.#tell(capture, "pictures", 0, 1);
    await attempt("screen", async () => ({ kind: "screen", words: "", ...(await pictures.visible(source)) }));
    await attempt("html", async () => {
      const { part, isCut } = await this.#textOf(source.token);
      if (isCut) notes.push({ kind: "html", code: "text_cut" });
      return part;
    });
    if (isWhole) {
      await attempt("whole", async () => {
        const tell = (/** @type {number} */ done, /** @type {number} */ of) =>
          void this.#tell(capture, "pictures", done + 1, of + 1);
        const { plan, ...picture } = await pictures.whole(source, tell);
        const shown = Math.round(plan?.shown ?? 0);
        const height = Math.round(plan?.pageHeight ?? 0);
        if (!plan?.isCut) return { kind: "whole", words: "", ...picture };
        notes.push({ kind: "whole", code: "page_cut", values: [Math.round((100 * shown) / Math.max(1, height))] });
        return { kind: "whole", words: `cut: shows ${shown} of the page's ${height} CSS pixels of height`, ...picture };
      });
    }
    return { parts, notes };
  }

  /** @param {string} token */
  async #textOf(token) {
    const found = await this.#answers.text(token);
    if (!found) throw new NotPictured("page_left");
    if (found.text === "") throw new NotPictured("nothing_shown");
    const whole = new TextEncoder().encode(found.text);
    let end = Math.min(whole.length, LARGEST_TEXT_BYTES);
    while (end < whole.length && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1; // a character stays whole
    const isCut = found.is_cut || end < whole.length;
    const blob = new Blob([whole.subarray(0, end)], { type: "text/html" });
    const words = isCut ? "cut: the page's text goes on" : "";
    return { part: /** @type {Part} */ ({ kind: "html", blob, width: 0, height: 0, words }), isCut };
  }

  /**
   * @param {{capture: string, page: object, at: number, utc_offset: number}} common to all parts
   * @param {Part[]} parts
   * @returns {Promise<number>} the companion's number for it
   */
  async #send(common, parts) {
    let sent = 0;
    const all = parts.reduce((sum, { blob }) => sum + blob.size, 0);
    for (const { kind, blob, width, height, words } of parts) {
      const chunks = base64Parts(new Uint8Array(await blob.arrayBuffer()));
      const isLast = kind === parts.at(-1)?.kind;
      for (const [part, bytes] of chunks.entries()) {
        const frame = await this.#companion.request({
          ...{ type: "capture_page", ...common, kind, media_type: blob.type, width, height, words },
          ...{ part, parts: chunks.length, bytes, is_last: isLast && part === chunks.length - 1 },
        }).answered;
        sent += bytes.length * 0.75;
        await this.#tell(common.capture, "sending", sent, all);
        if (frame.type === "captured") return Number(frame.capture_id);
      }
    }
    throw new CompanionError("internal", "the companion took every part and kept none");
  }

  /** @param {string} capture @param {"pictures" | "sending"} step @param {number} done @param {number} of */
  async #tell(capture, step, done, of) {
    await this.#session.write(`capture:${capture}`, { step, done, of });
  }
}

/** @param {Date} date */
function momentOf(date) {
  const at = date.getTime() / 1000;
  return { at, utc_offset: offsetHere(at) };
}
