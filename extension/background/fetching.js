/**
 * Who fetches pictures: the companion, where it can, or the browser alone. The companion's connections go around a proxy
 * that the browser uses, and would tell sites what the user hides by it; so it stays out of the way there by itself.
 */

import { browser } from "../browser.js";

/** In storage.local: "companion" (the default) or "browser". */
export const SETTING = "who_fetches";
/** In storage.session: the present state, for our pages. */
export const STATE = "fetching";

const PROXIED_MS = 30 * 60_000; // for so long after a request through a proxy, as some use one for some sites only
const WITHOUT_PROXY = new Set(["direct", "none"]);
const AS_THE_SYSTEM = "system";

/**
 * @param {object} known
 * @param {unknown} known.setting the user's choice
 * @param {{value?: {mode?: string, proxyType?: string}, levelOfControl?: string} | null} known.proxy what the browser
 *   says of its proxy; null where it says nothing
 * @param {boolean} known.systemProxy whether the companion's system uses one
 * @param {boolean} known.isProxied whether a page came through a proxy lately
 * @returns {FetchingState}
 */
export function fetchingFor({ setting, proxy, systemProxy, isProxied }) {
  if (setting === "browser") return { who: "browser", because: "setting" };
  if (proxy?.levelOfControl === "controlled_by_other_extensions") return { who: "browser", because: "extension" };
  const mode = proxy?.value?.mode ?? proxy?.value?.proxyType ?? AS_THE_SYSTEM;
  if (isProxied || (mode !== AS_THE_SYSTEM && !WITHOUT_PROXY.has(mode))) return { who: "browser", because: "proxy" };
  if (mode === AS_THE_SYSTEM && systemProxy) return { who: "browser", because: "system_proxy" };
  return { who: "companion", because: null };
}

export class Fetching {
  #session;
  #systemProxy;
  /** @type {unknown} */
  #setting;
  /** @type {any} */
  #proxy = null;
  #proxiedAt = Number.NEGATIVE_INFINITY; // milliseconds since 1970

  /**
   * @param {import("./session.js").Session} session
   * @param {() => boolean} systemProxy
   */
  constructor(session, systemProxy) {
    this.#session = session;
    this.#systemProxy = systemProxy;
  }

  /** Reads the setting and the browser's proxy. To be awaited before anything is asked for. */
  async open() {
    // A storage that cannot be read must not keep everything else from working.
    const kept = await browser.storage.local.get(SETTING).catch(() => ({}));
    this.#setting = /** @type {Record<string, unknown>} */ (kept)[SETTING];
    await this.readProxy();
  }

  /** @returns {FetchingState} */
  get state() {
    return fetchingFor({
      setting: this.#setting,
      proxy: this.#proxy,
      systemProxy: this.#systemProxy(),
      isProxied: Date.now() - this.#proxiedAt < PROXIED_MS,
    });
  }

  async readProxy() {
    // Not every browser tells; then what requests went through tells.
    this.#proxy = (await browser.proxy?.settings?.get({}).catch(() => null)) ?? null;
    this.tell();
  }

  /** @param {Record<string, chrome.storage.StorageChange>} changes of storage.local */
  hearSetting(changes) {
    if (!Object.hasOwn(changes, SETTING)) return;
    this.#setting = changes[SETTING]?.newValue;
    this.tell();
  }

  /** A page is being loaded; Firefox says through which proxy. @param {any} details of webRequest */
  hearRequest({ proxyInfo }) {
    if (!proxyInfo || proxyInfo.type === "direct") return;
    this.#proxiedAt = Date.now();
    this.tell();
  }

  /** Writes the state where our pages read it, when it changed. */
  tell() {
    const { state } = this;
    if (JSON.stringify(this.#session.read(STATE)) === JSON.stringify(state)) return;
    this.#session.write(STATE, state).catch(() => {});
  }
}
