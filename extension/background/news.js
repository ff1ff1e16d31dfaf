/**
 * Notifications of pictures that have gone, or come back: at once, or after quiet hours, or once a day, as the user
 * wants it for what is found. The companion says each once, so it is kept until it was told: as numbers alone.
 */

import { browser } from "../browser.js";
import { sightingPage } from "../shared/own_pages.js";
import { tellAt } from "../shared/telling.js";

const KEY = "put_off_news";
const MOST_KEPT = 200;
const LONGEST_TIMER_MS = 2 ** 31 - 1; // longer ones fire at once
const NEWS = "news"; // the notification's id, with the sighting's number behind it where it tells of one alone

/** @typedef {{sighting_id: number, presence: "gone" | "there", heard_at: number}} Kept heard_at: milliseconds since 1970 */

/**
 * The key of the notification's title and the numbers in it.
 * @param {{presence: string}[]} news
 * @returns {{key: string, numbers: string[]}}
 */
export function titleOf(news) {
  const gone = news.filter(({ presence }) => presence === "gone").length;
  const back = news.length - gone;
  if (back === 0) return gone === 1 ? words("news_gone_one") : words("news_gone_many", gone);
  if (gone > 0) return words("news_both", gone, back);
  return back === 1 ? words("news_back_one") : words("news_back_many", back);
}

/** Where a click on a notification of news leads; null for other notifications. @param {string} id */
export function pageOfNews(id) {
  const [, sightingId] = /^news (\d+)$/.exec(id) ?? [];
  if (sightingId) return sightingPage(Number(sightingId));
  return id === NEWS ? "sightings/sightings.html" : null;
}

/** @param {string} key @param {number[]} numbers */
const words = (key, ...numbers) => ({ key, numbers: numbers.map(String) });

export class News {
  #settings;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** One after the other: two must not take the same list. */
  #last = Promise.resolve();

  /** @param {() => AlertSettings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /** What the companion says. @param {NewsMessage} news */
  async hear({ sighting_id, presence, page_address }) {
    await this.#inTurn(async () => {
      const kept = (await readKept()).filter((each) => each.sighting_id !== sighting_id);
      const all = [...kept, { sighting_id, presence, heard_at: Date.now() }].slice(-MOST_KEPT);
      await browser.storage.local.set({ [KEY]: all });
      await this.#tellKept(all.length === 1 ? hostOf(page_address) : "");
    });
  }

  /** Tells what was kept, where it is time; else waits until it is. */
  async advance() {
    await this.#inTurn(() => this.#tellKept(""));
  }

  /** @param {string} site where all of it is, if that is known */
  async #tellKept(site) {
    clearTimeout(this.#timer);
    const kept = await readKept();
    const [oldest] = kept;
    if (!oldest) return;
    const nowMs = Date.now();
    // As the settings are now; and a digest that comes due in quiet hours waits for their end.
    const dueMs = Math.max(tellAt(this.#settings(), oldest.heard_at), nowMs);
    const at = tellAt({ quiet_hours: this.#settings().quiet_hours, digest: { is_on: false, at: "" } }, dueMs);
    if (at > nowMs) {
      this.#timer = setTimeout(() => this.advance(), Math.min(at - nowMs, LONGEST_TIMER_MS));
      return;
    }
    await browser.storage.local.remove(KEY); // first: a worker that dies now must not tell twice
    const { key, numbers } = titleOf(kept);
    await browser.notifications.create(kept.length === 1 ? `${NEWS} ${oldest.sighting_id}` : NEWS, {
      type: "basic",
      iconUrl: browser.runtime.getURL("icons/on-128.png"),
      title: browser.i18n.getMessage(key, numbers),
      message: site ? browser.i18n.getMessage("news_on", [site]) : browser.i18n.getMessage("news_text"),
    });
  }

  /** @param {() => Promise<void>} work */
  #inTurn(work) {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** @returns {Promise<Kept[]>} oldest first */
async function readKept() {
  const found = await browser.storage.local.get(KEY);
  return /** @type {any} */ (found[KEY]) ?? [];
}

/** @param {string} address */
function hostOf(address) {
  return URL.canParse(address) ? new URL(address).hostname : "";
}
