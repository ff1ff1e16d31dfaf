/**
 * Pictures of a page as the tab shows it: of what is seen, and of the whole. Firefox draws any part of a page without
 * scrolling it; in Chromium the page is scrolled, which it can notice, so that the user is told before.
 */

import { browser } from "../browser.js";
import { planOf } from "./slices.js";

const PAUSE_MS = 520; // Chromium captures twice a second and no more
const MOST_TRIES = 4;
const LARGEST_SCREEN_BYTES = 16 * 2 ** 20; // over it the visible part is kept as JPEG
const LARGEST_WHOLE_BYTES = 30 * 2 ** 20;
const MOST_PNG_PIXELS = 6_000_000; // larger pages are kept as JPEG
const SCREENS_AT_ONCE = 2; // that Firefox draws

/** Why there is no picture. `code` is one of those in shared/capture_words.js. */
export class NotPictured extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @typedef {object} Picture
 * @property {Blob} blob
 * @property {number} width pixels
 * @property {number} height
 * @property {import("./slices.js").Plan | null} plan of a whole page
 */

/** Whether whole pages are drawn without the page noticing. */
export const drawsWithoutScrolling = () => typeof (/** @type {any} */ (browser.tabs).captureTab) === "function";

export class PagePictures {
  #answers;
  #isThere;
  #lastShot = 0;

  /**
   * @param {import("./document_answers.js").DocumentAnswers} answers
   * @param {(token: string) => boolean} isThere whether a document is still shown
   */
  constructor(answers, isThere) {
    this.#answers = answers;
    this.#isThere = isThere;
  }

  /** What the tab shows now. @param {CaptureSource} source @returns {Promise<Picture>} */
  async visible(source) {
    const shot = await this.#shot(source);
    const { width, height } = shot.bitmap;
    shot.bitmap.close();
    if (shot.blob.size <= LARGEST_SCREEN_BYTES) return { blob: shot.blob, width, height, plan: null };
    const canvas = new OffscreenCanvas(width, height);
    await draw(canvas, shot.blob);
    return { blob: await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }), width, height, plan: null };
  }

  /**
   * The whole page, as far as the limits allow.
   * @param {CaptureSource} source @param {(done: number, of: number) => void} tell
   * @returns {Promise<Picture>}
   */
  async whole(source, tell) {
    const size = await this.#answers.measure(source.token);
    if (!size) throw new NotPictured("page_left");
    const plan = planOf(size, size.pixels_per_unit);
    if (!plan) throw new NotPictured("nothing_shown");
    const canvas = new OffscreenCanvas(plan.width, plan.height);
    const pen = canvas.getContext("2d", { alpha: false });
    if (!pen) throw new NotPictured("not_pictured");
    if (drawsWithoutScrolling()) await this.#drawParts(source, size, plan, pen, tell);
    else await this.#drawScreens(source, size, plan, pen, tell);
    return { blob: await encoded(canvas), width: plan.width, height: plan.height, plan };
  }

  /**
   * @param {CaptureSource} source @param {PageSize} size @param {import("./slices.js").Plan} plan
   * @param {OffscreenCanvasRenderingContext2D} pen @param {(done: number, of: number) => void} tell
   */
  async #drawParts(source, size, plan, pen, tell) {
    const step = SCREENS_AT_ONCE * plan.seenHeight;
    const of = Math.ceil(plan.shown / step);
    for (let part = 0; part < of; part++) {
      tell(part, of);
      const top = part * step;
      const height = Math.min(step, plan.shown - top);
      const rect = { x: 0, y: top, width: size.seen_width, height };
      const { bitmap } = await this.#shot(source, { rect });
      const end = Math.round((top + height) * plan.scale);
      const at = Math.round(top * plan.scale);
      pen.drawImage(bitmap, 0, at, plan.width, end - at);
      bitmap.close();
    }
  }

  /**
   * @param {CaptureSource} source @param {PageSize} size @param {import("./slices.js").Plan} plan
   * @param {OffscreenCanvasRenderingContext2D} pen @param {(done: number, of: number) => void} tell
   */
  async #drawScreens(source, size, plan, pen, tell) {
    try {
      for (const [index, top] of plan.tops.entries()) {
        tell(index, plan.tops.length);
        const at = await this.#answers.scroll(source.token, {
          y: top,
          is_first: index === 0,
          is_last: index === plan.tops.length - 1,
        });
        if (at === null) throw new NotPictured("page_left");
        const { bitmap } = await this.#shot(source);
        const ratio = bitmap.width / size.width; // the tab's bars for scrolling are part of its picture
        const [width, height] = [size.seen_width, size.seen_height];
        const place = Math.round(at * plan.scale);
        const [cutWidth, cutHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
        pen.drawImage(bitmap, 0, 0, cutWidth, cutHeight, 0, place, plan.width, Math.round(height * plan.scale));
        bitmap.close();
      }
    } finally {
      await this.#answers.restore(source.token);
    }
  }

  /**
   * One picture of the tab. What it shows must be the page that is meant, before and after: the user may go elsewhere.
   * @param {CaptureSource} source @param {{rect?: object}} [part]
   */
  async #shot(source, part) {
    for (let tries = 1; ; tries++) {
      await this.#checkShown(source);
      const wait = this.#lastShot + PAUSE_MS - Date.now();
      if (wait > 0 && !drawsWithoutScrolling()) await new Promise((done) => setTimeout(done, wait));
      this.#lastShot = Date.now();
      try {
        const address = await this.#capture(source, part);
        await this.#checkShown(source);
        const blob = blobOf(address);
        return { blob, bitmap: await createImageBitmap(blob) };
      } catch (error) {
        if (error instanceof NotPictured) throw error;
        // Somebody else used up what may be captured in this second.
        if (tries === MOST_TRIES || !/quota|MAX_CAPTURE/i.test(String(error))) throw new NotPictured("not_pictured");
      }
    }
  }

  /** @param {CaptureSource} source @param {{rect?: object}} [part] @returns {Promise<string>} `data:` */
  #capture({ tab_id, window_id }, part) {
    const tabs = /** @type {any} */ (browser.tabs);
    if (drawsWithoutScrolling()) return tabs.captureTab(tab_id, { format: "png", ...part });
    return tabs.captureVisibleTab(window_id, { format: "png" });
  }

  /** @param {CaptureSource} source */
  async #checkShown({ tab_id, window_id, token }) {
    if (!this.#isThere(token)) throw new NotPictured("page_left");
    if (drawsWithoutScrolling()) return; // of any tab, also of one behind others
    const tab = await browser.tabs.get(tab_id).catch(() => null);
    if (!tab) throw new NotPictured("page_left");
    if (!tab.active || tab.windowId !== window_id) throw new NotPictured("tab_left");
  }
}

/** @param {OffscreenCanvas} canvas @param {Blob} blob */
async function draw(canvas, blob) {
  const bitmap = await createImageBitmap(blob);
  canvas.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/** As PNG where the page is small, else as JPEG. @param {OffscreenCanvas} canvas */
async function encoded(canvas) {
  if (canvas.width * canvas.height <= MOST_PNG_PIXELS) return canvas.convertToBlob({ type: "image/png" });
  for (const quality of [0.9, 0.7]) {
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (blob.size <= LARGEST_WHOLE_BYTES) return blob;
  }
  throw new NotPictured("too_large");
}

/** @param {string} address data: */
export function blobOf(address) {
  const text = atob(address.slice(address.indexOf(",") + 1));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: "image/png" });
}
