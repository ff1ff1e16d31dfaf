/** Which screen an address of this page leads to. */

/** @typedef {{screen: "list" | "cases"} | {screen: "sighting" | "case", id: number}} Route */

/** @param {string} hash of the page's address, with its `#` @returns {Route} */
export function routeOf(hash) {
  const found = /^#(sighting|case)=(\d{1,15})$/.exec(hash);
  if (found) return { screen: /** @type {"sighting" | "case"} */ (found[1]), id: Number(found[2]) };
  return { screen: hash === "#cases" ? "cases" : "list" };
}

/** @param {number} id */
export const sightingHash = (id) => `#sighting=${id}`;

/** @param {number} id */
export const caseHash = (id) => `#case=${id}`;

/** Leads to a screen; resolves once it is on its way, when what was said before is gone. @param {string} hash */
export async function goTo(hash) {
  if (location.hash === hash) return;
  const changed = new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
  location.hash = hash;
  await changed;
}
