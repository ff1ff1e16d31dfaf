/** On which terms the companion is asked: who fetches, and what a site is told of its page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeStorage, speechOf } from "./fake_browser.js";

const kept = {};
const local = {};
globalThis.chrome.storage.session = fakeStorage(kept);
globalThis.chrome.storage.local = fakeStorage(local);
const { Documents } = await import("../../extension/background/documents.js");
const { Fetching, fetchingFor } = await import("../../extension/background/fetching.js");
const { PictureTerms } = await import("../../extension/background/picture_terms.js");
const { ReferrerPolicies } = await import("../../extension/background/referrer_policies.js");
const { Session } = await import("../../extension/background/session.js");
const { wordsForFetching } = await import("../../extension/shared/fetching_words.js");

const AS_USUAL = { setting: undefined, proxy: null, systemProxy: false, isProxied: false };
const chromium = (mode, levelOfControl = "controllable_by_this_extension") => ({ value: { mode }, levelOfControl });
const firefox = (proxyType) => ({ value: { proxyType }, levelOfControl: "controllable_by_this_extension" });

for (const [name, change, because] of [
  ["by default", {}, null],
  ["where the user chose the companion", { setting: "companion" }, null],
  ["where the setting is nonsense", { setting: 7 }, null],
  ["where the user chose the browser", { setting: "browser" }, "setting"],
  ["without a proxy", { proxy: chromium("direct") }, null],
  ["without a proxy in Firefox", { proxy: firefox("none") }, null],
  ["as the system does, without a proxy", { proxy: chromium("system") }, null],
  ["as the system does, with a proxy", { proxy: chromium("system"), systemProxy: true }, "system_proxy"],
  ["as the system does in Firefox, with a proxy", { proxy: firefox("system"), systemProxy: true }, "system_proxy"],
  ["where the browser says nothing and the system has a proxy", { systemProxy: true }, "system_proxy"],
  ["without a proxy where the system has one", { proxy: chromium("direct"), systemProxy: true }, null],
  ["with a proxy", { proxy: chromium("fixed_servers") }, "proxy"],
  ["with a script", { proxy: chromium("pac_script") }, "proxy"],
  ["with a proxy that is looked for", { proxy: chromium("auto_detect") }, "proxy"],
  ["with a proxy in Firefox", { proxy: firefox("manual") }, "proxy"],
  ["with a script in Firefox", { proxy: firefox("autoConfig") }, "proxy"],
  ["after a request through a proxy", { proxy: firefox("none"), isProxied: true }, "proxy"],
  ["beside a VPN extension", { proxy: chromium("fixed_servers", "controlled_by_other_extensions") }, "extension"],
  ["beside a VPN extension that is off", { proxy: chromium("direct", "controlled_by_other_extensions") }, "extension"],
]) {
  test(`who fetches ${name}`, () => {
    const who = because === null ? "companion" : "browser";
    assert.deepEqual(fetchingFor({ ...AS_USUAL, ...change }), { who, because });
  });
}

test("every reason has its words in both languages, and the usual needs none", () => {
  for (const locale of ["en", "zh_CN"]) {
    for (const because of ["setting", "proxy", "extension", "system_proxy"]) {
      assert.ok(wordsForFetching({ who: "browser", because }, speechOf(locale)).length > 5);
    }
    assert.equal(wordsForFetching({ who: "companion", because: null }, speechOf(locale)), "");
    assert.equal(wordsForFetching(undefined, speechOf(locale)), "");
  }
});

test("who fetches follows the setting, the system and what requests went through, and is told to our pages", async () => {
  let systemProxy = false;
  const session = new Session();
  const fetching = new Fetching(session, () => systemProxy);
  await fetching.open();
  assert.deepEqual(kept.fetching, { who: "companion", because: null });
  fetching.hearSetting({ other: { newValue: "browser" } });
  assert.equal(fetching.state.who, "companion");
  fetching.hearSetting({ who_fetches: { newValue: "browser" } });
  assert.deepEqual(kept.fetching, { who: "browser", because: "setting" });
  fetching.hearSetting({ who_fetches: {} });
  systemProxy = true;
  fetching.tell();
  assert.equal(kept.fetching.because, "system_proxy");
  systemProxy = false;
  fetching.hearRequest({ proxyInfo: { type: "direct" } });
  fetching.hearRequest({});
  assert.equal(fetching.state.who, "companion");
  fetching.hearRequest({ proxyInfo: { type: "socks" } });
  assert.deepEqual(kept.fetching, { who: "browser", because: "proxy" });
});

// ---- what a site is told

const TOP = "https://page.example/p";

function connect(policies, documents, { token = "top", frameId = 0, url = TOP, origin, incognito = false } = {}) {
  const port = { sender: { tab: { id: 1, incognito }, frameId, url, origin }, postMessage: () => {} };
  policies.hearDocument(port);
  documents.add({ port, token, tab_id: 1, frame_id: frameId, is_top: frameId === 0 });
}

function setUp(...headers) {
  const [policies, documents] = [new ReferrerPolicies(), new Documents()];
  for (const [frameId, url, ...values] of headers) {
    const responseHeaders = values.map((value) => ({ name: "Referrer-Policy", value }));
    policies.hearHeaders({ tabId: 1, frameId, url, responseHeaders: [...responseHeaders, { name: "X", value: "y" }] });
  }
  const terms = new PictureTerms({ documents, policies, fetching: { state: { who: "companion" } } });
  const of = (change) => terms.ofPicture({ token: "top", address: "https://a.example/a.jpg", ...change });
  return { policies, documents, terms, of };
}

test("a document's header is its policy, and the element's own word goes before it", () => {
  const { policies, documents, of } = setUp([0, `${TOP}#there`, "origin", "no-referrer"]);
  connect(policies, documents, { url: `${TOP}#here` });
  const usual = { address: "https://a.example/a.jpg", may_supply: true };
  assert.deepEqual(of({}), { ...usual, referrer_policy: "origin,no-referrer" });
  assert.deepEqual(of({ referrer_policy: "unsafe-url" }), { ...usual, referrer_policy: "unsafe-url" });
});

test("a document that came without a header has the browsers' default", () => {
  const { policies, documents, of } = setUp([0, TOP]);
  connect(policies, documents);
  assert.equal(of({}).referrer_policy, "");
});

test("of a document whose coming nobody saw nothing is said", () => {
  const { policies, documents, of } = setUp([0, "https://page.example/other", "unsafe-url"], [5, TOP, "unsafe-url"]);
  connect(policies, documents);
  assert.ok(!("referrer_policy" in of({})));
});

test("a frame is named by its own address, as far as the browser tells it", () => {
  const frame = "https://frame.example/f?q";
  const { policies, documents, of } = setUp([3, frame, "origin"]);
  connect(policies, documents, { token: "frame", frameId: 3, url: `${frame}#x` });
  connect(policies, documents, { token: "srcdoc", frameId: 4, url: "about:srcdoc", origin: "https://page.example" });
  connect(policies, documents, { token: "opaque", frameId: 5, url: "about:srcdoc", origin: "null" });
  const told = (token, referrer_policy) => {
    const { document, referrer_policy: policy } = of({ token, referrer_policy });
    return [document, policy];
  };
  assert.deepEqual(told("frame"), [frame, "origin"]);
  assert.deepEqual(told("srcdoc", "unsafe-url"), ["https://page.example/", "unsafe-url"]);
  assert.deepEqual(told("opaque", "unsafe-url"), [undefined, undefined], "or the page would be told of in its place");
});

test("only who can hand in a picture says so", () => {
  const { policies, documents, of } = setUp([0, TOP]);
  assert.deepEqual(of({}), { address: "https://a.example/a.jpg" }, "a document that is gone");
  connect(policies, documents);
  assert.deepEqual(of({ address: "data:image/png;base64,AAAA" }), { address: "data:image/png;base64,AAAA" });
  assert.deepEqual(of({ address: "" }), { may_supply: true, referrer_policy: "" });
});

test("of a private window only the browser asks, and the companion knows why", () => {
  const { policies, documents, terms } = setUp();
  connect(policies, documents);
  connect(policies, documents, { token: "private", incognito: true });
  assert.deepEqual([terms.isPrivate("top"), terms.isPrivate("private"), terms.isPrivate("gone")], [false, true, false]);
  assert.deepEqual(terms.ofRequest(false), { who_fetches: "companion" });
  assert.deepEqual(terms.ofRequest(true), { who_fetches: "browser", is_private: true });
});
