/**
 * Lists that may be longer than a frame, for whoever wants them whole. The companion says what it left out for want of
 * room; a few pages with addresses of many thousand characters are enough for that.
 */

/** @typedef {(message: any) => Promise<any>} Ask of the companion */

/**
 * As many rows as the message asks for, where there are so many.
 * @param {Ask} ask @param {string} list what the answer calls them @param {string} id what a row calls its number
 * @returns {Ask}
 */
export const wholeList = (ask, list, id) => async (message) => {
  const answer = await ask(message);
  const rows = [...answer[list]];
  let last = answer;
  while (last.is_more && last[list].length > 0) {
    const limit = message.limit && message.limit - rows.length;
    last = await ask({ ...message, before: rows.at(-1)[id], ...(limit && { limit }) });
    rows.push(...last[list]);
  }
  return { ...answer, [list]: rows };
};

/** All that happened, oldest first. @param {Ask} ask @returns {Ask} */
export const wholeTimeline = (ask) => async (message) => {
  let last = await ask(message);
  const events = [...last.events];
  while (last.earlier > 0) {
    last = await ask({ ...message, first: last.earlier });
    events.unshift(...last.events);
  }
  return { ...last, events };
};
