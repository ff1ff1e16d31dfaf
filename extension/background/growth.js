/** Notices that the index came to know other photos, so that pages that are open are looked at again. */

export class Growth {
  /** How many photos the index had when it last was at rest. @type {number | null} */
  #photos = null;

  /**
   * Whether what was judged before this status may be judged otherwise now.
   * @param {CompanionStatus | null} status
   */
  isNews(status) {
    // While photos are being described their number rises all the time: looking again waits for the end.
    if (!status || status.progress) return false;
    const before = this.#photos;
    this.#photos = status.photos;
    return before !== null && before !== status.photos;
  }
}
