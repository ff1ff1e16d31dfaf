/** How our own pages ask the background worker. The worker may die under a question; then it is asked again. */

import { browser } from "../browser.js";

const MOST_TRIES = 4;
const PAUSE_MS = 400;

export class AskError extends Error {
  /** @param {Trouble} trouble */
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {{type: string, [field: string]: unknown}} message
 * @returns {Promise<any>} the answer; rejects with an AskError
 */
export async function ask(message) {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    /** @type {Reply | undefined} */
    const reply = await browser.runtime.sendMessage(message).catch(() => undefined);
    if (reply && "answer" in reply) return reply.answer;
    if (reply?.trouble && reply.trouble.code !== "gone") throw new AskError(reply.trouble);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
  }
  throw new AskError({ code: "unreachable", message: "" });
}
