/** Notifications of pictures that have gone or come back: once, when the user wants it, and no address kept. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fakeStorage } from "./fake_browser.js";

const at = (day, time) => new Date(`2026-11-${day}T${time}:00`).getTime();
const OFF = { quiet_hours: { is_on: false, from: "22:00", until: "08:00" }, digest: { is_on: false, at: "19:00" } };
const QUIET = { ...OFF, quiet_hours: { ...OFF.quiet_hours, is_on: true } };
const DIGEST = { ...OFF, digest: { ...OFF.digest, is_on: true } };

const made = [];
const opened = [];
const local = fakeStorage();
globalThis.chrome.storage.local = local;
globalThis.chrome.runtime.getURL = (path) => `extension:${path}`;
globalThis.chrome.i18n.getMessage = (key, values = []) => [key, ...values].join(" ");
globalThis.chrome.tabs = { create: async ({ url }) => opened.push(url) };
globalThis.chrome.notifications = {
  create: async (id, options) => made.push([id, options.title, options.message]),
  clear: async () => {},
};
const { News, titleOf } = await import("../../extension/background/news.js");
const { followNotification } = await import("../../extension/background/announcements.js");

const said = (sighting_id, presence, page_address = "https://a.example/x") => ({
  type: "news",
  sighting_id,
  presence,
  page_address,
});

beforeEach(() => {
  made.length = 0;
  for (const key of Object.keys(local.kept)) delete local.kept[key];
});

function telling(context, settings, now = at(10, "23:00")) {
  context.mock.timers.enable({ apis: ["Date", "setTimeout"], now });
  return new News(() => settings);
}

test("it is told at once, with the site", async (context) => {
  await telling(context, OFF).hear(said(5, "gone"));
  assert.deepEqual(made, [["news 5", "news_gone_one", "news_on a.example"]]);
  assert.deepEqual(local.kept, {});
});

test("an address that is none costs the site's name alone", async (context) => {
  await telling(context, OFF).hear(said(5, "there", "no address"));
  assert.deepEqual(made, [["news 5", "news_back_one", "news_text"]]);
});

test("in quiet hours it waits, and no address is kept", async (context) => {
  const news = telling(context, QUIET);
  await news.hear(said(5, "gone"));
  await news.hear(said(6, "there"));
  assert.deepEqual(made, []);
  assert.deepEqual(local.kept.put_off_news, [
    { sighting_id: 5, presence: "gone", heard_at: at(10, "23:00") },
    { sighting_id: 6, presence: "there", heard_at: at(10, "23:00") },
  ]);
  context.mock.timers.setTime(at(11, "08:00"));
  await news.advance();
  assert.deepEqual(made, [["news", "news_both 1 1", "news_text"]]);
  await news.advance();
  assert.equal(made.length, 1);
});

test("a digest tells it at its time, and what came last of a picture counts", async (context) => {
  const news = telling(context, DIGEST, at(10, "12:00"));
  await news.hear(said(5, "gone"));
  await news.hear(said(5, "there"));
  assert.deepEqual(made, []);
  context.mock.timers.setTime(at(10, "19:00"));
  await news.advance();
  assert.deepEqual(made, [["news 5", "news_back_one", "news_text"]]);
});

test("a new worker tells what an earlier one had put off", async (context) => {
  await telling(context, QUIET).hear(said(5, "gone"));
  context.mock.timers.setTime(at(11, "09:00"));
  await new News(() => QUIET).advance();
  assert.equal(made.length, 1);
});

test("titles count what is gone and what is back", () => {
  const many = (gone, back) => [
    ...Array.from({ length: gone }, () => ({ presence: "gone" })),
    ...Array.from({ length: back }, () => ({ presence: "there" })),
  ];
  assert.deepEqual(titleOf(many(3, 0)), { key: "news_gone_many", numbers: ["3"] });
  assert.deepEqual(titleOf(many(0, 2)), { key: "news_back_many", numbers: ["2"] });
  assert.deepEqual(titleOf(many(1, 2)), { key: "news_both", numbers: ["1", "2"] });
});

test("a click leads to the sighting, or to all of them where it told of several", async () => {
  await followNotification("news 5");
  await followNotification("news");
  assert.deepEqual(opened, ["extension:sightings/sightings.html#sighting=5", "extension:sightings/sightings.html"]);
});
