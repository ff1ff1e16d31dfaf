/**
 * The one check of the sender, which divides what pages may ask from what our own pages may ask. Content scripts run
 * beside untrusted pages: they may hand in pictures, and nothing else.
 */

/**
 * @param {chrome.runtime.MessageSender | undefined} sender
 * @param {{id: string, origin: string}} ourselves origin: `chrome-extension://…/`, with the slash
 * @returns {"page" | "ourselves" | "stranger"}
 */
export function whoAsks(sender, ourselves) {
  if (!sender || sender.id !== ourselves.id) return "stranger";
  if (sender.url?.startsWith(ourselves.origin)) return "ourselves";
  return sender.tab?.id === undefined ? "stranger" : "page";
}

/**
 * Looks a message up in a table.
 * @template {(...rest: any[]) => any} Handler
 * @param {Record<string, Handler>} table
 * @param {unknown} message
 * @returns {Handler | null} null when the table has no such message
 */
export function handlerOf(table, message) {
  if (typeof message !== "object" || message === null) return null;
  const type = /** @type {{type?: unknown}} */ (message).type;
  if (typeof type !== "string" || !Object.hasOwn(table, type)) return null;
  return table[type] ?? null;
}
