/** Work in small pieces, done when the page has nothing to do, so that typing and scrolling never wait for it. */

const SLICE_MS = 5; // of work without a break
const LONGEST_WAIT_MS = 200; // for a moment in which the page has nothing to do

class IdleWork {
  #doPiece;
  #isUrgent;
  #isPlanned = false;

  /**
   * @param {() => boolean} doPiece does a small piece of work; false when there was nothing to do
   * @param {() => boolean} isUrgent whether the next piece is not to wait for an idle moment, but only for what the
   *   page does now: a page that loads has none
   */
  constructor(doPiece, isUrgent) {
    this.#doPiece = doPiece;
    this.#isUrgent = isUrgent;
  }

  /** There is something to do. */
  wake() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestIdleCallback(
      () => {
        this.#isPlanned = false;
        this.doSlice();
      },
      { timeout: LONGEST_WAIT_MS },
    );
  }

  /** Works now, for a slice, and plans the rest. */
  doSlice() {
    const begin = performance.now();
    let isMore = true;
    while (isMore && performance.now() - begin < SLICE_MS) isMore = this.#doPiece();
    if (!isMore) return;
    if (this.#isUrgent()) setTimeout(() => this.doSlice());
    else this.wake();
  }
}
