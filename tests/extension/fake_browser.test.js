import assert from "node:assert/strict";
import { test } from "node:test";
import { FakePort, fakeStorage, runContentScripts, speechOf } from "./fake_browser.js";

test("texts get their values where the text wants them", () => {
  assert.equal(speechOf("en").say("looking_text", 3, 9), "3 of 9 pictures on this page are done.");
  assert.throws(() => speechOf("en").say("no_such_key"), /no_such_key/);
});

test("the storage keeps copies, not the things themselves", async () => {
  const storage = fakeStorage();
  const value = { list: [1] };
  await storage.set({ value });
  value.list.push(2);
  assert.deepEqual(await storage.get(null), { value: { list: [1] } });
});

test("a port that was dropped refuses messages, as in Chromium", () => {
  const port = new FakePort();
  port.postMessage("heard");
  port.drop();
  assert.throws(() => port.postMessage("unheard"));
  assert.deepEqual(port.sent, ["heard"]);
});

test("content scripts share one scope", () => {
  assert.equal(typeof runContentScripts(["worth.js", "ledger.js"], ["Ledger"]).Ledger, "function");
});
