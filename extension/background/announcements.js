/**
 * Notifications: one for a page, at once; or, in quiet hours and where the user wants a digest, one for all that was
 * found until then. What is put off is kept as numbers of sightings alone, and told of what the companion still has.
 */

import { browser } from "../browser.js";
import { openOwn } from "../shared/own_pages.js";
import { photoAddress } from "../shared/preview_address.js";
import { tellAt } from "../shared/telling.js";
import { pageOfNews } from "./news.js";

const PREVIEW_MS = 3_000;
const KEY = "put_off";
const MOST_PUT_OFF = 200;
const DIGEST = "digest";
const LONGEST_TIMER_MS = 2 ** 31 - 1; // longer ones fire at once

/** @typedef {{sighting_id: number, found_at: number}} PutOff found_at: milliseconds since 1970 */

/**
 * The key of the notification's words and the numbers in them.
 * @param {{verdict: Verdict}[]} findings
 * @returns {{key: string, numbers: string[]}}
 */
export function announcementOf(findings) {
  const copies = findings.filter((finding) => finding.verdict === "copy").length;
  const possible = findings.length - copies;
  if (copies === 0) return possible === 1 ? words("alert_perhaps_one") : words("alert_perhaps_many", possible);
  if (possible > 0) return words("alert_both", copies, possible);
  return copies === 1 ? words("alert_copy_one") : words("alert_copy_many", copies);
}

/** @param {string} key @param {number[]} numbers */
const words = (key, ...numbers) => ({ key, numbers: numbers.map(String) });

export class Announcements {
  #companion;
  #settings;
  #mayAlert;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** One after the other: two must not take the same list. */
  #last = Promise.resolve();

  /**
   * @param {import("./companion.js").Companion} companion
   * @param {() => AlertSettings} settings
   * @param {(sighting: Sighting) => boolean} mayAlert false for what the user decided about since
   */
  constructor(companion, settings, mayAlert) {
    this.#companion = companion;
    this.#settings = settings;
    this.#mayAlert = mayAlert;
  }

  /**
   * Tells of what was found on a page, or puts it off.
   * @param {PageRecord} page @param {Finding[]} fresh not told of yet, surest first @param {Finding[]} all that alert
   */
  async tell(page, fresh, all) {
    const nowMs = Date.now();
    if (tellAt(this.#settings(), nowMs) > nowMs) {
      await this.#inTurn(() => putOff(fresh, nowMs));
      await this.advance();
      return;
    }
    const { key, numbers } = announcementOf(all);
    const [first] = fresh;
    await this.#notify(`page ${page.tab_id}`, first?.matches[0], {
      title: browser.i18n.getMessage(key, numbers),
      message: browser.i18n.getMessage("alert_where", [page.site]),
    });
  }

  /** Tells what was put off, where it is time; else waits until it is. */
  async advance() {
    await this.#inTurn(() => this.#tellPutOff());
  }

  async #tellPutOff() {
    clearTimeout(this.#timer);
    const waiting = await readPutOff();
    const [oldest] = waiting;
    if (!oldest) return;
    const nowMs = Date.now();
    // As the settings are now; and a digest that comes due in quiet hours waits for their end.
    const dueMs = Math.max(tellAt(this.#settings(), oldest.found_at), nowMs);
    const { quiet_hours } = this.#settings();
    const at = tellAt({ quiet_hours, digest: { is_on: false, at: "" } }, dueMs);
    if (at > nowMs) {
      this.#timer = setTimeout(() => this.advance(), Math.min(at - nowMs, LONGEST_TIMER_MS));
      return;
    }
    if (!this.#companion.isReady) return; // whoever says that it is asks again
    /** @type {{sightings: Sighting[]}} */
    const { sightings } = /** @type {any} */ (
      await this.#companion.request({ type: "sightings", limit: 200 }).answered
    );
    const wanted = new Set(waiting.map(({ sighting_id }) => sighting_id));
    const told = sightings.filter((sighting) => wanted.has(sighting.sighting_id) && this.#mayAlert(sighting));
    await browser.storage.local.remove(KEY); // first: a worker that dies now must not tell twice
    if (told.length === 0) return;
    const sites = new Set(told.map(({ page_address }) => new URL(page_address).hostname));
    const [site = ""] = sites;
    const count = told.length === 1 ? "digest_one" : "digest_many";
    const where = sites.size === 1 ? "digest_on_one" : "digest_on_many";
    await this.#notify(DIGEST, told[0]?.matches[0], {
      title: browser.i18n.getMessage(count, [String(told.length)]),
      message: browser.i18n.getMessage(where, [sites.size === 1 ? site : String(sites.size)]),
    });
  }

  /**
   * With the user's own photo, never with the page's picture: what a site chose is not shown outside the browser.
   * @param {string} id @param {Match | undefined} match @param {{title: string, message: string}} texts
   */
  async #notify(id, match, texts) {
    const own = browser.runtime.getURL("icons/on-128.png");
    const make = (/** @type {string} */ iconUrl) =>
      browser.notifications.create(id, { type: "basic", iconUrl, ...texts });
    const photo = match && (await this.#photo(match.photo_id));
    try {
      await make(photo || own);
    } catch (error) {
      if (!photo) throw error;
      await make(own); // a system that does not take this picture
    }
  }

  /** @param {number} photo_id @returns {Promise<string>} empty where it cannot be had soon */
  #photo(photo_id) {
    const asked = this.#companion.request({ type: "photo_preview", photo_id }).answered;
    const late = new Promise((resolve) => setTimeout(() => resolve(""), PREVIEW_MS));
    return Promise.race([asked.then((preview) => photoAddress(/** @type {any} */ (preview))), late]).catch(() => "");
  }

  /** @param {() => Promise<void>} work */
  #inTurn(work) {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** @returns {Promise<PutOff[]>} oldest first */
async function readPutOff() {
  const kept = await browser.storage.local.get(KEY);
  return /** @type {any} */ (kept[KEY]) ?? [];
}

/** @param {Finding[]} findings @param {number} nowMs */
async function putOff(findings, nowMs) {
  const waiting = await readPutOff();
  const known = new Set(waiting.map(({ sighting_id }) => sighting_id));
  const added = findings
    .map(({ sighting_id }) => sighting_id)
    .filter((sighting_id) => sighting_id !== null && !known.has(sighting_id))
    .map((sighting_id) => ({ sighting_id, found_at: nowMs }));
  if (added.length > 0) await browser.storage.local.set({ [KEY]: [...waiting, ...added].slice(0, MOST_PUT_OFF) });
}

/** A click leads to what the notification speaks of. @param {string} id */
export async function followNotification(id) {
  const page = id === DIGEST ? "sightings/sightings.html" : pageOfNews(id);
  if (page) {
    await browser.notifications.clear(id);
    await openOwn(page);
    return;
  }
  const tabId = Number(/^page (\d+)$/.exec(id)?.[1]);
  if (!tabId) return;
  // First, while the click still counts as the user's own: browsers open a panel for nothing else.
  const { sidePanel } = browser; // Chromium alone has it
  const opened = sidePanel?.open({ tabId }).then(
    () => true,
    () => false,
  );
  await browser.notifications.clear(id);
  const tab = await browser.tabs.update(tabId, { active: true });
  if (tab?.windowId !== undefined) await browser.windows.update(tab.windowId, { focused: true });
  if (!(await opened)) await browser.action.openPopup?.().catch(() => {}); // not every browser lets us; the badge is there
}
