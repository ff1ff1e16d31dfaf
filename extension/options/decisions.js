/** What the user decided about single pictures and places, newest first. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { moment, say } from "../shared/localize.js";
import { part, refresh } from "../shared/parts.js";
import { plain } from "../shared/plain_text.js";
import { fill, row } from "./rows.js";

const PORTION = 200;
const SHOWN_AT_ONCE = 20;

let shown = SHOWN_AT_ONCE;

/** @returns {Promise<Decision[]>} newest first */
export async function allDecisions() {
  /** @type {Decision[]} */
  const found = [];
  for (;;) {
    const before = found.at(-1)?.decision_id;
    const { decisions } = await ask({ type: "decisions", limit: PORTION, before });
    found.push(...decisions);
    if (decisions.length < PORTION) return found;
  }
}

export async function manageDecisions() {
  part("decisions-more").addEventListener("click", () => {
    shown += SHOWN_AT_ONCE;
    refresh(show);
  });
  browser.storage.session.onChanged.addListener((changes) => {
    if ("decisions" in changes) refresh(show);
  });
  await refresh(show);
}

async function show() {
  const decisions = (await allDecisions()).filter(({ kind }) => kind !== "own_place");
  fill(
    "decisions",
    decisions.slice(0, shown).map((decision) => {
      const text = wordsFor(decision);
      return row(
        { text, detail: moment(decision.decided_at), button: say("undo"), label: say("undo_this", text) },
        () => ask({ type: "undo_decision", decision_id: decision.decision_id }),
      );
    }),
  );
  part("decisions-more").hidden = decisions.length <= shown;
}

/** @param {Decision} decision */
function wordsFor({ kind, pattern, reach, photo, page_title, page_address }) {
  const place = plain(pattern);
  if (kind === "mine") return say("decision_mine", plain(page_title, 160) || plain(page_address));
  if (kind === "not_me") return say("decision_not_me", plain(photo?.split(/[\\/]/).pop()));
  return say(reach === "page" ? "decision_fine_page" : "decision_fine_below", place);
}
