/** The order of work, as a pure function: what is seen comes first, then what is near, then the rest. */

export const LARGEST_BATCH = 50; // pictures: small enough that a batch never keeps what is seen waiting for long
const LARGEST_BATCH_BYTES = 8_000_000; // of addresses: half the protocol's largest frame
const MOST_UNDER_WAY = { pictures: 150, batches: 24 }; // at once
const MOST_WITH_UNSEEN = { pictures: 100, batches: 16 }; // so that there is always room for what the reader scrolls to

/** @param {Waiting} picture @param {Set<number>} activeTabs */
const rank = (picture, activeTabs) => 2 * picture.nearness + (activeTabs.has(picture.tab_id) ? 0 : 1);

/**
 * The next batch to ask for: pictures of one page, the most urgent first.
 * @param {object} situation
 * @param {Waiting[]} situation.waiting
 * @param {Set<number>} situation.activeTabs
 * @param {(tabId: number) => boolean} situation.mayAsk false where checking is paused, or the page is not known yet
 * @param {{pictures: number, batches: number}} situation.underWay
 * @param {number} situation.nowMs
 * @returns {Batch | null} null when there is nothing to do now
 */
export function chooseBatch({ waiting, activeTabs, mayAsk, underWay, nowMs }) {
  const ready = waiting.filter(
    (picture) => picture.request === null && picture.not_before <= nowMs && mayAsk(picture.tab_id),
  );
  // Sorting is stable: within a rank the order of the page stays.
  ready.sort((one, other) => rank(one, activeTabs) - rank(other, activeTabs));
  const [first] = ready;
  if (!first) return null;
  const most = first.nearness === 0 ? MOST_UNDER_WAY : MOST_WITH_UNSEEN;
  if (underWay.batches >= most.batches) return null;
  const room = Math.min(LARGEST_BATCH, most.pictures - underWay.pictures);
  const pictures = [];
  let bytes = 0;
  for (const picture of ready) {
    if (picture.tab_id !== first.tab_id) continue;
    bytes += picture.address_bytes;
    if (pictures.length >= room || (pictures.length > 0 && bytes > LARGEST_BATCH_BYTES)) break;
    pictures.push(picture);
  }
  return pictures.length === 0 ? null : { tab_id: first.tab_id, pictures };
}

/**
 * When to look again: the earliest time at which a picture that was put off is due.
 * @param {Waiting[]} waiting @param {number} nowMs
 * @returns {number | null} milliseconds since 1970; null when nothing was put off
 */
export function nextDueMs(waiting, nowMs) {
  const putOff = waiting.filter((picture) => picture.request === null && picture.not_before > nowMs);
  return putOff.length === 0 ? null : Math.min(...putOff.map((picture) => picture.not_before));
}
