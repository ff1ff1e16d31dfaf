/** What the user can say of the picture that they asked about: the same as of one that was found by itself. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { standingsOf } from "../shared/decisions.js";
import { actionsFor } from "../shared/finding_actions.js";
import { decidedChip } from "../shared/findings.js";

const place = /** @type {HTMLElement} */ (document.getElementById("actions"));
/** @type {{finding: Finding, page: {address: string, tab_id: number}} | null} */
let found = null;
let shown = "";

/** @param {VerdictMessage} verdict a copy or a possible one @param {string | null} question_id */
export async function offerActions(verdict, question_id) {
  const page = await ask({ type: "question_page", question_id }).catch(() => null);
  if (!page) return;
  const { score, matches, width, height, sighting_id = null } = verdict;
  const kind = verdict.verdict;
  found = { finding: { id: "", verdict: kind, score, sighting_id, matches, width, height, shown_at: [] }, page };
  await showActions();
}

export function forgetActions() {
  found = null;
  shown = "";
  place.replaceChildren();
}

/** As what was decided has it, whoever decided it. */
async function showActions() {
  if (!found) return;
  const { finding, page } = found;
  const kept = await browser.storage.session.get("decisions");
  const decisions = /** @type {Decision[] | undefined} */ (kept.decisions) ?? [];
  const [standing] = standingsOf({ address: page.address, findings: [finding] }, decisions);
  const now = JSON.stringify(standing);
  if (!standing || now === shown) return;
  shown = now;
  const hadFocus = place.contains(document.activeElement);
  const chips = standing.kind === "open" ? [] : [decidedChip(standing)];
  place.replaceChildren(...chips, actionsFor(standing, page));
  if (hadFocus) place.querySelector("button")?.focus();
}

browser.storage.session.onChanged.addListener((changes) => {
  if ("decisions" in changes) showActions();
});
