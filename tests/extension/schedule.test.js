import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInFrame } from "../../extension/background/frame_size.js";
import { Queue } from "../../extension/background/queue.js";
import { chooseBatch, LARGEST_BATCH, nextDueMs } from "../../extension/background/schedule.js";

const NOW = 1_000;
const waiting = (key, more = {}) => ({
  key,
  address: `https://a.example/${key}`,
  address_bytes: 30,
  width: 100,
  height: 100,
  nearness: 0,
  token: "doc",
  tab_id: 1,
  tries: 0,
  not_before: 0,
  request: null,
  ...more,
});
const choose = (pictures, more = {}) =>
  chooseBatch({
    waiting: pictures,
    activeTabs: new Set([1]),
    mayAsk: () => true,
    underWay: { pictures: 0, batches: 0 },
    nowMs: NOW,
    ...more,
  });
const keys = (batch) => batch?.pictures.map(({ key }) => key);

test("what is seen comes first, then what is near, then the rest, each in the page's order", () => {
  const pictures = [waiting("c", { nearness: 2 }), waiting("b", { nearness: 1 }), waiting("a1"), waiting("a2")];
  assert.deepEqual(keys(choose(pictures)), ["a1", "a2", "b", "c"]);
});

test("the tab in front comes before other tabs, but what is seen anywhere before what is not", () => {
  const front = waiting("front", { nearness: 1 });
  const back = waiting("back", { tab_id: 2, token: "other" });
  assert.deepEqual(keys(choose([front, back])), ["back"]);
  assert.deepEqual(keys(choose([waiting("seen"), back])), ["seen"]);
});

test("a batch holds pictures of one page, and no more than the limit", () => {
  const pictures = Array.from({ length: 120 }, (_, index) => waiting(String(index)));
  pictures.splice(3, 0, waiting("other", { tab_id: 2, nearness: 2 }));
  const batch = choose(pictures);
  assert.equal(batch.pictures.length, LARGEST_BATCH);
  assert.ok(batch.pictures.every(({ tab_id }) => tab_id === 1));
});

test("long addresses do not add up to a frame that is too large", () => {
  const queue = new Queue();
  const long = (key, character, count) => ({ ...waiting(key), address: `data:image/png,${character.repeat(count)}` });
  queue.add({ token: "doc", tab_id: 1 }, [long("a", "A", 5_000_000), long("b", "A", 5_000_000)]);
  assert.deepEqual(keys(choose(queue.all())), ["a"]);
  // Chromium writes each `<` as six bytes.
  queue.add({ token: "doc", tab_id: 1 }, [long("c", "<", 1_000_000), long("d", "<", 1_000_000)]);
  assert.deepEqual(keys(choose(queue.all().slice(2))), ["c"]);
});

test("no text takes more of a frame than we reckon", () => {
  for (const text of [
    "",
    "data:image/png;base64,AA==",
    '"\\"',
    "<>",
    "\u0000\n\u007f",
    "寻",
    "😀",
    "\ud83d",
    "\u2028",
  ]) {
    const written = JSON.stringify(text).slice(1, -1).replaceAll("<", "\\u003c");
    assert.ok(bytesInFrame(text) >= new TextEncoder().encode(written).length, written);
  }
  assert.equal(bytesInFrame("https://a.example/?b=1&c=%20"), 28, "most addresses take a byte for each character");
});

test("nothing is asked where checking is paused", () => {
  assert.equal(choose([waiting("a")], { mayAsk: () => false }), null);
  const pictures = [waiting("a"), waiting("b", { tab_id: 2 })];
  assert.deepEqual(keys(choose(pictures, { mayAsk: (tabId) => tabId === 2 })), ["b"]);
});

test("room is kept free for what the reader scrolls to", () => {
  const far = waiting("far", { nearness: 2 });
  for (const underWay of [
    { pictures: 100, batches: 2 },
    { pictures: 16, batches: 16 },
  ]) {
    assert.equal(choose([far], { underWay }), null);
    assert.deepEqual(keys(choose([waiting("seen")], { underWay })), ["seen"]);
  }
  assert.equal(choose([waiting("seen")], { underWay: { pictures: 150, batches: 3 } }), null);
  assert.equal(choose([waiting("seen")], { underWay: { pictures: 24, batches: 24 } }), null);
});

test("small batches, of pictures that load one after the other, do not hold up the next", () => {
  assert.deepEqual(keys(choose([waiting("seen")], { underWay: { pictures: 10, batches: 10 } })), ["seen"]);
});

test("a batch holds no more than there is room for", () => {
  const pictures = Array.from({ length: 30 }, (_, index) => waiting(String(index)));
  assert.equal(choose(pictures, { underWay: { pictures: 140, batches: 3 } }).pictures.length, 10);
});

test("what is asked already or put off is left alone", () => {
  const pictures = [waiting("asked", { request: 4 }), waiting("later", { not_before: NOW + 1 }), waiting("due")];
  assert.deepEqual(keys(choose(pictures)), ["due"]);
});

test("the time to look again is when the first picture that was put off is due", () => {
  assert.equal(nextDueMs([waiting("a")], NOW), null);
  assert.equal(nextDueMs([waiting("a", { not_before: 3_000 }), waiting("b", { not_before: 2_000 })], NOW), 2_000);
  assert.equal(nextDueMs([waiting("past", { not_before: 500 })], NOW), null, "a paused page is not polled");
});

test("the queue drops a document or a whole tab, and counts what waits", () => {
  const queue = new Queue();
  const shown = (key) => ({ key, address: `https://a.example/${key}`, width: 1, height: 1, nearness: 2 });
  queue.add({ token: "top", tab_id: 1 }, [shown("a"), shown("b"), shown("a")]);
  queue.add({ token: "frame", tab_id: 1 }, [shown("a")]);
  queue.add({ token: "elsewhere", tab_id: 2 }, [shown("a")]);
  assert.equal(queue.count(1), 3);
  queue.dropDocument("frame");
  assert.equal(queue.count(1), 2);
  queue.bringNearer("top", ["b", "unknown"]);
  assert.deepEqual(keys({ pictures: queue.all().filter(({ nearness }) => nearness === 0) }), ["b"]);
  queue.dropTab(1);
  assert.deepEqual(keys({ pictures: queue.all() }), ["a"]);
});

test("a picture that was asked for anew is not removed by the answer to the old asking", () => {
  const queue = new Queue();
  const shown = { key: "a", address: "https://a.example/a", width: 1, height: 1, nearness: 0 };
  queue.add({ token: "top", tab_id: 1 }, [shown]);
  const [old] = queue.all();
  queue.dropTab(1);
  queue.add({ token: "top", tab_id: 1 }, [shown]);
  queue.remove(old);
  assert.equal(queue.has(old), false);
  assert.equal(queue.count(1), 1);
});
