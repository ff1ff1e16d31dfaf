/**
 * The content scripts' only door to the browser. Content scripts are classic scripts that share one scope, invisible
 * to the page, so that what one declares the next can use.
 */

/** @returns {chrome.runtime.Port | null} null when the extension was updated or removed under this page */
const connectToWorker = () => {
  try {
    return chrome.runtime.connect({ name: "page" });
  } catch {
    return null;
  }
};

/** The shadow root of an element, a closed one, too. @param {HTMLElement} element @returns {ShadowRoot | null} */
const shadowRootIn = (element) => {
  if ("openOrClosedShadowRoot" in element) return /** @type {any} */ (element).openOrClosedShadowRoot; // Firefox
  const { dom } = chrome; // Chromium's alone
  return dom.openOrClosedShadowRoot(element);
};
