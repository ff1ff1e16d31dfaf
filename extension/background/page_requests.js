/** What the content scripts in pages may ask: to hand in pictures. Nothing is given back but which are settled. */

/**
 * @param {object} parts
 * @param {import("./documents.js").Documents} parts.documents
 * @param {import("./queue.js").Queue} parts.queue
 * @param {import("./pages.js").Pages} parts.pages
 * @param {import("./checks.js").Checks} parts.checks
 * @returns {Record<string, (message: any, port: chrome.runtime.Port) => Promise<void> | void>}
 */
export function pageRequests({ documents, queue, pages, checks }) {
  /** Begins the page anew. @param {number} tabId @param {string} token @param {any} message */
  const enter = async (tabId, token, { address, title }) => {
    if (!/^https?:/i.test(String(address))) return;
    await pages.enter(tabId, { token, address: String(address), title: String(title ?? "") });
  };

  return {
    document: async (message, port) => {
      const tabId = port.sender?.tab?.id;
      const token = String(message.token);
      if (tabId === undefined) return;
      // Only the browser's word counts for which document is the top one: a frame could claim it.
      const isTop = port.sender?.frameId === 0;
      documents.add({ port, token, tab_id: tabId, is_top: isTop });
      if (isTop) await enter(tabId, token, message);
      const isRemembered = await pages.count(tabId, token, Number(message.settled) || 0);
      // Its tab was long in the background, or the browser lost what we kept: what it found is found again.
      if (!isRemembered) documents.tell(token, { type: "again" });
      checks.advance();
    },

    pictures: async ({ pictures }, port) => {
      const document = documents.of(port);
      if (!document || !Array.isArray(pictures)) return;
      queue.add(document, pictures.filter(isPicture));
      await pages.setWaiting(document.tab_id, queue.count(document.tab_id));
      checks.advance();
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
      await enter(document.tab_id, document.token, message);
    },
  };
}

/** @param {any} picture @returns {picture is PagePicture} */
function isPicture(picture) {
  return (
    typeof picture?.key === "string" &&
    picture.key.length <= 100 &&
    typeof picture.address === "string" &&
    /^(https?:|data:image\/)/i.test(picture.address) &&
    [0, 1, 2].includes(picture.nearness)
  );
}
