/** A fake of the browser's extension interface, as far as units need it. Import it before what it is for. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

export const EXTENSION = new URL("../../extension/", import.meta.url);

/** @param {string} path inside the extension */
export const sourceOf = (path) => readFileSync(fileURLToPath(new URL(path, EXTENSION)), "utf8");

/** @param {"en" | "zh_CN"} locale */
export const messagesOf = (locale) => JSON.parse(sourceOf(`_locales/${locale}/messages.json`));

/** Texts as the browser would give them. @param {"en" | "zh_CN"} locale */
export function speechOf(locale) {
  const messages = messagesOf(locale);
  const say = (key, ...values) => {
    if (!Object.hasOwn(messages, key)) throw new Error(`no text with the key ${key}`);
    return messages[key].message.replace(/\$(\d)/g, (_, place) => String(values[Number(place) - 1] ?? ""));
  };
  return { say, language: say("language_tag") };
}

/** storage.session, kept in `kept`. */
export function fakeStorage(kept = {}) {
  return {
    kept,
    get: async () => structuredClone(kept),
    set: async (values) => Object.assign(kept, structuredClone(values)),
    remove: async (key) => {
      delete kept[key];
    },
  };
}

/** One end of a native-messaging port; `sent` is what went out. */
export class FakePort {
  sent = [];
  isClosed = false;
  #hear = [];
  #lost = [];
  onMessage = { addListener: (listener) => this.#hear.push(listener) };
  onDisconnect = { addListener: (listener) => this.#lost.push(listener) };

  postMessage(message) {
    if (this.isClosed) throw new Error("Attempting to use a disconnected port object");
    this.sent.push(message);
  }

  disconnect() {
    this.isClosed = true;
  }

  /** The other end says something. */
  bring(message) {
    for (const listener of this.#hear) listener(message);
  }

  /** The other end goes away. */
  drop() {
    this.isClosed = true;
    for (const listener of this.#lost) listener(this);
  }
}

/** Runs classic content scripts and gives back what they declare. @param {string[]} names @param {string[]} wanted */
export function runContentScripts(names, wanted, scope = {}) {
  const context = vm.createContext({ ...scope });
  const code = names.map((name) => sourceOf(`content/${name}`)).join("\n");
  return vm.runInContext(`${code}\n({ ${wanted.join(", ")} })`, context);
}

globalThis.chrome ??= { storage: { session: fakeStorage() }, runtime: { id: "us" }, i18n: {} };
