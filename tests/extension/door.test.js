import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake_browser.js";

const { handlerOf, whoAsks } = await import("../../extension/background/door.js");
const { ownRequests } = await import("../../extension/background/own_requests.js");
const { pageRequests } = await import("../../extension/background/page_requests.js");

const ourselves = { id: "us", origin: "chrome-extension://us/" };
const tab = { id: 3 };

test("a page of ours is told from a page on the web, even when it is open in a tab", () => {
  assert.equal(whoAsks({ id: "us", url: "chrome-extension://us/popup/popup.html", tab }, ourselves), "ourselves");
  assert.equal(whoAsks({ id: "us", url: "https://evil.example/chrome-extension://us/", tab }, ourselves), "page");
  assert.equal(whoAsks({ id: "us", url: "about:srcdoc", tab }, ourselves), "page");
  assert.equal(whoAsks({ id: "us", url: "chrome-extension://us.evil.example/", tab }, ourselves), "page");
});

test("another extension and a sender without a name are strangers", () => {
  assert.equal(whoAsks({ id: "them", url: "chrome-extension://us/popup/popup.html" }, ourselves), "stranger");
  assert.equal(whoAsks({ id: "us" }, ourselves), "stranger");
  assert.equal(whoAsks(undefined, ourselves), "stranger");
});

test("the two tables have no request in common", () => {
  const own = Object.keys(ownRequests({ companion: {}, questions: {} }));
  const pages = Object.keys(pageRequests({}));
  assert.deepEqual(pages, ["document", "pictures", "nearer", "moved"]);
  assert.deepEqual(
    own.filter((type) => pages.includes(type)),
    [],
  );
});

test("a table answers only what stands in it", () => {
  const table = { known: () => "answer" };
  assert.equal(handlerOf(table, { type: "known" })(), "answer");
  for (const message of [null, "known", 7, {}, { type: 7 }, { type: "toString" }, { type: "__proto__" }]) {
    assert.equal(handlerOf(table, message), null);
  }
});

test("a frame cannot pass itself off as the page, and no page can hand in what is not a picture", async () => {
  const entered = [];
  const added = [];
  const table = pageRequests({
    documents: { add: () => {}, of: () => ({ token: "t", tab_id: 3, is_top: false }) },
    queue: { add: (_, pictures) => added.push(...pictures), count: () => 0 },
    pages: { enter: async (...all) => entered.push(all), count: async () => true, setWaiting: async () => {} },
    checks: { advance: () => {} },
  });
  const port = { sender: { tab, frameId: 5 } };
  await table.document({ token: "t", address: "https://bank.example/", title: "" }, port);
  assert.deepEqual(entered, []);
  const good = { key: "k", address: "https://a.example/1.jpg", width: 1, height: 1, nearness: 0 };
  const bad = [null, 7, {}, { ...good, address: "file:///etc/passwd" }, { ...good, nearness: -1 }, { ...good, key: 1 }];
  await table.pictures({ pictures: [...bad, good] }, port);
  assert.deepEqual(added, [good]);
  await table.pictures({ pictures: "none" }, port);
  assert.deepEqual(added, [good]);
});
