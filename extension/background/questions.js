/** The user's own question about one picture, from the right-click to its answer. It lives in the session. */

import { bytesFromScreen } from "./capture.js";
import { bytesInFrame, LARGEST_ADDRESS_BYTES } from "./frame_size.js";
import { CompanionError } from "./port.js";

const READY_MS = 30_000; // a daemon that starts with a large index takes a while
const DEADLINE_SECONDS = 30;
const GRACE_MS = 3_000;
const KEPT_MS = 3_600_000;

/** The answer about a picture inside its address that no frame can carry. @type {VerdictMessage} */
const TOO_LARGE = {
  type: "verdict",
  id: 0,
  key: "question",
  verdict: "undecided",
  score: 0,
  reason: { code: "image_too_large", words: "the picture lies in its address, which is too long to be sent" },
  matches: [],
  width: 0,
  height: 0,
  index_generation: 0,
  elapsed_ms: 0,
};

const key = (/** @type {string} */ id) => `question:${id}`;

export class Questions {
  #session;
  #companion;
  #terms;
  #supplier;

  /**
   * @param {object} parts
   * @param {import("./session.js").Session} parts.session
   * @param {import("./companion.js").Companion} parts.companion
   * @param {import("./picture_terms.js").PictureTerms} parts.terms
   * @param {import("./supplier.js").Supplier} parts.supplier
   */
  constructor({ session, companion, terms, supplier }) {
    this.#session = session;
    this.#companion = companion;
    this.#terms = terms;
    this.#supplier = supplier;
  }

  /**
   * @param {{page: {address: string, title: string, asked_address?: string | undefined}, address: string, source: QuestionSource}} asked
   * @returns {Promise<string>} the question's id
   */
  async ask({ page, address, source }) {
    const id = crypto.randomUUID();
    /** @type {Question} */
    const question = { id, page, address, source, asked_at: Date.now(), answer: null };
    if (bytesInFrame(address) > LARGEST_ADDRESS_BYTES) Object.assign(question, { address: "", answer: TOO_LARGE });
    // A picture inside its address may be too large to be kept; then the question lives as long as this worker.
    await this.#session.write(key(id), question).catch(() => {});
    return id;
  }

  /** The answer, from the session where it is known already. @param {string} id @returns {Promise<VerdictMessage>} */
  async answer(id) {
    /** @type {Question | undefined} */
    const question = this.#session.read(key(id));
    if (!question) throw new CompanionError("not_found", "");
    if (question.answer) return question.answer;
    const { address, source } = question;
    if (address === "" && !source.place && !source.key) throw new CompanionError("no_picture_here", "");
    if (address !== "" && !/^(https?:|data:image\/)/i.test(address))
      throw new CompanionError("picture_out_of_reach", "");
    await this.#companion.whenReady(READY_MS);
    const answer = await this.#check(question);
    // What could not be told now may be told when it is asked again.
    if (answer.verdict !== "undecided") await this.#session.write(key(id), { ...question, address: "", answer });
    return answer;
  }

  /** The page that a question is about. @param {string} id @returns {{address: string, tab_id: number} | null} */
  pageOf(id) {
    /** @type {Question | undefined} */
    const question = this.#session.read(key(id));
    return question ? { address: question.page.address, tab_id: question.source.tab_id } : null;
  }

  /** Forgets what nobody looks at any more. */
  async sweep() {
    for (const { id, asked_at } of this.#session.readAll("question:")) {
      if (Date.now() - asked_at > KEPT_MS) await this.#session.remove(key(id));
    }
  }

  /** @param {Question} question @returns {Promise<any>} */
  async #check({ page, address, source }) {
    const { token, key, is_private, referrer_policy } = source;
    const { id, answered } = this.#companion.request(
      {
        type: "check_image",
        page,
        image: { key: "question", ...this.#terms.ofPicture({ token, address, referrer_policy }) },
        deadline_seconds: DEADLINE_SECONDS,
        ...this.#terms.ofRequest(is_private),
      },
      null,
      ({ key: wanted, from_document_only }) => {
        this.#supplier.supply(
          { target: id, key: wanted, fromDocumentOnly: from_document_only === true },
          { token, key, address, page_address: page.address, is_private },
          () => bytesFromScreen(source),
        );
      },
    );
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(
        () => {
          this.#companion.request({ type: "cancel", target: id }).answered.catch(() => {});
          reject(new CompanionError("deadline_exceeded", ""));
        },
        DEADLINE_SECONDS * 1000 + GRACE_MS,
      );
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
