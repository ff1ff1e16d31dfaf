import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsForProgress, wordsForSpan } from "../../extension/shared/progress_words.js";
import { speechOf } from "./fake_browser.js";

const en = speechOf("en");
const zh = speechOf("zh_CN");
const WORKING = {
  task: "indexing",
  step: "describing",
  done: 1234,
  total: 5000,
  photos_per_second: 21.46,
  seconds_left: 175.4,
  unreadable: 0,
};

test("how far it is, how fast and how long it takes stand in one line", () => {
  const { title, line } = wordsForProgress(WORKING, en);
  assert.equal(title, "Getting to know your photos");
  assert.equal(line, "1,234 of 5,000 photos · 21 a second · 3 min left");
  assert.equal(wordsForProgress(WORKING, zh).line, "5,000 张照片中的 1,234 张 · 每秒 21 张 · 还剩 3 分钟");
});

test("where there is no telling, nothing is told", () => {
  const { line } = wordsForProgress({ ...WORKING, photos_per_second: 0, seconds_left: null }, en);
  assert.equal(line, "1,234 of 5,000 photos");
});

test("looking through folders counts files, of which nobody knows how many there are", () => {
  const looking = { ...WORKING, step: "looking", done: 31000, total: 0, photos_per_second: 0, seconds_left: null };
  const words = wordsForProgress(looking, en);
  assert.deepEqual(words, { title: "Looking through your folders", line: "31,000 files so far", why: "" });
});

test("why it waits is said in both languages, and a reason of a newer companion is a plain wait", () => {
  const why = (because, speech) => wordsForProgress({ ...WORKING, waits_because: because }, speech).why;
  assert.equal(why("on_battery", en), "Waiting until the computer is plugged in.");
  assert.equal(why("busy", zh), "其他程序正忙，稍后继续。");
  assert.equal(why("toString", en), "Waiting.");
});

test("a ceiling is named as long as it slows the work, and not while it waits", () => {
  const slowed = { ...WORKING, cpu_percent: 50 };
  assert.equal(wordsForProgress(slowed, en).why, "Kept to 50% of the processor.");
  assert.equal(
    wordsForProgress({ ...slowed, waits_because: "busy" }, en).why,
    "Waiting while other programs are busy.",
  );
});

test("an older companion, which does not tell its step, describes photos", () => {
  const { step: _, ...older } = WORKING;
  assert.deepEqual(wordsForProgress(older, en), wordsForProgress(WORKING, en));
});

test("spans are said as roughly as people say them", () => {
  const spans = [0, 59.4, 59.6, 3569, 3571, 5400, 36_000, 72_423, 3_600_000];
  const words = spans.map((seconds) => wordsForSpan(seconds, en));
  const expected = ["1 s", "59 s", "1 min", "59 min", "1 h", "1 h 30 min", "10 h", "20 h", "1000 h"];
  assert.deepEqual(words, expected);
});
