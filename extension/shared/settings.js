/** What the user set about alerts and evidence. It lies in this browser, in storage.local. */

import { browser } from "../browser.js";

/** @type {AlertSettings} */
export const DEFAULTS = {
  quiet_hours: { is_on: false, from: "22:00", until: "08:00" },
  digest: { is_on: false, at: "19:00" },
  marks: false,
  knows_what_showing_tells: false,
  knows_what_opening_tells: false,
  captures: "ask",
  timestamp_authority: "",
};

const KEY = "alerts";

/** @returns {Promise<AlertSettings>} */
export async function readSettings() {
  const kept = await browser.storage.local.get(KEY);
  return { ...DEFAULTS, .../** @type {any} */ (kept[KEY]) };
}

/** @param {Partial<AlertSettings>} change */
export async function changeSettings(change) {
  await browser.storage.local.set({ [KEY]: { ...(await readSettings()), ...change } });
}

/** @param {(settings: AlertSettings) => void} listener called after each change, from whichever page of ours */
export function whenSettingsChange(listener) {
  browser.storage.local.onChanged.addListener((changes) => {
    if (changes[KEY]) listener({ ...DEFAULTS, .../** @type {any} */ (changes[KEY].newValue) });
  });
}
