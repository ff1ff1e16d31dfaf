/** How the user hears of a page: the number on the button, its icon, and when a notification is due. */

import { browser } from "../browser.js";
import { openFindings } from "../shared/decisions.js";
import { pauseAt } from "../shared/pauses.js";
import { isInTrouble } from "../shared/troubles.js";

const SETTLE_MS = 1_500; // after the last finding: one notification says it all
const LONGEST_WAIT_MS = 6_000;
const MOST_ANNOUNCED = 500; // findings remembered for a tab, so that going back does not alert again

const announcedKey = (/** @type {number} */ tabId) => `announced:${tabId}`;

/**
 * What the button shows, as a pure function.
 * @param {PageRecord | null} page @param {CompanionState} companion @param {number} nowSeconds
 * @param {Decision[]} [decisions]
 * @returns {{text: string, icon: "on" | "quiet" | "paused" | "trouble", copies: number, possible: number}}
 */
export function buttonFor(page, companion, nowSeconds, decisions = []) {
  const open = openFindings(page, decisions);
  const copies = open.filter((finding) => finding.verdict === "copy").length;
  const possible = open.length - copies;
  const text = copies > 0 ? String(copies) : possible > 0 ? `${possible}?` : "";
  if (copies + possible > 0) return { text, icon: "on", copies, possible };
  if (isInTrouble(companion)) return { text, icon: "trouble", copies, possible };
  const isPaused = pauseAt(companion.status?.paused, page?.site ?? "", nowSeconds) !== null;
  return { text, icon: isPaused ? "paused" : "quiet", copies, possible };
}

export class Alerts {
  #session;
  #companionState;
  #decisions;
  #announcements;
  /** @type {Map<number, {timer: ReturnType<typeof setTimeout>, since: number}>} */
  #planned = new Map();
  /** @type {Map<number, string>} what each button shows, so that it is not drawn again for nothing */
  #shown = new Map();

  /**
   * @param {import("./session.js").Session} session
   * @param {() => CompanionState} companionState
   * @param {() => Decision[]} decisions
   * @param {import("./announcements.js").Announcements} announcements
   */
  constructor(session, companionState, decisions, announcements) {
    this.#session = session;
    this.#companionState = companionState;
    this.#decisions = decisions;
    this.#announcements = announcements;
  }

  /** @param {PageRecord | null} page @param {number} tabId */
  show(page, tabId) {
    const { text, icon, copies, possible } = buttonFor(
      page,
      this.#companionState(),
      Date.now() / 1000,
      this.#decisions(),
    );
    const drawing = JSON.stringify([page?.token, page?.address, text, icon]);
    if (this.#shown.get(tabId) !== drawing) {
      this.#shown.set(tabId, drawing);
      this.#draw(tabId, { text, icon, isSure: copies > 0 });
    }
    if (page && copies + possible > 0) this.#plan(page);
  }

  /** The same for every page: the companion's state changed. @param {PageRecord[]} pages */
  showAll(pages) {
    const { icon } = buttonFor(null, this.#companionState(), Date.now() / 1000);
    browser.action.setIcon({ path: iconPaths(icon) }).catch(() => {});
    for (const page of pages) this.show(page, page.tab_id);
  }

  /** @param {number} tabId */
  async forgetTab(tabId) {
    clearTimeout(this.#planned.get(tabId)?.timer);
    this.#planned.delete(tabId);
    this.#shown.delete(tabId);
    await this.#session.remove(announcedKey(tabId));
  }

  /** @param {number} tabId @param {{text: string, icon: string, isSure: boolean}} button */
  #draw(tabId, { text, icon, isSure }) {
    const { action } = browser;
    // The tab may close at any time; then there is nothing to draw on.
    const drop = () => {};
    action.setBadgeText({ tabId, text }).catch(drop);
    action.setBadgeBackgroundColor({ tabId, color: isSure ? "#b3261e" : "#8a5a00" }).catch(drop);
    action.setBadgeTextColor?.({ tabId, color: "#ffffff" }).catch(drop);
    action.setIcon({ tabId, path: iconPaths(icon) }).catch(drop);
  }

  /** @param {PageRecord} page */
  #plan(page) {
    const { tab_id } = page;
    if (this.#unannounced(page).length === 0) return;
    const since = this.#planned.get(tab_id)?.since ?? Date.now();
    clearTimeout(this.#planned.get(tab_id)?.timer);
    const wait = Math.max(0, Math.min(SETTLE_MS, since + LONGEST_WAIT_MS - Date.now()));
    const timer = setTimeout(() => this.#announce(tab_id), wait);
    this.#planned.set(tab_id, { timer, since });
  }

  /** @param {PageRecord} page */
  #unannounced(page) {
    const announced = new Set(this.#session.read(announcedKey(page.tab_id)) ?? []);
    return openFindings(page, this.#decisions()).filter((finding) => !announced.has(finding.id));
  }

  /** @param {number} tabId */
  async #announce(tabId) {
    this.#planned.delete(tabId);
    // Systems keep notifications: of a private window nothing may be left there.
    if (await isPrivate(tabId)) return;
    /** @type {PageRecord | undefined} */
    const page = this.#session.read(`page:${tabId}`);
    if (!page) return;
    const fresh = this.#unannounced(page);
    if (fresh.length === 0) return;
    const announced = [...(this.#session.read(announcedKey(tabId)) ?? []), ...fresh.map((finding) => finding.id)];
    // First remembered, then said: a worker that dies between the two must not alert twice.
    await this.#session.write(announcedKey(tabId), announced.slice(-MOST_ANNOUNCED));
    await this.#announcements.tell(page, fresh, openFindings(page, this.#decisions()));
  }
}

/** @param {number} tabId */
const isPrivate = (tabId) =>
  browser.tabs.get(tabId).then(
    ({ incognito }) => incognito,
    () => true, // it is closed
  );

/** @param {string} icon */
const iconPaths = (icon) =>
  Object.fromEntries([16, 32, 48].map((size) => [size, browser.runtime.getURL(`icons/${icon}-${size}.png`)]));
