/** Notices that the index came to know other photos, so that pages that are open are looked at again. */

export class Growth {
  /** What the index held when it last was at rest. @type {{photos: number, generation: number} | null} */
  #known = null;

  /**
   * Whether what was judged before this status may be judged otherwise now.
   * @param {CompanionStatus | null} status
   */
  isNews(status) {
    // While photos are being described their number rises all the time: looking again waits until that rests.
    if (!status || (status.progress && !status.progress.waits_because)) return false;
    const before = this.#known;
    const { photos, generation } = status;
    this.#known = { photos, generation };
    return before !== null && (before.photos !== photos || before.generation !== generation);
  }
}
