/**
 * Which canvases show a picture that has come to rest. A canvas has no address and tells nobody that it was drawn on, so
 * those that are seen are looked at now and then, on a copy of a few pixels.
 */

const FIRST_LOOK_MS = 500; // after a canvas came into view; the time between two looks doubles from here
const LAST_LOOK_MS = 8_000;
const MOST_PICTURES = 3; // of one canvas: what goes on changing is an animation
const GLANCE_SIDE = 8; // pixels
const CALM_DIFFERENCE = 2; // of 255, on average: less is the same picture
const PLAIN_DIFFERENCE = 6; // of 255, at the most
const VISIBLE_DIFFERENCE = 10; // of 255, on average: more is another picture

/** @typedef {{number: number, pictures: number, glance: Uint8ClampedArray | null, told: Uint8ClampedArray | null}} KnownCanvas */

/** @type {WeakMap<HTMLCanvasElement, string>} */
const canvasNames = new WeakMap();

/** What the picture is called that a canvas shows; empty while it shows none. @param {HTMLCanvasElement} canvas */
const nameOfCanvas = (canvas) => canvasNames.get(canvas) ?? "";

class Canvases {
  #calmed;
  /** @type {WeakMap<HTMLCanvasElement, KnownCanvas>} */
  #known = new WeakMap();
  #count = 0;
  /** @type {Set<HTMLCanvasElement>} */
  #seen = new Set();
  #waitMs = FIRST_LOOK_MS;
  #timer = 0;

  /** @param {(canvas: HTMLCanvasElement) => void} calmed called when it has a new picture */
  constructor(calmed) {
    this.#calmed = calmed;
  }

  /** @param {HTMLCanvasElement} canvas @param {boolean} isSeen whether it is in view now */
  see(canvas, isSeen) {
    if (!isSeen) {
      this.#seen.delete(canvas);
    } else if (!this.#seen.has(canvas) && !this.#isDone(canvas)) {
      this.#seen.add(canvas);
      this.#waitMs = FIRST_LOOK_MS;
      clearTimeout(this.#timer);
      this.#plan();
    }
  }

  /** @param {HTMLCanvasElement} canvas */
  #isDone(canvas) {
    return (this.#known.get(canvas)?.pictures ?? 0) >= MOST_PICTURES;
  }

  /** In a frame of animation, and asked for after the page asked for it: what WebGL drew is gone outside of it. */
  #plan() {
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#lookAtSeen()), this.#waitMs);
  }

  #lookAtSeen() {
    this.#waitMs = Math.min(2 * this.#waitMs, LAST_LOOK_MS);
    const begin = performance.now();
    for (const canvas of [...this.#seen]) {
      this.#seen.delete(canvas);
      if (!isInPage(canvas) || !this.#look(canvas)) continue;
      this.#seen.add(canvas); // behind those that wait for a look
      if (performance.now() - begin > SLICE_MS) break;
    }
    if (this.#seen.size > 0) this.#plan();
  }

  /** @param {HTMLCanvasElement} canvas @returns {boolean} whether to look again */
  #look(canvas) {
    const glance = glanceAt(canvas);
    if (!glance) return false;
    const known = this.#known.get(canvas) ?? { number: ++this.#count, pictures: 0, glance: null, told: null };
    this.#known.set(canvas, known);
    const isCalm = known.glance !== null && differenceOf(known.glance, glance) <= CALM_DIFFERENCE;
    const isNew = known.told === null || differenceOf(known.told, glance) >= VISIBLE_DIFFERENCE;
    known.glance = glance;
    if (!isCalm || !isNew || isPlain(glance)) return true;
    known.told = glance;
    known.pictures += 1;
    canvasNames.set(canvas, `canvas:${known.number}.${known.pictures}`);
    this.#calmed(canvas);
    return !this.#isDone(canvas);
  }
}

/** A few pixels of a canvas, RGBA; null where there are none, or the browser shows them to nobody.
 * @param {HTMLCanvasElement} canvas
 */
const glanceAt = (canvas) => {
  try {
    const context = new OffscreenCanvas(GLANCE_SIDE, GLANCE_SIDE).getContext("2d", { willReadFrequently: true });
    context?.drawImage(canvas, 0, 0, GLANCE_SIDE, GLANCE_SIDE);
    return context?.getImageData(0, 0, GLANCE_SIDE, GLANCE_SIDE).data ?? null;
  } catch {
    return null; // it has no size, or is tainted by a picture from elsewhere
  }
};

/** The mean of the differences, 0 to 255. @param {Uint8ClampedArray} one @param {Uint8ClampedArray} other */
const differenceOf = (one, other) =>
  one.reduce((sum, value, place) => sum + Math.abs(value - (other[place] ?? 0)), 0) / one.length;

/** Whether all pixels are about the same: nothing is drawn yet, or nothing to be recognised.
 * @param {Uint8ClampedArray} glance
 */
const isPlain = (glance) =>
  glance.every((value, place) => Math.abs(value - (glance[place % 4] ?? 0)) <= PLAIN_DIFFERENCE);
