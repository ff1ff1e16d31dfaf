import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { fakeStorage } from "./fake_browser.js";

const kept = {};
globalThis.chrome.storage.session = fakeStorage(kept);
const { Checks } = await import("../../extension/background/checks.js");
const { Growth } = await import("../../extension/background/growth.js");
const { Pages } = await import("../../extension/background/pages.js");
const { CompanionError } = await import("../../extension/background/port.js");
const { Queue } = await import("../../extension/background/queue.js");
const { Session } = await import("../../extension/background/session.js");

const TAB = 1;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The companion of the test that runs. */
let companionNow;

afterEach(() => {
  // Requests under way hold timers, and timers hold the process.
  companionNow.isReady = false;
  for (const { resolve } of companionNow.requests) resolve({ type: "done" });
});

/** A companion whose requests the test answers. */
function fakeCompanion() {
  const requests = [];
  companionNow = {
    isReady: true,
    requests,
    connect: () => {},
    request: (message, hearVerdict, hearWant) => {
      const request = { message, hearVerdict, hearWant, id: requests.length + 1 };
      request.answered = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
      requests.push(request);
      return request;
    },
  };
  return companionNow;
}

async function setUp() {
  for (const key of Object.keys(kept)) delete kept[key];
  const session = new Session();
  await session.open();
  const shown = [];
  const pages = new Pages(session, (page) => shown.push(page));
  await pages.enter(TAB, { token: "top", address: "https://a.example/page", title: "A page" });
  const world = {
    pages,
    shown,
    queue: new Queue(),
    companion: fakeCompanion(),
    settled: [],
    supplied: [],
    mayAsk: true,
  };
  world.checks = new Checks({
    queue: world.queue,
    pages,
    companion: world.companion,
    mayAsk: () => world.mayAsk,
    activeTabs: new Set([TAB]),
    terms: {
      isPrivate: (token) => token === "private",
      ofRequest: (isPrivate) => ({ who_fetches: isPrivate ? "browser" : "companion" }),
      ofPicture: ({ address }) => ({ address, may_supply: true }),
    },
    supplier: { supply: (...supplied) => world.supplied.push(supplied) },
    tellSettled: (token, keys) => world.settled.push([token, keys, structuredClone(kept[`page:${TAB}`])]),
  });
  return world;
}

const shown = (key) => ({ key, address: `https://a.example/${key}.jpg`, width: 9, height: 9, nearness: 0 });
const verdict = (key, kind = "no_copy", more = {}) => ({
  type: "verdict",
  key,
  verdict: kind,
  score: 0.5,
  matches: [],
  width: 4,
  height: 3,
  sighting_id: null,
  ...more,
});

test("a batch names the page and its pictures and which are seen, and answers are written before they are settled", async () => {
  const { queue, checks, companion, settled } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a"), { ...shown("b"), nearness: 1 }]);
  checks.advance();
  const [request] = companion.requests;
  assert.deepEqual(request.message.page, { address: "https://a.example/page", title: "A page" });
  assert.deepEqual(request.message.images, [
    { key: "0", address: "https://a.example/a.jpg", is_seen: true, may_supply: true },
    { key: "1", address: "https://a.example/b.jpg", may_supply: true },
  ]);
  request.hearVerdict(verdict("0"));
  request.hearVerdict(verdict("1", "copy", { sighting_id: 5 }));
  request.resolve({ type: "done" });
  await pause(20);
  const [[token, keys, keptThen]] = settled;
  assert.deepEqual([token, keys], ["top", ["a", "b"]]);
  assert.equal(keptThen.findings.length, 1, "the finding was in the session when the page was told");
  assert.deepEqual(keptThen.counts, { top: { looked: 2, undecided: 0 } });
  assert.equal(queue.count(TAB), 0);
});

test("answers are shown as they come, without waiting for the whole batch", async () => {
  const { queue, checks, companion, settled } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a"), shown("b")]);
  checks.advance();
  companion.requests[0].hearVerdict(verdict("0", "copy"));
  await pause(150);
  assert.equal(settled.length, 1);
  assert.deepEqual(settled[0][1], ["a"]);
});

test("what the companion cannot have is handed in, while it waits for it", async () => {
  const { queue, checks, companion, supplied } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  checks.advance();
  const [request] = companion.requests;
  request.hearWant({ key: "0", from_document_only: true });
  const source = { token: "top", key: "a", address: "https://a.example/a.jpg" };
  assert.deepEqual(supplied, [
    [
      { target: 1, key: "0", fromDocumentOnly: true },
      { ...source, page_address: "https://a.example/page", is_private: false },
    ],
  ]);
  request.hearVerdict(verdict("0"));
  request.hearWant({ key: "0" });
  request.hearWant({ key: "1" });
  assert.equal(supplied.length, 1, "nobody waits any more, or ever did");
});

test("pictures of a private window are for the browser to fetch", async () => {
  const { queue, checks, companion } = await setUp();
  queue.add({ token: "private", tab_id: TAB }, [shown("a")]);
  checks.advance();
  assert.equal(companion.requests[0].message.who_fetches, "browser");
});

test("nothing is asked while checking is paused, and all of it afterwards", async () => {
  const world = await setUp();
  world.mayAsk = false;
  world.queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  world.checks.advance();
  assert.equal(world.companion.requests.length, 0);
  world.mayAsk = true;
  world.checks.advance();
  assert.equal(world.companion.requests.length, 1);
});

test("an overloaded companion is left alone for a while, then asked again", async () => {
  const { queue, checks, companion, settled } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  checks.advance();
  companion.requests[0].reject(new CompanionError("overloaded", ""));
  await pause(50);
  checks.advance();
  assert.equal(companion.requests.length, 1, "not at once");
  assert.equal(settled.length, 0);
  await pause(1_100);
  assert.equal(companion.requests.length, 2);
});

test("what was under way when the companion went away is asked again when it is back", async () => {
  const { queue, checks, companion } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a"), shown("b")]);
  checks.advance();
  companion.requests[0].hearVerdict(verdict("0"));
  companion.isReady = false;
  companion.requests[0].reject(new CompanionError("gone", ""));
  await pause(20);
  assert.equal(companion.requests.length, 1);
  companion.isReady = true;
  checks.advance();
  assert.deepEqual(companion.requests[1].message.images, [
    { key: "0", address: "https://a.example/b.jpg", is_seen: true, may_supply: true },
  ]);
});

test("a picture that never gets an answer counts as not looked at, in the end", async () => {
  const { queue, checks, companion, settled } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  for (let tries = 0; tries < 3; tries++) {
    for (const picture of queue.all()) picture.not_before = 0;
    checks.advance();
    companion.requests.at(-1).reject(new CompanionError("internal", ""));
    await pause(10);
  }
  assert.deepEqual(settled[0][1], ["a"]);
  assert.deepEqual(kept[`page:${TAB}`].counts, { top: { looked: 1, undecided: 1 } });
});

test("a picture that no frame can carry counts as not looked at, and the others are asked about", async () => {
  const { queue, checks, companion, settled } = await setUp();
  const giant = { ...shown("giant"), address: `data:image/png,${"<".repeat(3_000_000)}` };
  queue.add({ token: "top", tab_id: TAB }, [giant, shown("a")]);
  checks.advance();
  assert.deepEqual(
    companion.requests.map(({ message }) => message.images),
    [[{ key: "0", address: "https://a.example/a.jpg", is_seen: true, may_supply: true }]],
  );
  await pause(10);
  assert.deepEqual(settled[0].slice(0, 2), ["top", ["giant"]]);
  assert.deepEqual(kept[`page:${TAB}`].counts, { top: { looked: 1, undecided: 1 } });
});

test("a full session holds up no further check", async (context) => {
  context.mock.method(console, "error", () => {});
  const { queue, checks, companion, settled } = await setUp();
  const { session } = globalThis.chrome.storage;
  globalThis.chrome.storage.session = { ...session, set: () => Promise.reject(new Error("quota exceeded")) };
  try {
    queue.add(
      { token: "top", tab_id: TAB },
      Array.from({ length: 151 }, (_, index) => shown(String(index))),
    );
    checks.advance();
    assert.equal(companion.requests.length, 3);
    for (const { key } of companion.requests[0].message.images) companion.requests[0].hearVerdict(verdict(key));
    companion.requests[0].resolve({ type: "done" });
    await pause(10);
    assert.equal(companion.requests.length, 4);
    assert.deepEqual(settled, [], "the next worker is sent again what was not kept");
  } finally {
    globalThis.chrome.storage.session = session;
  }
});

test("a request that has no answer long after its deadline gives its place to others", async () => {
  const { queue, checks, companion } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  try {
    checks.advance();
    mock.timers.tick(70_000);
    assert.deepEqual(companion.requests[1].message, { type: "cancel", target: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(1_000);
    assert.equal(companion.requests[2]?.message.type, "check_page");
  } finally {
    mock.timers.reset();
  }
});

test("a request that nobody waits for is cancelled, one that somebody still waits for is not", async () => {
  const { queue, checks, companion } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  queue.add({ token: "frame", tab_id: TAB }, [shown("b")]);
  checks.advance();
  const ofFrame = queue.all().filter(({ token }) => token === "frame");
  queue.dropDocument("frame");
  checks.cancel(ofFrame);
  assert.equal(companion.requests.length, 1);
  const ofTop = queue.all();
  queue.dropDocument("top");
  checks.cancel(ofTop);
  assert.deepEqual(companion.requests[1].message, { type: "cancel", target: 1 });
});

test("an answer for a page that is gone changes nothing", async () => {
  const { queue, checks, companion, pages, settled } = await setUp();
  queue.add({ token: "top", tab_id: TAB }, [shown("a")]);
  checks.advance();
  queue.dropDocument("top");
  await pages.leave(TAB, "top");
  companion.requests[0].hearVerdict(verdict("0", "copy"));
  companion.requests[0].resolve({ type: "done" });
  await pause(120);
  assert.deepEqual(settled, []);
  assert.deepEqual(kept, {});
});

test("the same sighting twice is one finding, and a new page begins empty", async () => {
  const { pages } = await setUp();
  const copy = verdict("k", "copy", { sighting_id: 9 });
  const answers = ["a", "b"].map((key) => ({ picture: { token: "top", key }, verdict: copy }));
  await pages.answer(TAB, answers, 0);
  assert.equal(pages.of(TAB).findings.length, 1);
  await pages.enter(TAB, { token: "top", address: "https://a.example/page", title: "" });
  assert.equal(pages.of(TAB).findings.length, 1, "the same document came back");
  await pages.enter(TAB, { token: "top", address: "https://a.example/next", title: "" });
  assert.equal(pages.of(TAB).findings.length, 0, "the application moved on");
});

test("a sighting that was deleted is no finding any more", async () => {
  const { pages } = await setUp();
  const copy = (sighting_id) => verdict("k", "copy", { sighting_id });
  const answers = [4, 5].map((id) => ({ picture: { token: "top", key: String(id) }, verdict: copy(id) }));
  await pages.answer(TAB, answers, 0);
  await pages.dropSighting(4);
  assert.deepEqual(
    kept[`page:${TAB}`].findings.map(({ sighting_id }) => sighting_id),
    [5],
  );
});

test("pages are looked at again when the index has come to rest with other photos, and only then", () => {
  const growth = new Growth();
  const progress = { task: "indexing", done: 1, total: 2 };
  const generation = 1;
  assert.equal(growth.isNews({ photos: 10, generation }), false, "the first that we hear");
  assert.equal(growth.isNews({ photos: 11, generation, progress }), false, "not at every photo");
  assert.equal(growth.isNews(null), false);
  assert.equal(growth.isNews({ photos: 12, generation, progress: null }), true);
  assert.equal(growth.isNews({ photos: 12, generation }), false, "a pause");
  assert.equal(growth.isNews({ photos: 12, generation: 2 }), true, "a rebuild, perhaps with another model");
  assert.equal(growth.isNews({ photos: 12, generation: 2 }), false);
  const waiting = { ...progress, waits_because: "on_battery" };
  assert.equal(growth.isNews({ photos: 13, generation: 2, progress: waiting }), true, "a new one while the rest waits");
});

test("a new worker finds the pages of the old one", async () => {
  await setUp();
  const session = new Session();
  await session.open();
  const pages = new Pages(session, () => {});
  assert.equal(pages.of(TAB).address, "https://a.example/page");
  const verdicts = ["a", "b"].map((key) => ({ picture: { token: "top", key }, verdict: verdict(key) }));
  await pages.answer(TAB, verdicts, 0);
  assert.equal(await pages.count(TAB, "top", 12), true);
  assert.deepEqual(pages.of(TAB).counts, { top: { looked: 12, undecided: 0 } });
});

test("a document whose answers nobody remembers is to say everything again", async () => {
  const { pages } = await setUp();
  assert.equal(await pages.count(TAB, "top", 0), true, "a new one");
  assert.equal(await pages.count(TAB, "frame", 7), false);
  assert.deepEqual(pages.of(TAB).counts.frame, { looked: 0, undecided: 0 });
});
