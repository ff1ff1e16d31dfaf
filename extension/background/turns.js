/** Work that is done one piece after the other. A piece that fails holds up none that comes after it. */

export class Turns {
  #last = Promise.resolve();

  /** @param {() => Promise<void>} work */
  add(work) {
    this.#last = this.#last.then(work).catch((error) => console.error(error));
  }

  /** Resolves when what was added so far is done. */
  get done() {
    return this.#last;
  }
}
