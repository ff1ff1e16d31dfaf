/**
 * Gives the bytes of pictures that the companion cannot fetch itself, without a word to the page or its server: what is
 * behind a blob: address is read in the document, which is no request, and what the page shows is drawn again on a
 * canvas of our own, where its origin allows that. Nothing else is fetched, not even from the browser's cache: Firefox
 * would tell the page and its service worker.
 */

const LARGEST_GIVEN_BYTES = 10_000_000; // as much as the companion would fetch
const PART_BYTES = 750_000; // 1,000,000 characters of base64: small enough that no task of ours is long

/** @typedef {{source: string, element: WeakRef<Element>}} Origin */

class Supply {
  #originOf;
  #tell;
  #last = Promise.resolve();

  /**
   * @param {(key: string) => Origin | undefined} originOf
   * @param {(message: FromPage) => void} tell
   */
  constructor(originOf, tell) {
    this.#originOf = originOf;
    this.#tell = tell;
  }

  /** One after the other, since each may be large. @param {string} key */
  give(key) {
    this.#last = this.#last.then(() => this.#give(key));
  }

  /** @param {string} key */
  async #give(key) {
    const origin = this.#originOf(key);
    const picture = origin ? await pictureFrom(origin) : "unknown";
    if (typeof picture === "string") this.#tell({ type: "not_given", key, reason: picture });
    else if (picture.size > LARGEST_GIVEN_BYTES) this.#tell({ type: "not_given", key, reason: "too_large" });
    else await this.#send(key, picture);
  }

  /** @param {string} key @param {Blob} picture */
  async #send(key, picture) {
    const parts = Math.ceil(picture.size / PART_BYTES);
    for (let part = 0; part < parts; part++) {
      const bytes = await base64Of(picture.slice(part * PART_BYTES, (part + 1) * PART_BYTES));
      this.#tell({ type: "given", key, media_type: picture.type, part, parts, bytes });
    }
  }
}

/** @param {Origin} origin @returns {Promise<Blob | NotGiven>} */
const pictureFrom = async ({ source, element }) => {
  const original = /^blob:/i.test(source) ? await behindBlob(source) : null;
  if (original) return original;
  const holder = element.deref();
  if (!holder || !isInPage(holder)) return "gone";
  if (!isDrawable(holder)) return "out_of_reach";
  // A frame is whatever is shown now; anything else must still be what was asked about.
  if (!/^frame:/.test(source) && kindOf(holder)?.source(holder) !== source) return "unknown";
  return drawnCopyOf(holder);
};

/** @param {string} address @returns {Promise<Blob | null>} null where the page has revoked it */
const behindBlob = async (address) => {
  try {
    return await (await fetch(address)).blob();
  } catch {
    return null;
  }
};

/** @param {Blob} blob @returns {Promise<string>} */
const base64Of = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader(); // encodes off the page's thread
    reader.onload = () => done(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
