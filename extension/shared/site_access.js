/** Whether the browser lets us see pages, and asking for it where it does not: some let a user allow that click by click. */

import { browser } from "../browser.js";

const PAGES = { origins: ["http://*/*", "https://*/*"] };

/**
 * Shows the words and the button in their place while pages are withheld, and takes them away when they no longer are.
 * @param {HTMLElement} place with a button in it
 */
export async function offerSiteAccess(place) {
  const { permissions } = browser;
  const render = async () => {
    place.hidden = await permissions.contains(PAGES);
  };
  // Within the click, which browsers want to see before they ask.
  place.querySelector("button")?.addEventListener("click", () => permissions.request(PAGES).then(render));
  permissions.onAdded.addListener(render);
  permissions.onRemoved.addListener(render);
  await render();
}
