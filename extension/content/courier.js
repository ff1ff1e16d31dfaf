/**
 * Carries pictures to the background worker and hears which are answered. The connection is also how the worker learns
 * that a document is gone, and how a document learns that the worker died: then it sends again what had no answer.
 */

const GATHER_MS = 40; // pictures found within this time travel together, save for the first, for which nobody works yet
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 60_000;
const ROOM = { most: 100, mostSeen: 300, mostCharacters: 8_000_000 }; // without an answer, for one document

class Courier {
  #ledger;
  #introduce;
  #again;
  #asked;
  /** @type {chrome.runtime.Port | null} */
  #port = null;
  /** @type {Set<string>} */
  #nearer = new Set();
  #isSendPlanned = false;
  #retryMs = FIRST_RETRY_MS;
  #mustRest = false;

  /**
   * @param {Ledger} ledger
   * @param {() => FromPage} introduce says which document this is
   * @param {() => void} again called when everything is to be reported once more
   * @param {(message: ToPage) => void} asked called with what the worker wants to know
   */
  constructor(ledger, introduce, again, asked) {
    this.#ledger = ledger;
    this.#introduce = introduce;
    this.#again = again;
    this.#asked = asked;
  }

  connect() {
    if (this.#port) return;
    const port = connectToWorker();
    if (!port) return;
    this.#port = port;
    port.onMessage.addListener((/** @type {ToPage} */ message) => this.#hear(message));
    port.onDisconnect.addListener(() => this.#lost(port));
    this.#ledger.unsend();
    this.tell(this.#introduce());
    this.sendSoon();
  }

  /** @param {FromPage} message */
  tell(message) {
    try {
      this.#port?.postMessage(message);
    } catch {
      // The other end is gone; its disconnect event follows, and with it everything is sent again.
    }
  }

  /** @param {string} key of a picture that was sent, and now is nearer */
  sayNearer(key) {
    this.#nearer.add(key);
    this.sendSoon();
  }

  sendSoon() {
    if (this.#isSendPlanned) return;
    this.#isSendPlanned = true;
    setTimeout(() => this.#send(), this.#ledger.underWay === 0 ? 0 : GATHER_MS);
  }

  #send() {
    this.#isSendPlanned = false;
    if (!this.#port) return;
    const pictures = this.#ledger.send(ROOM);
    // The element's own word comes before the document's.
    const policy = pictures.length > 0 ? documentPolicy() : {};
    if (pictures.length > 0) {
      this.tell({ type: "pictures", pictures: pictures.map((picture) => ({ ...policy, ...picture })) });
    }
    if (this.#nearer.size > 0) this.tell({ type: "nearer", keys: [...this.#nearer] });
    this.#nearer.clear();
  }

  /** @param {ToPage} message */
  #hear(message) {
    this.#retryMs = FIRST_RETRY_MS;
    this.#mustRest = message.type === "rest";
    if (message.type === "settled") {
      this.#ledger.settle(message.keys);
      this.sendSoon();
    } else if (message.type === "again") {
      this.#again();
    } else {
      this.#asked(message);
    }
  }

  /** @param {chrome.runtime.Port} port */
  #lost(port) {
    if (this.#port !== port) return;
    this.#port = null;
    // A hidden page waits until it is looked at. Where there is no companion, waking the worker helps nobody.
    const delay = this.#mustRest ? LAST_RETRY_MS : this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    setTimeout(() => {
      if (document.visibilityState === "visible") this.connect();
      else document.addEventListener("visibilitychange", () => this.connect(), { once: true });
    }, delay);
  }
}
