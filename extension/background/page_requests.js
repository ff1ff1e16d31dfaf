/** What the content scripts in pages may ask: to hand in pictures. Nothing is given back but which are settled. */

import { isOriginOf, shortAddress, shortTitle } from "./page_identity.js";

/**
 * @param {object} parts
 * @param {import("./documents.js").Documents} parts.documents
 * @param {import("./queue.js").Queue} parts.queue
 * @param {import("./pages.js").Pages} parts.pages
 * @param {import("./checks.js").Checks} parts.checks
 * @param {import("./redirects.js").Redirects} parts.redirects
 * @returns {Record<string, (message: any, port: chrome.runtime.Port) => Promise<void> | void>}
 */
export function pageRequests({ documents, queue, pages, checks, redirects }) {
  /**
   * Begins the page anew. Only a top document says what its page is: of a frame the browser tells us the frame's own
   * address, and without the permission to read tabs it does not name the page around it. So the pictures of frames
   * count for the page that the tab's top document entered, and wait until there is one.
   * @param {string} token @param {any} message @param {chrome.runtime.MessageSender | undefined} sender
   */
  const enter = async (token, { address, title }, sender) => {
    const tabId = sender?.tab?.id;
    if (tabId === undefined || typeof address !== "string" || !/^https?:/i.test(address)) return;
    if (!isOriginOf(address, sender)) return;
    const page = { address: shortAddress(address), title: shortTitle(title) };
    await pages.enter(tabId, { token, ...page, asked_address: redirects.firstOf(tabId, page.address) });
  };

  return {
    document: async (message, port) => {
      const tabId = port.sender?.tab?.id;
      const token = String(message.token);
      if (tabId === undefined) return;
      // Only the browser's word counts for which document is the top one: a frame could claim it.
      const frameId = port.sender?.frameId ?? -1;
      const isTop = frameId === 0;
      documents.add({ port, token, tab_id: tabId, frame_id: frameId, is_top: isTop });
      if (isTop) await enter(token, message, port.sender);
      const isRemembered = await pages.count(tabId, token, Number(message.settled) || 0);
      // Its tab was long in the background, or the browser lost what we kept: what it found is found again.
      if (!isRemembered) documents.tell(token, { type: "again" });
      checks.advance();
    },

    pictures: async ({ pictures }, port) => {
      const document = documents.of(port);
      if (!document || !Array.isArray(pictures)) return;
      queue.add(document, pictures.filter(isPicture));
      checks.advance(); // first, since a full session must not keep pictures from being looked at
      await pages.setWaiting(document.tab_id, queue.count(document.tab_id));
    },

    nearer: ({ keys }, port) => {
      const document = documents.of(port);
      if (!document || !Array.isArray(keys)) return;
      queue.bringNearer(document.token, keys);
      checks.advance();
    },

    moved: async (message, port) => {
      const document = documents.of(port);
      if (!document?.is_top) return;
      const dropped = queue.all().filter((picture) => picture.tab_id === document.tab_id);
      queue.dropTab(document.tab_id);
      checks.cancel(dropped);
      await enter(document.token, message, port.sender);
    },
  };
}

/** @param {any} picture @returns {picture is PagePicture} */
function isPicture(picture) {
  return (
    typeof picture?.key === "string" &&
    picture.key.length <= 100 &&
    typeof picture.address === "string" &&
    (picture.lives_in_page === true ? picture.address === "" : /^(https?:|data:image\/)/i.test(picture.address)) &&
    [0, 1, 2].includes(picture.nearness)
  );
}
