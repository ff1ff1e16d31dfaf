/** The part of a page of ours that lists what was found on a web page, and below it what was decided about. */

import { FindingList } from "./findings.js";
import { number, say } from "./localize.js";

const open = new FindingList(/** @type {HTMLElement} */ (document.getElementById("found")));
const decided = new FindingList(/** @type {HTMLElement} */ (document.getElementById("decided-found")));

/** @param {import("./screen.js").Screen} screen @param {PageRecord | undefined} page */
export function showFound(screen, page) {
  const options = document.getElementById("options");
  // So that the settings can offer this page as a place of the user's own.
  if (options instanceof HTMLAnchorElement && page)
    options.search = String(new URLSearchParams({ from: page.address }));
  const rest = document.getElementById("decided");
  if (rest) rest.hidden = screen.decided.length === 0; // first: the focus may go there
  const count = document.getElementById("decided-count");
  if (count) count.textContent = say("decided_count", number(screen.decided.length));
  decided.show(screen.decided, page);
  open.show(
    screen.findings.map((finding) => ({ kind: "open", finding, decision: null })),
    page,
  );
}
