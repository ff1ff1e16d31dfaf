/**
 * The companion as the rest of the worker sees it: connected or not, and why not. Connects when it is needed, says
 * hello, tries again with growing pauses, and keeps its state where our pages read it.
 */

import { stoppedBy } from "../shared/troubles.js";
import { CompanionError, CompanionPort } from "./port.js";

export const PROTOCOL = 1;
const STARTING_MS = 90_000; // a daemon with a large index may take this long to open it
const HELLO_MS = 15_000;
/** Pauses before each further try, milliseconds; the last one repeats. */
const RETRY_MS = [500, 1_000, 3_000, 10_000, 30_000, 60_000];
const SETTLED_RETRY_MS = 300_000; // where only the user can help

/** @type {Record<string, Phase>} */
const PHASE_OF_ERROR = {
  update_extension: "update_extension",
  update_companion: "update_companion",
  caller_refused: "refused",
};

/** Errors without an id after which host or daemon hang up, or hear nothing that we say. */
const LAST_ERRORS = new Set([
  "frame_too_large",
  "hello_first",
  "update_extension",
  "update_companion",
  "caller_refused",
  "daemon_unreachable",
  "daemon_gone",
]);

/** What the browser's words about a failed connection mean. @param {string} reason @returns {Phase} */
export function phaseOfDisconnect(reason) {
  if (/host not found|no such native application/i.test(reason)) return "missing";
  if (/forbidden|not allowed|permission/i.test(reason)) return "refused";
  return "unreachable";
}

export class Companion {
  #connectNative;
  #save;
  #describeBrowser;
  /** @type {CompanionPort | null} */
  #port = null;
  /** @type {CompanionState} */
  #state;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Set<(state: CompanionState, before: CompanionState) => void>} */
  #listeners = new Set();
  /** @type {Set<(news: NewsMessage) => void>} */
  #newsListeners = new Set();

  /**
   * @param {object} parts
   * @param {(hear: (frame: Frame) => void, lost: (reason: string) => void) => CompanionPort} parts.connectNative
   * @param {(state: CompanionState) => void} parts.save
   * @param {() => {extension_version: string, browser: string, user_agent: string}} parts.describeBrowser
   * @param {CompanionState} [before] what an earlier worker knew; shown until there is news
   */
  constructor({ connectNative, save, describeBrowser }, before) {
    this.#connectNative = connectNative;
    this.#save = save;
    this.#describeBrowser = describeBrowser;
    const phase = before && before.phase !== "ready" && before.phase !== "starting" ? before.phase : "idle";
    const { message = "", cause = "", status = null, version = "" } = before ?? {};
    this.#state = { phase, message, cause, status, version };
  }

  get state() {
    return this.#state;
  }

  get isReady() {
    return this.#state.phase === "ready";
  }

  /** @param {(state: CompanionState, before: CompanionState) => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** @param {(news: NewsMessage) => void} listener called when a picture has gone or come back */
  onNews(listener) {
    this.#newsListeners.add(listener);
  }

  /** Connects unless that is done or under way, or a pause before the next try runs. */
  connect() {
    if (this.#port || this.#timer !== undefined) return;
    this.#open();
  }

  /** Connects without waiting for the pause to end: the user is looking. */
  connectNow() {
    if (this.#port) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open();
  }

  /**
   * @param {{type: string, [field: string]: unknown}} message
   * @param {((frame: VerdictMessage) => void) | null} [hearVerdict]
   * @param {((frame: WantBytes) => void) | null} [hearWant]
   */
  request(message, hearVerdict = null, hearWant = null) {
    if (!this.#port || !this.isReady) {
      return { id: 0, answered: Promise.reject(this.#whyNotReady()) };
    }
    const request = this.#port.request(message, hearVerdict, hearWant);
    request.answered.then(
      (frame) => {
        if (frame.type === "status") this.#hearStatus(/** @type {any} */ (frame));
      },
      () => {},
    );
    return request;
  }

  /** Resolves when requests can be made; rejects when that cannot be, or not in time. @param {number} timeoutMs */
  whenReady(timeoutMs) {
    this.connectNow();
    return new Promise((resolve, reject) => {
      const settle = () => {
        const { phase } = this.#state;
        // While we try again, the phase still tells of the last trouble.
        if (this.#port && phase !== "ready") return;
        clearTimeout(timer);
        this.#listeners.delete(settle);
        if (phase === "ready") resolve(undefined);
        else reject(this.#whyNotReady());
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(settle);
        reject(new CompanionError("deadline_exceeded", ""));
      }, timeoutMs);
      this.#listeners.add(settle);
      settle();
    });
  }

  #open() {
    const connection = this.#connectNative(
      (frame) => this.#port === connection && this.#hear(frame),
      (reason) => this.#port === connection && this.#lost(phaseOfDisconnect(reason), ""),
    );
    this.#port = connection;
    // While trying again, the last known trouble stays on the screen instead of flickering.
    if (this.#tries === 0) this.#become({ phase: "connecting", message: "", cause: "" });
    this.#giveUpAfter(HELLO_MS);
    connection.request({ type: "hello", protocol: PROTOCOL, ...this.#describeBrowser() }).answered.then(
      (welcome) => this.#port === connection && this.#welcomed(welcome),
      (/** @type {CompanionError} */ error) => {
        if (this.#port !== connection || error.code === "gone") return;
        this.#lost(PHASE_OF_ERROR[error.code] ?? "unreachable", error.message, error.code);
        connection.close();
      },
    );
  }

  /** @param {Frame} welcome */
  #welcomed(welcome) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tries = 0;
    const version = String(welcome.daemon_version ?? "");
    this.#become({ phase: "ready", message: "", cause: "", status: welcome.status, version });
  }

  /** @param {Frame} frame */
  #hear(frame) {
    if (frame.type === "status") this.#hearStatus(/** @type {any} */ (frame));
    if (frame.type === "news") for (const listener of this.#newsListeners) listener(/** @type {any} */ (frame));
    if (frame.type === "starting") {
      this.#giveUpAfter(STARTING_MS);
      this.#become({ phase: "starting", message: "", cause: "" });
    }
    if (frame.type === "error") this.#hearError(String(frame.code), String(frame.message), String(frame.cause ?? ""));
  }

  /** An error that names no request. @param {string} code @param {string} message @param {string} cause */
  #hearError(code, message, cause) {
    const connection = this.#port;
    const error = new CompanionError(code, message);
    if (!LAST_ERRORS.has(code)) {
      connection?.failOnly(error);
      return;
    }
    this.#lost(PHASE_OF_ERROR[code] ?? "unreachable", message, cause || code);
    // What made a frame too large must not be asked for again and again, as what was just interrupted is.
    connection?.close(code === "frame_too_large" ? error : undefined);
  }

  /** @param {CompanionStatus} status */
  #hearStatus(status) {
    if (this.isReady) this.#become({ phase: "ready", message: "", status });
  }

  /** @param {number} timeoutMs */
  #giveUpAfter(timeoutMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const connection = this.#port;
      this.#lost("unreachable", "");
      connection?.close();
    }, timeoutMs);
  }

  /** What a request that cannot be made fails with: the code of what lies behind it, where that is known. */
  #whyNotReady() {
    const { phase, message, cause } = this.#state;
    return new CompanionError(stoppedBy(phase, cause), message);
  }

  /** @param {Phase} phase @param {string} message @param {string} [cause] */
  #lost(phase, message, cause = "") {
    this.#port = null;
    clearTimeout(this.#timer);
    const canHealAlone = phase === "unreachable";
    const pause = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] ?? SETTLED_RETRY_MS;
    this.#tries += 1;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#open();
      },
      canHealAlone ? pause : SETTLED_RETRY_MS,
    );
    this.#become({ phase, message, cause });
  }

  /** @param {Partial<CompanionState>} change */
  #become(change) {
    const before = this.#state;
    this.#state = { ...before, ...change };
    this.#save(this.#state);
    for (const listener of [...this.#listeners]) listener(this.#state, before);
  }
}
