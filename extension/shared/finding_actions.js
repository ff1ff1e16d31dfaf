/** What the user can say of a picture that was found, and being shown where it is. */

import { ask } from "./ask.js";
import { element } from "./element.js";
import { openEvidence } from "./evidence_window.js";
import { say } from "./localize.js";
import { wordsForError } from "./parts.js";
import { accountAt, pageAt, siteAt } from "./places.js";
import { changeSettings, readSettings } from "./settings.js";

/**
 * The buttons under a picture. What comes of them shows in the session, which whoever shows this list follows.
 * @param {import("./decisions.js").Standing} standing
 * @param {{address: string, tab_id?: number}} page without a tab where it is not open
 * @returns {HTMLElement}
 */
export function actionsFor({ kind, finding, decision }, page) {
  const root = element("div", "actions");
  const news = element("p", "small trouble");
  news.setAttribute("role", "alert");
  const row = element("div", "row-of-actions");
  /** @param {() => Promise<unknown>} action */
  const attempt = async (action) => {
    news.textContent = "";
    try {
      await action();
    } catch (error) {
      news.textContent = say("action_failed", wordsForError(error));
    }
  };
  /** @param {string} text @param {() => Promise<unknown>} action @param {string} [className] */
  const button = (text, action, className = "") => {
    const made = element("button", className, text);
    made.type = "button";
    made.addEventListener("click", () => attempt(action));
    return made;
  };
  const { sighting_id } = finding;
  const { address, tab_id } = page;
  if (kind !== "open") {
    if (decision)
      row.append(button(say("undo"), () => ask({ type: "undo_decision", decision_id: decision.decision_id })));
  } else {
    const [match] = finding.matches;
    if (sighting_id !== null) {
      row.append(button(say("action_mine"), () => ask({ type: "keep_sighting", sighting_id })));
    }
    if (sighting_id !== null && match) {
      row.append(button(say("action_not_me"), () => ask({ type: "not_me", sighting_id, photo_id: match.photo_id })));
    }
  }
  if (sighting_id === null) {
    news.before(element("p", "small", say("evidence_private")));
  } else if (tab_id !== undefined && (kind === "open" || kind === "mine")) {
    row.append(button(say("evidence_title"), () => openEvidence({ sighting_ids: [sighting_id] }, { address, tab_id })));
  }
  const show = () => ask({ type: "show_on_page", tab_id, finding_id: finding.id });
  const shows = button(say("action_show"), async () => {
    if ((await readSettings()).knows_what_showing_tells) return show();
    root.append(warning(shows, button, show));
  });
  if (finding.shown_at.length > 0) row.append(shows);
  if (kind === "open") row.append(finePlaces(page, button)); // last: it opens below the others
  root.append(row, news);
  return root;
}

/**
 * @param {{address: string}} page
 * @param {(text: string, action: () => Promise<unknown>) => HTMLButtonElement} button
 */
function finePlaces({ address }, button) {
  const menu = element("details", "menu");
  const choices = element("div", "choices");
  /** @param {string} text @param {string | null | undefined} pattern @param {"page" | "below"} reach */
  const offer = (text, pattern, reach) => {
    if (pattern) choices.append(button(text, () => ask({ type: "fine_here", pattern, reach })));
  };
  const account = accountAt(address);
  const site = siteAt(address);
  offer(say("fine_page"), pageAt(address), "page");
  offer(say("fine_account", account?.pattern ?? ""), account?.pattern, "below");
  offer(say("fine_site", site ?? ""), site, "below");
  menu.append(element("summary", "", say("action_fine")), choices);
  return menu;
}

/**
 * What a page could learn, said once before the first time.
 * @param {HTMLButtonElement} shows
 * @param {(text: string, action: () => Promise<unknown>, className?: string) => HTMLButtonElement} button
 * @param {() => Promise<unknown>} show
 */
function warning(shows, button, show) {
  const place = element("div", "warning");
  const close = () => {
    place.remove();
    shows.disabled = false;
    shows.focus();
  };
  const yes = button(
    say("show_yes"),
    async () => {
      await changeSettings({ knows_what_showing_tells: true });
      close();
      await show();
    },
    "main",
  );
  const no = button(say("cancel"), async () => close());
  const row = element("div", "row-of-actions");
  row.append(yes, no);
  place.append(element("p", "", say("show_warning")), row);
  shows.disabled = true;
  queueMicrotask(() => yes.focus());
  return place;
}
