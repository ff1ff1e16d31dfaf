/** One connection to the native host: frames out, frames in, and each answer brought to its request. */

export class CompanionError extends Error {
  /** @param {string} code one of PROTOCOL.md, or `gone` when the connection ended @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @typedef {object} Pending
 * @property {(frame: Frame) => void} resolve
 * @property {(error: CompanionError) => void} reject
 * @property {((frame: VerdictMessage) => void) | null} hearVerdict set where verdicts come before the last answer
 * @property {((frame: WantBytes) => void) | null} hearWant set where bytes can be handed in
 */

export class CompanionPort {
  #port;
  #hear;
  #nextId = 1;
  /** @type {Map<number, Pending>} */
  #pending = new Map();

  /**
   * @param {chrome.runtime.Port} port
   * @param {(frame: Frame) => void} hear called with frames that belong to no request
   * @param {(message: string) => void} lost called once, with the browser's reason
   * @param {() => string} lastError the browser's reason for the disconnect that is being reported
   */
  constructor(port, hear, lost, lastError) {
    this.#port = port;
    this.#hear = hear;
    port.onMessage.addListener((/** @type {Frame} */ frame) => this.#receive(frame));
    port.onDisconnect.addListener(() => {
      const reason = lastError();
      lost(reason);
      this.#failAll(new CompanionError("gone", reason));
    });
  }

  /**
   * Sends a request.
   * @param {{type: string, [field: string]: unknown}} message
   * @param {((frame: VerdictMessage) => void) | null} [hearVerdict]
   * @param {((frame: WantBytes) => void) | null} [hearWant]
   * @returns {{id: number, answered: Promise<Frame>}} answered: rejects with a CompanionError
   */
  request(message, hearVerdict = null, hearWant = null) {
    const id = this.#nextId++;
    const answered = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, hearVerdict, hearWant });
      try {
        this.#port.postMessage({ ...message, id });
      } catch (error) {
        this.#pending.delete(id);
        reject(new CompanionError("gone", String(error)));
      }
    });
    return { id, answered };
  }

  /** Fails the one request under way. Of several, nobody can say whose the error is: each has a deadline of its own.
   * @param {CompanionError} error
   */
  failOnly(error) {
    if (this.#pending.size === 1) this.#failAll(error);
  }

  /** @param {CompanionError} [error] what the requests under way fail with */
  close(error = new CompanionError("gone", "closed")) {
    this.#port.disconnect(); // brings no event on this side
    this.#failAll(error);
  }

  /** @param {Frame} frame */
  #receive(frame) {
    const pending = typeof frame.id === "number" ? this.#pending.get(frame.id) : undefined;
    if (!pending || typeof frame.id !== "number") {
      // An answer to what nobody waits for any more is dropped; news without an id are for the listener.
      if (frame.id === undefined || frame.id === null) this.#hear(frame);
      return;
    }
    if (frame.type === "verdict" && pending.hearVerdict) {
      pending.hearVerdict(/** @type {VerdictMessage} */ (frame));
      return;
    }
    if (frame.type === "want_bytes") {
      pending.hearWant?.(/** @type {WantBytes} */ (frame));
      return;
    }
    this.#pending.delete(frame.id);
    if (frame.type === "error") pending.reject(new CompanionError(String(frame.code), String(frame.message)));
    else pending.resolve(frame);
  }

  /** @param {CompanionError} error */
  #failAll(error) {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }
}
